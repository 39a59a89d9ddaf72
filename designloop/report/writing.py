"""Writes a page: one self-contained HTML file, a Markdown summary, and the figures as pictures."""

from base64 import b64encode
from collections.abc import Iterable
from gzip import compress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from designloop.core.errors import StoreError
from designloop.report.interactive import as_json
from designloop.report.keys import swatch
from designloop.report.marks import Figure
from designloop.report.page import Page, Table, View
from designloop.report.stills import narrow, still
from designloop.storage.manifest import write_whole

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = Path(__file__).parent / "templates"
_SAFE = "/:=;,()"
"""Signs that need no escape in a data URL; a blank would end it within `srcset`."""
_ELSEWHERE = "free disk space, fix the permissions, or choose another file with --out"


def write(page: Page, out: Path, figures: Path | None = None) -> None:
    """Write `out` (HTML), a Markdown summary in the same folder, and every figure into `figures` as PNG and SVG.

    Raises StoreError if a file cannot be written.
    """
    if out.is_dir():
        raise StoreError(f"{out} is a directory, but the report needs a file; try --out {out / 'report.html'}")
    make_folder(out.parent)
    if figures is not None:
        write_pictures(page.figures(), figures)
    write_whole(out.with_suffix(".md"), markdown(page, figures), _ELSEWHERE)
    write_whole(out, html(page), _ELSEWHERE)


def write_pictures(figures: Iterable[Figure], folder: Path) -> list[Path]:
    """Write each figure into `folder` as PNG and SVG, and return the paths. Raises StoreError if that fails."""
    from designloop.report.static import pictures

    make_folder(folder)
    drawn = ((f"{figure.name}.{format}", its) for figure in figures for format, its in pictures(figure).items())
    written = list[Path]()
    for name, content in drawn:
        written.append(folder / name)
        try:
            written[-1].write_bytes(content)
        except OSError as error:
            raise StoreError(f"cannot write {written[-1]}: {error.strerror}; choose another folder") from error
    return written


def html(page: Page) -> str:
    """The page as one HTML file that needs no network: it contains plotly and the figures."""
    waiting = list[str]()

    def pack(figure: Figure) -> int:
        waiting.append(as_json(figure))
        return len(waiting) - 1

    return _template("page.html.j2").render(
        page=page,
        css=(_TEMPLATES / "page.css").read_text(encoding="utf-8"),
        script=(_TEMPLATES / "page.js").read_text(encoding="utf-8"),
        plotly=_plotly(),
        kind_of=lambda block: type(block).__name__,
        has_headline=_has_headline,
        spec=as_json,
        pack=pack,
        packed=lambda: _packed(f"[{','.join(waiting)}]".encode()) if waiting else "",
        still=as_url,
        narrow=lambda figure: _url(narrow(figure), safe=_SAFE),
        svg_url=lambda svg, is_source=False: _url(svg, safe=_SAFE if is_source else f"{_SAFE} "),
        keys=lambda figure: [(entry.name, swatch(entry)) for entry in figure.entries()],
    )


def markdown(page: Page, figures: Path | None = None) -> str:
    """The page as Markdown, with the paths of the figures if they were written."""
    return _template("summary.md.j2").render(page=page, kind_of=lambda block: type(block).__name__, figures=figures)


def _has_headline(view: View) -> bool:
    return any(isinstance(block, Table) and block.is_headline for block in view.blocks)


def _template(name: str) -> "jinja2.Template":
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=name.endswith(".html.j2"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template(name)


def make_folder(folder: Path) -> None:
    """Create a folder where there is none. Raises StoreError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create the folder {folder}: {error.strerror}; choose another") from error


def _plotly() -> str:
    """Plotly's JavaScript, read from the package's folder, because importing the package takes longer."""
    spec = find_spec("plotly")
    assert spec is not None
    assert spec.origin is not None
    return _packed(Path(spec.origin).with_name("package_data").joinpath("plotly.min.js").read_bytes())


def _packed(text: bytes) -> str:
    """Compressed text that the page unpacks: at most a third of its size, so that the page fits in an e-mail.

    Level 4 takes half the time of the usual 6, for 4% more bytes.
    """
    return b64encode(compress(text, 4, mtime=0)).decode()


def as_url(figure: Figure) -> str:
    """The figure as a data URL, for print, notebooks and readers without scripts."""
    return _url(still(figure), safe=f"{_SAFE} ")


def _url(svg: str, safe: str) -> str:
    return "data:image/svg+xml," + quote(svg, safe=safe)


def _cell(word: str) -> str:
    return word.replace("|", "\\|").replace("\n", " ")
