"""The truth of a rehearsal: functions drawn from a posterior, or an oracle that is given."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from designloop.core.config import Document, build, read_document
from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.rows import error_of_a_well
from designloop.core.spaces import Narrowing, Space
from designloop.lab.lab import Lab
from designloop.live.campaign import LiveCampaign
from designloop.oracles.base import Oracle, scale_of, space_of
from designloop.oracles.posterior_draw import PosteriorDraw
from designloop.rehearsal.given import value_of
from designloop.rehearsal.noise_known import NoiseKnown
from designloop.rehearsal.skill import Skill, skill_of, skill_of_values
from designloop.study.sentences import number
from designloop.surrogates.base import Surrogate

_POSTERIOR = "posterior"
_LINEAR = {"kind": "bayesian-linear", "transform": "standard", "emphasis": 0.0}
_PLAIN = {
    "kind": "auto",
    "candidates": {
        "letters": _LINEAR,
        "pairs": {**_LINEAR, "features": "gapped-pairs"},
        "pairwise": {**_LINEAR, "features": "pairwise"},
    },
}
"""The default model of truths. Models of strategies use ranks and emphasise good designs, which serves the search, but
their draws beyond the measured values are worse forecasts (benchmarks/rehearsal.py).
"""


class _Holder(Part):
    """Reads an oracle or a surrogate from its description."""

    oracle: Oracle | None = None
    surrogate: Surrogate | None = None


@dataclass(frozen=True)
class Truth:
    """An oracle for the simulations, and what is known of it."""

    oracle: Oracle
    space: Narrowing | None
    """Restrictions of the oracle's space."""
    skill: Skill
    sd_of_a_well: float | None
    """Standard deviation of the assay's noise as the real data show it; None if they do not."""
    noise_in_words: str

    @property
    def is_drawn(self) -> bool:
        """Whether each simulation has a truth of its own."""
        return isinstance(self.oracle, PosteriorDraw)

    @property
    def _model(self) -> str:
        """The model of drawn truths, in words."""
        assert isinstance(self.oracle, PosteriorDraw)
        if self.oracle.surrogate == _surrogate(_PLAIN):
            return "linear models of letters and pairs, weighed by what they predict, say"
        return f"the surrogate '{self.oracle.surrogate.known_as}' says"

    @property
    def sentences(self) -> Iterator[str]:
        """What the truth is."""
        if isinstance(self.oracle, PosteriorDraw):
            its = self.oracle.belief
            yield (
                f"each simulation has its own truth: a function drawn from what {self._model} after "
                f"{many(int(its.history.is_measured.sum()), 'measured sequence')}; strategies that use the same "
                "model have an advantage that the real lab does not give them"
            )
            if its.unexplained > 0:
                yield (
                    "what that model does not explain beyond the noise of a well is drawn for each sequence on its own"
                )
        else:
            yield f"the truth of all simulations is the oracle '{self.oracle.known_as}'"
        yield self.skill.sentence


def truth_of(given: Any, surrogate: Any, campaign: LiveCampaign, history: History, past: Path, lab: Lab) -> Truth:
    """The truth that is described. `past`: the file of the past. Raises ConfigError, InputError."""
    if given == _POSTERIOR:
        return _drawn(surrogate, campaign, history, past, lab)
    if surrogate is not None:
        raise ConfigError("--surrogate is the model of drawn truths, but the truth is an oracle; give only one of them")
    return _fixed(_oracle(given), campaign, history)


def _drawn(given: Any, campaign: LiveCampaign, history: History, past: Path, lab: Lab) -> Truth:
    surrogate = _surrogate(_PLAIN if given is None else given)
    oracle = PosteriorDraw(
        past=str(past.absolute()),
        space=campaign.whole_space,
        surrogate=surrogate,
        failed_by_lab=min(_failed_by(lab), 0.99),
    )
    belief = oracle.belief
    sd = belief.sd_of_a_well
    words = (
        NoiseKnown.of(history, sd).words
        if belief.has_known_errors
        else f"standard deviation {number(sd)} of a well: all that the model of the truth does not explain, as there "
        "are neither replicates nor reported errors; this is a rough guess, and --noise gives a better one"
    )
    return Truth(oracle, None, skill_of(surrogate, history), sd, words)


def _failed_by(lab: Lab) -> float:
    """The share of designs that a lab fails to express, whatever their sequence."""
    shares = [getattr(stage, "failure", 0.0) for stage in lab.stages if stage.outcome == "not_expressed"]
    return 1.0 - float(np.prod([1.0 - share for share in shares]))


def _fixed(oracle: Oracle, campaign: LiveCampaign, history: History) -> Truth:
    if space_of(oracle).alphabet != campaign.whole_space.alphabet:
        raise ConfigError("--truth: the oracle has another alphabet than the campaign; give an oracle of its sequences")
    space = _narrowing(campaign)
    if space is not None:
        space_of(oracle).narrowed(space)  # raises where the campaign's sequences are not the oracle's
    asked = sorted({s for s, is_in in zip(history.sequences, history.is_measured, strict=True) if is_in})
    asked = [s for s, is_in in zip(asked, space_of(oracle).contains(asked), strict=True) if is_in]
    values = dict(zip(asked, oracle(asked).tolist(), strict=True)) if asked else {}
    sd = error_of_a_well(history.std_errors, history.n_replicates)
    known = None if not np.isfinite(sd) else float(sd)
    words = "that of the lab's description" if known is None else NoiseKnown.of(history, known).words
    scale_of(oracle)
    return Truth(oracle, space, skill_of_values(values, history), known, words)


def _narrowing(campaign: LiveCampaign) -> Narrowing | None:
    """The space of a campaign as restrictions of an oracle's."""
    if not isinstance(campaign.space, Space):
        return campaign.space
    fields = campaign.space.describe()
    return Narrowing.model_validate({key: fields[key] for key in Narrowing.model_fields if key in fields})


def _oracle(given: Any) -> Oracle:
    """An oracle: a part, a mapping, or a YAML file that holds its description or a campaign's."""
    if isinstance(given, str | Path):
        if not str(given).endswith((".yaml", ".yml")):
            raise ConfigError(
                f"--truth: expected `posterior`, or a YAML file with the description of an oracle, got '{given}'"
            )
        document = read_document(given)
        data = document.data.get("oracle", document.data)
        given = data
    return cast("Oracle", _built("oracle", given))


def _surrogate(given: Any) -> Surrogate:
    return cast("Surrogate", _built("surrogate", given))


def _built(field: str, given: Any) -> Any:
    return getattr(build(_Holder, Document({field: value_of(given)}, "the rehearsal")), field)
