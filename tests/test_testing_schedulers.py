"""The contract suite of schedulers: every scheduler of the shelf passes it, and it names the mend of a faulty one."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

import designloop as dl
from designloop.core.history import History
from designloop.core.kinds import short_names
from designloop.core.records import Order, Stop, Wait
from designloop.lab.lab import Lab
from designloop.testing import SchedulerContract
from designloop.testing.schedulers import BUDGETS, SMALL_LAB, Planned

pytest_plugins = ["pytester"]
SHELF: dict[str, dict[str, Any]] = {
    "rounds": {"batch_size": 9, "n_retests": 2},
    "overlapping": {"batch_size": 7, "in_flight": 2, "gap_days": 3, "replicates": 2},
    "weekly": {"batch_sizes": [9, 5], "n_retests": "auto"},
    "when-idle": {"batch_size": 8, "n_retests": 1},
    "fill": {"loads": 2, "plates": 1, "n_retests": 2, "when": {"kind": "when-idle", "station": "building"}},
    "value-of-waiting": {"batch_size": 9, "n_retests": 2},
}


assert SHELF.keys() == short_names("scheduling").keys()
for _kind, _fields in SHELF.items():
    _name = f"Test{_kind.title().replace('-', '')}"
    globals()[_name] = type(_name, (SchedulerContract,), {"scheduler": {"kind": _kind, **_fields}})


def altered(wish: Callable[[Any, History], Order | Wait | Stop], **names: Any) -> Planned:
    """A scheduler with this `wish`, in the lab of the suite."""
    return Planned(type("Faulty", (dl.scheduling.Rounds,), {"wish": wish, **names})(), Lab.model_validate(SMALL_LAB))


def two_at_once(self: Any, history: History) -> Order | Wait:
    return Wait() if len(history.open_rounds) == 2 else Order(3)


def never(self: Any, history: History) -> Wait:
    return Wait(until=history.now)


def too_few(self: Any, history: History) -> Order | Wait | Stop:
    return Stop("enough") if history.n_designs > 20 else Order(9) if not history.open_rounds else Wait()


class Restless(dl.scheduling.Rounds):
    calls: ClassVar[list[int]] = []

    def wish(self, history: History) -> Order | Wait:
        self.calls.append(history.now)
        return Wait() if history.open_rounds else Order(1 + len(self.calls) % 7)


def drawing(self: Any, history: History) -> Order | Wait:
    np.random.random()  # noqa: NPY002  # the fault under test
    return Wait() if history.open_rounds else Order(9)


def beyond(self: Any, history: History) -> Order | Wait:
    return Wait() if history.open_rounds else Order(9)


CONTRACT = SchedulerContract()
FAULTS = [
    (altered(two_at_once), CONTRACT.test_no_batch_follows_another_at_the_same_minute, "2 batches leave at one minute"),
    (altered(too_few), CONTRACT.test_something_is_submitted, "27 of 50 designs are submitted"),
    (altered(drawing), CONTRACT.test_no_global_generator_is_touched, "global generator of numpy"),
    (
        Planned(Restless(), Lab.model_validate(SMALL_LAB)),
        CONTRACT.test_a_step_depends_on_the_history_alone,
        "the same history gives different steps; keep nothing between calls",
    ),
]


@pytest.mark.parametrize(("planned", "law", "sentence"), FAULTS, ids=["twice", "few", "global", "memory"])
def test_a_planted_fault_fails_the_test_of_its_law_and_names_its_mend(
    planned: Planned, law: Callable[[Planned], None], sentence: str
) -> None:
    with pytest.raises(pytest.fail.Exception, match=sentence):
        law(planned)


def test_a_campaign_that_does_not_end_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("designloop.testing.schedulers._MOST_STEPS", 500)
    with pytest.raises(pytest.fail.Exception, match="the campaign does not end"):
        CONTRACT.test_the_budget_is_never_exceeded_and_the_campaign_ends(altered(never), {"weeks": 3})


def test_a_budget_that_is_exceeded_is_found() -> None:
    planned = altered(beyond, next=lambda self, history: beyond(self, history) if history.n_designs < 60 else Stop("."))
    with pytest.raises(pytest.fail.Exception, match="63 designs are used of 50; define `wish`, and leave `next` alone"):
        CONTRACT.test_the_budget_is_never_exceeded_and_the_campaign_ends(planned, BUDGETS[0])


def test_a_users_file_passes_its_suite(pytester: pytest.Pytester) -> None:
    sound = """import designloop as dl
class Mine(dl.Scheduler):
    def wish(self, history):
        return dl.Wait() if history.open_rounds else self.full_order(history)
"""
    suite = """from designloop.testing import SchedulerContract
class TestMine(SchedulerContract):
    scheduler = {"kind": "my_scheduler.py:Mine", "batch_size": 20}
"""
    pytester.makepyfile(my_scheduler=sound, test_mine=suite)
    pytester.runpytest("-p", "no:cacheprovider", "test_mine.py").assert_outcomes(passed=10)
