"""Laws of every acquisition function of the shelf: n distinct, no order, no offset, one stream one choice, no NaN."""

from functools import lru_cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest
from gaussians import Gaussian
from histories import PENDING_RULES, SPACES, SURROGATES, busy_history, distinct

from designloop.acquisition.base import Acquisition
from designloop.core.errors import ConfigError, ContractError
from designloop.core.kinds import short_names
from designloop.core.parts import find
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates.base import Posterior
from designloop.testing import AcquisitionContract

SPACE = SPACES["many lengths"]
CANDIDATES = distinct(SPACE, 60, seed=9)
IDLE = PendingDesigns()
EVERY: dict[str, Acquisition] = {
    kind: find("acquisition", kind)() for kind in short_names("acquisition") if kind != "botorch"
}
if find_spec("botorch") is not None:
    EVERY["botorch"] = find("acquisition", "botorch")(function="qLogExpectedImprovement", n_draws=64)
every_acquisition = pytest.mark.parametrize("acquisition", EVERY.values(), ids=EVERY)
every_surrogate = pytest.mark.parametrize("surrogate", SURROGATES)
looking = pytest.mark.parametrize("acquisition", [part for kind, part in EVERY.items() if kind != "random"],
                                  ids=[kind for kind in EVERY if kind != "random"])  # fmt: skip


class TestEveryAcquisition(AcquisitionContract):
    """The suite that authors run on their own acquisition functions."""

    @pytest.fixture(params=list(EVERY), autouse=True)
    def acquisition(self, request: pytest.FixtureRequest) -> Acquisition:
        return EVERY[request.param]


@lru_cache
def fitted(surrogate: str = "bayesian-linear") -> Posterior:
    return SURROGATES[surrogate].fit(busy_history(SPACE), stream(0, "fit"))


def busy() -> PendingDesigns:
    history = busy_history(SPACE)
    known = sorted(s for s, is_measured in zip(history.sequences, history.is_measured, strict=True) if is_measured)
    return PendingDesigns(tuple(CANDIDATES[:4]), np.array([0.1, 0.4]), tuple(known))


def chosen(part: Acquisition, posterior: Posterior, lab: PendingDesigns, n: int = 9, **changes: Any) -> list[str]:
    candidates = changes.pop("candidates", CANDIDATES)
    places = part.choose(candidates, n, posterior, lab, changes.pop("threshold", 0.5), stream(2, "choose"), **changes)
    return [candidates[i] for i in places]


@every_surrogate
@every_acquisition
@pytest.mark.parametrize("n", [0, 1, 7, 60, 99])
def test_n_distinct_candidates_are_chosen_or_all(acquisition: Acquisition, surrogate: str, n: int):
    taken = acquisition.choose(CANDIDATES, n, fitted(surrogate), IDLE, 0.5, stream(0, "choose"))
    assert len(taken) == len(set(taken)) == min(n, 60)
    assert set(taken) <= set(range(60))
    assert all(type(place) is int for place in taken)


@pytest.mark.parametrize("rule", PENDING_RULES.values(), ids=PENDING_RULES)
@every_acquisition
def test_the_order_of_the_candidates_does_not_matter(acquisition: Acquisition, rule: Any):
    """Also with designs in the lab, under every rule, and where several candidates are equally good."""
    part, shuffled = acquisition.with_(pending=rule), list(stream(5, "shuffle").permutation(CANDIDATES))
    viable = -np.arange(60.0) % 3
    again = viable[[CANDIDATES.index(s) for s in shuffled]]
    first = chosen(part, fitted(), busy(), log_viability=viable)
    assert len(set(first)) == 9
    assert first == chosen(part, fitted(), busy(), candidates=shuffled, log_viability=again)


@looking
def test_what_is_hardly_viable_is_chosen_last(acquisition: Acquisition):
    """log P(viable) counts in every acquisition that looks, also where it is -inf."""
    for least in (-1e6, -np.inf):
        viable = np.where(np.arange(60) < 30, least, 0.0)
        taken = acquisition.choose(CANDIDATES, 10, fitted(), IDLE, 0.5, stream(0, "choose"), viable)
        assert set(taken) <= set(range(30, 60))
    everyone = acquisition.choose(CANDIDATES, 60, fitted(), IDLE, 0.5, stream(0, "choose"), viable)
    assert len(set(everyone)) == 60


@looking
def test_values_that_are_no_numbers_are_refused_and_never_the_best(acquisition: Acquisition):
    names = [*CANDIDATES[:2], *CANDIDATES[2:5]]
    posterior = Gaussian(names, np.array([0.0, np.nan, 1.0, 0.5, 0.2]), np.eye(5))
    uncertain = Gaussian(names, np.zeros(5), np.diag([1.0, 1.0, np.nan, 1.0, 1.0]))
    flawed = uncertain if acquisition.kind == "max-variance" else posterior
    with np.errstate(invalid="ignore"), pytest.raises(ContractError, match=r"NaN"):
        acquisition.choose(names, 2, flawed, IDLE, 0.0, stream(0, "choice"))


def test_without_botorch_its_functions_can_be_read_but_not_used(monkeypatch: pytest.MonkeyPatch):
    """A finished run can be read anywhere; the error of a run names the extra to install."""
    from designloop.acquisition import botorch_classes

    monkeypatch.setattr(botorch_classes, "find_spec", {}.get)
    part = Acquisition._read("botorch:qLogExpectedImprovement")
    assert part.describe()["function"] == "qLogExpectedImprovement"
    with pytest.raises(ConfigError, match=r"requires an extra: pip install 'designloop\[botorch\]'"):
        chosen(part, fitted(), IDLE)
