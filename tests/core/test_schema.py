"""The schema of a description is one that editors can use: valid, closed, and with every part by its kind."""

import json

from designloop.core.parts import Part, known_kinds
from designloop.core.schema import schema_of
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
        by_name, written = definitions[name]["anyOf"]
        assert preset in by_name["enum"]
        assert preset in written["properties"]["preset"]["enum"]
    objective = definitions["generators.language-model"]["properties"]["objective"]
    assert objective["enum"] == ["causal", "masked", "any-order"]


def test_starts_may_be_a_list_a_file_or_a_draw():
    import designloop as dl

    forms = schema_of(dl.Prior)["properties"]["starts"]["oneOf"]
    named = {form["$ref"].rpartition("/")[2] for form in forms if "$ref" in form}
    assert named == {"StartsFile", "ListedStarts", "DrawnStarts"}
    assert [form["type"] for form in forms if "type" in form] == ["array"]
