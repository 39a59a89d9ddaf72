"""The schema of a description is one that editors can use: valid, closed, and with every part by its kind."""

import json
from functools import cache
from pathlib import Path

import jsonschema
import pytest

from designloop.core.config import read_document
from designloop.core.kinds import known_kinds
from designloop.core.parts import Part
from designloop.core.schema import schema_of
from designloop.core.spaces import Narrowing, Space
from designloop.scheduling.base import Budget, Scheduler


class Holder(Part):
    scheduler: Scheduler
    others: tuple[Scheduler, ...] = ()
    budget: Budget


def references(node):
    if isinstance(node, dict):
        yield from ([node["$ref"]] if "$ref" in node else [])
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_every_part_of_a_shelf_is_there_by_its_kind():
    definitions = schema_of(Holder)["$defs"]
    for kind in known_kinds("scheduling"):
        described = definitions[f"scheduling.{kind}"]
        assert described["properties"]["kind"] == {"const": kind}
        assert described["required"][0] == "kind"
        assert described["additionalProperties"] is False


def test_every_reference_leads_somewhere_and_no_mark_is_left():
    schema = schema_of(Holder)
    text = json.dumps(schema)
    assert "x-shelf" not in text
    assert {ref.removeprefix("#/$defs/") for ref in references(schema)} <= set(schema["$defs"])


def test_a_field_keeps_its_help_beside_the_reference():
    schema = schema_of(Holder)
    assert schema["properties"]["scheduler"]["$ref"] == "#/$defs/any-of-scheduling"
    weekly = schema["$defs"]["scheduling.weekly"]["properties"]["every_weeks"]
    assert weekly["description"].startswith("weeks")
    assert weekly["default"] == 1.0


def test_a_part_of_another_package_is_allowed_by_its_path():
    choices = schema_of(Holder)["$defs"]["any-of-scheduling"]["oneOf"]
    assert any(choice.get("pattern") == ":" for choice in choices)


def test_short_forms_are_allowed_where_a_description_takes_them():
    """A lab or a noise by its preset's name, and the generator's `objective`."""
    import designloop as dl

    definitions = schema_of(dl.Campaign)["$defs"]
    for name, preset in (("Lab", "good"), ("Noise", "plate_fluorescence")):
        by_name, *_, written = definitions[name]["anyOf"]
        assert preset in by_name["enum"]
        of_key = written["properties"]["preset"]
        assert preset in of_key.get("anyOf", [of_key])[0]["enum"]
    objective = definitions["generators.language-model"]["properties"]["objective"]
    assert objective["enum"] == ["causal", "masked", "any-order"]


def test_starts_may_be_a_list_a_file_or_a_draw():
    import designloop as dl

    named, described = schema_of(dl.Prior)["properties"]["starts"]["anyOf"]
    assert named["type"] == "string"
    forms = described["oneOf"]
    parts = {form["$ref"].rpartition("/")[2] for form in forms if "$ref" in form}
    assert parts == {"StartsFile", "ListedStarts", "DrawnStarts"}
    assert [form["type"] for form in forms if "type" in form] == ["array"]


CONFIGS = Path(__file__).parents[2] / "configs"
STUDIES = sorted(file for file in (CONFIGS / "studies").glob("*.yaml") if file.stem != "guided")
CAMPAIGNS = [*sorted(CONFIGS.glob("*.yaml")), CONFIGS / "studies" / "guided.yaml"]


@cache
def validator(model):
    schema = schema_of(model)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("file", [*CAMPAIGNS, *STUDIES], ids=lambda file: file.stem)
def test_an_editor_finds_no_fault_in_our_own_configs(file):
    from designloop.campaign import Campaign
    from designloop.study.description import Study

    model = Study if file in STUDIES else Campaign
    assert [error.message for error in validator(model).iter_errors(read_document(file).data)] == []


def test_an_editor_finds_what_is_wrong_in_a_study():
    """In its base, in a part on its axes, in its own keys."""
    from designloop.study.description import Study

    check, study = validator(Study), read_document(CONFIGS / "studies" / "pending.yaml").data
    study["base"] = {"budget": {"designs": 480}, "scheduler": "rounds"}
    assert check.is_valid(study)
    assert not check.is_valid({**study, "base": {"budget": {"desings": 480}}})
    assert not check.is_valid({**study, "sedes": 3})
    strategies = {"a": {"kind": "model-guided", "acquisition": {"kind": "log-ei", "pendin": "ignore"}}}
    assert not check.is_valid({**study, "axes": {"strategies": strategies}})
    assert not check.is_valid({**study, "axes": {"labs": ["goood"]}})


def test_an_alphabet_may_be_a_name():
    from designloop.oracles.nk import NK

    check = validator(NK)
    assert check.is_valid({"alphabet": "dna"})
    assert check.is_valid({"alphabet": {"name": "mine", "letters": "ab"}})
    assert not check.is_valid({"alphabet": 3})


def test_a_space_takes_its_length_by_one_key_or_by_two():
    schema = schema_of(type("Spaces", (Part,), {"__annotations__": {"whole": Space, "part": Narrowing}}))
    for one in ({"length": 4}, {"min_length": 4, "max_length": 5}):
        jsonschema.validate({"whole": {"alphabet": "dna", **one}, "part": one}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"whole": {"alphabet": "dna", "length": 0}, "part": {}}, schema)
