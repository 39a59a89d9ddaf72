"""Relatives of designs: the sequence from which each was bred, the nearest measured and the nearest natural one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from designloop.inspection.neighbours import Neighbour, nearest
from designloop.live.dossier.knowledge import Knowledge
from designloop.live.names import design_name

OF_SPACE = "parent"
"""What the parent of the space is called."""
UNBUILT = "not built"
"""What a parent is called that was neither built nor given: a sample with which a search began."""


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
        found = nearest(self.sequences, self.knowledge.history.known.corpus)
        return [None if its is None else _relative(self._natural_name(its.index), its) for its in found]

    def _natural_name(self, place: int) -> str:
        known = self.knowledge.history.known
        name = known.names[place] if len(known.names) == len(known.corpus) else ""
        return name or f"#{place + 1}"

    @cached_property
    def parent(self) -> list[Relative | None]:
        """The recorded parent of each; where the strategy recorded none, the parent of the space."""
        return [bred or whole for bred, whole in zip(self.bred, self.parent_of_space, strict=True)]

    @cached_property
    def bred(self) -> list[Relative | None]:
        """The sequence from which the strategy bred each; None where it recorded none."""
        recorded = self.knowledge.after.parents
        pairs = zip(self.sequences, self.knowledge.tickets, strict=True)
        return [
            None if (parent := recorded.get(ticket.design)) is None else self._known(sequence, parent)
            for sequence, ticket in pairs
        ]

    @cached_property
    def parent_of_space(self) -> list[Relative | None]:
        """The parent around which the space lies; of several, the nearest. None for all without one."""
        found = nearest(self.sequences, self.knowledge.history.space.every_parent)
        return [None if its is None else _relative(OF_SPACE, its) for its in found]

    def _known(self, sequence: str, parent: str) -> Relative | None:
        """A parent with its name, and with its value if it was measured."""
        its = nearest([sequence], [parent])[0]
        if its is None:
            return None
        row = self._rows.get(parent)
        return _relative(self._names.get(parent, UNBUILT), its) if row is None else self._measured(its, row)

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        """Measured sequence -> its row of the history; of several, the one with the highest value."""
        history = self.knowledge.history
        return {history.sequences[row]: row for row in reversed(self.knowledge.measured)}

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """Sequence -> what it is called: natural sequences, starts, parents of the space, and designs so far."""
        history, campaign = self.knowledge.after, self.knowledge.campaign.name
        natural = {its: self._natural_name(place) for place, its in enumerate(history.known.corpus)}
        starts = {start.sequence: "start" for start in history.known.starts}
        designs = {
            design.sequence: design_name(campaign, design.id) for design in self.knowledge.after.designs.values()
        }
        return {**natural, **starts, **dict.fromkeys(history.space.every_parent, OF_SPACE), **designs}

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
