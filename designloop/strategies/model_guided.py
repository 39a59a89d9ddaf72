"""Model-guided: fit a surrogate, optimise the acquisition function with the generator, and choose a batch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from designloop.acquisition.base import Acquisition
from designloop.core.history import History
from designloop.core.limits import as_of_one_well, expected
from designloop.core.random import seed_from
from designloop.core.records import Choice, Design, Order, Proposal
from designloop.core.shrinkage import errors_in_full
from designloop.generators.base import Generator, Score, proposed
from designloop.generators.offspring import Offspring
from designloop.pending_rules.base import PendingDesigns
from designloop.strategies.base import Strategy, best_first, leaders
from designloop.strategies.filling import enough
from designloop.strategies.mutants import bred
from designloop.strategies.naturalness import Naturalness
from designloop.strategies.thrift import thrifty
from designloop.surrogates.base import Floats, Posterior, Surrogate, fit_once, model_means


class ModelGuided(Strategy):
    """A generator finds candidates, a surrogate predicts their values, and an acquisition function chooses a batch.

    A candidate's score is the acquisition function plus log P(viable). P(viable) combines the language model of the
    generator (how natural the sequence is, and whether that matters here) and the surrogate (what failed so far).
    """

    generator: Generator = Field(
        default_factory=lambda: Generator._read("language-model"),
        description="proposes candidates, and optimises their score",
    )
    surrogate: Surrogate = Field(
        default_factory=lambda: Surrogate._read("bayesian-linear"), description="predicts values with uncertainty"
    )
    acquisition: Acquisition = Field(
        default_factory=lambda: Acquisition._read("thompson"),
        description="scores candidates under the posterior and selects the batch",
    )
    n_initial: int = Field(2, ge=1, description="distinct measured values needed before the surrogate is used")
    viability_weight: float = Field(1.0, ge=0, description="weight of log P(viable) in the score; 0 ignores viability")

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The acquisition's choice among the candidates; at first, starting sequences and free proposals."""
        if len(set(history.values[history.is_measured].tolist())) < self.n_initial:
            choices = self._first(history, order.n_designs, rng)
            return Proposal(self.filled(history, choices, order.n_designs, rng), leaders(history, order.n_retests))
        belief = self._belief(history)
        worth = self._worth(belief.posterior, history)
        choices = self._guided(belief, worth, history, order, rng)
        chosen, again = self.filled(history, choices, order.n_designs, rng), leaders(history, order.n_retests, worth)
        return Proposal(chosen, again, getattr(belief.posterior, "notes", None))

    def recommend(self, history: History, rng: np.random.Generator) -> Design | None:
        """The measured design with the highest posterior mean, including its own measurement."""
        if not history.is_measured.any():
            return None
        ranked = best_first(history, self._worth(fit_once(self.surrogate, history), history))
        return ranked[0] if ranked else None

    def _first(self, history: History, n: int, rng: np.random.Generator) -> list[Choice]:
        starts = [Choice(start.sequence, "start") for start in history.known.starts if start.is_unmeasured]
        if len(starts) >= n:
            return starts

        def freely(count: int) -> Offspring:
            return proposed(self.generator, history, count, rng)

        # More, since the taken sequences may be among them.
        free = enough(history, freely(n + len(history.taken)), n, freely)
        return [*starts, *bred(free, self.generator.kind)]

    def _belief(self, history: History) -> "_Belief":
        posterior = fit_once(self.surrogate, history)
        model = self.generator.language_model() if self.viability_weight else None
        view = Naturalness.learnt(model, history) if model is not None else None
        return _Belief(posterior, view, self.viability_weight, _threshold(posterior, history))

    def _guided(
        self, belief: "_Belief", worth: Floats, history: History, order: Order, rng: np.random.Generator
    ) -> list[Choice]:
        if (n := order.n_designs) == 0:
            return []
        # The same state twice, so that the functions that are optimised are those that choose.
        climbing, choosing = (np.random.default_rng(seed) for seed in [seed_from(rng)] * 2)
        known = belief.posterior, _pending(belief.posterior, history), belief.threshold
        functions = self.acquisition.targets(*known, n, climbing)
        n_functions = len(functions(history.sequences[:1]))
        expected = belief.expected(worth, history)
        trust = float(getattr(belief.posterior, "trust", 1.0))
        thrift = thrifty(history, order, self.acquisition.cost_weight)
        score = Score(
            functions,
            n_functions,
            lambda sequences: belief.log_viability(sequences) + thrift(sequences),
            lambda sequences: belief.highest_log_viability(sequences) + thrift(sequences),
            expected,
            trust,
        )
        found = proposed(self.generator, history, n, rng, score=score)
        candidates = enough(history, found, n, lambda count: proposed(self.generator, history, count, rng))
        if not candidates:
            return []
        viable = belief.log_viability(candidates)
        places = self.acquisition.choose(candidates, n, *known, choosing, viable + thrift(candidates))
        chosen = [candidates[i] for i in places]
        return belief.choices(chosen, viable[places], self.generator.kind, candidates.parents)

    def _worth(self, posterior: Posterior, history: History) -> Floats:
        """Posterior mean of measured designs on the model's scale, NaN for others.

        It combines the model with the design's own measurement, weighted by the residual variance of the model (beyond
        the assay's errors) and the error of the measurement. A detection limit enters by its likelihood: a mean far
        beyond the limit does not change.
        """
        mean = model_means(posterior, history.sequences)
        low, middle, high = (
            posterior.to_model_scale(history.values + sign * errors_in_full(history)) for sign in (-1.0, 0.0, 1.0)
        )
        residual, variance = middle - mean, ((high - low) / 2.0) ** 2
        residual = np.where(history.sides * residual < 0.0, 0.0, residual)
        measured = history.is_measured
        misfit = max(float(np.mean(residual[measured] ** 2 - variance[measured])), 1e-9)
        told = as_of_one_well(middle, variance, history.sides, history.n_replicates)
        return expected(mean, misfit, *told, history.sides)


@dataclass(frozen=True)
class _Belief:
    """The belief of a model-guided strategy for one order. It does not include pending designs."""

    posterior: Posterior
    view: Naturalness | None
    viability_weight: float
    threshold: float

    def log_viability(self, sequences: Sequence[str]) -> Floats:
        """Weighted log P(viable), (n,), never above zero."""
        logs = self.highest_log_viability(sequences)
        if self.view is None or self.viability_weight == 0:
            return logs
        return logs + self.viability_weight * self.view(sequences)

    def highest_log_viability(self, sequences: Sequence[str]) -> Floats:
        """The part of it that comes from outcomes, (n,): cheap, while the language model may be costly."""
        if self.viability_weight == 0:
            return np.zeros(len(sequences))
        return np.asarray(self.viability_weight * np.log(np.clip(self.posterior.viability(sequences), 1e-9, 1.0)))

    def expected(self, worth: Floats, history: History) -> Callable[[Sequence[str]], Floats]:
        """Expected values on the model's scale: the `worth` of measured designs, and means of other sequences."""
        known = {history.sequences[i]: worth[i] for i in np.flatnonzero(history.is_measured)}

        def values(sequences: Sequence[str]) -> Floats:
            found = np.array([known.get(sequence, np.nan) for sequence in sequences])
            if (lacks := np.flatnonzero(np.isnan(found))).size:
                found[lacks] = model_means(self.posterior, [sequences[i] for i in lacks.tolist()])
            return found

        return values

    def choices(
        self, sequences: list[str], log_viability: Floats, origin: str, parents: Mapping[str, str]
    ) -> list[Choice]:
        """Choices with their predictions, in the assay's units, and the parents of those that were bred."""
        means, stds = self.posterior.moments(sequences)
        weight = self.viability_weight or 1.0
        predicted = self._predictions(sequences)
        rows = zip(sequences, means, stds, log_viability, predicted, strict=True)
        return [
            Choice(it, origin, float(mean), float(std), float(np.exp(log / weight)), own, parent=parents.get(it))
            for it, mean, std, log, own in rows
        ]

    def _predictions(self, sequences: list[str]) -> "list[Mapping[str, tuple[float, float]] | None]":
        """What each candidate surrogate predicts for each sequence, if the posterior has several."""
        of_each = getattr(self.posterior, "predictions", None)
        if of_each is None:
            return [None] * len(sequences)
        found = of_each(sequences)
        return [
            {name: (float(mean[i]), float(std[i])) for name, (mean, std) in found.items()}
            for i in range(len(sequences))
        ]


def _pending(posterior: Posterior, history: History) -> PendingDesigns:
    """What the acquisition function knows of the lab, in an order that does not depend on ids."""
    values = posterior.to_model_scale(np.sort(history.values[history.is_measured]))
    known = sorted(s for s, is_measured in zip(history.sequences, history.is_measured, strict=True) if is_measured)
    return PendingDesigns(tuple(sorted(history.pending_sequences)), values, tuple(known))


def _threshold(posterior: Posterior, history: History) -> float:
    """The highest posterior mean among measured designs, on the model's scale."""
    measured = [s for s, is_measured in zip(history.sequences, history.is_measured, strict=True) if is_measured]
    return float(model_means(posterior, measured).max())
