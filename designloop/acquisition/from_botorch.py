"""Acquisition functions of BoTorch, evaluated on the joint Gaussian of a posterior's draws."""

from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from designloop.acquisition.botorch_classes import check_installed, class_of, is_installed
from designloop.acquisition.monte_carlo import Joint, MonteCarlo
from designloop.core.random import seed_from
from designloop.surrogates.base import Floats

if TYPE_CHECKING:
    from designloop.acquisition.botorch_model import Evaluated

_GAINS = ("Improvement", "StandardDeviation")
"""Words in the names of classes whose values are never negative, and which P(viable) multiplies."""
_LEAST = 1e-12
"""Least share of a value that counts as a gain; smaller ones are errors of rounding."""


class BoTorch(MonteCarlo):
    """An acquisition function of BoTorch (Balandat et al. 2020); `botorch:Name` is short for it.

    `function` is a class in `botorch.acquisition`. Its model is a Gaussian: means and standard deviations of the
    posterior, correlations of the draws. Classes get `best_f`, `X_baseline`, `X_pending` and a seeded `sampler` if they
    accept them. The batch grows greedily among the 1,000 candidates that are best alone. For a class without
    `X_pending`, earlier choices and pending designs have their posterior means. Needs the extra `[botorch]`.
    """

    most: ClassVar[int] = 1000

    function: str = Field(description="class in botorch.acquisition, such as qLogExpectedImprovement")
    options: dict[str, bool | int | float | str] = Field(
        {}, description="further arguments of the class, such as {beta: 4.0} for qUpperConfidenceBound"
    )

    @model_validator(mode="after")
    def _is_in_botorch(self) -> Self:
        if is_installed():
            class_of(self.function, self.options)
        return self

    @property
    def is_logarithm(self) -> bool:  # type: ignore[override]  # depends on the class
        """True for classes whose values are never negative: scores are their logarithms, as those of Log... are."""
        return any(word in self.function for word in _GAINS)

    def score(self, mean: Floats, std: Floats, threshold: float | Floats) -> Floats:
        """The function of single candidates, in the shape of the means; the logarithm of gains."""
        check_installed()
        from designloop.acquisition.botorch_model import Evaluated, Numbered

        if mean.ndim == 2:
            thresholds = np.broadcast_to(np.ravel(threshold), len(mean))
            return np.array([self.score(row, std, float(best)) for row, best in zip(mean, thresholds, strict=True)])
        best = float(np.ravel(threshold)[0])
        alone = Numbered(np.append(mean, best), np.append(std**2, 0.0))
        evaluated = Evaluated(self.function, self.options, alone, best, [len(mean)], self.n_draws, seed=0)
        return self._logarithm(evaluated.values(len(mean))[0])

    def _batch(self, joint: Joint) -> list[int]:
        evaluated, n = self._evaluated(joint), len(joint.sequences)
        for place in range(n, n + len(joint.pending)):
            evaluated.hold(place)
        taken: list[int] = []
        while len(taken) < min(joint.of.n, n):
            score = self._gains(*evaluated.values(n)) + joint.log_viability
            score[taken] = -np.inf
            taken.append(int(np.argmax(score)))
            evaluated.hold(taken[-1])
        return taken

    def _evaluated(self, joint: Joint) -> "Evaluated":
        """The function on a model of candidates, pending designs, measured designs and, last, the value to beat."""
        from designloop.acquisition.botorch_model import Evaluated, Numbered

        known, measured = [*joint.sequences, *joint.pending], joint.of.pending.measured_sequences
        sample, best = joint.sample([*known, *measured]), float(joint.thresholds.max())
        covariance = np.pad(sample.deviations.T @ sample.deviations / len(sample.deviations), (0, 1))
        model = Numbered(np.append(sample.means.mean(axis=0), best), covariance)
        baseline = range(len(known), len(known) + max(len(measured), 1))
        seed = seed_from(joint.of.rng)
        return Evaluated(self.function, self.options, model, best, baseline, self.n_draws, seed)

    def _logarithm(self, values: Floats) -> Floats:
        is_value = self.is_logarithm and "Log" not in self.function
        return np.log(np.maximum(values, np.finfo(float).tiny)) if is_value else values

    def _gains(self, values: Floats, before: float | None) -> Floats:
        """Log of what each candidate adds to the batch so far; values themselves, if they are not gains."""
        values = self._logarithm(values)
        if before is None or not self.is_logarithm:
            return values
        held = float(self._logarithm(np.array([before]))[0])
        return np.asarray(values + np.log(np.maximum(-np.expm1(np.minimum(held - values, 0.0)), _LEAST)))
