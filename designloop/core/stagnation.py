"""Stagnation: almost a whole batch equals the best value, so that further designs of its kind are unlikely to gain."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from designloop.core.rows import Row, standard_errors

_SHARE = 0.9
"""Share of a batch's values that equal the best value."""
_LEAST = 8
"""Minimum number of values; of fewer, all may be equal by chance."""


@dataclass(frozen=True, slots=True)
class Stagnation:
    """A batch of which at least nine tenths of the values equal the best value."""

    round: int
    n_equal: int
    n_measured: int
    value: float
    """The best value, in the assay's units."""
    is_exact: bool
    """True if the values are equal to the last digit; False if they are within one standard error."""
    is_limit: bool
    """True if the best value is an upper limit of detection."""
    is_everything: bool
    """True if all values measured so far, in all rounds, are the same."""

    def in_words(self, *, is_over: bool = False) -> str:
        """One sentence: what is equal, and what can be done about it; `is_over` after the end of a campaign."""
        equal = "equal" if self.is_exact else "are within one standard error of"
        told = (
            f"{self.n_equal} of {self.n_measured} values of round {self.round} {equal} the best value, {self.value:.4g}"
        )
        stop = "a smaller budget would have sufficed" if is_over else "stop now and save the rest of the budget"
        if self.is_limit:
            return f"{told}, which is the assay's upper limit: use an assay with a higher limit, or {stop}"
        if self.is_everything:
            return (
                f"{told}, and no measured design differs from another: begin with other starting sequences, or use a "
                "generator that changes more letters"
            )
        return (
            f"{told}: try a more diverse acquisition function, larger draws (`scale` of thompson) or another "
            f"generator; or {stop}"
        )


def stagnation(rows: Iterable[Row], round_: int | None) -> Stagnation | None:
    """The stagnation in `round_`, the last one that closed; None if its values differ, or if no round has closed.

    `rows`: the designs of all rounds, and the starting sequences. A value equals the best one if it lies within its own
    standard error, or, if that is 0 or unknown, exactly.
    """
    known = [row for row in rows if row.values]
    batch = np.array([row.design.round == round_ for row in known], dtype=bool)
    if round_ is None or batch.sum() < _LEAST:
        return None
    readings = np.array([row.reading for row in known])
    best = known[int(np.argmax(readings))]
    away = best.reading - readings
    equal = batch & (away <= np.nan_to_num(standard_errors(known)))
    if equal.sum() < _SHARE * batch.sum():
        return None
    return Stagnation(
        round_,
        int(equal.sum()),
        int(batch.sum()),
        best.reading,
        is_exact=not away[equal].any(),
        is_limit=best.side > 0,
        is_everything=not away.any(),
    )
