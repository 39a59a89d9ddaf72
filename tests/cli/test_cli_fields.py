"""Fields are told in words: from types to what a reader writes."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BeforeValidator, Field

from designloop.cli.shared.fields import groups_of
from designloop.core.parts import Part
from designloop.scheduling.base import Scheduler


class Inner(Part):
    """What stands inside.

    And more of it.
    """

    size: int = Field(3, ge=1, description="its size")


class Everything(Part):
    number: float = Field(0.5, gt=0, description="a number")
    share: Annotated[float, BeforeValidator(float)] = Field(gt=0, le=1)
    count: int | None = Field(None, ge=1, le=1_000_000)
    word: Annotated[str, BeforeValidator(str)] | None = None
    choice: Literal["a", "b"] = "a"
    either: Literal["a", "b"] | float = "b"
    maybe: str | None = "x"
    switch: bool = True
    pairs: tuple[tuple[float, float], ...] = ()
    names: tuple[str, ...] = Field(min_length=1)
    table: dict[str, float] = Field({})
    scheduler: Scheduler
    others: tuple[Scheduler, ...] = Field(default_factory=lambda: (Scheduler._read("rounds"),))
    inner: Inner = Inner(size=7)
    many: tuple[Inner, ...] = ()


TAKES = {
    "number": ("number > 0", "0.5"),
    "share": ("number > 0 and <= 1", "required"),
    "count": ("whole number from 1 to 1,000,000, optional", "none"),
    "word": ("text, optional", "none"),
    "choice": ("one of a | b", "a"),
    "either": ("one of a | b, or number", "b"),
    "maybe": ("text, or none", "x"),
    "switch": ("true | false", "true"),
    "pairs": ("list of pairs of numbers", "[]"),
    "names": ("list of texts, at least one", "required"),
    "table": ("mapping from text to number", "{}"),
    "scheduler": ("a part of scheduling", "required"),
    "inner": ("mapping", "as below"),
    "many": ("list of mappings", "[]"),
}


@pytest.mark.parametrize("name", TAKES)
def test_a_field_is_told_in_words(name):
    field = next(field for field in groups_of(Everything)[0].fields if field.name == name)
    assert (field.type, field.default) == TAKES[name]


def test_mappings_inside_have_groups_with_the_defaults_that_hold_there():
    _, inner, many = groups_of(Everything)
    assert (inner.key, inner.about, inner.dotted(inner.fields[0])) == ("inner", "What stands inside.", "inner.size")
    assert (inner.fields[0].type, inner.fields[0].default, inner.fields[0].meaning) == (
        "whole number >= 1",
        "7",
        "its size",
    )
    assert (many.key, many.fields[0].default) == ("many.N", "3")


def test_a_type_that_json_has_no_word_for_takes_anything():
    class Odd(Part):
        call: Callable[[], int] | None = None
        place: Path = Path("x")

    call, place = groups_of(Odd)[0].fields
    assert (call.type, place.type, place.default) == ("anything, optional", "text", "x")


def test_a_default_part_is_told_by_its_kind_and_what_is_set_in_it():
    from designloop.strategies.ensemble_greedy import EnsembleGreedy

    told = {field.name: field.default for field in groups_of(EnsembleGreedy)[0].fields}
    assert told["generator"] == "{kind: enumerate, model: markov}"
    assert told["acquisition"] == "greedy"
