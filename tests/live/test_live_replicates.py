"""A value that comes later is known, a further replicate, or a contradiction: never silently the wrong one of these."""

import csv
from collections.abc import Sequence
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from live_stubs import begun

from designloop.core.errors import LiveError
from designloop.live.directory import Live

NAMED, NUMBERED, ERRORS = ["name", "value"], ["name", "replicate", "value"], ["name", "value", "std_error"]
DEVIATIONS = ["name", "value", "std_dev", "n"]
HOW = {"std_dev": "std_dev", "n": "n"}
File = tuple[Sequence[str], Sequence[Sequence[Any]]]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, scheduler={"kind": "rounds", "batch_size": 2, "replicates": 2}).ask(at=0)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Two designs in the lab, two wells each."""
    return Live(copytree(asked, tmp_path / "live"), by="ana")


def written(live: Live, file: File) -> Path:
    path = live.path.parent / f"{len(list(live.path.parent.glob('*.csv')))}.csv"
    with path.open("w", newline="") as out:
        csv.writer(out).writerows([file[0], *file[1]])
    return path


def values(live: Live) -> dict[int, tuple[float, ...]]:
    return {key: row.values for key, row in sorted(live.history.rows.items())}


ONE: File = (NAMED, [("rbs_0", 0.5)])
LONG: File = (NAMED, [("rbs_0", "0.5123"), ("rbs_1", "0.6011")])

KNOWN = {
    "again": (ONE, ONE),
    "rounded": (LONG, (NAMED, [("rbs_0", "0.51"), ("rbs_1", "0.60")])),
    "rounded to three digits": ((NAMED, [("rbs_0", "12.345")]), (NAMED, [("rbs_0", "12.3"), ("NTC", "1.00")])),
    "an error that is not repeated": ((ERRORS, [("rbs_0", 0.5, 0.1)]), ONE),
    "an error that is rounded": ((ERRORS, [("rbs_0", 0.5123, 0.1234)]), (ERRORS, [("rbs_0", "0.51", "0.12")])),
    "a limit": ((NAMED, [("rbs_0", "<0.05")]), (NAMED, [("rbs_0", "<0.05")])),
    "over, with another extreme": (
        (NAMED, [("rbs_0", "OVER"), ("rbs_1", 3.5)]), (NAMED, [("rbs_0", "OVER"), ("rbs_1", 3.5), ("NTC", 4.5)]),
    ),
    "a number that was not told": (ONE, (NUMBERED, [("rbs_0", 2, 0.5)])),
    "a number that is not repeated": ((NUMBERED, [("rbs_0", 2, 0.5)]), ONE),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_counts_once(name: str, live: Live) -> None:
    first, second = KNOWN[name]
    live.tell(written(live, first), columns={"ignore": "NTC"})
    before = values(live)
    understood = live.tell(written(live, second), columns={"ignore": "NTC"})
    assert understood.events == ()
    assert values(live) == before
    assert ("rounded in this file" in str(understood)) == ("rounded" in name)


def test_a_rounded_value_is_shown_with_the_one_that_was_told(live: Live) -> None:
    live.tell(written(live, LONG))
    understood = live.tell(written(live, (NAMED, [("rbs_0", "0.51")])))
    assert "1 known result rounded in this file: 0.51 was told as 0.5123" in understood.lines


WRONG = {
    "a correction, or a replicate": (ONE, (NAMED, [("rbs_0", 0.6)]), "the value is 0.6, but it was 0.5 (entry 2)"),
    "more digits than before": (ONE, (NAMED, [("rbs_0", 0.5123)]), "the value is 0.5123, but it was 0.5 (entry 2)"),
    "rounded to one digit": (LONG, (NAMED, [("rbs_0", "0.5")]), "the value is 0.5, but it was 0.5123 (entry 2)"),
    "zeros that were written": (LONG, (NAMED, [("rbs_0", "0.50")]), "the value is 0.5, but it was 0.5123"),
    "a value for a limit": (
        (NAMED, [("rbs_0", "<0.05")]), (NAMED, [("rbs_0", "0.03")]), "the value is 0.03, but it was < 0.05 (entry 2)",
    ),
    "the number that it took": (ONE, (NUMBERED, [("rbs_0", 1, 0.6)]), "the value is 0.6, but it was 0.5 (entry 2)"),
    "no number": ((NUMBERED, [("rbs_0", 2, 0.5)]), (NAMED, [("rbs_0", 0.6)]), "the value is 0.6, but it was 0.5"),
    "both values are others": (ONE, (NAMED, [("rbs_0", 0.6), ("rbs_0", 0.7)]), "the value is 0.6, 0.7, but it was 0.5"),
    "a mean of both": (
        (NAMED, [("rbs_0", 0.5), ("rbs_0", 0.6)]), (NAMED, [("rbs_0", 0.55)]),
        "the value is 0.55, but it was 0.5 (entry 2) and 0.6 (entry 2)",
    ),
    "a well of the other value": (
        (NUMBERED, [("rbs_0", 1, 0.5)]), (NUMBERED, [("rbs_0", 1, 0.6)]), "replicate 1 is 0.6, but it was 0.5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_may_be_a_correction_is_refused_for_the_whole_file(name: str, live: Live) -> None:
    first, (header, rows), message = WRONG[name]
    live.tell(written(live, first))
    before = values(live)
    with pytest.raises(LiveError) as refused:
        live.tell(written(live, (header, [("rbs_1", *rows[0][1:-1], 3), *rows])))
    assert message in str(refused.value)
    assert values(live) == before


def test_the_mends_are_said_once_for_the_whole_file(live: Live) -> None:
    live.tell(written(live, LONG))
    with pytest.raises(LiveError) as refused:
        live.tell(written(live, (NAMED, [("rbs_0", 0.6), ("rbs_1", 0.7)])))
    assert str(refused.value).count("design") == 3, "a line for each, and the command that undoes"
    assert str(refused.value).count("further replicates, say so (`--further`)") == 1


@pytest.mark.parametrize("header", [NAMED, ERRORS])
def test_three_values_of_two_wells_are_refused(header: Sequence[str], live: Live) -> None:
    rows = [("rbs_0", value, 0.1)[: len(header)] for value in (0.5, 0.6, 0.55)]
    with pytest.raises(LiveError, match=r"it has the values 0\.5.*, 0\.6.*, 0\.55.*, but only 2 wells"):
        live.tell(written(live, (header, rows)))
    with pytest.raises(LiveError, match="If a mean is among the values of a design, remove its row"):
        live.tell(written(live, (header, rows)))


FURTHER = {
    "said by people": (ONE, (NAMED, [("rbs_0", 0.6)]), {"further": True}, (0.5, 0.6)),
    "numbered after one without a number": (ONE, (NUMBERED, [("rbs_0", 2, 0.6)]), {}, (0.5, 0.6)),
    "said by people, of the number that it took": (ONE, (NUMBERED, [("rbs_0", 1, 0.6)]), {"further": True}, (0.5, 0.6)),
    "numbered": ((NUMBERED, [("rbs_0", 2, 0.5)]), (NUMBERED, [("rbs_0", 1, 0.6)]), {}, (0.5, 0.6)),
    "beside the value that was told": (ONE, (NAMED, [("rbs_0", 0.6), ("rbs_0", 0.5)]), {}, (0.5, 0.6)),
    "numbered, beside the value without a number": (
        ONE, (NUMBERED, [("rbs_0", 1, 0.6), ("rbs_0", 2, 0.5)]), {}, (0.5, 0.6)
    ),
    "near the first, but said by people": (
        (NAMED, [("rbs_0", 0.5123)]), (NAMED, [("rbs_0", "0.51")]), {"further": True}, (0.5123, 0.51)
    ),
    "beyond the wells": (
        (NAMED, [("rbs_0", 0.5), ("rbs_0", 0.6)]), (NAMED, [("rbs_0", 0.7)]), {"further": True}, (0.5, 0.6, 0.7)
    ),
    "numbered beyond the wells": ((NUMBERED, [("rbs_0", 1, 0.5)]), (NUMBERED, [("rbs_0", 3, 0.7)]), {}, (0.5, 0.7)),
}  # fmt: skip


@pytest.mark.parametrize("name", FURTHER)
def test_a_further_replicate_counts_where_the_file_or_people_say_so(name: str, live: Live) -> None:
    first, second, how, expected = FURTHER[name]
    live.tell(written(live, first))
    file = written(live, second)
    told = live.tell(file, **how)
    assert values(live) == {0: expected}
    assert ("1 value of a well beyond those that were ordered" in told.lines) == ("beyond" in name)
    assert live.tell(file).events == (), "it may be told again, without saying so again"
    assert live.tell(file, **how).events == ()
    assert values(live) == {0: expected}


def test_a_number_that_is_said_later_moves_a_value_without_one(live: Live) -> None:
    """The first value has a replicate that nobody said; the well of that number is another one."""
    live.tell(written(live, ONE))
    numbered = written(live, (NUMBERED, [("rbs_0", 1, 0.6), ("rbs_0", 2, 0.5)]))
    live.tell(numbered)
    results = live.record.tickets.tickets[1, 0].results
    assert {n: result.value for n, result in results.items()} == {1: 0.6, 2: 0.5}
    live.undo(2)
    assert values(live) == {0: (0.6,)}
    assert live.record.tickets.tickets[1, 0].to_come == [2]


MEAN: File = (DEVIATIONS, [("rbs_0", 0.5, 0.2, 2)])
WITH_ERROR: File = (ERRORS, [("rbs_0", 0.5, 0.1)])
LATER_ERRORS = {
    "an error": (ONE, {}, WITH_ERROR, {}, "it is 0.5 ± 0.1, but it was 0.5 (entry 2)"),
    "an error of a mean": (ONE, {}, MEAN, HOW, "it is 0.5 ± 0.141421 (mean of 2 wells), but it was 0.5 (entry 2)"),
    "another error": (WITH_ERROR, {}, (ERRORS, [("rbs_0", 0.5, 0.3)]), {}, "it is 0.5 ± 0.3, but it was 0.5 ± 0.1"),
    "a mean after an error": (WITH_ERROR, {}, MEAN, HOW, "it is 0.5 ± 0.141421 (mean of 2 wells), but it was 0.5 ±"),
    "an error after a mean": (MEAN, HOW, WITH_ERROR, {}, "it is 0.5 ± 0.1, but it was 0.5 ± 0.141421 (mean"),
}  # fmt: skip


@pytest.mark.parametrize("further", [False, True])
@pytest.mark.parametrize("name", LATER_ERRORS)
def test_an_error_that_comes_later_is_a_contradiction_and_never_a_second_value(
    name: str, live: Live, further: bool
) -> None:
    first, how, second, then, message = LATER_ERRORS[name]
    live.tell(written(live, first), columns=how)
    file = written(live, second)
    with pytest.raises(LiveError) as refused:
        live.tell(file, further=further, columns=then)
    assert message in str(refused.value)
    live.undo(2)
    live.tell(file, columns=then)
    assert values(live) == {0: (0.5,)}
    assert live.tell(written(live, ONE)).events == (), "a file need not repeat the error"


def test_an_error_that_is_pooled_over_other_rows_is_no_contradiction(live: Live) -> None:
    """The error of one replicate is estimated from all rows of its file, so a longer file estimates another one."""
    first = [("rbs_0", 0.5, "", 1), ("NTC", 0.1, 0.2, 2)]
    live.tell(written(live, (DEVIATIONS, first)), columns={"ignore": "NTC", **HOW})
    whole = written(live, (DEVIATIONS, [*first, ("NTC", 0.1, 0.6, 2), ("rbs_1", 0.7, 0.3, 2)]))
    live.tell(whole, columns={"ignore": "NTC", **HOW})
    assert values(live) == {0: (0.5,), 1: (0.7,)}


def test_a_well_that_is_to_come_has_a_value_before_one_that_was_lost(live: Live) -> None:
    outcomes = ["name", "replicate", "value", "outcome"]
    live.tell(written(live, (outcomes, [("rbs_0", 1, "", "lost")])))
    assert "value of a well that was lost" not in str(live.tell(written(live, ONE)))
    assert not live.record.tickets.tickets[1, 0].is_open


@pytest.fixture
def three(tmp_path: Path) -> Live:
    """Two designs in the lab, three wells each."""
    live = begun(tmp_path, scheduler={"kind": "rounds", "batch_size": 2, "replicates": 3})
    live.ask(at=0)
    return live


def test_means_among_replicates_are_noticed(three: Live) -> None:
    rows = [("rbs_0", 0.5), ("rbs_0", 0.6), ("rbs_0", 0.55), ("rbs_1", 1.07), ("rbs_1", 1.1), ("rbs_1", 1.04)]
    told = three.tell(written(three, (NAMED, rows)), dry_run=True)
    assert "in 2 designs, one value is the mean of the others" in str(told)
    wide = written(three, (["name", "a", "b", "mean"], [("rbs_0", 0.5, 0.6, 0.55), ("rbs_1", 1.1, 1.04, 1.07)]))
    assert "in 2 designs, one value is the mean" in str(
        three.tell(wide, dry_run=True, columns={"replicates": ["a", "b", "mean"]})
    )
    for others in ([*rows[:5], ("rbs_1", 1.2)], rows[:3], [("rbs_0", 0.5), *[("rbs_1", 0.5)] * 3]):
        assert "the mean of the others" not in str(three.tell(written(three, (NAMED, others)), dry_run=True))


def test_the_same_row_twice_is_noticed(three: Live) -> None:
    twice = [("rbs_0", 0.51), ("rbs_0", 0.51), ("rbs_1", 1.07), ("rbs_1", 1.07)]
    assert "in 2 designs, several rows have the same value" in str(
        three.tell(written(three, (NAMED, twice)), dry_run=True)
    )
    for others in ([*twice[:3], ("rbs_1", 1.08)], twice[:2], [("rbs_0", 0.0), ("rbs_1", 0.0)] * 2):
        assert "the same value" not in str(three.tell(written(three, (NAMED, others)), dry_run=True))


def test_a_value_without_a_number_is_not_of_the_well_that_was_lost(three: Live) -> None:
    header = ["name", "replicate", "value", "outcome"]
    three.tell(written(three, ONE))
    lost = written(three, (header, [("rbs_0", 1, "", "lost")]))
    three.tell(lost)
    ticket = three.record.tickets.tickets[1, 0]
    assert ({n: its.value for n, its in ticket.results.items()}, set(ticket.lost), ticket.to_come) == (
        {2: 0.5},
        {1},
        [3],
    )
    assert three.tell(lost).events == ()
    three.tell(written(three, (header, [("rbs_0", 2, 0.6, ""), ("rbs_0", "", 0.5, "")])))
    assert values(three) == {0: (0.5, 0.6)}
    assert not three.record.tickets.tickets[1, 0].is_open


def test_rows_of_one_file_that_contradict_each_other_ask_for_another_file(live: Live) -> None:
    with pytest.raises(LiveError, match=r"nothing was recorded\. Rows of the file contradict each other; correct it"):
        live.tell(written(live, (NUMBERED, [("rbs_0", 1, 0.5), ("rbs_0", 1, 0.6)])))


MEANS = ["name", "value", "n"]
TOO_MANY: dict[str, tuple[File, File]] = {
    "a well after a mean of all": ((MEANS, [("rbs_0", 0.5, 2)]), (NUMBERED, [("rbs_0", 2, 0.4)])),
    "numbers after a value of each well": (
        (NAMED, [("rbs_0", 0.5), ("rbs_0", 0.6)]),
        (NUMBERED, [("rbs_0", 1, 0.5), ("rbs_0", 2, 0.6), ("rbs_0", 1, 0.7), ("rbs_0", 2, 0.8)]),
    ),
    "both wells after a mean": ((MEANS, [("rbs_0", 0.5, 2)]), (NUMBERED, [("rbs_0", 1, 0.4), ("rbs_0", 2, 0.6)])),
}


@pytest.mark.parametrize("name", TOO_MANY)
def test_wells_with_numbers_are_not_counted_beside_a_value_of_the_same_wells(name: str, live: Live) -> None:
    first, second = TOO_MANY[name]
    live.tell(written(live, first), columns={"n": "n"} if "n" in first[0] else {})
    before = values(live)
    with pytest.raises(LiveError, match="nothing was recorded"):
        live.tell(written(live, second))
    assert values(live) == before


def test_an_error_beside_columns_of_replicates_is_named(live: Live) -> None:
    wide = written(live, (["design", "a", "b", "std_error", "n"], [(0, 1.0, 2.0, 0.1, 2)]))
    told = live.tell(wide, columns={"replicates": ["a", "b"]}, dry_run=True)
    assert any("not read: std_error; errors come from the replicates unless" in line for line in told.lines)
    sd = live.tell(wide, columns={"replicates": ["a", "b"], "std_dev": "std_error", "n": "n"}, dry_run=True)
    assert [event.data.get("wells") for event in sd.events if event.kind == "observed"] == [None, None]
    assert not any("not read: std_error" in line for line in sd.lines)
