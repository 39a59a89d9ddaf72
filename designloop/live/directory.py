"""A live campaign in its directory: each method is one command, which is kept as a whole or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from designloop.core.cache import beside, cache_folder
from designloop.core.config import changed
from designloop.core.errors import LiveError
from designloop.core.faults import at_work
from designloop.core.history import History
from designloop.core.notices import collecting
from designloop.core.records import Event
from designloop.live.asking import asked
from designloop.live.campaign import LiveCampaign
from designloop.live.dates import minute_of, moment, now, shown
from designloop.live.entry import Entry, person
from designloop.live.folder import Desk, Folder
from designloop.live.record import Record
from designloop.live.telling import Told, told

Moment = datetime | str | int | None
"""A moment: a date and time, as text (`2026-03-02 14:30`) too; a minute of the campaign; None for now."""


class Live:
    """A live campaign. `begin` starts it in a directory; `Live(directory)` goes on with it.

    `by` is the person whom the record names; default: $DESIGNLOOP_USER, or the account.
    """

    def __init__(self, directory: str | Path, by: str | None = None) -> None:
        self._folder, self._by = Folder(directory), person(by)
        with self._folder.reading():  # raises where it is none
            pass

    @classmethod
    def begin(
        cls,
        campaign: LiveCampaign | str | Path,
        directory: str | Path,
        seed: int = 0,
        start: datetime | str | None = None,
        by: str | None = None,
    ) -> Self:
        """Begin a campaign, by its description or the YAML file of it; `start` is the moment of minute 0 (now).

        Raises ConfigError, InputError for a bad file, and StoreError where the directory holds a campaign.
        """
        what = campaign if isinstance(campaign, LiveCampaign) else LiveCampaign.read(campaign)
        place = Path(directory)
        with collecting(), cache_folder(beside(place)):
            known = what.known(seed)  # errors in files are found before anything is written
        began = _moment(start) or now()
        facts = {**what.facts(seed, known), "began": began.isoformat(), "by": person(by)}
        Folder(place).begin(what, seed, Event(0, "opened", None, facts), {**known.documents, "name": what.name})
        return cls(place, by)

    @property
    def path(self) -> Path:
        """The directory."""
        return self._folder.path

    @property
    def record(self) -> Record:
        """The record at this moment."""
        with self._folder.reading() as record:
            return record

    @property
    def history(self) -> History:
        """What is known at this moment."""
        return self.record.history

    def ask(self, at: Moment = None, *, anyway: bool = False) -> list[Event]:
        """The next batch, as the events that were recorded. Raises LiveError where none is due.

        `anyway`: a full batch, although the scheduler would wait.
        """
        with self._command(at) as (desk, entry), at_work(desk.record.campaign, self.path):
            events = asked(desk.record, entry, anyway=anyway)
            desk.keep(events)
            return events

    def tell(
        self, file: str | Path, at: Moment = None, plate: str | None = None, *, dry_run: bool = False, **columns: Any
    ) -> Told:
        """Record the results in a file, and return what was understood; with `dry_run`, record nothing.

        `plate`: the plate of the file, where the file does not say it. `columns`: fields of `lab.results`, such as
        `value="activity"`, for this file. Raises InputError for a bad file, LiveError where the file contradicts what
        was told before; then nothing is recorded.
        """
        with self._command(at) as (desk, entry):
            how = changed(desk.record.campaign.lab.results, columns, "the result file")
            understood = told(desk.record, entry, file, how, plate)
            if understood.events and not dry_run:
                desk.keep(understood.events)
            return understood

    @contextmanager
    def _command(self, at: Moment) -> Iterator[tuple[Desk, Entry]]:
        with collecting(), cache_folder(beside(self.path)), self._folder.changing() as desk:
            yield desk, entry_at(desk.record, at, self._by)


def entry_at(record: Record, at: Moment, by: str) -> Entry:
    """The next entry. Raises LiveError for a moment before that of the last one."""
    if isinstance(at, int):
        minute, when = at, record.moment(at)
    else:
        when = _moment(at) or max(now(), record.moment(record.minute))  # the clock of another machine may be ahead
        minute = minute_of(when, record.began)
    if minute < record.minute:
        raise LiveError(
            f"{shown(when)} is before the last entry, of {shown(record.moment(record.minute))}; entries are in order "
            "of time: give a later moment, or none for now"
        )
    return Entry(record.n_entries + 1, minute, when, by)


def _moment(at: datetime | str | None) -> datetime | None:
    """A moment given as text or as a datetime, in local time if it has no offset."""
    if isinstance(at, datetime):
        return at.astimezone()
    return None if at is None else moment(at, "the moment of the command")
