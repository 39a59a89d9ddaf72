"""YAML is read as plain data with the line of each key; what is no description is refused with its line."""

import pytest

from designloop.core.config import override, read_text
from designloop.core.errors import ConfigError
from designloop.core.yaml_text import plain_data

MERGED = """\
base: &base
  kind: ucb
  beta: 2
other: &other {beta: 3, gamma: 4}
plain:
  <<: *base
  beta: 1
both:
  <<: [*base, *other]
nested:
  <<: {<<: *other, delta: 5}
"""


def test_merge_keys_bring_entries_that_stand_where_they_were_written():
    data, places = plain_data(MERGED, "it")
    assert data["plain"] == {"beta": 1, "kind": "ucb"}
    assert data["both"] == {"kind": "ucb", "beta": 2, "gamma": 4}  # the first of a list wins
    assert data["nested"] == {"delta": 5, "beta": 3, "gamma": 4}
    assert places["plain", "beta"] == "line 7"
    assert places["plain", "kind"] == "line 2"
    assert places["both", "gamma"] == "line 4"


def test_a_mistake_in_a_merged_key_is_told_with_the_line_it_was_written_in():
    from designloop.campaign import Campaign
    from designloop.core.config import build

    oracle = "name: a\noracle: {kind: nk, length: 8, neighbours: 1}\n"
    text = f"{oracle}budget: &b\n  desings: 3\nstrategy:\n  <<: *b\n  kind: random\n"
    with pytest.raises(ConfigError, match=r"unknown key 'desings'.*strategy\.desings, line 4 of it"):
        build(Campaign, read_text(text, "it"))


def test_an_alias_stands_for_what_it_names():
    data, places = plain_data("a: &a [1, {b: 2}]\nc: *a\n", "it")
    assert data["c"] == data["a"] == [1, {"b": 2}]
    assert data["c"] is not data["a"]  # --set changes one of them
    assert places["c", 1, "b"] == "line 1"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2001-99-99", "2001-99-99"),
        ("2001-01-01", "2001-01-01"),
        ("2001-01-01T25:00:00Z", "2001-01-01T25:00:00Z"),
        ("010", 10),
        ("0x1F", 31),
        ("0o17", 15),
        ("1_000", 1000),
        ("yes", "yes"),
        ("2:30", "2:30"),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("~", None),
        ("!!str 5", "5"),
        ("<<", "<<"),
        ("9" * 300, int("9" * 300)),
    ],
)
def test_a_scalar_is_what_yaml_1_2_says_and_a_date_is_its_text(text: str, value: object):
    assert plain_data(f"a: {text}", "it")[0] == {"a": value}


NINE = ", ".join(["*x"] * 9)
BOMB = "\n".join(["a: &x0 [1]", *(f"b{k}: &x{k} [{NINE.replace('x', f'x{k - 1}')}]" for k in range(1, 9))])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb: " + "9" * 5000, "line 2: expected a number of at most 300 digits, got 5,000"),
        ("a: 0x" + "f" * 5000, "line 1: expected a number of at most 300 digits, got 5,002"),
        ("a: " + "1" * 400 + ".5", "line 1: expected a number of at most 300 digits, got 402"),
        ("a: !!omap [x: 1]", "line 1: the tag !!omap is not supported; remove it"),
        ("a: 1\nb: !!set {x, y}", "line 2: the tag !!set is not supported"),
        ("a: !mine 3", "line 1: the tag !mine is not supported"),
        ("a: !!python/object/apply:os.system [ls]", "line 1: the tag !!python/object/apply:os.system is not supported"),
        ("a: !!binary aGk=", "line 1: the tag !!binary is not supported"),
        ("a: !!int seven", "line 1: 'seven' is not a value of type int; remove the tag"),
        ("a: 1\nb: " + "[" * 500 + "]" * 500, "line 2: nested more than 60 levels deep"),
        ("a: " + "{b: " * 500 + "1" + "}" * 500, "line 1: nested more than 60 levels deep"),
        ("a: &a\n  b: *a", "nested more than 60 levels deep"),
        (BOMB, "aliases (*name) repeat more than 20,000 values"),
        ("a: &a {b: 1, <<: *a}", "`<<` expects a mapping"),
        ("a: {<<: 3}", "line 1: `<<` expects a mapping or a list of mappings, as in `<<: *name`"),
        ('a: 1\nb: "x\\0y"', "line 2: the text contains a NUL character"),
        ('"a\\0": 1', "line 1: the text contains a NUL character"),
        ("a: 1\n? [b]\n: 2", "line 2: expected a word or a number as key"),
        ("a: 1\nb: 2\na: 3", "line 3: duplicate key 'a'; the first is on line 1"),
        ("a: *nowhere", "line 1: found undefined alias"),
        ("a: 1\n---\nb: 2", "line 2: "),
        ("a: \x07", "it"),
    ],
    ids=lambda text: text[:20],
)
def test_what_is_no_description_is_refused_with_its_line(text: str, sentence: str):
    with pytest.raises(ConfigError) as error:
        read_text(text, "it")
    assert sentence in str(error.value)
    assert str(error.value).startswith("it")
    assert len(str(error.value)) < 300


def test_merges_without_end_are_bounded():
    text = "\n".join(
        ["a0: &a0 {k: 1}", *(f"a{k}: &a{k} {{<<: [{NINE.replace('x', f'a{k - 1}')}]}}" for k in range(1, 9))]
    )
    with pytest.raises(ConfigError, match="aliases"):
        plain_data(text, "it")


def test_a_setting_is_bounded_as_a_file_is():
    document = read_text("a: 1", "it")
    with pytest.raises(ConfigError, match=r"--set a=\[\[.*nested more than 60 levels deep"):
        override(document, ["a=" + "[" * 99 + "]" * 99])


def test_what_is_read_twice_is_each_readers_own():
    first, places = plain_data("a: {b: [1]}\n", "it")
    first["a"]["b"].append(2)
    places.clear()
    lines = {("a",): "line 1", ("a", "b"): "line 1", ("a", "b", 0): "line 1"}
    assert plain_data("a: {b: [1]}\n", "it") == ({"a": {"b": [1]}}, lines)
