"""A finding is what the check of an oracle found wrong or worth knowing, and what to change."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["fault", "doubt", "note"]
"""fault: a campaign would fail or give wrong numbers; doubt: it may; note: good to know."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a law."""

    law: str
    level: Level
    what: str
    change: str = ""

    def as_dict(self) -> dict[str, str]:
        """As plain data."""
        return {"law": self.law, "level": self.level, "what": self.what, "change": self.change}

    def __str__(self) -> str:
        return f"{self.what}. {self.change}" if self.change else self.what


Judge = Callable[[Any], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Law:
    """Something that must hold for an oracle: its name, what it says, and the function that judges a trial."""

    name: str
    says: str
    judge: Judge
    after: tuple[str, ...] = ()
    """Laws without which this one cannot be judged: where one of them is broken, it is not."""

    def fault(self, what: str, change: str) -> Finding:
        """A fault of this law."""
        return Finding(self.name, "fault", what, change)


class Broken(Exception):
    """A law cannot be judged further, because the oracle did not answer."""

    def __init__(self, what: str, change: str, cause: str = "") -> None:
        """`cause`: the same text for every law that the same mistake breaks."""
        super().__init__(what)
        self.what, self.change, self.cause = what, change, cause


def law(name: str, says: str, *, after: tuple[str, ...] = ()) -> Callable[[Judge], Law]:
    """Make a law of the function that judges it."""

    def made(judge: Judge) -> Law:
        return Law(name, says, judge, after)

    return made
