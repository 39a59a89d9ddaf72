"""Why a design is in its round, in words: who or what chose it, and how."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from designloop.core.faults import within
from designloop.core.records import FILL, PEOPLE, Event
from designloop.core.rows import Row, mark_of
from designloop.live.campaign import LiveCampaign
from designloop.live.dossier.knowledge import Knowledge
from designloop.live.names import design_name
from designloop.live.tickets import Ticket

_ORIGINS = {
    FILL: "fill: drawn from the space, since the strategy had too few",
    "start": "starting sequence without a value",
    "corpus": "natural sequence",
    "candidate": "listed candidate",
    "program": "outside program",
}
_MADE_BY = {
    "mutation": "by mutation",
    "language-model": "by language model",
    "mixture": "by a mixture of generators",
    "enumerate": "of the whole space",
    "uniform": "drawn from the space",
    "random": "drawn from the space",
}
_ACQUISITIONS = {
    "thompson": "model draw",
    "greedy": "high mean",
    "max-variance": "high uncertainty",
    "random": "random candidate",
    "ucb": "optimistic prediction",
    "log-ei": "expected improvement",
    "ei": "expected improvement",
    "pi": "probability of improvement",
}

_IN_GENERAL = {
    "thompson": "Each design is the best candidate under one function that was drawn from the model (`model draw`). "
    "Draws differ where the model is uncertain, so that some designs have a high mean and others are there to learn.",
    "greedy": "The designs have the highest predicted means. None was chosen to learn from it.",
    "max-variance": "The designs have the most uncertain predictions: they were chosen to learn from them.",
    "ucb": "The designs have the highest optimistic predictions: the mean plus a multiple of the standard deviation.",
    "random": "The designs were drawn at random from the candidates.",
}


@dataclass(frozen=True)
class Reasons:
    """The reasons of the designs of a round."""

    knowledge: Knowledge

    @property
    def in_general(self) -> str:
        """How the strategy chose the batch, in a sentence."""
        if not any(event.kind == "asked" for event in self.knowledge.events):
            return "People chose this round, not the strategy."
        strategy, acquisition = self.knowledge.campaign.strategy.kind, acquisition_of(self.knowledge.campaign)
        if not any(event.data.get("mean") is not None for event in self.knowledge.chosen.values()):
            return f"Strategy {strategy}, which predicted no values for this round."
        if acquisition is None:
            return f"Strategy {strategy}, by its own predictions."
        how = _IN_GENERAL.get(acquisition, "The batch is its choice among the candidates.")
        return f"Strategy {strategy}, acquisition function {acquisition}. {how}"

    def of(self, ticket: Ticket) -> str:
        """Why a design or a retest is in the round."""
        if ticket.is_retest:
            return self._again(ticket.design)
        event = self.knowledge.chosen[ticket.design]
        words = self._chosen(ticket.design, event.data), self._instead(event), self._before(event.data["sequence"])
        return "; ".join(filter(None, words))

    def _chosen(self, design: int, facts: Mapping[str, Any]) -> str:
        origin = facts["origin"]
        if origin == PEOPLE:
            return self._people(design, facts)
        if origin in _ORIGINS:
            return _ORIGINS[origin]
        made = _MADE_BY.get(origin, f"origin {origin}")
        kind = acquisition_of(self.knowledge.campaign) if facts.get("mean") is not None else None
        if kind is not None:
            return f"{_ACQUISITIONS.get(kind, kind)}, {made}"
        return made

    def _people(self, design: int, facts: Mapping[str, Any]) -> str:
        who = facts.get("by", PEOPLE)
        added = (event.data for event in self.knowledge.events if event.kind == "added")
        why = next((data["why"] for data in added if design in data["designs"]), "")
        return f"chosen by {who}" + (f": {why}" if why else "")

    def _instead(self, event: Event) -> str:
        """Which vetoed design it stands for."""
        old = event.data.get("instead_of")
        veto = next((e for e in self.knowledge.events if e.kind == "vetoed" and e.design == old), None)
        if old is None or veto is None:
            return ""
        why = f" ({veto.data['why']})" if veto.data.get("why") else ""
        return f"instead of {self._name(old)}, which {veto.data['by']} vetoed{why}"

    def _before(self, sequence: str) -> str:
        """What became of the sequence when it was tried before, without a value."""
        row = self._failed.get(sequence)
        if row is None:
            return ""
        who = f"as {self._name(row.design.id)}" if row.design.id >= 0 else "before the campaign"
        return f"tried {who}: {str(row.outcome).replace('_', ' ')}"

    @cached_property
    def _failed(self) -> Mapping[str, Row]:
        rows = self.knowledge.history.rows.values()
        return {row.design.sequence: row for row in rows if not row.values}

    def _again(self, design: int) -> str:
        row = self.knowledge.history.rows.get(design)
        if row is None or not row.values:
            return "retest"
        return f"retest of a leader: {mark_of(row.side)}{row.reading:.4g} so far"

    def _name(self, design: int) -> str:
        return design_name(self.knowledge.campaign.name, design)


def acquisition_of(campaign: LiveCampaign) -> str | None:
    """The kind of the acquisition function of its strategy; None where it has none."""
    parts = (part for part in within(campaign.strategy) if type(part).shelf == "acquisition")
    return next((str(part.kind) for part in parts), None)
