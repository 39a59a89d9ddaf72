"""A trial is the check of one oracle: the sequences that it is asked for, its answers so far, and how they compare."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.checking.answers import Answer
from designloop.checking.asking import Asker, answer
from designloop.checking.findings import Broken, Finding

Floats = NDArray[np.float64]

N_FIRST, N_BASE, N_CANDIDATES, N_WIDE, N_NATURAL = 4, 24, 96, 1000, 200
"""Sequences of the first call; those that most laws use; those from which they are chosen; random ones of the
histogram; natural ones, which may take long to draw."""
_FEWEST = 6
_SECONDS_OF_CANDIDATES, _SECONDS_OF_BASE, _SECONDS_OF_WIDE = 5.0, 2.0, 10.0
"""A slow oracle is asked for fewer sequences, so that one call takes about so long."""
_EXACT, _SAME = 1e-9, 1e-5
"""Differences relative to the largest value: below the first none; above the second a fault. Between them is
arithmetic in single precision, whose result depends on the size of a batch."""


@dataclass(frozen=True)
class About:
    """What an oracle says of itself."""

    name: str
    optimum: float | None
    floor: float | None
    scale: str
    remarks: list[str]
    min_length: int
    max_length: int
    alphabet: str
    letters: str
    size: int | None


@dataclass
class Trial:
    """Questions to one oracle, asked when a law first needs the answer."""

    asker: Asker
    given: Sequence[str] = ()
    """Sequences of the user, in the space."""
    calls: list[tuple[int, float]] = field(default_factory=list)
    """(sequences, seconds) of each answered call."""
    printed: str = ""
    warned: list[str] = field(default_factory=list)
    moved: set[str] = field(default_factory=set)
    """Global random generators that some call moved."""
    changed: bool = False
    """Whether some call changed its list of sequences."""

    # -- questions ---------------------------------------------------------------------------------------------------

    def tell(
        self, sequences: Sequence[str], operation: str = "ask", *, asker: Asker | None = None, **fields: Any
    ) -> Answer:
        """The answer to a list of sequences, which may be a problem."""
        found = answer(asker or self.asker, list(sequences), operation, **fields)
        if found.values is not None:
            self.calls.append((len(sequences), found.seconds))
        self.printed += found.printed
        self.warned += [one for one in found.warned if one not in self.warned]
        self.moved |= set(found.moved)
        self.changed |= found.changed
        return found

    def ask(self, sequences: Sequence[str], where: str = "", *, asker: Asker | None = None) -> Floats:
        """The values of sequences, shape (n,). Raises Broken where the oracle does not return them."""
        return values_of(self.tell(sequences, asker=asker), where)

    @cached_property
    def about(self) -> About:
        """What the oracle says of itself."""
        return About(**self.asker.do("about"))

    # -- sequences ---------------------------------------------------------------------------------------------------

    @cached_property
    def random(self) -> list[str]:
        """Distinct random sequences of the space that the oracle can measure."""
        return self.measured(dict.fromkeys(self.asker.do("draws", n=N_WIDE, name="random")))

    @cached_property
    def natural(self) -> list[str]:
        """The user's sequences, or else distinct ones of the oracle's corpus; only those in the space."""
        if self.given:
            return self.measured(dict.fromkeys(self.given))
        found = self.asker.do("corpus", n=N_NATURAL)
        inside = self.asker.do("inside", sequences=found)
        return self.measured(dict.fromkeys(s for s, is_inside in zip(found, inside, strict=True) if is_inside))

    def measured(self, sequences: Any) -> list[str]:
        """Those that the oracle can measure: all, where `measures` does not answer."""
        found = list(sequences)
        flags = self.asker.do("measures", sequences=found).get("flags", [True] * len(found))
        return [sequence for sequence, flag in zip(found, flags, strict=True) if flag]

    @cached_property
    def opening(self) -> list[str]:
        """The sequences of the first call."""
        found = list(dict.fromkeys([*self.random[: N_FIRST - 1], *self.natural[:1], *self.random, *self.natural]))
        if not found:
            raise Broken(
                "measures() is False for every random and natural sequence", "return True where there is a value"
            )
        return found[:N_FIRST]

    @cached_property
    def folder(self) -> str:
        """The current folder of the oracle's process before the first call."""
        return str(self.asker.do("surroundings")["folder"])

    @cached_property
    def first(self) -> Answer:
        """The answer to the first call in a new process."""
        _ = self.folder
        return self.tell(self.opening)

    @cached_property
    def seconds_each(self) -> float:
        """Seconds for one sequence, by the second call, because the first may load things."""
        values_of(self.first)
        again = self.tell(self.opening)
        values_of(again)
        return again.seconds / len(self.opening)

    def affordable(self, most: int, seconds: float) -> int:
        """How many sequences take about `seconds`, at most `most`."""
        return int(np.clip(seconds / max(self.seconds_each, 1e-9), min(_FEWEST, most), most))

    @cached_property
    def base(self) -> list[str]:
        """Distinct sequences of the space for most laws, chosen so that many of their values are different."""
        n = self.affordable(N_CANDIDATES, _SECONDS_OF_CANDIDATES)
        mixed = [s for pair in zip(self.natural[:n], self.random[:n], strict=False) for s in pair]
        candidates = list(dict.fromkeys([*mixed, *self.random]))[:n]
        values = self.ask(candidates)
        firsts = {str(value): s for s, value in zip(candidates[::-1], values[::-1], strict=True)}
        return list(dict.fromkeys([*firsts.values(), *candidates]))[: self.affordable(N_BASE, _SECONDS_OF_BASE)]

    @cached_property
    def other_plate(self) -> list[str]:
        """Sequences of the space that are not among the base, as many."""
        drawn = self.measured(dict.fromkeys(self.asker.do("draws", n=8 * N_BASE, name="other")))
        new = [s for s in drawn if s not in set(self.base)] or self.base[::-1]
        return [*new, *self.natural[::-1]][: len(self.base)]

    @cached_property
    def values(self) -> Floats:
        """The values of the base, shape (n,)."""
        return self.ask(self.base)

    @cached_property
    def wide(self) -> dict[str, tuple[list[str], Floats]]:
        """Many sequences and their values: random ones, and natural ones where there are any."""
        n = self.affordable(N_WIDE, _SECONDS_OF_WIDE)
        groups = {"random": self.random[:n], "given" if self.given else "corpus": self.natural[:n]}
        return {name: (some, self.ask(some)) for name, some in groups.items() if some}

    @cached_property
    def all_values(self) -> Floats:
        """All values of `wide`, with NaN."""
        return np.concatenate([values for _, values in self.wide.values()])

    @property
    def is_flat(self) -> bool:
        """Whether the base has one value only, so that mixed-up values cannot be seen."""
        return len({str(value) for value in self.values}) < 2

    # -- comparisons -------------------------------------------------------------------------------------------------

    def same(
        self,
        name: str,
        sequences: Sequence[str],
        one: Floats,
        other: Floats,
        what: str,
        change: str,
        when: tuple[str, str] = ("at first", "later"),
    ) -> Iterator[Finding]:
        """A finding where values that should be equal are not.

        `what` begins its sentence, and `when` says which value is which.
        """
        apart, largest = distances(one, other)
        if not len(apart) or apart.max() <= _EXACT:
            return
        row = int(np.argmax(apart))
        if apart[row] > _SAME:
            pair = f"{one[row]:.6g} {when[0]}, and {other[row]:.6g} {when[1]}"
            yield Finding(name, "fault", f"{what}: {sequences[row]!r} has {pair}", change)
            return
        yield Finding(
            name,
            "doubt",
            f"{what}, in the last digits only: by up to {apart[row] * largest:.2g}",
            "compute in float64, or round the values; otherwise the same seed may give other events",
        )

    @cached_property
    def abroad(self) -> Asker | None:
        """The oracle in another process, in which sets have another order; None where it exists only in this one."""
        return self.asker.elsewhere(same_hash=False)

    def close(self) -> None:
        """End the processes of the oracle."""
        for asker in (self.asker, self.__dict__.get("abroad")):
            if asker is not None:
                asker.close()


def values_of(found: Answer, where: str = "") -> Floats:
    """The values of an answer. Raises Broken where there are none; `where` says for what it was asked."""
    if found.values is None:
        raise Broken(f"{where}the oracle {found.problem}", found.change, found.problem)
    return found.array


def distances(one: Floats, other: Floats) -> tuple[Floats, float]:
    """(differences relative to the largest value, that value). NaN equals NaN, and is infinitely far from a number."""
    largest = float(np.nan_to_num(np.abs(np.concatenate([one, other])), posinf=0.0).max(initial=0.0)) or 1.0
    with np.errstate(invalid="ignore"):
        apart = np.abs(one - other) / largest
    apart[np.isnan(one) & np.isnan(other)] = 0.0
    apart[np.isnan(one) != np.isnan(other)] = np.inf
    apart[one == other] = 0.0
    return apart, largest
