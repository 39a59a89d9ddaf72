"""A count of one is in the singular, wherever a count is printed."""

import pytest

from designloop.core.counting import many


@pytest.mark.parametrize(
    ("n", "thing", "said"),
    [
        (0, "design", "0 designs"),
        (1, "design", "1 design"),
        (2, "more pair", "2 more pairs"),
        (1, "batch", "1 batch"),
        (1200, "batch", "1,200 batches"),
        (2, "study", "2 studies"),
        (2, "day", "2 days"),
        (2, "axis-less box", "2 axis-less boxes"),
    ],
)
def test_a_count_is_written_with_its_noun(n: int, thing: str, said: str):
    assert many(n, thing) == said


@pytest.mark.parametrize(
    ("verb", "one"), [("are", "is"), ("were", "was"), ("have", "has"), ("lie", "lies"), ("do", "does")]
)
def test_a_verb_agrees_with_its_count(verb: str, one: str):
    assert (many(1, "row", verb), many(2, "row", verb)) == (f"1 row {one}", f"2 rows {verb}")
