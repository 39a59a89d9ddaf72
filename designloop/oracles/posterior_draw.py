"""A posterior draw: a function drawn from what a surrogate believes after a real history, as the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.cache import content_key, remembered, remembered_of
from designloop.core.contents import file_digest
from designloop.core.files import FilePath, found
from designloop.core.history import History
from designloop.core.past import Past, read_past
from designloop.core.random import stream
from designloop.core.records import Outcome
from designloop.core.rows import error_of_a_well
from designloop.core.spaces import Space
from designloop.core.threads import one_thread
from designloop.oracles.base import Oracle, Scale
from designloop.oracles.known_value import KnownValue
from designloop.surrogates.base import Draw, Posterior, Surrogate, check_posterior

Array = NDArray[np.float64]
Rows = NDArray[np.int64]
_BLOCK = 64
_REACH = 1000.0
"""How many times the range of measured values a true value may lie beyond it."""
_HALVINGS = 64
_WINDOW = 10
"""Rows of similar errors from which it is estimated what the model leaves unexplained."""
_MUCH = 2.0
"""The factor between the first and the last decile of errors that is much."""


class PosteriorDraw(Oracle):
    """A function that is drawn, with `seed`, from the posterior of a surrogate given the past of a live campaign.

    What the surrogate does not explain of the measured values beyond their errors is drawn for each sequence on its
    own; at measured sequences, given their values and errors, or the limit that they lie beyond. Sequences that gave a
    value are viable, and those that were not expressed are not. Others are by chance, with the probability that the
    surrogate learnt from outcomes.
    """

    past: FilePath = Field(description="the record of a live campaign, as `designloop rehearse` writes it")
    space: Space = Field(description="the sequences that may be built")
    surrogate: Surrogate = Field("auto", description="the model of which functions are drawn")  # type: ignore[assignment]
    failed_by_lab: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="share of designs that the lab itself fails to express, in which the truth has no part",
    )
    seed: int = Field(0, ge=0, description="which function is drawn")

    @property
    def scale(self) -> Scale:
        """The scale of the assay."""
        return "log" if self._past.opened.data.get("scale") == "log" else "linear"

    @property
    def floor(self) -> float | None:
        """The floor of the assay."""
        floor: float | None = self._past.opened.data.get("floor")
        return floor

    @property
    def _past(self) -> Past:
        return read_past(self.past)

    @property
    def belief(self) -> "Belief":
        """What is drawn from; fitted once in a process."""
        facts = {**self.describe(), "seed": 0, "failed_by_lab": 0.0}
        key = content_key(description=facts, file=file_digest(found(self.past)))
        return remembered("belief", key, self._fitted)

    def _fitted(self) -> "Belief":
        with one_thread():
            return Belief.of(self._past.history(self.space), self.surrogate)

    def __call__(self, sequences: Sequence[str]) -> Array:
        """Values of the drawn function in the assay's units, shape (n,), NaN where a sequence is not viable."""
        self.space.alphabet.encode(sequences)
        distinct = list(dict.fromkeys(sequences))
        belief = self.belief
        with one_thread():
            draw = belief.draw(self.seed)
            blocks = [distinct[i : i + _BLOCK] for i in range(0, len(distinct), _BLOCK)]
            values = [self._values(belief, draw, block) for block in blocks]
        value = dict(zip(distinct, np.concatenate([np.zeros(0), *values]), strict=True))
        return np.array([value[sequence] for sequence in sequences], dtype=np.float64)

    def _values(self, belief: "Belief", draw: Draw, sequences: list[str]) -> Array:
        """Values of a block. Blocks have one size, so that the last digits do not depend on the other sequences."""
        whole = [*sequences, *sequences[:1] * (_BLOCK - len(sequences))]
        values = belief.values(draw, whole, self.seed)
        values[~belief.are_viable(whole, self.seed, self.failed_by_lab)] = np.nan
        return values[: len(sequences)]


@dataclass(frozen=True)
class Belief:
    """The posterior of a surrogate given a history, and what it leaves unexplained."""

    history: History
    posterior: Posterior

    @classmethod
    def of(cls, history: History, surrogate: Surrogate) -> "Belief":
        """The surrogate fitted to a history."""
        posterior = surrogate.fit(history, stream(0, "posterior draw", "fit"))
        check_posterior(posterior, surrogate)
        return cls(history, posterior)

    @cached_property
    def sd_of_a_well(self) -> float:
        """Standard deviation of a well about its true value, in the assay's units.

        From replicates and reported errors; without either, all that the surrogate does not explain.
        """
        known = self._known_error
        return known if np.isfinite(known) else self._in_units(float(np.sqrt(max(self.posterior.noise, 0.0))))

    @property
    def has_known_errors(self) -> bool:
        """Whether replicates or reported errors tell noise from what the surrogate does not explain."""
        return bool(np.isfinite(self._known_error))

    @cached_property
    def _known_error(self) -> float:
        return error_of_a_well(self.history.std_errors, self.history.n_replicates)

    @cached_property
    def unexplained(self) -> float:
        """Variance of true values about the surrogate's functions, on the model's scale."""
        if not self.has_known_errors or not self.history.is_measured.any():
            return 0.0
        values = self.history.values[self.history.is_measured]
        error = float(np.mean(self._in_model(values, np.full(len(values), self._known_error)) ** 2))
        return max(self.posterior.noise - error, 0.0)

    def draw(self, seed: int) -> Draw:
        """One function, on the model's scale."""
        key = str(seed)
        return remembered_of(self, "draw", key, lambda: self.posterior.draw(1, stream(seed, "posterior draw")), most=2)

    def values(self, draw: Draw, sequences: Sequence[str], seed: int) -> Array:
        """Values of the function and of what it leaves unexplained, in the assay's units, (n,)."""
        values = np.array(draw(sequences)[0], dtype=np.float64)
        values += [self._rest(s, v, seed) for s, v in zip(sequences, values.tolist(), strict=True)]
        return self._to_assay(values)

    def _rest(self, sequence: str, value: float, seed: int) -> float:
        """The part of a true value that the surrogate does not explain; for a measured sequence, given its value."""
        known = self._measured.get(sequence)
        if known is None and self.unexplained == 0:
            return 0.0
        rng = stream(seed, "posterior draw", "rest", sequence)
        z, u = float(rng.standard_normal()), float(rng.random())
        return z * sqrt(self.unexplained) if known is None else known.rest(value, z, u)

    def are_viable(self, sequences: Sequence[str], seed: int, failed_by_lab: float) -> NDArray[np.bool_]:
        """Which sequences give a value, (n,); all of them where every sequence that was built did."""
        if all(self._viable.values()):
            return np.ones(len(sequences), dtype=bool)
        chance = np.minimum(self.posterior.viability(sequences) / (1.0 - failed_by_lab), 1.0)
        dice = [float(stream(seed, "posterior draw", "viable", sequence).random()) for sequence in sequences]
        drawn = np.array(dice) < chance
        return np.array([self._viable.get(s, bool(v)) for s, v in zip(sequences, drawn, strict=True)], dtype=bool)

    @cached_property
    def _viable(self) -> Mapping[str, bool]:
        """Whether each measured sequence gave a value; lost designs say nothing."""
        rows = zip(self.history.sequences, self.history.outcomes, strict=True)
        told = [(s, one.has_value) for s, one in rows if one.has_value or one is Outcome.NOT_EXPRESSED]
        return dict(sorted(told, key=lambda row: row[1]))  # one value is enough

    @cached_property
    def _measured(self) -> Mapping[str, KnownValue]:
        """Sequence -> what is known of its value; two rows of it are joined.

        Without known errors, all that the model does not explain is noise, and only limits of detection bind.
        """
        history = self.history
        places = np.flatnonzero(history.is_measured & (self.has_known_errors | (history.sides != 0)))
        values, errors = history.values[places], self._errors(places)
        unexplained = self._unexplained_of(places, errors)
        columns = (self.posterior.to_model_scale(values), errors**2, unexplained, history.sides[places])
        found: dict[str, KnownValue] = {}
        for place, *facts in zip(places.tolist(), *(column.tolist() for column in columns), strict=True):
            known, sequence = KnownValue(*facts), history.sequences[place]
            found[sequence] = found[sequence].joined(known) if sequence in found else known
        return found

    def _errors(self, places: Rows) -> Array:
        """Standard errors of measured values on the model's scale, (n,)."""
        history, usual = self.history, self.sd_of_a_well
        reported, wells = history.std_errors[places], np.maximum(history.n_replicates[places], 1)
        return self._in_model(history.values[places], np.where(np.isfinite(reported), reported, usual / wells**0.5))

    def _unexplained_of(self, places: Rows, errors: Array) -> Array:
        """Variance of the true values of measured sequences about the model's functions, (n,).

        Where errors differ much, usually because they grow with the values, what the model leaves grows with them: it
        is then estimated among rows with similar errors.
        """
        found = np.full(len(places), self.unexplained)
        told = np.flatnonzero(self.history.sides[places] == 0)
        if len(told) < 2 * _WINDOW or not differ(errors[told]):
            return found
        told = told[np.argsort(errors[told], kind="stable")]
        rows = places[told]
        means = self.posterior.model_moments([self.history.sequences[row] for row in rows.tolist()])[0]
        squares = (self.posterior.to_model_scale(self.history.values[rows]) - means) ** 2 - errors[told] ** 2
        first = np.clip(np.arange(len(told)) - _WINDOW // 2, 0, len(told) - _WINDOW)
        sums = np.concatenate([[0.0], np.cumsum(squares)])
        found[told] = np.maximum(found[told], (sums[first + _WINDOW] - sums[first]) / _WINDOW)
        return found

    def _in_model(self, values: Array, errors: Array) -> Array:
        """Errors of values on the model's scale, (n,)."""
        to = self.posterior.to_model_scale
        return np.asarray((to(values + errors) - to(values - errors)) / 2.0)

    def _in_units(self, sd: float) -> float:
        """A standard deviation on the model's scale in the assay's units, as the median over measured values."""
        if not self.history.is_measured.any():
            return 0.0
        values = self.posterior.to_model_scale(self.history.values[self.history.is_measured])
        return float(np.median(self._to_assay(values + sd) - self._to_assay(values - sd)) / 2.0)

    def _to_assay(self, values: Array) -> Array:
        """Model scale -> the assay's units, (n,), by halving an interval that contains the answer."""
        measured = self.history.values[self.history.is_measured]
        centre, reach = (float(np.mean(measured)), float(np.ptp(measured))) if len(measured) else (0.0, 0.0)
        reach = _REACH * (reach or max(abs(centre), 1.0))
        low, high = np.full(len(values), centre - reach), np.full(len(values), centre + reach)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            is_below = self.posterior.to_model_scale(middle) < values
            low, high = np.where(is_below, middle, low), np.where(is_below, high, middle)
        return np.asarray((low + high) / 2.0)


def differ(errors: Array) -> bool:
    """Whether one noise of all wells is a poor description of these errors, (n,)."""
    if len(errors) < _WINDOW:
        return False
    low, high = np.quantile(errors, [0.1, 0.9])
    return bool(high > _MUCH * low)
