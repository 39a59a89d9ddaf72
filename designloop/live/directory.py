"""A live campaign in its directory: each method is one command, which is kept as a whole or not at all."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from designloop.core.cache import beside, cache_folder
from designloop.core.config import changed
from designloop.core.errors import LiveError
from designloop.core.faults import at_work
from designloop.core.history import History
from designloop.core.notices import collecting
from designloop.core.records import Event
from designloop.live.adding import added
from designloop.live.asking import asked
from designloop.live.campaign import LiveCampaign
from designloop.live.charging import charged
from designloop.live.dates import minute_of, moment, now, shown, span
from designloop.live.dossier.dossier import Dossier
from designloop.live.entry import Entry, person
from designloop.live.extending import extended
from designloop.live.folder import Desk, Folder
from designloop.live.importing import first_order, imported, past_file
from designloop.live.losing import Loss, declared, failure
from designloop.live.past_file import Unwritten
from designloop.live.record import Record
from designloop.live.said import Said
from designloop.live.sheets import Sheets
from designloop.live.status import Status
from designloop.live.telling import Told, told
from designloop.live.undoing import undone
from designloop.live.vetoing import vetoed
from designloop.storage.log import MemoryLog

Moment = datetime | str | int | None
"""A moment: a date and time, as text (`2026-03-02 14:30`) too; a minute of the campaign; None for now."""

Paths = str | Path | Sequence[str | Path]


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
        past: Paths = (),
    ) -> Self:
        """Begin a campaign, by its description or the YAML file of it; `start` is the moment of minute 0.

        `past`: tables of past rounds, which are imported at once; `start` is then by default the first date in them,
        else now. Raises ConfigError, InputError for a bad file, and StoreError where the directory holds a campaign.
        """
        what = campaign if isinstance(campaign, LiveCampaign) else LiveCampaign.read(campaign)
        place, files = Path(directory), _listed(past)
        with collecting(), cache_folder(beside(place)):
            known = what.known(seed)  # errors in files are found before anything is written
            began = _moment(start, "--start") or (first_order(what, files) if files else now())
            facts = {**what.facts(seed, known), "began": began.isoformat(), "by": person(by)}
            first, documents = [Event(0, "opened", None, facts)], {**known.documents, "name": what.name}
            remarks = list(known.remarks)
            if files:
                log = MemoryLog()
                log.append(first, documents=documents)
                record = Record.of(what, log)
                told_ = imported(record, entry_at(record, None, person(by)), files, past_file(what, {}), Unwritten())
                first += [*told_.events, *charged(record, told_.events)]
                remarks += told_.lines
        Folder(place).begin(what, seed, first, documents, remarks)
        return cls(place, by)

    @property
    def path(self) -> Path:
        """The directory."""
        return self._folder.path

    @property
    def remarks(self) -> list[str]:
        """What was guessed, merged or left out in the files that it began with, one sentence each."""
        return self._folder.remarks

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
        return self._recorded(at, lambda record, entry: asked(record, entry, anyway=anyway))

    def tell(
        self,
        file: str | Path,
        at: Moment = None,
        plate: str | None = None,
        in_round: int | None = None,
        *,
        further: bool = False,
        dry_run: bool = False,
        columns: Mapping[str, Any] | None = None,
    ) -> Told:
        """Record the results in a file, and return what was understood; with `dry_run`, record nothing.

        `plate` and `in_round`: those of the file, where the file does not say them. `further`: values that differ from
        those told before are of further wells. `columns`: fields of `lab.results` for this file, such as
        `{"value": "activity"}`. Raises InputError for a bad file, LiveError where the file contradicts what was told
        before; then nothing is recorded.
        """
        with self._command(at) as (desk, entry):
            how = changed(desk.record.campaign.lab.results, columns or {}, "the result file")
            understood = told(desk.record, entry, file, how, Said(plate, in_round, further))
            if understood.events and not dry_run:
                desk.keep(understood.events)
            return understood

    def import_rounds(
        self,
        files: Paths,
        at: Moment = None,
        *,
        dry_run: bool = False,
        round: int | None = None,
        ordered: datetime | str | None = None,
        measured: datetime | str | None = None,
        every: timedelta | str | None = None,
        missing: str | None = None,
        columns: Mapping[str, Any] | None = None,
    ) -> Told:
        """Record past rounds from tables, with their dates, and return what was understood.

        What the tables do not say: `round` of all rows, when it was `ordered` and `measured`; or `every`, the time from
        one round to the next, of which the first was `ordered`; `missing`: what became of designs without a value and
        without an outcome (their results are to come). `columns`: how the tables are written, such as
        `{"value": "activity"}`, beyond `lab.results`.
        Raises InputError for a bad file, LiveError for a contradiction, or for rounds before the last entry.
        """
        given = Unwritten(
            round,
            _moment(ordered, "--ordered"),
            _moment(measured, "--measured"),
            None if every is None else span(every, "--every"),
            None if missing is None else failure(missing),
        )
        with self._command(at) as (desk, entry):
            how = past_file(desk.record.campaign, columns or {})
            understood = imported(desk.record, entry, _listed(files), how, given)
            if understood.events and not dry_run:
                desk.keep(understood.events)
            return understood

    def lost(
        self,
        designs: Sequence[int] = (),
        plates: Sequence[str] = (),
        rounds: Sequence[int] = (),
        outcome: str = "lost",
        why: str = "",
        at: Moment = None,
    ) -> list[Event]:
        """Declare that no more results will come, of designs, of plates, or of all that is open of rounds.

        `outcome`: `lost`, or why there is no value, such as `synthesis_failed`. Raises LiveError.
        """
        loss = Loss(tuple(designs), tuple(plates), tuple(rounds), failure(outcome), why)
        return self._recorded(at, lambda record, entry: declared(record, entry, loss))

    def veto(self, design: int, why: str = "", instead: str | None = None, at: Moment = None) -> list[Event]:
        """Remove a design from its batch. The next best of the same decision takes its wells, or `instead`, a sequence.

        Raises LiveError where results of it were told already.
        """
        return self._recorded(at, lambda record, entry: vetoed(record, entry, design, why, instead))

    def add(
        self,
        sequences: Sequence[str],
        why: str = "",
        replicates: int | None = None,
        at: Moment = None,
        *,
        new_round: bool = False,
    ) -> list[Event]:
        """Add designs of your own to the last batch, or order them as a batch of their own (`new_round`).

        `replicates`: the wells of each; None: as many as the schedule gives. Raises InputError for a wrong letter,
        LiveError for a sequence that is known already.
        """
        return self._recorded(
            at, lambda record, entry: added(record, entry, sequences, why, replicates, new_round=new_round)
        )

    def extend(self, changes: Mapping[str, Any], at: Moment = None) -> list[Event]:
        """Go on with changes: `{"budget.designs": 960, "strategy": "genetic"}`. A budget counts the whole campaign.

        `changes`: dotted key -> value, a part or plain data. Raises ConfigError if a key may not change.
        """
        return self._recorded(at, lambda record, entry: extended(record, entry, changes))

    def undo(self, entry: int, why: str = "", at: Moment = None) -> list[Event]:
        """Undo an entry by its number in the status: a told file, a loss, an import, a veto, an addition, an extension.

        What was decided since stands. Of an import on which something was built, only the results are undone. Raises
        LiveError where something was built on a veto, an addition or an extension.
        """
        return self._recorded(at, lambda record, now_: undone(record, now_, entry, why))

    def sheets(self, round: int | None = None, folder: str | Path | None = None) -> list[Path]:
        """Write order sheets and plate maps of a round (the last), by default to `round-N` in the directory."""
        record = self.record
        number = record.history.round if round is None else round
        return Sheets(record, number).write(self.path / f"round-{number}" if folder is None else Path(folder))

    def missing(self, round: int) -> list[Path]:
        """The files of a round that are not in its folder `round-N`. Raises LiveError where there is no such round."""
        folder = self.path / f"round-{round}"
        return [folder / name for name in Sheets(self.record, round).names if not (folder / name).is_file()]

    def dossier(self, round: int | None = None) -> Dossier:
        """What people must know of a round (the last) before they order: `save(path)` writes it as a page.

        Raises LiveError where the round was not ordered.
        """
        record = self.record
        number = record.history.round if round is None else round
        return Dossier(record, number, self.path)

    def copy(self, to: str | Path) -> Self:
        """Copy the directory, also while others use it. Raises StoreError where `to` exists already."""
        self._folder.copy(Path(to))
        return type(self)(to, self._by)

    @property
    def status(self) -> Status:
        """The status at this moment; `print(live.status)` shows it."""
        return Status(self.record)

    def _recorded(self, at: Moment, decide: Callable[[Record, Entry], list[Event]]) -> list[Event]:
        """Decide and keep the events of a command."""
        with self._command(at) as (desk, entry), at_work(desk.record.campaign, self.path):
            events = decide(desk.record, entry)
            desk.keep(events)
            return events

    @contextmanager
    def _command(self, at: Moment) -> Iterator[tuple[Desk, Entry]]:
        with collecting(), cache_folder(beside(self.path)), self._folder.changing() as desk:
            yield desk, entry_at(desk.record, at, self._by)


def entry_at(record: Record, at: Moment, by: str) -> Entry:
    """The next entry. Raises LiveError for a moment before that of the last one."""
    if isinstance(at, int):
        minute, when = at, record.moment(at)
    else:
        when = _moment(at, "--at") or max(
            now(), record.moment(record.minute)
        )  # the clock of another machine may be ahead
        minute = minute_of(when, record.began)
    if minute < record.minute:
        raise LiveError(
            f"{shown(when)} is before the last entry, of {shown(record.moment(record.minute))}; entries are in order "
            "of time: give a later moment, or none for now"
        )
    return Entry(record.n_entries + 1, minute, when, by)


def _listed(files: Paths) -> Sequence[str | Path]:
    return [files] if isinstance(files, str | Path) else files


def _moment(at: datetime | str | None, option: str) -> datetime | None:
    """A moment given by an option as text or as a datetime, in local time if it has no offset."""
    if isinstance(at, datetime):
        return at.astimezone()
    return None if at is None else moment(at, option)
