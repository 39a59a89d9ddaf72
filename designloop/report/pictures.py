"""Pictures of results, for notebooks and files: figures of the report with their title, legend and caption."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import singledispatch
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designloop.core.errors import InputError, StoreError, did_you_mean
from designloop.core.pictures import Picture
from designloop.report.by_week import by_week
from designloop.report.campaign import page_of
from designloop.report.keys import swatch
from designloop.report.marks import Figure
from designloop.report.record import Record
from designloop.report.studies.judged_study import Judged
from designloop.report.studies.page import page_of as page_of_study
from designloop.report.studies.value_curves import curves
from designloop.report.writing import as_url
from designloop.storage.result import Result
from designloop.study.study_result import StudyResult
from designloop.study.units import Setting
from designloop.study.verdict import SettingVerdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Canvas

_FORMATS = ("svg", "png", "pdf")


@dataclass(frozen=True, eq=False)
class Drawn(Picture):
    """A figure of the report as a picture that notebooks show and `save` writes."""

    marks: Figure

    @property
    def title(self) -> str:
        """What it shows, in a few words."""
        return self.marks.title

    @property
    def caption(self) -> str:
        """How to read it, and the number of observations."""
        return self.marks.caption

    def figure(self) -> "Canvas":
        """The same figure, drawn by matplotlib."""
        from designloop.report.static import canvas_of

        return canvas_of(self.marks)

    def save(self, path: str | Path) -> Path:
        """Write it as SVG, PNG or PDF. Raises InputError, StoreError."""
        target = Path(path)
        format = target.suffix.removeprefix(".").lower()
        if format not in _FORMATS:
            raise InputError(f"cannot save a picture as '{target.name}'; expected a name ending in .svg, .png or .pdf")
        try:
            target.write_bytes(self._as(format))
        except OSError as error:
            raise StoreError(f"cannot write {target}: {error.strerror}; choose another file") from error
        return target

    def _as(self, format: str) -> bytes:
        from designloop.report.static import pictures

        return pictures(self.marks, (format,))[format]

    def __repr__(self) -> str:
        return f"<Picture {self.marks.name}: {self.title}>"

    def _repr_html_(self) -> str:
        keys = "".join(f"<span>{swatch(entry)} {escape(entry.name)}</span> " for entry in self.marks.entries())
        image = f'<img src="{as_url(self.marks)}" alt="{escape(self.title)}" style="max-width:100%;background:#fff">'
        caption = f'<figcaption style="max-width:56em;font-size:.9em">{escape(self.caption)}</figcaption>'
        return f"<figure><b>{escape(self.title)}</b><div>{keys}</div>{image}{caption}</figure>"

    def _repr_png_(self) -> bytes:
        return self._as("png")


@singledispatch
def drawn(result: Any, name: str | None = None) -> Drawn:
    """The figure of that name in the report of a result; by default the first one. Raises InputError."""
    raise TypeError(f"cannot draw a {type(result).__name__}; expected a Result or a StudyResult")


@drawn.register
def _(result: Result, name: str | None = None) -> Drawn:
    record = Record.of_result(result)
    first = by_week(record)
    return Drawn(first if name in (None, first.name) else _named(page_of(record).figures(), name or ""))


@drawn.register
def _(result: StudyResult, name: str | None = None) -> Drawn:
    judged = Judged.of_result(result)
    if name is not None:
        return Drawn(_named(page_of_study(judged).figures(), name))
    return Drawn(_beside([_curves(judged, *setting) for setting in judged.settings if setting[0].cells], judged))


def _curves(judged: Judged, setting: Setting, verdict: SettingVerdict) -> Figure:
    """A setting's curves of the trace and the axis that the verdict is based on."""
    (figure,) = curves(judged, setting, verdict).views[0].blocks
    assert isinstance(figure, Figure)
    return figure


def _beside(figures: Sequence[Figure], judged: Judged) -> Figure:
    """The figures of several settings as panels of one."""
    if not figures:
        raise InputError(f"the study '{judged.results.name}' has no finished cell to draw")
    if len(figures) == 1:
        return figures[0]
    panels = tuple(replace(panel, title=figure.title) for figure in figures for panel in figure.panels)
    title = f"{judged.results.name}: all settings"
    return Figure("curves", title, figures[0].caption.partition(". ")[2], panels, columns=2)


def _named(figures: Iterable[Figure], name: str) -> Figure:
    by_name: Mapping[str, Figure] = {figure.name: figure for figure in figures}
    if name not in by_name:
        raise InputError(f"this report has no figure '{name}'{did_you_mean(name, by_name)}")
    return by_name[name]
