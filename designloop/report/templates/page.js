"use strict";

const NARROW = 640;
const CONFIG = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"] };

/* Figures: static pictures until plotly is unpacked; they remain if the browser cannot unpack it. */

async function unpacked(element) {
  const bytes = Uint8Array.from(atob(element.textContent.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

let packed = []; /* figures that are hidden at first, by index */

const isNarrow = (plot) => plot.clientWidth < NARROW;

function draw(figure) {
  const plot = figure.querySelector(".plot");
  if (plot.classList.contains("is-drawn")) return Promise.resolve();
  plot.classList.add("is-drawn");
  const script = figure.querySelector("script");
  const spec = "place" in script.dataset ? packed[script.dataset.place] : JSON.parse(script.textContent);
  const narrow = isNarrow(plot);
  const layout = structuredClone(narrow ? spec.narrow : spec.wide);
  if (spec.least > plot.clientWidth) layout.width = spec.least;
  if (narrow) layout.dragmode = false; /* so that a swipe over a figure scrolls the page */
  figure.classList.add("is-drawn-by-script");
  plot.dataset.narrow = narrow;
  const data = spec.data.map((trace) => ({ ...trace, visible: isSeen(figure, trace) }));
  const drawn = Plotly.react(plot, data, layout, { ...CONFIG, displayModeBar: narrow ? false : "hover" });
  return drawn.then(() => tellOfEdges(plot));
}

function drawAnew(figure) {
  const plot = figure.querySelector(".plot");
  if (!plot.classList.contains("is-drawn") || plot.dataset.narrow === String(isNarrow(plot))) return;
  plot.classList.remove("is-drawn");
  Plotly.purge(plot);
  draw(figure);
}

/* The visible part of a figure: all names except those that its legend or the boxes turn off. */

const leftOut = new Set();

function isSeen(figure, trace) {
  const off = [...figure.querySelectorAll('.keys button[aria-pressed="false"]')].map((key) => key.dataset.name);
  return !off.includes(trace.legendgroup) && !(trace.meta || []).some((name) => leftOut.has(name));
}

function show(figure) {
  const plot = figure.querySelector(".plot");
  if (plot.data) Plotly.restyle(plot, { visible: plot.data.map((trace) => isSeen(figure, trace)) });
}

function listenToKeys(figure) {
  for (const key of figure.querySelectorAll(".keys button")) {
    key.addEventListener("click", () => {
      key.setAttribute("aria-pressed", key.getAttribute("aria-pressed") !== "true");
      show(figure);
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
  if (document.getElementById("packed")) packed = JSON.parse(await unpacked(document.getElementById("packed")));
  for (const figure of figures.filter((each) => !each.closest("[hidden]"))) {
    await draw(figure);
    await new Promise((next) => setTimeout(next)); /* keeps the page responsive */
  }
  document.documentElement.dataset.drawn = "true";
  let timer;
  window.addEventListener("resize", () => {
    clearTimeout(timer);
    timer = setTimeout(() => figures.filter((figure) => !figure.closest("[hidden]")).forEach(drawAnew), 200);
  });
}

/* Choices: one figure of several is visible. */

for (const choice of document.querySelectorAll(".choice")) {
  const options = [...choice.querySelectorAll(".option")];
  choice.querySelector("select").addEventListener("change", (event) => {
    options.forEach((option, i) => { option.hidden = i !== Number(event.target.value); });
    const shown = options[Number(event.target.value)].querySelector("figure");
    if (window.Plotly) { draw(shown); drawAnew(shown); }
  });
}

/* Views: groups of blocks, one visible at a time; selectors with the same word move together. */

const ANY = "*"; /* a selector that has no effect in a view is hidden */
const own = (views, what) => [...views.querySelectorAll(what)].filter((it) => it.closest(".views") === views);
const selectsOf = (views) => own(views, ".controls select");

function drawWhatIsSeen(part) {
  if (!window.Plotly) return;
  for (const figure of part.querySelectorAll("figure")) {
    if (!figure.closest("[hidden]")) { draw(figure); drawAnew(figure); }
  }
}

function turn(views) {
  const selects = selectsOf(views);
  for (const view of own(views, ".view")) {
    const labels = JSON.parse(view.dataset.labels);
    view.hidden = !labels.every((label, i) => label === ANY || label === selects[i].value);
    if (!view.hidden) selects.forEach((select, i) => { select.parentElement.hidden = labels[i] === ANY; });
  }
}

function choose(word, label) {
  for (const views of document.querySelectorAll(".views")) {
    for (const select of selectsOf(views)) {
      const isThere = [...select.options].some((option) => option.value === label);
      if (select.dataset.word === word && isThere) { select.value = label; turn(views); }
    }
  }
  drawWhatIsSeen(document);
}

document.querySelectorAll(".views").forEach(turn);

for (const select of document.querySelectorAll(".views select")) {
  select.addEventListener("change", () => choose(select.dataset.word, select.value));
}

for (const box of document.querySelectorAll(".names input")) {
  box.addEventListener("change", () => {
    if (box.checked) leftOut.delete(box.value); else leftOut.add(box.value);
    for (const other of document.querySelectorAll(".names input")) if (other.value === box.value) other.checked = box.checked;
    for (const figure of document.querySelectorAll("figure")) {
      for (const key of figure.querySelectorAll(".keys button")) {
        if (key.dataset.name === box.value) key.setAttribute("aria-pressed", box.checked);
      }
      show(figure);
    }
    document.querySelectorAll(".table").forEach(sift);
  });
}

/* Tables: a click on a title sorts; the search keeps the rows that contain every word. */

const asNumber = (text) => parseFloat(text.replaceAll(",", "").replace("−", "-"));

/* By number, then as people read names: A2 before A10, plate 1-2-1 before 1-10-1. */
function compare(a, b) {
  const [left, right] = [asNumber(a), asNumber(b)];
  const isNumber = !Number.isNaN(left) && !Number.isNaN(right);
  const byNumber = isNumber ? left - right : Number.isNaN(left) - Number.isNaN(right);
  return byNumber || a.localeCompare(b, "en", { numeric: true });
}

function sift(table) {
  const words = (table.querySelector("input")?.value || "").toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of table.querySelector("tbody").rows) {
    const text = row.textContent.toLowerCase();
    const isLeftOut = [...row.querySelectorAll(".is-name")].some((cell) => leftOut.has(cell.textContent));
    row.hidden = isLeftOut || !words.every((word) => text.includes(word));
  }
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
      const lacks = (row) => ["", "–"].includes(text(row)); /* last in either order */
      body.append(...[...body.rows].sort((a, b) => lacks(a) - lacks(b) || sign * compare(text(a), text(b))));
    });
  });
  table.querySelector("input")?.addEventListener("input", () => sift(table));
}

/* A box that is wider than the page shows a hint, and a shadow at each edge that hides content. */

function tellOfEdges(box) {
  const isWide = box.scrollWidth > box.clientWidth + 1;
  box.classList.toggle("is-cut-left", isWide && box.scrollLeft > 1);
  box.classList.toggle("is-cut-right", isWide && box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
  box.nextElementSibling.hidden = !isWide;
  if (box.matches(".scroll")) return;
  if (isWide) box.tabIndex = 0; else box.removeAttribute("tabindex"); /* lets the arrow keys scroll it */
}

const edges = new ResizeObserver((entries) => entries.forEach((entry) => tellOfEdges(entry.target)));

for (const box of document.querySelectorAll(".scroll, .plot")) {
  edges.observe(box);
  box.addEventListener("scroll", () => tellOfEdges(box), { passive: true });
}

drawAll();
