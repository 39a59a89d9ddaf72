"""The lab of a rehearsal: a described one, with the campaign's calendar and the noise that the real data show."""

from collections.abc import Mapping
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.config import Document, build
from designloop.core.errors import ConfigError
from designloop.lab.lab import Lab
from designloop.lab.lab_file import lab_of
from designloop.lab.noise import Noise
from designloop.live.campaign import LiveCampaign

ASSUMED = "good"
"""The preset where no lab is described."""
_LEAST = 1e-4
"""The lowest reliability that noise may have."""


def described(given: Any, campaign: LiveCampaign) -> tuple[Lab, str]:
    """The lab that is simulated, and where its description comes from. Raises ConfigError."""
    if given is not None:
        return _lab(given), "as given" if isinstance(given, Lab | Mapping) else f"'{given}'"
    if campaign.lab.simulated is not None:
        return _lab(campaign.lab.simulated), "from the campaign's `lab.simulated`"
    return Lab.preset(ASSUMED), f"the preset '{ASSUMED}', which is an assumption: nobody described the lab"


def _lab(given: Any) -> Lab:
    if isinstance(given, Lab):
        return given
    if isinstance(given, str | Path):
        return lab_of(str(given), ())
    return build(Lab, Document(dict(given), "the rehearsal's lab"))


def dated(lab: Lab, began: datetime) -> Lab:
    """The lab whose minute 0 is 0:00 of the day on which the campaign began."""
    return lab.with_(calendar=lab.calendar.with_(start=began.date()))


def without_urgency(campaign: LiveCampaign, lab: Lab) -> tuple[LiveCampaign, str]:
    """The campaign without urgent batches where no batch goes first in the lab; and that in words, else empty."""
    if not (urgent := campaign.scheduler.urgent) or lab.knows_urgency:
        return campaign, ""
    changed = campaign.model_copy(update={"scheduler": campaign.scheduler.with_(urgent=())})
    which = f"batches {', '.join(map(str, urgent))}" if len(urgent) > 1 else f"batch {urgent[0]}"
    return changed, (
        f"the urgency of {which} (`scheduler.urgent`) is left out, since no batch goes first in that lab; set "
        "`queue: priority` at one of its stages to simulate it"
    )


def check_reads(lab: Lab, values: NDArray[np.float64]) -> None:
    """Raise ConfigError where most measured values, (n,), lie beyond the limits of detection of the lab's assay."""
    lower, upper = lab.assay.lower, lab.assay.upper
    is_beyond = (values < (-inf if lower is None else lower)) | (values > (inf if upper is None else upper))
    if 2 * is_beyond.sum() > len(values):
        raise ConfigError(
            f"the lab '{lab.name}' reads values from {'-inf' if lower is None else f'{lower:g}'} to "
            f"{'inf' if upper is None else f'{upper:g}'}, but most measured ones lie beyond (median "
            f"{np.median(values):.3g}); describe a lab with the limits of yours (`assay.lower`, `assay.upper`)"
        )


def with_noise(lab: Lab, sd: float, spread: float) -> Lab:
    """The lab with noise of this standard deviation, in the assay's units; `spread`: that of measured values."""
    spread = max(spread, 2.0 * sd * _LEAST**0.5) or 1.0
    reliability = spread**2 / (spread**2 + sd**2)
    noise = Noise() if sd == 0 else Noise(reliability=reliability, spread=spread)
    return lab.with_(assay=lab.assay.with_(noise=noise))
