"""The dossier of a round: its designs with what is known of each, and what people must know of the batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.cache import beside, cache_folder
from designloop.core.counting import many
from designloop.core.faults import at_work
from designloop.core.history import History
from designloop.core.money import less, total
from designloop.core.pages import written
from designloop.core.records import PEOPLE, Outcome
from designloop.core.rows import Row, completed, mark_of
from designloop.inspection.liabilities.limits import Limits
from designloop.live.dates import shown
from designloop.live.dossier.checks import Checks
from designloop.live.dossier.design import DossierDesign
from designloop.live.dossier.knowledge import Knowledge
from designloop.live.dossier.likelihoods import Likelihoods
from designloop.live.dossier.prediction import LEVEL, Predicted
from designloop.live.dossier.reasons import Reasons
from designloop.live.dossier.relatives import Relatives
from designloop.live.names import design_name
from designloop.live.record import Record
from designloop.live.tickets import Ticket

FILE = "dossier.html"
_MOST_COMPARED = 1_000


@dataclass(frozen=True)
class Dossier:
    """The dossier of a round. `save` writes it as a page, and `as_dict` gives its data.

    It says what was known when the round was chosen, so that it stays the same when results come back. Raises LiveError
    for a round that was not ordered.
    """

    record: Record
    round: int
    directory: Path
    """The directory of the campaign."""

    def __post_init__(self) -> None:
        _ = self.knowledge  # raises where there is no such round

    def save(self, path: str | Path) -> Path:
        """Write the page, one HTML file, and return its path. Raises StoreError where it cannot be written."""
        return written(self, Path(path))

    @cached_property
    def knowledge(self) -> Knowledge:
        """What was known when the round was chosen."""
        return Knowledge(self.record, self.round)

    # -- designs -----------------------------------------------------------------------------------------------------

    @cached_property
    def designs(self) -> list[DossierDesign]:
        """The designs of the round, and then its retests; vetoed ones are left out."""
        return [self._design(place, ticket) for place, ticket in enumerate(self.knowledge.tickets)]

    def _design(self, place: int, ticket: Ticket) -> DossierDesign:
        event = self.knowledge.chosen.get(ticket.design)
        predicted = None if event is None else Predicted.of(event.data, self.knowledge.best)
        told = self.likelihoods
        return DossierDesign(
            ticket.design,
            self.name_of(ticket.design),
            self.sequences[place],
            self.checks.ordered[place],
            ticket.is_retest,
            event is not None and event.data["origin"] == PEOPLE,
            ticket.n_wells,
            f"{self.reasons.of(ticket)}{'; to learn' if predicted is not None and predicted.is_to_learn else ''}",
            predicted,
            self.relatives.parent[place],
            self.relatives.bred[place] is not None,
            self.relatives.measured[place],
            self.relatives.natural[place],
            float(told.values[place]) if len(told.values) else None,
            float(told.shares[place]) if len(told.shares) else None,
            self.checks.measured[place],
            () if ticket.is_retest else tuple(self.checks.violations[place]),
            _result(ticket, self.record.history),
        )

    @cached_property
    def sequences(self) -> list[str]:
        """The sequences of `designs`."""
        return [self.record.history.designs[ticket.design].sequence for ticket in self.knowledge.tickets]

    @cached_property
    def new(self) -> list[DossierDesign]:
        """The designs that must be built."""
        return [design for design in self.designs if not design.is_retest]

    @cached_property
    def reasons(self) -> Reasons:
        """Why the designs are in the round."""
        return Reasons(self.knowledge)

    @cached_property
    def flagged(self) -> list[DossierDesign]:
        """The designs that violate a limit."""
        return [design for design in self.designs if design.violations]

    @cached_property
    def relatives(self) -> Relatives:
        """The known sequences that are nearest to each design."""
        return Relatives(self.knowledge, self.sequences)

    @cached_property
    def likelihoods(self) -> Likelihoods:
        """How likely each design is."""
        with cache_folder(beside(self.directory)), at_work(self.knowledge.campaign, self.directory):
            return Likelihoods.of(self.knowledge, self.sequences)

    @cached_property
    def checks(self) -> Checks:
        """The designs against the limits."""
        parents = zip(self.relatives.parent_of_space, self.relatives.measured, self.relatives.natural, strict=True)
        return Checks(self.knowledge, self.sequences, [next(filter(None, row), None) for row in parents])

    @property
    def limits(self) -> Limits:
        """The limits of liabilities."""
        return self.checks.limits

    def name_of(self, design: int) -> str:
        """What order sheets call a design."""
        return design_name(self.record.campaign.name, design)

    # -- the batch ---------------------------------------------------------------------------------------------------

    @cached_property
    def compared(self) -> list[DossierDesign]:
        """New designs of which all pairs are compared: all of them, or 1,000 that are evenly spread."""
        return [self.new[i] for i in _spread(len(self.new), _MOST_COMPARED)]

    @cached_property
    def distances(self) -> NDArray[np.int64]:
        """Edits between each pair of the `compared` designs, (n, n)."""
        from rapidfuzz.distance import Levenshtein
        from rapidfuzz.process import cdist

        its = [design.sequence for design in self.compared]
        return cdist(its, its, scorer=Levenshtein.distance, dtype=np.int32).astype(np.int64)

    @cached_property
    def pending(self) -> Mapping[int, list[str]]:
        """Earlier round -> names of the designs and retests that were in the lab when this one was chosen."""
        history, found = self.knowledge.history, dict[int, list[str]]()
        pairs = [(pending.design.round, design) for design, pending in history.waiting.items()]
        pairs += [(self._round_of(design), design) for design in history.retesting]
        for round_, design in sorted(pairs):
            found.setdefault(round_, []).append(self.name_of(design))
        return found

    def _round_of(self, design: int) -> int:
        """The earlier round in which a design is measured again."""
        its = [ticket.round for ticket in self.record.tickets.of_design(design) if ticket.round < self.round]
        return max(its, default=0)

    @property
    def left(self) -> Mapping[str, float]:
        """What is left of the budget after this round: `designs`, `weeks`, `cost`; only what is limited."""
        left = self.knowledge.after.left
        found = {name: its for name in ("designs", "weeks") if (its := getattr(left, name)) != inf}
        if (money := self.knowledge.history.left.cost) != inf:
            found["cost"] = less(money, self.price or 0.0)
        return found

    @property
    def price(self) -> float | None:
        """What the round costs by `lab.prices`, without vetoed designs; None without prices."""
        if self.record.campaign.lab.prices is None:
            return None
        tickets = self.knowledge.tickets
        lengths = [len(design.sequence) for design in self.new]
        wells = [ticket.n_wells for ticket in tickets]
        return total(self.record.history.quote.items(lengths, len(tickets) - len(lengths), wells=wells).values())

    @property
    def ordered_at(self) -> str:
        """The moment of the order, as text."""
        return self.moment_of(self.round)

    def moment_of(self, round_: int) -> str:
        """The moment of the order of a round, as text."""
        return shown(self.record.moment(self.record.tickets.submitted_at[round_]))

    @property
    def expected_above_best(self) -> float | None:
        """Expected number of designs with a value above the highest measured one; None without predictions of it.

        Of designs with a prediction. The probability that there is a value at all counts, where it is predicted.
        """
        known = [design.predicted for design in self.new if design.predicted is not None]
        shares = [(its.above_best, 1.0 if its.viability is None else its.viability) for its in known]
        return sum(p * q for p, q in shares if p is not None) if any(p is not None for p, _ in shares) else None

    @property
    def vetoes(self) -> list[str]:
        """What people vetoed, one phrase each."""
        events = (event for event in self.knowledge.events if event.kind == "vetoed" and event.design is not None)
        return [
            f"{self.name_of(e.design or 0)} by {e.data['by']}" + (f" ({e.data['why']})" if e.data.get("why") else "")
            for e in events
        ]

    @property
    def headline(self) -> str:
        """`3 of 96 designs violate a limit: rbs_4, rbs_9, rbs_17`."""
        n, names = len(self.new), [design.name for design in self.flagged]
        if not names:
            return f"none of {many(n, 'design')} violates a limit ({self.limits.in_words})"
        shown_, more = names[:6], len(names) - 6
        rest = f" and {more} more" if more > 0 else ""
        verb = "violates" if len(names) == 1 else "violate"
        return f"{len(names)} of {many(n, 'design')} {verb} a limit ({self.limits.in_words}): {', '.join(shown_)}{rest}"

    def as_dict(self) -> dict[str, Any]:
        """The dossier as JSON values; means, intervals and values are in the assay's units, positions count from 1."""
        return {
            "campaign": self.record.campaign.name,
            "round": self.round,
            "ordered_at": self.ordered_at,
            "interval": LEVEL,
            "best_measured": self.knowledge.best,
            "expected_above_best": self.expected_above_best,
            "designs": [design.as_dict() for design in self.designs],
            "limits": self.limits.describe(),
            "flagged": [design.name for design in self.flagged],
            "vetoed": self.vetoes,
            "chosen_how": self.reasons.in_general,
            "likelihood": self.likelihoods.about,
            "notes": self.knowledge.notes,
            "pending": {str(round_): names for round_, names in self.pending.items()},
            "left": dict(self.left),
            "price": self.price,
        }


def _spread(n: int, most: int) -> list[int]:
    """Indices from 0 to n - 1, evenly spread where there are more than `most`."""
    return [int(at) for at in np.linspace(0, n - 1, min(n, most))]


def _result(ticket: Ticket, history: History) -> str:
    """What came back of a ticket: its value as the history computes it from these wells, or why there is none."""
    row = Row(history.designs[ticket.design], Outcome.OBSERVED, 0)
    for result in ticket.results.values():
        row = row.read(result.value, result.std_error, result.outcome)
    if row.is_split:  # errors that it lacks are those of other designs
        [row, *_] = completed([row, *(its for id_, its in history.rows.items() if id_ != ticket.design)])
    if row.values:
        return f"{mark_of(row.side)}{row.reading:.4g}"
    if ticket.failed is not None:
        return str(ticket.failed).replace("_", " ")
    return "" if ticket.is_open else "lost"
