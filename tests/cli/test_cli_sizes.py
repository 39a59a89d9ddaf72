"""Sizes that no machine can hold are refused before any work, with their place; each whole number has its limit."""

from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from designloop.campaign import Campaign
from designloop.core.kinds import known_kinds
from designloop.core.parts import find
from designloop.study.description import Study

MODEL = "strategy={kind: model-guided, generator: {kind: language-model, model: {kind: transformer, %s}}}"
GUIDED = "strategy={kind: model-guided, generator: mutation, surrogate: {kind: %s}}"


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("prior.starts={draw: random, n: 100000000}", "at most 1000000, got 100000000"),
        ("scheduler.batch_size=1000000000", "at most 100000, got 1000000000 (scheduler.batch_size"),
        ("scheduler.batch_sizes=[6, 1000000000]", "at most 100000"),
        ("scheduler.replicates=1000000", "at most 1000,"),
        ("lab.plate_size=1000000", "at most 100000,"),
        ("space.max_length=1000000000", "at most 1000000,"),
        (MODEL % "width: 1000000", "at most 8192,"),
        (MODEL % "depth: 200", "200 blocks of width 6400 have about 1e+11 weights, but at most 2e+09 can be trained"),
        (GUIDED % "deep-ensemble, channels: 10000000", "at most 4096,"),
        (GUIDED % "dense-ensemble, hidden: [30, 1000000]", "at most 4096,"),
        ("strategy={kind: genetic, surplus: 100000000}", "at most 1000,"),
        ("oracle={kind: ehrlich, length: 1000000000}", "at most 100000,"),
        (
            "oracle={kind: nk, length: 100000, neighbours: 0}",
            "prior.corpus_size: 5,000 natural sequences of up to 100,000 letters exceed the limit of 100,000,000",
        ),
    ],
)
def test_an_impossible_size_is_refused_before_any_work(designloop, campaign, tmp_path, setting, sentence):
    for command in ("validate", "run"):
        answer = designloop(command, campaign, "--set", setting)
        assert answer.code == 2, answer.err
        assert sentence in answer.err
    assert not (tmp_path / "runs").exists()


TAKES_TIME_ALONE = {
    *("steps", "generations", "passes", "max_rounds", "urgent", "budget.designs", "infilled"),  # how long
    *("seed", "pretrain_seed", "first", "n_initial", "neighbours", "num_motifs", "motif_length", "quantization"),
    "edition",
    *("readers", "capacity", "min_bp", "wells_per_control", "max_edits", "fixed"),  # held to other sizes, or counted
}
"""Whole numbers that size nothing that is held in memory, or whose limit hangs on another field's."""


def whole_numbers(model: type[BaseModel]) -> Iterator[tuple[str, dict]]:
    """(field, its schema) of each field of a model that is a whole number, or a list of them, or none."""
    schema = model.model_json_schema()
    for name, field in schema.get("properties", {}).items():
        for one in (field, *field.get("anyOf", ()), field.get("items", {})):
            if one.get("type") == "integer":
                yield name, one


SHELVES = ("oracles", "language_models", "scheduling", "generators", "surrogates", "pending_rules", "strategies")


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_whole_number_that_sizes_something_has_a_limit(shelf: str):
    parts = [find(shelf, kind) for kind in known_kinds(shelf)]
    unbounded = {
        f"{part.__name__}.{name}"
        for part in parts
        for name, schema in whole_numbers(part)
        if name not in TAKES_TIME_ALONE and not {"maximum", "exclusiveMaximum"} & schema.keys()
    }
    assert not unbounded


@pytest.mark.parametrize("model", [Campaign, Study])
def test_every_whole_number_of_what_holds_the_parts_has_a_limit(model):
    assert not {
        name
        for name, schema in whole_numbers(model)
        if name not in TAKES_TIME_ALONE and not {"maximum", "exclusiveMaximum"} & schema.keys()
    }
