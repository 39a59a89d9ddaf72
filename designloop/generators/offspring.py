"""Offspring: candidates, and the sequence from which each of them was bred."""

from collections.abc import Iterable, Mapping
from typing import Self


class Offspring(list[str]):
    """Candidates in order. `parents`: candidate -> the sequence from which it was bred; only those that were bred.

    The parent of a crossover is the mother, the first of two. A search in several steps names the sequence with which
    it began.
    """

    def __init__(self, candidates: Iterable[str] = (), parents: Mapping[str, str] | None = None) -> None:
        super().__init__(candidates)
        self.parents: Mapping[str, str] = {one: parents[one] for one in self if one in parents} if parents else {}

    @classmethod
    def bred(cls, children: Iterable[str], parents: Iterable[str | None]) -> Self:
        """Children and the parent of each; one that equals its parent was not bred, and the first of equals counts."""
        kept, found = list(children), dict[str, str]()
        for child, parent in zip(kept, parents, strict=True):
            if parent is not None and child != parent:
                found.setdefault(child, parent)
        return cls(kept, found)


def parents_of(*groups: Iterable[str]) -> dict[str, str]:
    """Candidate -> its parent, in the first group that knows one. Groups that are not offspring know none."""
    found: dict[str, str] = {}
    for group in reversed(groups):
        found |= group.parents if isinstance(group, Offspring) else {}
    return found
