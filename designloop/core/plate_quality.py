"""The quality of a plate: how far its controls are apart, measured by their errors."""

from collections.abc import Mapping, Sequence

import numpy as np

FEWEST_WELLS = 2
"""Wells of a control that have a standard deviation."""


def z_prime(read: Mapping[str, Sequence[float]]) -> float | None:
    """Z′ = 1 − 3 (s₁ + s₂) / |m₁ − m₂| of the controls that read lowest and highest: {control: readings}.

    None with fewer than two controls in at least two wells each, or where they read the same. Zhang et al. 1999.
    """
    usable = [readings for readings in read.values() if len(readings) >= FEWEST_WELLS]
    if len(usable) < 2:
        return None
    low, high = min(usable, key=np.mean), max(usable, key=np.mean)
    distance = float(np.mean(high) - np.mean(low))
    return 1 - 3 * float(np.std(high, ddof=1) + np.std(low, ddof=1)) / distance if distance else None
