"""The description of a live campaign: that of a campaign, with `lab: live`."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from designloop.core.config import build, read_document
from designloop.core.known import Known
from designloop.core.money import Quote
from designloop.core.parts import Part
from designloop.core.prior import Prior
from designloop.core.sources import sources_of
from designloop.core.spaces import Narrowing, Space
from designloop.live.lab import LiveLab
from designloop.oracles.base import Oracle, corpus_of, scale_of, space_of
from designloop.scheduling.base import Budget, Limit, Scheduler
from designloop.strategies.base import Strategy


def _form(value: Any) -> str:
    """The form of a space that a description uses: a whole one names its alphabet."""
    has_alphabet = isinstance(value, Space) or (isinstance(value, dict) and "alphabet" in value)
    return "whole" if has_alphabet else "narrowing"


AnySpace = Annotated[
    Annotated[Space, Tag("whole")] | Annotated[Narrowing, Tag("narrowing")],
    Discriminator(_form),
]


class LiveCampaign(Part):
    """The description of a campaign in a real lab. `designloop.Live.begin` starts it in a directory."""

    name: str = Field("campaign", min_length=1, description="its name, with which the names of designs begin")
    oracle: Oracle | None = Field(None, description="gives the space and natural sequences; it is asked for no value")
    lab: LiveLab = Field(LiveLab(), description="the real lab: `live`, or a mapping with `preset: live`")
    strategy: Strategy = Field(Strategy._read("auto"), description="chooses which designs are next")
    scheduler: Scheduler = Field(description="decides when the next batch leaves, and its size")
    budget: Budget = Field(Budget(), description="the limits of the campaign")
    prior: Prior = Field(Prior(), description="what is known before the first batch")
    space: AnySpace | None = Field(
        None, description="without an oracle, the whole space (`alphabet`, `length`, ...); else its restrictions"
    )
    oracle_seconds: Limit = Field(None, description="not used; a simulation of the campaign uses it")
    label: str | None = Field(None, description="name of the strategy; default: its kind")

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.oracle is None and not isinstance(self.space, Space):
            raise ValueError(
                "a live campaign needs the sequences that may be built: a whole `space`, as in "
                "`space: {alphabet: dna, length: 60}`, or the `oracle` of its simulation"
            )
        if self.oracle is not None and isinstance(self.space, Space):
            raise ValueError("the oracle has a space already; remove `space.alphabet`, or remove the oracle")
        if self.prior.labels_starts:
            raise ValueError(
                "prior.starts.labelled: only a simulated lab measures before the first batch; give a table with their "
                "values, or remove `labelled` and let the first batch measure them"
            )
        if self.prior.past is not None:
            raise ValueError("prior.past: only a simulation begins with a record; give `prior.starts` instead")
        if self.budget.cost is not None and (self.lab.prices is None or self.lab.prices.are_nothing):
            raise ValueError(
                "budget.cost needs the prices of the lab, as in `lab: {preset: live, prices: {per_design: 80}}`; give "
                "them, or limit `designs` or `weeks` instead"
            )
        return self

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """The live campaign in a YAML file. Raises ConfigError with key, line and remedy."""
        document = read_document(path)
        document.data.setdefault("name", Path(path).stem)
        return build(cls, document)

    @property
    def whole_space(self) -> Space:
        """The sequences that may be built. Raises ConfigError where rules leave too little to draw from."""
        if isinstance(self.space, Space):
            return self.space.checked()
        assert self.oracle is not None
        space = space_of(self.oracle)
        return (space if self.space is None else space.narrowed(self.space)).checked()

    @property
    def chooser(self) -> str:
        """The name of its strategy in random streams and events."""
        return self.label or self.strategy.kind

    @property
    def quote(self) -> Quote:
        """The price list; without prices, nothing costs anything."""
        return Quote() if self.lab.prices is None else self.lab.prices.quote(self.whole_space)

    def known(self, seed: int) -> Known:
        """Prior information. Raises InputError for a bad file, ConfigError if a part lacks something."""
        space = self.whole_space
        self.scheduler.check_ready(self.lab.card)
        self.lab.check_letters(space.alphabet)
        natural = _no_corpus if self.oracle is None else corpus_of(self.oracle)
        return self.strategy.fitting(self.prior.known(space, natural, seed), space)

    def facts(self, seed: int, known: Known) -> dict[str, Any]:
        """The data of the `opened` event, as those of a simulation that costs nothing."""
        scale, floor = ("linear", None) if self.oracle is None else (scale_of(self.oracle), self.oracle.floor)
        scale, floor = self.lab.scale or scale, floor if self.lab.floor is None else self.lab.floor
        facts = {"seed": seed, "label": self.chooser, "budget": self.budget.describe(), "quote": asdict(self.quote)}
        facts |= {"starts": [asdict(start) for start in known.starts], "scale": scale, "floor": floor}
        unit = {} if self.lab.prices is None else self.lab.prices.unit
        return {**facts, **unit, **sources_of(self).facts()}


def _no_corpus(n: int, rng: np.random.Generator) -> list[str]:
    return []
