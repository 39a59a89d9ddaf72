"""What must be said of the values of a landscape: all of them are equal, or nearly lost to noise."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_ROUNDING = 1e-9
_LITTLE = 0.1
"""A smaller share of the variance, left by denoising, is remarked. A judgement."""
_MEND = "check the columns and the layout, or set `denoise: false`"


def flattened(measured: Array, values: Array) -> str:
    """Why denoising left one value for all sequences, and how to mend it; empty where it did not. Shapes (n,)."""
    spread = float(np.ptp(measured))
    if not spread or np.ptp(values) > _ROUNDING * spread:
        return ""
    return (
        f"denoising leaves one value, {values[0]:.4g}, for all {len(values):,} sequences, because the errors explain "
        f"all of the spread of the measured values ({measured.min():.4g} to {measured.max():.4g}): replicates disagree "
        f"as much as different sequences do; {_MEND}"
    )


def remarks_on_values(measured: Array, values: Array, absent: float | None) -> Iterator[str]:
    """Remarks on measured and true values, (n,) each; `absent` is the value of other sequences, if they have one."""
    if why := flattened(measured, values):
        yield why
    elif np.ptp(measured):
        share = float(np.var(values) / np.var(measured))
        if share < _LITTLE:
            yield f"denoising leaves {share:.1%} of the variance of the values, and takes the rest for noise; {_MEND}"
    elif len(values) > 1 and absent in (None, values[0]):
        yield (
            f"all {len(values):,} values are {values[0]:.4g}: no sequence is better than another; check the column of "
            "values"
        )
