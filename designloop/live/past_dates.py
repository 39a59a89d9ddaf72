"""The rounds and dates of past rows: those of the files, or those that people give for them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from designloop.core.clock import DAY
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.live.dates import minute_of, shown
from designloop.live.past_file import Unwritten
from designloop.live.past_rows import PastRow


@dataclass(frozen=True)
class PastRound:
    """A past round: its rows, all with a round and a date."""

    label: int
    """Its number in the files."""
    ordered: int
    """The minute of its order."""
    rows: Sequence[PastRow]
    ended: int | None
    """The minute of its last result; None where nothing is known of it."""


def past_rounds(rows: Sequence[PastRow], given: Unwritten, began: datetime) -> list[PastRound]:
    """The rounds, in the order of their dates. Raises InputError where a round or a date is missing, or impossible."""
    groups = dict[int, list[PastRow]]()
    for row in rows:
        groups.setdefault(_label(row, given), []).append(row)
    dates = _dates(groups, given, began)
    rounds = [_round(label, groups[label], dates, began) for label in sorted(groups)]
    return sorted(rounds, key=lambda one: (one.ordered, one.label))


def assumed(rounds: Sequence[PastRound], given: Unwritten, began: datetime) -> Iterator[str]:
    """Sentences on the dates that are not in the files."""
    if given.every is not None:
        for one in rounds:
            when = [shown(began + timedelta(minutes=minute)) for minute in (one.ordered, one.ordered + given.every)]
            yield f"assumed (`every`): round {one.label} was ordered {when[0]} and measured {when[1]}"
    undated = [row for one in rounds for row in one.rows if _is_failure(row) and row.result.minute is None]
    if undated and given.every is None:
        yield f"{many(len(undated), 'failure')} without a date: known with the last result of the round"


def _label(row: PastRow, given: Unwritten) -> int:
    if row.round is None and given.round is None:
        raise InputError(f"{row.where}: of which round? Add a column `round`, or give it, as in `--round 1`")
    if row.round is not None and given.round is not None and row.round != given.round:
        raise InputError(f"{row.where}: it is of round {row.round}, but `--round {given.round}` is given; remove one")
    return row.round if given.round is None else given.round  # type: ignore[return-value]  # one of them is given


@dataclass(frozen=True, slots=True)
class _Given:
    """The dates that people give for a round, in minutes."""

    ordered: int | None
    measured: int | None


def _dates(groups: Mapping[int, Sequence[PastRow]], given: Unwritten, began: datetime) -> Mapping[int, _Given]:
    """The dates given for each round. Raises InputError where they cannot be meant."""
    ordered, measured = (None if when is None else minute_of(when, began) for when in (given.ordered, given.measured))
    if given.every is None:
        if len(groups) > 1 and (ordered is not None or measured is not None):
            raise InputError(
                f"one date is given for {len(groups)} rounds; add the columns `ordered` and `measured`, or give "
                "`--every`, the time from one round to the next, as in `--every 6w`"
            )
        return dict.fromkeys(groups, _Given(ordered, measured))
    if ordered is None or measured is not None:
        raise InputError("`--every` goes with `--ordered`, the date of the first order, and without `--measured`")
    every = (row for rows in groups.values() for row in rows)
    dated = next((row for row in every if row.ordered is not None or row.result.minute is not None), None)
    if dated is not None:
        raise InputError(f"{dated.where} has a date, so `--every` is not needed; remove it")
    starts = {label: ordered + at * given.every for at, label in enumerate(sorted(groups))}
    return {label: _Given(start, start + given.every) for label, start in starts.items()}


def _round(label: int, rows: Sequence[PastRow], dates: Mapping[int, _Given], began: datetime) -> PastRound:
    given = dates[label]
    its = [_dated(row, given) for row in rows]
    ordered = _ordered(label, its, began)
    for row in its:
        _check_measured(row, ordered, began)
    ended = max((row.result.minute for row in its if row.result.minute is not None), default=given.measured)
    return PastRound(label, ordered, its, ended)


def _dated(row: PastRow, given: _Given) -> PastRow:
    """The row with the dates that are given for its round."""
    minute = given.measured if row.result.minute is None and row.result.outcome is not None else row.result.minute
    ordered = given.ordered if row.ordered is None else row.ordered
    return replace(row, ordered=ordered, result=replace(row.result, minute=minute))


def _ordered(label: int, rows: Sequence[PastRow], began: datetime) -> int:
    """The minute of the order of a round, which all of its rows say, or one."""
    said = [row for row in rows if row.ordered is not None]
    if not said:
        raise InputError(
            f"{rows[0].where}: when was round {label} ordered? Add a column `ordered`, or give it, as in "
            "`--ordered 2025-09-01`; for rounds at equal distances, also `--every 6w`"
        )
    other = next((row for row in said if row.ordered != said[0].ordered), None)
    if other is not None:
        one, two = (shown(began + timedelta(minutes=row.ordered or 0)) for row in (said[0], other))
        raise InputError(
            f"{other.where}: round {label} was ordered {two}, but {one} in {said[0].where}; a round has one order: "
            "correct the date, or number the rounds apart"
        )
    return said[0].ordered or 0


def _check_measured(row: PastRow, ordered: int, began: datetime) -> None:
    minute = row.result.minute
    if minute is None and row.result.value is not None:
        raise InputError(
            f"{row.where}: when was it measured? Add a column `measured`, or give it, as in `--measured 2025-10-13`"
        )
    if minute is not None and minute < ordered - DAY:
        when = [shown(began + timedelta(minutes=one)) for one in (minute, ordered)]
        raise InputError(
            f"{row.where}: measured on {when[0]}, before its round was ordered on {when[1]}; correct the date"
        )


def _is_failure(row: PastRow) -> bool:
    return row.result.value is None and row.result.outcome is not None
