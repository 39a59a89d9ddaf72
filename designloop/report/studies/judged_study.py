"""A study and its verdict, as its page needs them; each contestant has the same style in every figure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from json import loads
from pathlib import Path
from re import sub
from typing import Any

from designloop.report.palette import Style, style
from designloop.study.decision import Decision, decision_of
from designloop.study.folder import MANIFEST, STUDY
from designloop.study.look import Look
from designloop.study.results import StudyResults
from designloop.study.study_result import StudyResult
from designloop.study.traces import AXES, traces_of
from designloop.study.units import Setting, settings_of
from designloop.study.verdict import SettingVerdict, Verdict, assess

TRACE_WORDS = {
    "recommended": "recommended: true value of the recommended design",
    "true": "true: best true value tested",
    "common": "common: true value of the common recommender's design",
}
AXIS_WORDS = {"designs": "designs submitted", "weeks": "weeks", "cost": "cost (lab's currency)"}


@dataclass(frozen=True, eq=False)
class Judged:
    """The results, the look, the verdict and the decision, from which all parts of the page are drawn."""

    results: StudyResults
    look: Look
    verdict: Verdict
    decision: Decision | None = None
    texts: Mapping[str, str] | None = None
    """Title -> text of the files that describe the study: its configuration and its manifest."""

    @classmethod
    def of(cls, results: StudyResults, texts: Mapping[str, str] | None = None, look: Look | None = None) -> "Judged":
        """The results with their verdict; `look` defaults to the one that their description fixes."""
        look = look or Look.fixed_in(results)
        return cls(results, look, assess(results, look), decision_of(results), texts)

    @classmethod
    def read(cls, directory: Path) -> "Judged":
        """The study in a folder, finished or not. Raises StoreError if there is none."""
        from designloop.study.recorded import load_study

        return cls.of_result(load_study(directory))

    @classmethod
    def of_result(cls, result: StudyResult) -> "Judged":
        """A study's result, with the texts of its folder if it has one."""
        titles = (
            {STUDY: "all settings, defaults included", MANIFEST: "versions and machine"} if result.directory else {}
        )
        files = {f"{name}: {title}": (result.directory or Path()) / name for name, title in titles.items()}
        texts = {title: file.read_text(encoding="utf-8") for title, file in files.items() if file.is_file()}
        return cls(result.results, result.look, result.verdict, result.decision, texts)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest of its folder; empty for a study in memory."""
        text = next((text for title, text in (self.texts or {}).items() if title.startswith(MANIFEST)), "")
        return dict(loads(text)) if text.strip() else {}

    @cached_property
    def settings(self) -> tuple[tuple[Setting, SettingVerdict], ...]:
        """The cells and the verdict of each setting."""
        return tuple(zip(settings_of(self.results), self.verdict.settings, strict=True))

    @property
    def others(self) -> tuple[str, ...]:
        """The axes that define the settings: all except the compared one."""
        return tuple(axis for axis in self.results.axes if axis != self.results.compared)

    @property
    def contestants(self) -> tuple[str, ...]:
        """The labels of the compared axis."""
        return self.results.axes[self.results.compared]

    def style(self, contestant: str) -> Style:
        """The style of a contestant, the same in every figure."""
        return style(self.contestants.index(contestant))

    @cached_property
    def traces(self) -> tuple[str, ...]:
        """The traces that cells have, the compared one first."""
        names = traces_of(self.results.done)
        return tuple(sorted(names, key=lambda name: name != self.look.trace))

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """The axes that traces are drawn against, the compared one first; without cost if nothing costs anything."""
        known = [axis for axis in AXES if any(getattr(cell, axis) > 0 for cell in self.results.done)]
        return tuple(sorted(known, key=lambda axis: axis != self.look.axis))

    def is_log(self, landscape: str) -> bool:
        """Whether the landscape's values are logarithms."""
        scales: Mapping[str, Any] = self.results.description.get("scales", {})
        return scales.get(landscape) == "log"

    def value_title(self, landscape: str) -> str:
        """An axis title: the value, and its scale if it is a logarithm."""
        return "true value (log scale)" if self.is_log(landscape) else "true value"


def slug(*words: str) -> str:
    """Words as part of a file name or an anchor; signs are written out, so that -1 and 1 stay distinct."""
    signed = (sub(r"^[-−](?=[\d.])", "minus ", word).replace("+", "plus ") for word in words)
    return sub(r"[^\w.]+", "-", " ".join(signed).lower()).strip("-")


def named(labels: Mapping[str, str]) -> str:
    """`nk · 0.4`: a setting without the names of its axes, where space is short."""
    return " · ".join(labels.values()) or "all cells"
