"""Compiled loops of the motif model. Imported on use: numba compiles each loop once, and keeps it on disk.

Filters are stored as (letters, W · K): for each letter, what it adds to the scores of K filters at each of W places of
the window, the last place first. A letter at one position thus adds one contiguous block to the scores of all starts
whose window covers it. The start p runs from `first` on; letters outside the sequence add nothing. All numbers are
float32, so that eight are added at once.
"""

from typing import Any

import numpy as np

from designloop.core.compiling import compiled

_DECAY, _DECAY_OF_SQUARES, _EPSILON = np.float32(0.9), np.float32(0.99), np.float32(1e-4)
"""Of Adam (Kingma and Ba 2015)."""
_LAST_RATE = 0.05
"""The last learning rate, as a share of the first; between them it falls like a cosine."""
_HIGHEST = np.float32(12.0)
"""Logarithm of a value in units of the scale above which asinh(value) is log(2 · value), in float32."""
_LOG_2 = np.float32(np.log(2.0))
_NOTHING, _ONE = np.float32(0.0), np.float32(1.0)


@compiled
def _scan(filters: Any, code: Any, first: Any, best: Any, where: Any, scores: Any) -> Any:
    """Write the best score of each filter (K,) and its start, counted from `first`; `scores` is room for starts · K."""
    n_filters = best.shape[0]
    n_starts, width = scores.shape[0] // n_filters, filters.shape[1] // n_filters
    scores[:] = _NOTHING
    for i in range(code.shape[0]):
        earliest = i - width + 1 - first
        low, high = max(earliest, 0), min(earliest + width, n_starts)
        if code[i] < 0 or high <= low:
            continue
        block = filters[code[i], (low - earliest) * n_filters : (high - earliest) * n_filters]
        covered = scores[low * n_filters : high * n_filters]
        for t in range(block.shape[0]):
            covered[t] += block[t]
    best[:], where[:] = scores[:n_filters], 0
    for p in range(1, n_starts):
        for k in range(n_filters):
            if scores[p * n_filters + k] > best[k]:
                best[k], where[k] = scores[p * n_filters + k], p


@compiled
def _summed(coefficients: Any, best: Any, floor: Any) -> Any:
    """Bias + Σ coefficient · log(floor + max(best score, 0))."""
    total = coefficients[0]
    for k in range(best.shape[0]):
        total += coefficients[k + 1] * np.log(floor + max(best[k], _NOTHING))
    return total


@compiled
def _linked(total: Any, is_log: Any) -> Any:
    """The value and its derivative: the sum itself, or asinh(exp(sum))."""
    if not is_log:
        return total, _ONE
    if total > _HIGHEST:
        return total + _LOG_2, _ONE
    value = np.exp(total)
    root = np.sqrt(_ONE + value * value)
    return np.log(value + root), value / root


@compiled
def _spread(into: Any, code: Any, slope: Any, first: Any, best: Any, where: Any, floor: Any, squared: Any) -> Any:
    """Add the derivative, or its square, of each entry that a sequence's best matches use, times `slope`."""
    n_filters = best.shape[0]
    width = into.shape[1] // n_filters
    for k in range(n_filters):
        if best[k] <= 0:
            continue
        each = _ONE / (floor + best[k])
        each = slope * each * each if squared else slope * each
        start = where[k] + first
        for q in range(max(start, 0), min(start + width, code.shape[0])):
            if code[q] >= 0:
                into[code[q], (width - 1 - (q - start)) * n_filters + k] += each


@compiled
def _stepped(weights: Any, first: Any, second: Any, gradient: Any, rate: Any, step: Any, cut: Any) -> Any:
    """One step of Adam on flat arrays, then a soft threshold, which keeps most entries at zero.

    `np.divide` does not check for zero, unlike `/`: a check would keep the compiler from eight entries at once.
    """
    c1, c2 = np.float32(1.0 / (1.0 - 0.9**step)), np.float32(1.0 / (1.0 - 0.99**step))
    for i in range(weights.shape[0]):
        g = gradient[i]
        m = _DECAY * first[i] + (_ONE - _DECAY) * g
        v = _DECAY_OF_SQUARES * second[i] + (_ONE - _DECAY_OF_SQUARES) * g * g
        first[i], second[i] = m, v
        moved = weights[i] - np.divide(rate * (m * c1), np.sqrt(v * c2) + _EPSILON)
        weights[i] = max(moved - cut, _NOTHING) + min(moved + cut, _NOTHING)


@compiled
def trained(
    codes: Any, targets: Any, weights: Any, sides: Any, orders: Any, first: Any, n_starts: Any, filters: Any,
    coefficients: Any, is_log: Any, rate: Any, sparsity: Any, floor: Any, size: Any,
) -> Any:  # fmt: skip
    """Train filters (letters, W · K) and the bias in place; returns the mean weighted squared error of the last epoch.

    `orders`, (epochs, n), has the order of rows in each epoch, taken in minibatches of `size`. A row beyond a detection
    limit (`sides` of -1 or 1) has no error where the prediction is beyond the limit too.
    """
    n_filters, n = len(coefficients) - 1, codes.shape[0]
    moments = np.zeros((3, *filters.shape), np.float32)
    of_bias = np.zeros((3, 1), np.float32)
    scores, best = np.empty(n_starts * n_filters, np.float32), np.empty(n_filters, np.float32)
    where = np.empty(n_filters, np.int64)
    n_steps, step, lost = orders.shape[0] * ((n + size - 1) // size), 0, 0.0
    for epoch in range(orders.shape[0]):
        lost = 0.0
        for begin in range(0, n, size):
            end = min(begin + size, n)
            moments[2], of_bias[2] = _NOTHING, _NOTHING
            for r in range(begin, end):
                i = orders[epoch, r]
                _scan(filters, codes[i], first, best, where, scores)
                value, slope = _linked(_summed(coefficients, best, floor), is_log)
                missed = value - targets[i]
                if sides[i] * missed > 0:
                    continue
                lost += weights[i] * missed * missed
                pull = weights[i] * missed * slope / np.float32(end - begin)
                of_bias[2, 0] += pull
                _spread(moments[2], codes[i], pull, first, best, where, floor, False)
            step += 1
            fall = 0.5 * (1.0 + np.cos(np.pi * step / n_steps))
            now = np.float32(rate * (_LAST_RATE + (1.0 - _LAST_RATE) * fall))
            flat = moments.reshape(3, -1)
            _stepped(filters.reshape(-1), flat[0], flat[1], flat[2], now, step, now * sparsity)
            _stepped(coefficients[:1], of_bias[0], of_bias[1], of_bias[2], now, step, _NOTHING)
    return lost / max(n, 1)


@compiled
def curvature(
    codes: Any, weights: Any, first: Any, n_starts: Any, filters: Any, coefficients: Any, is_log: Any, floor: Any
) -> Any:
    """The Gauss-Newton diagonal Σ weight · (d value / d entry)², the shape of `filters`."""
    n_filters, found = len(coefficients) - 1, np.zeros_like(filters)
    scores, best = np.empty(n_starts * n_filters, np.float32), np.empty(n_filters, np.float32)
    where = np.empty(n_filters, np.int64)
    for i in range(codes.shape[0]):
        _scan(filters, codes[i], first, best, where, scores)
        slope = _linked(_summed(coefficients, best, floor), is_log)[1]
        _spread(found, codes[i], weights[i] * slope * slope, first, best, where, floor, True)
    return found


@compiled
def features(codes: Any, which: Any, first: Any, n_starts: Any, filters: Any, n_filters: Any, floor: Any) -> Any:
    """1 and log(floor + max(best score, 0)) of each filter, (k, m, 1 + K), of codes (k, m, L).

    Function i uses the filters `which[i]` of (particles, letters, W · K).
    """
    found = np.ones((codes.shape[0], codes.shape[1], n_filters + 1), np.float32)
    scores, best = np.empty(n_starts * n_filters, np.float32), np.empty(n_filters, np.float32)
    where = np.empty(n_filters, np.int64)
    for i in range(codes.shape[0]):
        for j in range(codes.shape[1]):
            _scan(filters[which[i]], codes[i, j], first, best, where, scores)
            for k in range(n_filters):
                found[i, j, k + 1] = np.log(floor + max(best[k], _NOTHING))
    return found
