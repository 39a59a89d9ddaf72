"""Whether predictions may be believed: what the strategy says of its models, and what became of earlier predictions."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from statistics import NormalDist

from designloop.live.dossier.dossier import Dossier
from designloop.live.dossier.prediction import LEVEL
from designloop.report.beliefs import belief_table
from designloop.report.calibration import coverage, rank_correlation
from designloop.report.page import Block
from designloop.report.predictions import Predicted, prediction_table, predictions
from designloop.report.record import Record
from designloop.report.words import correlation, percent
from designloop.storage.summary import summarise

_FEWEST = 10
"""Predictions with a value, of which a share says something."""


def _is_chance(rank: float, n: int) -> bool:
    """Whether a rank correlation of n pairs is within what independent pairs give in 95 of 100 cases, or below 0."""
    return rank * sqrt(n - 1) < NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Trust:
    """The predictions of earlier rounds, and what was measured of them before this round was chosen."""

    dossier: Dossier

    @cached_property
    def record(self) -> Record:
        """What the report of the campaign would have shown before this round, and what was believed in it."""
        knowledge = self.dossier.knowledge
        believed = [event for event in knowledge.events if event.kind in ("believed", "submitted")]
        return Record([*knowledge.before, *believed], {}, summarise(self.dossier.record.log), ())

    @cached_property
    def known(self) -> Predicted:
        """Predictions and measured values of earlier rounds."""
        return Predicted.of(list(self.record.designs.values()))

    @property
    def sentence(self) -> str:
        """What became of earlier predictions, in one sentence."""
        n = len(self.known.means)
        if n == 0:
            return "No earlier prediction can be compared with a measured value yet."
        inside = coverage(self.known.means, self.known.stds, self.known.measured, [LEVEL])[0]
        rank = rank_correlation(self.known.means, self.known.measured)
        few = " These are few: take both with caution." if n < _FEWEST else ""
        unknown = ", also because the measurement error is unknown and left out" if self.known.n_unknown else ""
        narrow = f" The intervals are too narrow{unknown}." if inside.high < LEVEL else ""
        wide = " The intervals are too wide." if inside.low > LEVEL else ""
        chance = " This rank correlation may be due to chance." if rank is None or _is_chance(rank, n) else ""
        return (
            f"Of {n:,} earlier predictions with a measured value, {percent(inside.share)} lie in their "
            f"{percent(LEVEL)} interval, and their rank correlation with the values is {correlation(rank)}."
            f"{few or (narrow + wide + chance)}"
        )

    @property
    def blocks(self) -> list[Block]:
        """The calibration of earlier rounds, and the weights of the surrogates."""
        found: list[Block | None] = [predictions(self.record), prediction_table(self.record), belief_table(self.record)]
        return [block for block in found if block is not None]
