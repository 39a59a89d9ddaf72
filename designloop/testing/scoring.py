"""Tests of scores, and of the functions that a generator optimises."""

import numpy as np
import pytest

from designloop.testing.choosing import Choosing
from designloop.testing.given import kind_of, require

_N = 4


class ScoringLaws:
    """Part of `AcquisitionContract`."""

    @pytest.mark.parametrize("spread", [1.0, 0.0], ids=["uncertain", "certain"])
    def test_scores_are_one_finite_float_for_each_candidate(self, choosing: Choosing, spread: float) -> None:
        mean, std = choosing.posterior.model_moments(choosing.candidates)
        scores = choosing.part.score(mean, spread * std, choosing.threshold)
        require(
            isinstance(scores, np.ndarray) and scores.dtype == np.float64,
            f"score returns {kind_of(scores)}; return a numpy array of float64",
        )
        require(
            scores.shape == mean.shape,
            f"score returns shape {scores.shape} for means of shape {mean.shape}; return one number for each mean",
        )
        require(
            bool(np.isfinite(scores).all()),
            f"score returns {scores[~np.isfinite(scores)][:1]} where std is {spread * std[0]:.2g}; return finite "
            "numbers (np.maximum(std, 1e-9) before a division or a logarithm)",
        )

    def test_scores_are_computed_element_by_element(self, choosing: Choosing) -> None:
        mean, std = choosing.posterior.model_moments(choosing.candidates)
        means, thresholds = np.stack([mean, mean + 1.0, -mean]), choosing.threshold + np.array([[0.0], [1.0], [0.3]])
        together = np.asarray(choosing.part.score(means, std, thresholds))
        each = [choosing.part.score(m, std, float(t)) for m, t in zip(means, thresholds[:, 0], strict=True)]
        alone = [choosing.part.score(mean[i : i + 1], std[i : i + 1], choosing.threshold)[0] for i in range(len(mean))]
        require(
            together.shape == means.shape and np.allclose(together, each) and np.allclose(each[0], alone),
            "a score depends on the other candidates, or means (k, n) with thresholds (k, 1) do not give scores (k, n);"
            " compute each score from its own mean, std and threshold",
        )

    def test_functions_to_optimise_have_a_value_for_each_sequence(self, choosing: Choosing) -> None:
        values = choosing.targets(_N)(choosing.candidates)
        n = len(choosing.candidates)
        require(
            isinstance(values, np.ndarray) and values.ndim == 2 and values.shape[0] in (1, _N) and values.shape[1] == n,
            f"targets(..., n={_N}) gives values of shape {np.shape(values)} for {n} sequences; return (1, {n}) or "
            f"({_N}, {n})",
        )
        require(bool(np.isfinite(values).all()), "targets gives values that are not finite; return finite numbers")

    def test_a_function_to_optimise_is_one_function(self, choosing: Choosing) -> None:
        function, asked = choosing.targets(_N), choosing.candidates[:5]
        together = function(asked)
        alone = np.hstack([function([sequence]) for sequence in asked])
        require(
            together.shape == alone.shape and np.allclose(together, alone),
            "targets gives a sequence other values alone or at another call; draw functions once, in `targets`, and "
            "compute each value from its own sequence",
        )
        again = choosing.targets(_N)(asked)
        require(
            np.array_equal(together, again),
            "targets gives other functions for the same state of `rng`; draw only from `rng`",
        )
