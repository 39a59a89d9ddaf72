"""Noise of an assay: what stands between the truth and a well's reading, acting on the scale the oracle declares."""

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
"""Standard deviation of a logarithm: e^(5 * 20) is still a number, and far beyond any assay."""
_PRESETS = Path(__file__).parent / "presets" / "noise.yaml"


@dataclass(frozen=True, slots=True)
class Terms:
    """Noise as it acts on one oracle: standard deviations on that oracle's scale."""

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
        """Of one replicate, batch effects included, the background not."""
        return sqrt(self.well_variance + self.design**2 + self.plate**2 + self.run**2)

    @property
    def well_variance(self) -> float:
        """Variance of one well, counting included."""
        return self.eps**2 + (1 / self.reads if self.reads is not None else 0.0)

    def well(self, rng: np.random.Generator) -> float:
        """The error of one well: Gaussian, and of counting reads with half a one added, as Enrich2 does."""
        error = self.eps * float(rng.standard_normal())
        if self.reads is not None:
            error += log((rng.poisson(self.reads) + 0.5) / (self.reads + 0.5))
        return error

    def without_batch_effects(self, n_controls: int) -> "Terms":
        """What is left of them once values are taken relative to `n_controls` wells of the same plate."""
        return replace(self, plate=sqrt(self.well_variance / n_controls), run=0.0)


class Noise(Part):
    """Noise of one replicate, on the oracle's scale.

    Linear: y = background + f·exp(plate + run + edge + design + eps), mean-corrected, plus a reading error of the
    background. Log: y = f + plate + run + edge + design + eps. With a `reliability` the terms keep their shares of the
    variance, are added on either scale, and sum to the variance that makes a single replicate so reliable;
    the edge, the background and the parent wells then play no part.
    """

    eps: Sd = Field(0.0, ge=0, description="sd of a well (linear scale: of its logarithm)")
    design: Sd = Field(0.0, ge=0, description="sd of the construct's error, which replicates do not average away")
    plate: Sd = Field(0.0, ge=0, description="sd of a plate, common to its wells")
    run: Sd = Field(0.0, ge=0, description="sd of a run: one replicate of a batch on all its plates")
    edge: float = Field(0.0, gt=-1, description="relative effect of standing at the plate's edge, as -0.07")
    background: float = Field(0.0, description="what an empty well reads, on a linear scale")
    background_sd: Sd = Field(0.0, ge=0, description="sd of that reading, in the assay's units, on a linear scale")
    reads: float | None = Field(
        None,
        ge=1e-3,
        description="sequencing reads of a design: Poisson counts add 1/reads to the variance of the logarithm",
    )
    reliability: float | None = Field(
        None, ge=1e-4, le=1, description="share of the variance of single replicates that is between designs (h2)"
    )
    spread: float | None = Field(None, gt=0, description="sd of true values between designs, for `reliability`")

    @model_validator(mode="before")
    @classmethod
    def _preset_is_expanded(cls, value: Any) -> Any:
        if isinstance(value, str):
            value = {"preset": value}
        if isinstance(value, dict) and "preset" in value:
            changes = {key: field for key, field in value.items() if key != "preset"}
            known = noise_presets()
            if value["preset"] not in known:
                raise ValueError(f"no noise preset '{value['preset']}'{did_you_mean(str(value['preset']), known)}")
            return {**known[value["preset"]], **changes}
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """A preset's name, or a mapping whose `preset` is one."""
        return or_preset(
            handler.resolve_ref_schema(handler(schema)), noise_presets(), "the noise that this one changes"
        )

    @model_validator(mode="after")
    def _reliability_has_a_spread(self) -> "Noise":
        if self.reliability is not None and self.spread is None:
            raise ValueError(
                "a reliability is relative to the spread between designs: give `spread`, their sd in the oracle's units"
            )
        return self

    def terms(self, scale: Literal["linear", "log"]) -> Terms:
        """The terms on an oracle's scale. Raises ValueError where they are factors that no number can hold."""
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
                f"on a linear scale the noise's sds are those of a logarithm, and {nominal.sd:.3g} in all is a factor "
                f"of e^{nominal.sd:.3g}; give lab.assay.noise at most {_LARGEST_FACTOR:g}, or the oracle a log scale"
            )
        return nominal if self.reliability is None else self._scaled(nominal)

    def _scaled(self, nominal: Terms) -> Terms:
        """Terms with the variance `spread² (1 - h2) / h2`, each with its share; all in `eps` where none is given."""
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
    """Noise by name, as `presets/noise.yaml` gives it."""
    from designloop.core.config import read_document

    return read_document(_PRESETS).data
