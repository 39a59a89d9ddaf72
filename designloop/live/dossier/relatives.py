"""Relatives of designs: the parent of the space, the nearest measured sequence and the nearest natural one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from designloop.inspection.neighbours import Neighbour, nearest
from designloop.live.dossier.knowledge import Knowledge
from designloop.live.names import design_name


@dataclass(frozen=True, slots=True)
class Relative:
    """A known sequence, and the edits that lead from it to a design."""

    name: str
    sequence: str
    distance: int
    """Insertions, deletions and substitutions."""
    edits: str
    identity: float
    value: float | None = None
    """Its measured value, in the assay's units; None where it has none."""
    std_error: float | None = None
    side: int = 0
    """-1 where the value is a limit that it lies below, 1 above it."""


@dataclass(frozen=True)
class Relatives:
    """The relatives of some sequences, which are the designs of a round."""

    knowledge: Knowledge
    sequences: Sequence[str]

    @cached_property
    def measured(self) -> list[Relative | None]:
        """The nearest sequence with a value, of several the one with the highest; None before the first value."""
        history, rows = self.knowledge.history, self.knowledge.measured
        found = nearest(self.sequences, [history.sequences[row] for row in rows])
        return [None if its is None else self._measured(its, rows[its.index]) for its in found]

    @cached_property
    def natural(self) -> list[Relative | None]:
        """The nearest sequence of the corpus; None for all without one."""
        known = self.knowledge.history.known
        names = known.names if len(known.names) == len(known.corpus) else ("",) * len(known.corpus)
        return [
            None if its is None else _relative(names[its.index] or f"#{its.index + 1}", its)
            for its in nearest(self.sequences, known.corpus)
        ]

    @cached_property
    def parent(self) -> list[Relative | None]:
        """The parent around which the space lies; of several, the nearest. None for all without one."""
        space = self.knowledge.history.space
        parents = list(space.parents) or ([] if space.parent is None else [space.parent])
        return [None if its is None else _relative("parent", its) for its in nearest(self.sequences, parents)]

    def _measured(self, its: Neighbour, row: int) -> Relative:
        history = self.knowledge.history
        error = float(history.std_errors[row])
        return _relative(
            _name(self.knowledge, int(history.ids[row])),
            its,
            float(history.readings[row]),
            None if np.isnan(error) else error,
            int(history.sides[row]),
        )


def _relative(
    name: str, its: Neighbour, value: float | None = None, std_error: float | None = None, side: int = 0
) -> Relative:
    return Relative(name, its.sequence, its.distance, its.edits, its.identity, value, std_error, side)


def _name(knowledge: Knowledge, design: int) -> str:
    """The name of a measured design; sequences that were measured before the campaign have negative numbers."""
    return f"earlier {-design}" if design < 0 else design_name(knowledge.campaign.name, design)
