"""Assay noise: the errors between the true value and the reading of a well, on the oracle's scale."""

from dataclasses import dataclass, replace
from functools import lru_cache
from math import log, log1p, sqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import core_schema

from designloop.core.errors import did_you_mean
from designloop.core.parts import Part
from designloop.core.schema import or_preset

Sd = float
_LARGEST_FACTOR = 20.0
"""Standard deviation of a logarithm: e^(5 * 20) is still finite, and far beyond any assay."""
_PRESETS = Path(__file__).parent / "presets" / "noise.yaml"


@dataclass(frozen=True, slots=True)
class Terms:
    """Noise on one oracle's scale: standard deviations."""

    is_multiplicative: bool
    eps: float
    design: float
    plate: float
    run: float
    edge: float
    background: float
    background_sd: float
    reads: float | None

    @property
    def sd(self) -> float:
        """Standard deviation of one replicate, with batch effects but without the background."""
        return sqrt(self.well_variance + self.design**2 + self.plate**2 + self.run**2)

    @property
    def well_variance(self) -> float:
        """Variance of one well, including counting noise."""
        return self.eps**2 + (1 / self.reads if self.reads is not None else 0.0)

    def well(self, rng: np.random.Generator) -> float:
        """The error of one well: Gaussian, plus that of read counts with a pseudocount of 0.5, as in Enrich2."""
        error = self.eps * float(rng.standard_normal())
        if self.reads is not None:
            error += log((rng.poisson(self.reads) + 0.5) / (self.reads + 0.5))
        return error

    def without_batch_effects(self, variance: float) -> "Terms":
        """The terms after normalisation to controls of the same plate, whose mean has this variance."""
        return replace(self, plate=sqrt(variance), run=0.0)


class Noise(Part):
    """Noise of one replicate, on the oracle's scale.

    Linear: y = background + f·exp(plate + run + edge + design + eps), mean-corrected, plus a reading error of the
    background. Log: y = f + plate + run + edge + design + eps. With a `reliability`, the terms keep their shares of the
    variance and are additive on either scale. They are scaled so that a single replicate has that reliability. The edge
    effect, the background and the normalisation to parent wells are then disabled.
    """

    eps: Sd = Field(0.0, ge=0, description="sd of the error of a well (linear scale: of its logarithm)")
    design: Sd = Field(0.0, ge=0, description="sd of the error of a construct, which replicates do not average out")
    plate: Sd = Field(0.0, ge=0, description="sd of the plate effect, common to all wells of a plate")
    run: Sd = Field(0.0, ge=0, description="sd of the run effect, common to one replicate of a batch on all plates")
    edge: float = Field(0.0, gt=-1, description="relative effect of the outer wells of a plate, such as -0.07")
    background: float = Field(0.0, description="reading of an empty well, on a linear scale")
    background_sd: Sd = Field(0.0, ge=0, description="sd of the background, in the assay's units, on a linear scale")
    reads: float | None = Field(
        None,
        ge=1e-3,
        description="sequencing reads per design: Poisson counts add 1/reads to the variance of the logarithm",
    )
    reliability: float | None = Field(
        None, ge=1e-4, le=1, description="share of the variance of single replicates that is between designs (h2)"
    )
    spread: float | None = Field(None, gt=0, description="sd of the true values of designs; required by `reliability`")

    @model_validator(mode="before")
    @classmethod
    def _preset_is_expanded(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = {"preset": value}
        if isinstance(value, dict) and "preset" in value:
            changes = {key: field for key, field in value.items() if key != "preset"}
            known = noise_presets()
            if value["preset"] not in known:
                raise ValueError(f"unknown noise preset '{value['preset']}'{did_you_mean(str(value['preset']), known)}")
            return {**known[value["preset"]], **changes}
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The name of a preset, or a mapping with `preset`."""
        return or_preset(handler.resolve_ref_schema(handler(schema)), noise_presets(), "preset to start from")

    @model_validator(mode="after")
    def _reliability_has_a_spread(self) -> "Noise":
        if self.reliability is not None and self.spread is None:
            raise ValueError(
                "`reliability` requires `spread`, the sd of the true values of designs in the oracle's units"
            )
        return self

    def terms(self, scale: Literal["linear", "log"]) -> Terms:
        """The terms on an oracle's scale. Raises ValueError where the factors would overflow."""
        is_multiplicative = scale == "linear" and self.reliability is None
        nominal = Terms(
            is_multiplicative=is_multiplicative,
            eps=self.eps,
            design=self.design,
            plate=self.plate,
            run=self.run,
            edge=log1p(self.edge),
            background=self.background if is_multiplicative else 0.0,
            background_sd=self.background_sd if is_multiplicative else 0.0,
            reads=self.reads,
        )
        if is_multiplicative and nominal.sd > _LARGEST_FACTOR:
            raise ValueError(
                f"lab.assay.noise: expected a total sd of at most {_LARGEST_FACTOR:g}, got {nominal.sd:.3g} (a factor "
                f"of e^{nominal.sd:.3g} on a linear scale); reduce it, or use a log scale"
            )
        return nominal if self.reliability is None else self._scaled(nominal)

    def _scaled(self, nominal: Terms) -> Terms:
        """Terms scaled to the variance `spread² (1 - h2) / h2` in their proportions; all in `eps` if none is given."""
        assert self.reliability is not None
        assert self.spread is not None
        sd = self.spread * sqrt((1 - self.reliability) / self.reliability)
        if nominal.sd == 0:
            return replace(nominal, eps=sd, edge=0.0)
        factor = sd / nominal.sd
        return replace(
            nominal,
            eps=sqrt(nominal.well_variance) * factor,
            design=nominal.design * factor,
            plate=nominal.plate * factor,
            run=nominal.run * factor,
            edge=0.0,
            reads=None,
        )


@lru_cache
def noise_presets() -> dict[str, dict[str, Any]]:
    """The noise presets by name, from `presets/noise.yaml`."""
    from designloop.core.config import read_document

    return read_document(_PRESETS).data
