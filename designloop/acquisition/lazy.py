"""Greedy choice of a batch by expected improvement over its running maximum, evaluated lazily."""

import numpy as np

from designloop.surrogates.base import Floats

_TAU = 1e-6
"""Distance over which the smooth improvement bends, as in Ament et al. 2023."""
_TAIL = 0.1
"""Share of the Cauchy density, at which the smooth improvement still rises everywhere (Ament et al. 2023)."""
_BLOCK, _AT_ONCE = 32, 1024


def fat_plus(difference: Floats) -> Floats:
    """A smooth max(difference, 0) that is positive everywhere, the shape kept: softplus plus a Cauchy tail.

    Its tail orders candidates that improve on nothing in any draw. Ament et al. 2023, appendix A.
    """
    z = difference / _TAU
    bend = np.log1p(np.exp(-np.minimum(np.abs(z), 700.0)))
    return np.asarray(np.maximum(difference, 0.0) + _TAU * (bend + _TAIL / (1.0 + z**2)))


def log_gains(values: Floats, best: Floats) -> Floats:
    """Log of the mean improvement of each candidate on the best of each draw, (m,): values (m, d), best (d,)."""
    chunks = [values[i : i + _AT_ONCE] for i in range(0, len(values), _AT_ONCE)]
    means = [fat_plus(chunk - best).mean(axis=1) for chunk in chunks]
    return np.asarray(np.log(np.concatenate([np.zeros(0), *means])))


def lazily(n: int, values: Floats, best: Floats, log_weights: Floats) -> list[int]:
    """Places of n candidates, each with the highest log weight + log gain on the best so far and those before it.

    `values` are (m, d), `best` (d,) and `log_weights` (m,). A gain never rises as the best does, so an earlier gain is
    an upper bound, and only candidates with the highest bounds are evaluated again (Minoux 1978).
    """
    bounds = log_weights + log_gains(values, best)
    is_exact = np.ones(len(bounds), dtype=bool)
    taken: list[int] = []
    while len(taken) < min(n, len(values)):
        top = int(np.argmax(bounds))
        if is_exact[top]:
            taken.append(top)
            best = np.maximum(best, values[top])
            bounds[top], is_exact[:] = -np.inf, False
        else:
            again = np.argsort(np.where(is_exact, np.inf, -bounds), kind="stable")[:_BLOCK]
            again = again[np.isfinite(bounds[again])]
            bounds[again] = log_weights[again] + log_gains(values[again], best)
            is_exact[again] = True
    return taken
