"""No number in a description is too much: it is refused with its key, or it has a meaning and the part runs."""

import importlib
import re
from collections.abc import Iterator
from math import inf, nan
from typing import Any

import pytest
from lab_stubs import designs, finish, start
from pydantic import ValidationError
from stubs import CountingOracle, played, small

import designloop as dl
from designloop.core.config import build, read_text
from designloop.core.durations import read_duration
from designloop.core.errors import ConfigError
from designloop.core.kinds import short_names
from designloop.core.parts import Part
from designloop.core.records import Batch
from designloop.core.shelves import SHELVES
from designloop.storage.log import canonical

ROOMS = ("campaign", "lab.lab", "study.description", "core.prior", "core.spaces", "live.campaign", "trial_runs.batches")
HUGE = (inf, -inf, nan, 1e300, -1e300)
NO_LIMIT = {
    *(("Budget", name, inf) for name in ("designs", "weeks", "cost")),
    ("Campaign", "oracle_seconds", inf),
    ("LiveCampaign", "oracle_seconds", inf),
}
MAY_BE_NEGATIVE = {
    *(("Noise", name) for name in ("background", "edge")),
    *(("Assay", name) for name in ("lower", "upper", "min_z_prime")),
    *(("Landscape", name) for name in ("first", "absent", "floor")),
    ("VectorFile", "first"),
    ("VariantFile", "first"),
    ("StartsFile", "first"),
    ("ResultFile", "first"),
    ("PastFile", "first"),
    ("Control", "value"),
    *(("FunctionOracle", name) for name in ("floor", "optimum")),
    ("LiveLab", "floor"),
    ("Study", "threshold"),
}
"""Values in the oracle's units, an effect, and a position: below zero they mean something."""


def subclasses(base: type[Part]) -> Iterator[type[Part]]:
    for one in base.__subclasses__():
        if one.__module__.startswith("designloop."):
            yield one
        yield from subclasses(one)


def numeric_fields() -> list[tuple[type[Part], str]]:
    shelved = [where.partition(":")[0] for shelf in SHELVES for where in short_names(shelf).values()]
    for module in (*(f"designloop.{room}" for room in ROOMS), *shelved):
        importlib.import_module(module)
    parts = sorted(set(subclasses(Part)), key=lambda part: part.__qualname__)
    fields = [(part, name, str(field.annotation)) for part in parts for name, field in part.model_fields.items()]
    return [(p, name) for p, name, kind in fields if re.search(r"\b(int|float)\b", kind) and "dict" not in kind]


FIELDS = numeric_fields()


def is_refused(part: type[Part], name: str, value: Any) -> bool:
    """Whether the field by itself refuses the value; what else the part lacks does not count."""
    is_tuple = "tuple" in str(part.model_fields[name].annotation)
    pairs = "tuple[tuple" in str(part.model_fields[name].annotation)
    given = ([[1.0, value]] if pairs else [value]) if is_tuple else value
    try:
        part.model_validate({name: given})
    except ValidationError as error:
        return any(problem["loc"][:1] in ((name,), ()) for problem in error.errors())
    return False


def test_there_are_numbers_to_look_at():
    assert len(FIELDS) > 100
    assert {("Cost", "per_bp"), ("Thompson", "scale"), ("Budget", "cost")} <= {(p.__name__, n) for p, n in FIELDS}


@pytest.mark.parametrize("value", HUGE, ids=str)
def test_no_field_takes_infinity_no_number_or_what_sums_cannot_hold(value):
    taken = {(part.__name__, name, value) for part, name in FIELDS if not is_refused(part, name, value)}
    assert taken == {one for one in NO_LIMIT if one[2] == value}


def test_a_field_that_takes_a_negative_number_means_something_by_it():
    assert {(part.__name__, name) for part, name in FIELDS if not is_refused(part, name, -1)} <= MAY_BE_NEGATIVE | {
        (part.__name__, name) for part, name in FIELDS if "tuple[int" in str(part.model_fields[name].annotation)
    }


FORMS = ("fixed", "uniform", "triangular", "lognormal", "exponential", "mixture", "by_size")


def argument(form: str, value: float) -> Any:
    forms = {
        "uniform": [0, value],
        "triangular": [0, 1, value],
        "lognormal": [value, 0.5],
        "mixture": [[1, value], [1, 2]],
        "by_size": [[10, value]],
    }
    return forms.get(form, value)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [*HUGE, 1e12, -1], ids=str)
def test_a_duration_beyond_a_century_is_refused_and_named(form, value):
    text = f"stages: [{{name: all, days: {{{form}: {argument(form, value)}}}}}]".replace("inf", ".inf")
    with pytest.raises(ConfigError, match=r"stages\.0\.days"):
        build(dl.Lab, read_text(text.replace("nan", ".nan"), "lab.yaml"))


def test_a_tail_that_no_calendar_holds_is_refused():
    with pytest.raises(ValueError, match="a cv from 0 to 10"):
        read_duration({"lognormal": [1, 1e6]})
    assert read_duration(36_500).shortest == 36_500


@pytest.mark.parametrize("days", [0, 1e-12, 36_500])
def test_the_shortest_and_the_longest_durations_run(days):
    run = start(dl.Lab.model_validate({"stages": [{"name": "all", "days": days}], "assay": {"days": days}}))
    run.submit(Batch(1, designs(3)))
    assert sum(event.kind == "observed" for event in finish(run)) == 3


def test_a_time_beyond_every_calendar_is_told_and_not_counted_out():
    stages = [{"name": str(place), "days": 36_500} for place in range(8)]
    run = start(dl.Lab.model_validate({"stages": stages, "calendar": {"start": "8999-01-06"}}))
    run.submit(Batch(1, designs(1)))
    with pytest.raises(ConfigError, match="the lab's calendar ends in the year 9999"):
        finish(run)


@pytest.mark.parametrize("limit", ["designs", "weeks", "cost"])
def test_infinity_in_a_budget_is_no_limit_and_recorded_as_none(limit):
    given, rest = {limit: inf}, {"designs": 8} if limit != "designs" else {"weeks": 12}
    budget = dl.Budget.model_validate({**given, **rest})
    assert getattr(budget, limit) is None
    log = played(small(oracle=CountingOracle.fresh(), budget=budget))
    assert log.events()[-1].kind == "closed"
    assert f'"{limit}":null' in canonical(log.events()[0])
    with pytest.raises(ValidationError, match="this campaign never ends"):
        small(budget={limit: inf})


def test_noise_that_no_factor_holds_is_refused_before_anything_runs():
    noise = {"lab": {"assay": {"noise": {"eps": 300}}}}
    with pytest.raises(ValidationError, match=r"sd of at most 20, got 300 \(a factor of e\^300 on a linear scale\)"):
        small(**noise)


@pytest.mark.parametrize(
    "noise",
    [
        {"eps": 19},
        {"background": -1, "edge": -0.99},
        {"background_sd": 1e15},
        {"reads": 1e15},
        {"reads": 1e-2, "eps": 1},
        {"reliability": 1e-4, "spread": 1e15},
        {"edge": 1e15},
    ],
    ids=str,
)
def test_the_loudest_noise_gives_values_that_can_be_recorded(noise):
    lab = {"preset": "good", "plate_size": 24, "assay": {"noise": noise}}
    events = played(small(oracle=CountingOracle.fresh(), lab=lab)).events()
    assert events[-1].kind == "closed"


@pytest.mark.parametrize("name", ["per_bp", "per_design", "per_replicate", "per_round", "per_week"])
@pytest.mark.parametrize("price", [1e-15, 1e15])
def test_the_smallest_and_the_largest_prices_are_charged(name, price):
    events = played(small(oracle=CountingOracle.fresh(), lab={"preset": "good", "cost": {name: price}})).events()
    assert events[-1].kind == "closed"


@pytest.mark.parametrize("brackets", [[[0, 1]], [[10, 0]], [[10, 5], [5, 3]], [[10, 5], [10, 3]]])
def test_brackets_are_anchors_that_logarithms_hold(brackets):
    with pytest.raises(ValidationError, match="brackets: expected"):
        dl.Lab.model_validate({"cost": {"brackets": brackets}})
