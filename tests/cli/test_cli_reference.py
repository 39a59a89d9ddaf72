"""The manual's reference is generated: every key, every part, every command and option stands in it."""

import re
from inspect import signature

import pytest

from designloop.campaign import Campaign
from designloop.cli.main import app
from designloop.cli.reference import SECTIONS, markdown
from designloop.core.config import put, read_text
from designloop.core.errors import InputError
from designloop.core.kinds import known_kinds
from designloop.core.parts import Part, find
from designloop.core.shelves import SHELVES
from designloop.lab.starting_points import PRESETS
from designloop.live.lab import LiveLab, PlateControl
from designloop.live.result_file import ResultFile
from designloop.study.description import Study


def keys(section):
    return set(re.findall(r"^\| `([^`]+)` \|", markdown(section), flags=re.MULTILINE))


@pytest.mark.parametrize(("section", "model"), [("campaign", Campaign), ("study", Study)])
def test_every_key_is_there(section, model):
    assert set(model.model_fields) <= keys(section)


def test_keys_inside_are_those_that_set_takes():
    """Each dotted key of the reference can be put into a campaign's description: its path is one of mappings."""
    document = read_text("lab: {stages: [{name: a, days: 1}]}", "here")
    for key in keys("campaign"):
        put(document, key.replace(".N", ".0"), None, "here")
    assert {"lab.assay.noise.reliability", "lab.close_at.share", "prior.starts.path"} <= keys("campaign")


def test_the_keys_of_a_live_lab_are_there():
    assert {f"lab.{name}" for name in LiveLab.model_fields} - {"lab.controls", "lab.results"} <= keys("live")
    assert {f"lab.results.{name}" for name in ResultFile.model_fields} <= keys("live")
    assert {f"lab.controls.N.{name}" for name in PlateControl.model_fields} <= keys("live")


@pytest.mark.parametrize("shelf", SHELVES)
def test_every_part_is_there_with_its_keys(shelf):
    text = markdown("parts")
    for kind in known_kinds(shelf):
        (own,) = re.findall(rf"^### {shelf}: `{kind}`\n(.*?)(?=^### )", text, flags=re.MULTILINE | re.DOTALL)
        part = find(shelf, kind)
        for name in part.model_fields if isinstance(part, type) and issubclass(part, Part) else ():
            assert f"| `{name}` |" in own, (kind, name)
    assert all(f"| `{preset}` |" in text for preset in PRESETS)


OF_GROUPS = {
    f"{group.name} {command.callback.__name__}": command
    for group in app.registered_groups
    for command in group.typer_instance.registered_commands
}
EVERY = {**{command.name or command.callback.__name__: command for command in app.registered_commands}, **OF_GROUPS}


@pytest.mark.parametrize("name", EVERY)
def test_every_command_is_there_with_its_options(name):
    command = EVERY[name]
    (own,) = re.findall(rf"^### `designloop {name}\b.*?\n(.*?)(?=^### |\Z)", markdown("commands"), flags=re.M | re.S)
    assert len(re.findall(r"^\| `", own, flags=re.MULTILINE)) == len(signature(command.callback).parameters)
    if "settings" in signature(command.callback).parameters:
        assert "| `--set` | text |" in own


def test_the_whole_is_its_sections_and_valid_markdown():
    whole = markdown()
    assert whole == "\n".join(markdown(name) for name in SECTIONS)
    tables = [line for line in whole.splitlines() if line.startswith("|")]
    widths = {line.replace("\\|", "").count("|") for line in tables}
    assert widths == {5, 3}  # four columns, or two of the lab's presets
    assert not re.search(r"<[a-z]", re.sub(r"`[^`]*`", "", whole)), "a tag outside code"


def test_a_section_that_is_none_is_told():
    with pytest.raises(InputError, match=r"unknown section 'studdy'\. Did you mean 'study'"):
        markdown("studdy")
