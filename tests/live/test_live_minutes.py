"""Results carry the minute of their own measurement, whenever they are told; the record stays in the order of time."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from live_stubs import begun, written

from designloop.core.errors import InputError
from designloop.core.records import Event
from designloop.live.dates import is_day, moment
from designloop.live.directory import Live
from designloop.report.record import Record as ReportRecord
from designloop.storage.export import observations

DAY = 1440


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asked")
    begun(folder, scheduler={"kind": "rounds", "batch_size": 3, "replicates": 2}).ask(at=60)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Three designs in the lab, two wells each, ordered on 2 March at 10:00."""
    return Live(copytree(asked, tmp_path / "live"), by="ana")


def file(folder: Path, name: str, header: str, rows: Sequence[Sequence[Any]]) -> Path:
    return written(folder / name, header.split(), rows)


def measured_at(live: Live) -> dict[int, int]:
    return dict(zip(live.history.ids.tolist(), live.history.measured_at.tolist(), strict=True))


def in_order(events: Sequence[Event]) -> bool:
    return [event.minute for event in events] == sorted(event.minute for event in events)


def test_what_was_measured_before_the_last_entry_keeps_its_minute(live: Live, tmp_path: Path) -> None:
    live.tell(file(tmp_path, "1.csv", "name value", [("rbs_0", 0.5)]), at="2026-03-16 16:00")
    late = file(tmp_path, "2.csv", "name value date time", [("rbs_1", 0.6, "2026-03-10", "09:00")])
    live.tell(late, at="2026-03-17 12:00")
    assert measured_at(live) == {0: 14 * DAY + 7 * 60, 1: 8 * DAY}
    assert in_order(live.record.every)
    its = next(event for event in live.record.events if event.design == 1 and event.kind == "observed")
    assert (its.minute, its.data["measured"]) == (14 * DAY + 7 * 60, 8 * DAY)
    assert [row["minute"] for row in observations(live.record.events)] == [14 * DAY + 7 * 60, 8 * DAY]
    assert live.tell(late).events == ()


def test_a_reading_of_another_day_has_its_own_minute_and_the_design_that_of_the_first(
    live: Live, tmp_path: Path
) -> None:
    two = [("rbs_0", 1, 0.5, "2026-03-12", "09:00"), ("rbs_0", 2, 0.6, "2026-03-10", "09:00")]
    live.tell(file(tmp_path, "1.csv", "name replicate value date time", two[:1]), at="2026-03-12 10:00")
    live.tell(file(tmp_path, "2.csv", "name replicate value date time", two), at="2026-03-13 10:00")
    assert measured_at(live) == {0: 8 * DAY}
    assert {row["value"]: row["minute"] for row in observations(live.record.events)} == {0.5: 10 * DAY, 0.6: 8 * DAY}
    [design] = [design for design in ReportRecord.read(live.path).designs.values() if design.readings]
    assert [(reading.minute, reading.value) for reading in design.readings] == [(8 * DAY, 0.6), (10 * DAY, 0.5)]


def test_a_value_after_a_loss_has_its_own_minute(live: Live, tmp_path: Path) -> None:
    live.lost([0], at="2026-03-18 10:00")
    assert measured_at(live) == {0: 16 * DAY + 60}
    live.tell(file(tmp_path, "1.csv", "name value", [("rbs_0", 0.5)]), at="2026-03-25 10:00")
    assert measured_at(live) == {0: 23 * DAY + 60}
    made = ReportRecord.read(live.path).designs[0]
    assert (made.outcome, made.ended_at) == ("observed", 23 * DAY + 60)


def test_choices_do_not_depend_on_when_results_of_one_moment_were_measured(asked: Path, tmp_path: Path) -> None:
    """What the strategy sees besides is the same, whichever day of the week before was written down."""
    chosen = []
    for number, day in enumerate(("2026-03-05", "2026-03-10")):
        one = Live(copytree(asked, tmp_path / f"live-{number}"))
        one.lost([2], at="2026-03-12 10:00")
        rows = [(f"rbs_{n}", r, n + r / 10, day) for n in (0, 1) for r in (1, 2)]
        one.tell(file(tmp_path, f"{number}.csv", "name replicate value date", rows), at="2026-03-13 10:00")
        chosen.append([event.data["sequence"] for event in one.ask(at="2026-03-14") if event.kind == "chosen"])
    assert chosen[0] == chosen[1]


DATES: dict[str, tuple[str, list[str], int]] = {
    "a day of the past": ("date", ["2026-03-04"], 2 * DAY + 180),
    "the day of the entry, in the morning": ("date", ["2026-03-05"], 3 * DAY - 30),
    "a usual name": ("Datum Uhrzeit", ["04.03.2026", "9:15"], 2 * DAY + 15),
    "one column": ("measured_at", ["2026-03-04 9:15"], 2 * DAY + 15),
    "half of the day": ("date time", ["2026-03-04", "2:30 PM"], 2 * DAY + 330),
    "a date of an assay": ("assay_date", ["2026-03-04"], 2 * DAY + 180),
    "the name of imports": ("measured", ["2026-03-04"], 2 * DAY + 180),
    "a timestamp": ("Timestamp", ["2026-03-04T09:15"], 2 * DAY + 15),
    "date/time": ("Date/Time", ["04.03.2026 9:15"], 2 * DAY + 15),
    "German": ("Messdatum Uhrzeit", ["04.03.2026", "14:30"], 2 * DAY + 330),
    "seconds of a timestamp": ("timestamp", ["1772600000"], 3 * DAY - 30),
    "words": ("measured", ["yes"], 3 * DAY - 30),
    "seconds": ("date time", ["2026-03-04", "14:30:59"], 2 * DAY + 330),
}


@pytest.mark.parametrize("name", DATES)
def test_dates_and_times_of_day_are_understood(name: str, live: Live, tmp_path: Path) -> None:
    columns, cells, minute = DATES[name]
    live.tell(file(tmp_path, "r.csv", f"name value {columns}", [("rbs_0", 0.5, *cells)]), at="2026-03-05 08:30")
    assert measured_at(live) == {0: minute}


def test_a_day_without_a_time_is_never_before_its_order(tmp_path: Path) -> None:
    live = begun(tmp_path)
    live.ask(at="2026-03-02 17:00")
    live.tell(file(tmp_path, "r.csv", "name value date", [("rbs_0", 0.5, "2026-03-02")]), at="2026-03-05 08:30")
    assert measured_at(live) == {0: 8 * 60}


@pytest.mark.parametrize(
    "text", ["29/11/2026", "11/29/2026", "29-11-2026", "2026/11/29", "29.11.2026", "2026-11-29", "29/11/2026 9:15"]
)
def test_dates_that_can_mean_one_day_are_read(text: str) -> None:
    assert moment(text, "here").replace(tzinfo=None) in (datetime(2026, 11, 29, 12), datetime(2026, 11, 29, 9, 15))
    assert is_day(text) == (":" not in text)


@pytest.mark.parametrize("text", ["03/04/2026", "3-4-2026", "29/13/2026", "31/02/2026", "29/11/26", "29.11-2026"])
def test_dates_that_can_mean_two_days_or_none_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="here: expected a date"):
        moment(text, "here")


REFUSED: dict[str, tuple[list[str], str]] = {
    "the day before": (["2026-03-01", ""], "measured on 2026-03-01 12:00, before its round was ordered on"),
    "before the order": (["2026-03-02", "9:30"], "measured on 2026-03-02 09:30, before its round was ordered on"),
    "tomorrow": (["2026-03-06", ""], "measured on 2026-03-06 12:00, which is after this entry"),
    "later today": (["2026-03-05", "9:30"], "measured on 2026-03-05 09:30, which is after this entry"),
    "no hour": (["2026-03-05", "25:00"], "expected a time of day such as 14:30, got '25:00'"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_dates_that_cannot_be_are_refused(name: str, live: Live, tmp_path: Path) -> None:
    cells, message = REFUSED[name]
    with pytest.raises(InputError, match=message):
        live.tell(file(tmp_path, "r.csv", "name value date time", [("rbs_0", 0.5, *cells)]), at="2026-03-05 08:30")


def test_minutes_are_those_of_the_campaign_only_if_they_are_named(live: Live, tmp_path: Path) -> None:
    kinetics = file(tmp_path, "1.csv", "name value minute", [("rbs_0", 0.5, 30)])
    understood = live.tell(kinetics, at=5 * DAY, dry_run=True)
    assert any("not read: minute" in line for line in understood.lines)
    live.tell(kinetics, at=5 * DAY)
    assert measured_at(live) == {0: 5 * DAY}
    with pytest.raises(InputError, match="before its round was ordered"):
        live.tell(file(tmp_path, "2.csv", "name value minute", [("rbs_1", 0.5, 30)]), columns={"minute": "minute"})
    live.tell(file(tmp_path, "3.csv", "name value minute", [("rbs_1", 0.5, 90)]), columns={"minute": "minute"})
    assert measured_at(live)[1] == 90


UNREADABLE: dict[str, tuple[list[str], list[str], str]] = {
    "months first": (["measured on"], ["2/10/2026"], "r.csv, line 2, column 'measured on': expected a date"),
    "a month by name": (["Measurement date"], ["10-Feb-2026"], "line 2, column 'Measurement date': expected a date"),
    "hours with h": (["Datum", "Uhrzeit"], ["2026-03-04", "14h30"], "expected a time of day such as 14:30"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_dates_that_cannot_be_read_are_refused(name: str, live: Live, tmp_path: Path) -> None:
    columns, cells, message = UNREADABLE[name]
    bad = written(tmp_path / "r.csv", ["name", "value", *columns], [("rbs_0", 0.5, *cells)])
    with pytest.raises(InputError, match=message):
        live.tell(bad, at="2026-03-05 08:30")


@pytest.mark.parametrize(
    ("column", "cell"), [("Date (UTC)", "2026-03-04"), ("when", "3/4/2026"), ("started", "10-Feb-2026")]
)
def test_columns_of_dates_that_are_not_read_are_named(column: str, cell: str, live: Live, tmp_path: Path) -> None:
    one = written(tmp_path / "r.csv", ["name", "value", column], [("rbs_0", 0.5, cell)])
    assert any(f"not read: {column} ({cell!r}); a column of dates" in line for line in live.tell(one).lines)
    two = written(tmp_path / "s.csv", ["name", "value", "comment"], [("rbs_1", 0.5, "made 3 times")])
    assert not any("column of dates" in line for line in live.tell(two).lines)


def test_times_without_dates_are_said_to_be_unread(live: Live, tmp_path: Path) -> None:
    timed = file(tmp_path, "r.csv", "name value Time", [("rbs_0", 0.5, "14:30")])
    assert any("not read: Time; a time of day needs a column of dates" in line for line in live.tell(timed).lines)


def test_a_date_alone_is_a_day() -> None:
    assert [is_day(text) for text in ("2026-03-02", "2.3.2026", "2026-03-02 09:00", "02.03.2026 9:00")] == [
        True, True, False, False
    ]  # fmt: skip
    assert moment("2.3.2026 9:05", "here") == moment("2026-03-02 09:05", "here")
