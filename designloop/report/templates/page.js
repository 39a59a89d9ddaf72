"use strict";

const NARROW = 640;
const CONFIG = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };

/* Figures: still pictures until plotly is unpacked; where it cannot be, they stay. */

async function unpacked(element) {
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const isNarrow = (plot) => plot.clientWidth < NARROW;

function draw(figure) {
  const plot = figure.querySelector(".plot");
  if (plot.classList.contains("is-drawn")) return Promise.resolve();
  plot.classList.add("is-drawn");
  const spec = JSON.parse(figure.querySelector("script").textContent);
  const narrow = isNarrow(plot);
  const layout = structuredClone(narrow ? spec.narrow : spec.wide);
  if (narrow) layout.dragmode = false; /* a finger that passes over a figure scrolls the page */
  figure.classList.add("is-drawn-by-script");
  plot.dataset.narrow = narrow;
  return Plotly.react(plot, spec.data, layout, { ...CONFIG, displayModeBar: narrow ? false : "hover" });
}

function drawAnew(figure) {
  const plot = figure.querySelector(".plot");
  if (!plot.classList.contains("is-drawn") || plot.dataset.narrow === String(isNarrow(plot))) return;
  plot.classList.remove("is-drawn");
  Plotly.purge(plot);
  draw(figure);
}

function listenToKeys(figure) {
  for (const key of figure.querySelectorAll(".keys button")) {
    key.addEventListener("click", () => {
      const plot = figure.querySelector(".plot");
      if (!plot.data) return;
      const isShown = key.getAttribute("aria-pressed") !== "true";
      key.setAttribute("aria-pressed", isShown);
      const traces = plot.data.map((trace, i) => (trace.legendgroup === key.dataset.name ? i : -1)).filter((i) => i >= 0);
      if (traces.length) Plotly.restyle(plot, { visible: isShown }, traces);
    });
  }
}

async function drawAll() {
  const figures = [...document.querySelectorAll("figure")];
  figures.forEach(listenToKeys);
  if (!("DecompressionStream" in window)) return;
  const script = document.createElement("script");
  script.textContent = await unpacked(document.getElementById("plotly"));
  document.head.append(script);
  for (const figure of figures.filter((each) => !each.closest("[hidden]"))) {
    await draw(figure);
    await new Promise((next) => setTimeout(next)); /* the page can be scrolled and read meanwhile */
  }
  document.documentElement.dataset.drawn = "true";
  let timer;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => figures.filter((figure) => !figure.closest("[hidden]")).forEach(drawAnew), 200);
  });
}

/* Choices: one figure of several is seen. */

for (const choice of document.querySelectorAll(".choice")) {
  const options = [...choice.querySelectorAll(".option")];
  choice.querySelector("select").addEventListener("change", (event) => {
    options.forEach((option, i) => { option.hidden = i !== Number(event.target.value); });
    const shown = options[Number(event.target.value)].querySelector("figure");
    if (window.Plotly) { draw(shown); drawAnew(shown); }
  });
}

/* Tables: a click on a title sorts, a search keeps the rows that hold every word. */

const asNumber = (text) => parseFloat(text.replaceAll(",", "").replace("−", "-"));

function compare(a, b) {
  const [left, right] = [asNumber(a), asNumber(b)];
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.isNaN(left) - Number.isNaN(right) || a.localeCompare(b);
  return left - right;
}

for (const table of document.querySelectorAll(".table")) {
  const body = table.querySelector("tbody");
  const titles = [...table.querySelectorAll("th")];
  titles.forEach((title, column) => {
    title.querySelector("button").addEventListener("click", () => {
      const sign = title.getAttribute("aria-sort") === "descending" ? 1 : -1;
      titles.forEach((other) => other.removeAttribute("aria-sort"));
      title.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
      const text = (row) => row.cells[column].textContent.trim();
      body.append(...[...body.rows].sort((a, b) => sign * compare(text(a), text(b))));
    });
  });
  table.querySelector("input")?.addEventListener("input", (event) => {
    const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
}

drawAll();
