"""A part that returns the wrong thing is told what to return; nothing inside designloop shows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from stubs import small

import designloop as dl
from designloop.core.errors import ContractError
from designloop.core.records import Choice, Order, Proposal
from designloop.generators import Mixture
from designloop.strategies import ModelGuided, Random, leaders


@dataclass(frozen=True)
class Bare:
    """Lacks what every posterior has."""


RETURNED: dict[str, Any] = {
    "None": None,
    "list": ["ACGTACGT"],
    "text": "ACGTACGT",
    "numbers": [1, 2],
    "function": len,
    "class": Choice,
    "bare": Bare(),
    "texts": Proposal(("ACGTACGT",)),  # type: ignore[arg-type]  # the mistake
    "no choices": Proposal(None),  # type: ignore[arg-type]
    "no retests": Proposal((), None),  # type: ignore[arg-type]
}


class Proposes(dl.Strategy):
    """Proposes what it is told to."""

    what: str = "None"

    def propose(self, history: Any, order: Any, rng: np.random.Generator) -> Any:
        return RETURNED[self.what]


class Recommends(Random):
    """Recommends a sequence instead of a design."""

    def recommend(self, history: Any, rng: np.random.Generator) -> Any:
        return "ACGTACGT"


class Forgets(Random):
    """Pays no heed to retests."""

    def propose(self, history: Any, order: Order, rng: np.random.Generator) -> Proposal:
        return Proposal(super().propose(history, order, rng).choices)


class Remembers(Random):
    """Retests the leaders, as the message of `Forgets` says."""

    def propose(self, history: Any, order: Order, rng: np.random.Generator) -> Proposal:
        choices = super().propose(history, order, rng).choices
        return Proposal(choices, retests=leaders(history, order.n_retests))


class Fits(dl.Surrogate):
    """Fits nothing."""

    what: str = "None"

    def fit(self, history: Any, rng: np.random.Generator) -> Any:
        return RETURNED[self.what]


class Generates(dl.Generator):
    """Generates what it is told to."""

    what: str = "None"

    def propose(self, history: Any, n: int, rng: np.random.Generator, *, score: Any = None) -> Any:
        return RETURNED[self.what]


class Wishes(dl.scheduling.Rounds):
    """Wishes for nothing."""

    def wish(self, history: Any) -> Any:
        return None


def message_of(**changes: Any) -> str:
    with pytest.raises(ContractError) as caught:
        small(**changes).run()
    return str(caught.value)


@pytest.mark.parametrize(
    ("what", "came"),
    [
        ("None", "returned None from `propose`; return designloop.Proposal(choices)"),
        ("list", "returned a list from `propose`; return designloop.Proposal(choices)"),
        ("class", "returned the class Choice from `propose`; return designloop.Proposal(choices)"),
        ("texts", "proposed a str among `choices`; give designloop.Choice(sequence, origin) for each sequence"),
        ("no choices", "proposed None as `choices`; give a tuple of designloop.Choice(sequence, origin)"),
        ("no retests", "proposed None as `retests`; give a tuple of ids of measured designs"),
    ],
)
def test_a_strategy_is_told_what_to_propose(what: str, came: str) -> None:
    assert message_of(strategy=Proposes(what=what)) == f"strategy 'test_wrong_returns:Proposes' {came}"


def test_a_strategy_is_told_what_to_recommend() -> None:
    assert message_of(strategy=Recommends(), scheduler=dl.scheduling.Rounds(batch_size=8)) == (
        "strategy 'test_wrong_returns:Recommends' returned a str from `recommend`; return one of history.designs, or "
        "None"
    )


@pytest.mark.parametrize(("what", "came"), [("None", "None"), ("function", "builtin_function"), ("bare", "Bare")])
def test_a_surrogate_is_told_what_to_fit(what: str, came: str) -> None:
    message = message_of(strategy=ModelGuided(generator="mutation", surrogate=Fits(what=what)))
    assert message.startswith("surrogate 'test_wrong_returns:Fits' returned ")
    assert came in message
    assert message.endswith("return a posterior, for example designloop.surrogates.EnsemblePosterior")


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize(
    ("what", "came"), [("None", "None"), ("text", "one text"), ("numbers", "other things than text")]
)
def test_a_generator_is_told_what_to_propose(what: str, came: str, mixed: bool) -> None:
    own = Generates(what=what)
    message = message_of(strategy=ModelGuided(generator=Mixture(generators=(own,)) if mixed else own))
    assert message == (
        f"generator 'test_wrong_returns:Generates' returned {came} from `propose`; return a list of sequences, as text"
    )


def test_a_scheduler_is_told_what_to_wish() -> None:
    assert message_of(scheduler=Wishes(batch_size=8)) == (
        "scheduler 'test_wrong_returns:Wishes' returned None from `wish`; return self.full_order(history), a Wait or "
        "a Stop"
    )


def test_a_strategy_without_retests_is_told_how_to_order_them() -> None:
    message = message_of(strategy=Forgets())
    assert message.endswith(
        "expected 2 retests, got 0; pass ids of measured designs: Proposal(choices, retests=leaders(history, "
        "order.n_retests)), with leaders from designloop.strategies"
    )
    assert small(strategy=Remembers()).run().n_retests == 4
