"""The report of a check: which laws hold, what was found, the values, and the speed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from designloop.checking import histogram
from designloop.checking.findings import Finding, Level
from designloop.checking.laws import LAWS
from designloop.checking.speed import Speed
from designloop.checking.trial import About, Floats
from designloop.core.counting import many

_WIDTH, _INDENT = 110, "  "


@dataclass(frozen=True)
class Report:
    """The result of a check."""

    about: About
    findings: tuple[Finding, ...]
    held: tuple[str, ...]
    """Laws that hold: names."""
    skipped: tuple[str, ...]
    """Laws that could not be judged, because another one is broken."""
    values: Mapping[str, Floats]
    """Values of random and of natural sequences, (n,); NaN where a sequence is not viable."""
    speed: Speed | None
    n_calls: int
    n_sequences: int
    designs: int
    plate: int

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that make a campaign fail or give wrong numbers."""
        return self.of_level("fault")

    def of_level(self, level: Level) -> tuple[Finding, ...]:
        """The findings of one level."""
        return tuple(finding for finding in self.findings if finding.level == level)

    @property
    def is_sound(self) -> bool:
        """Whether there is no fault."""
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """As plain data, with numbers that JSON can hold."""
        edges, counts, without = histogram.counts(self.values)
        speed = self.speed
        return {
            "oracle": self.about.name,
            "is_sound": self.is_sound,
            "findings": [finding.as_dict() for finding in self.findings],
            "held": list(self.held),
            "not_judged": list(self.skipped),
            "values": {"edges": edges, "counts": counts, "not_viable": without},
            "seconds": None
            if speed is None
            else {
                "first_call": speed.first,
                "call": speed.call,
                "sequence": speed.each,
                "campaign": speed.of_campaign(self.designs, self.plate),
            },
            "n_calls": self.n_calls,
            "n_sequences": self.n_sequences,
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield self.headline
        yield from self._told("fault", "doubt", "note")
        for word, names in (("holds", self.held), ("not judged, because another law is broken", self.skipped)):
            yield from ("", f"{word}:", *_wrapped(", ".join(names))) if names else ()
        if self.values:
            yield from ("", *histogram.lines(self.values))
        if self.speed is not None:
            yield from ("", f"speed: {self.speed.sentence(self.designs, self.plate)}")

    def _told(self, *levels: Level) -> Iterator[str]:
        for level in levels:
            for one in self.of_level(level):
                yield from ("", f"{level}: {one.law}", *_wrapped(one.what))
                yield from _wrapped(one.change, "-> ") if one.change else ()

    @property
    def in_short(self) -> str:
        """The verdict, and what is wrong."""
        return "\n".join([self.headline, *self._told("fault")])

    @property
    def headline(self) -> str:
        """The verdict in one sentence."""
        n_faults, n_doubts = len(self.faults), len(self.of_level("doubt"))
        doubts = f", {many(n_doubts, 'doubt')}" if n_doubts else ""
        verdict = f"{many(n_faults, 'fault')}{doubts}" if n_faults else f"sound{doubts}"
        asked = f"{many(self.n_sequences, 'sequence')} in {many(self.n_calls, 'call')}"
        return f"{self.about.name}: {verdict} ({len(self.held)} of {len(LAWS)} laws hold; {asked})"


def _wrapped(text: str, mark: str = "") -> list[str]:
    return wrap(
        f"{mark}{text}",
        _WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=_INDENT + " " * len(mark),
        break_on_hyphens=False,
    )
