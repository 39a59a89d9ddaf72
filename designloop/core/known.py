"""What is known before the first batch, and what is left of the budget."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from designloop.core.money import less, whole_cents
from designloop.core.records import Event, Start


@dataclass(frozen=True, slots=True)
class Known:
    """Prior information: unlabelled natural sequences, and starting sequences."""

    corpus: tuple[str, ...] = ()
    starts: tuple[Start, ...] = ()
    """One entry per replicate, if they come from a file."""
    remarks: tuple[str, ...] = ()
    """What was merged or dropped while reading the files, one sentence each."""
    names: tuple[str, ...] = ()
    """The header of each sequence of the corpus, if its file has headers."""

    @property
    def documents(self) -> dict[str, str]:
        """The corpus as it is recorded: one sequence per line, and one header per line."""
        named = {"names": "\n".join(" ".join(name.split()) for name in self.names)} if any(self.names) else {}
        return {"corpus": "\n".join(self.corpus), **named}


def known_in(opened: Event, documents: Mapping[str, str]) -> Known:
    """The prior information in an `opened` event and in the documents of its record."""
    starts = tuple(Start(**start) for start in opened.data["starts"])
    corpus, names = (tuple(documents.get(key, "").splitlines()) for key in ("corpus", "names"))
    return Known(corpus, starts, names=names)


@dataclass(frozen=True, slots=True)
class Left:
    """The remaining budget; infinite where it is not limited."""

    designs: float = inf
    weeks: float = inf
    cost: float = inf
    """Neither spent nor reserved; in whole cents."""

    @classmethod
    def of(cls, budget: Mapping[str, float | None], spent: Mapping[str, float] | None = None) -> "Left":
        """The remainder of a budget after `spent`; None is no limit."""
        gone, limits = spent or {}, {name: inf if limit is None else limit for name, limit in budget.items()}
        left = {name: limit - gone.get(name, 0) for name, limit in limits.items()}
        if "cost" in limits:
            left["cost"] = less(whole_cents(limits["cost"]), gone.get("cost", 0.0))
        return cls(**left)
