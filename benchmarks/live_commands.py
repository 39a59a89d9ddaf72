"""Laws of live campaigns, checked on random commands.

    python benchmarks/live_commands.py [--n 500] [--smoke]

A seeded generator gives commands to a live campaign: past rounds, batches, files of results in several forms, the same
file again, also with its rows in another order or its values rounded, contradictions, names that are shifted against
their wells, lost wells, other losses, vetoes, additions, and undone entries, also those that decided on designs.
Each command runs in a process of its own. Some are killed (kill -9) at a random call of a function, or around their
transaction, some meet a full disk, and some run two at a time. No observation is lost, and none is counted twice: after
each command, the values of each design are those that were told. Nothing is ever removed from the record, a command is
recorded as a whole or not at all, a round is open as long as something of it is to come, and each design that ended has
a value or a failure. A file is refused exactly where its values may be corrections of those that were told.
"""

import argparse
import csv
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from designloop.core.errors import DesignloopError
from designloop.core.random import stream
from designloop.core.records import Event
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live
from designloop.live.record import Record
from designloop.live.tickets import Ticket
from designloop.storage.connections import SQLite

Rng = np.random.Generator
Well = tuple[int, int, int]
"""(round, design, replicate)."""
Command = Callable[[Live], object]
N_COMMANDS = 12
DONE, REFUSED, CRASHED, KILLED = 0, 2, 3, -9
ENDS = {DONE: "done", REFUSED: "refused", CRASHED: "crashed", KILLED: "killed"}
MOMENTS = ("before it", "in it", "after it")
KINDS = ("ask", "tell", "lose wells", "again", "round", "contradict", "lose", "undo", "veto", "add", "undo decision")
WEIGHTS = (0.15, 0.29, 0.1, 0.08, 0.04, 0.08, 0.06, 0.07, 0.04, 0.05, 0.04)
PAST_DAYS = ("2026-03-02", "2026-03-16", "2026-03-30")
"""The orders of two past rounds, and the end of the second; each ends when the next begins."""
FORMS = (0.3, 0.1, 0.1, 0.25, 0.25)
"""Shares of files in the shape of a plate, by well, with names and wells, by number, and without numbers."""
PLATE = re.compile(r"R\d+P\d+")
WAYS = ("alone", "killed", "disk full", "at once")


@dataclass
class Desk:
    """A live campaign, the lab that measures it, and what was told so far."""

    folder: Path
    seed: int
    live: Live = field(init=False)
    expected: dict[tuple[int, int], Counter[float]] = field(default_factory=lambda: defaultdict(Counter))
    """(round, design) -> the values that were told."""
    told: list[Path] = field(default_factory=list)
    """Files that were told."""
    by_entry: dict[int, list[tuple[Well, float]]] = field(default_factory=dict)
    """Entry -> what it told that was new."""
    before: list[Event] = field(default_factory=list)
    noted: set[int] = field(default_factory=set)
    n_files: int = 0
    current: Record | None = None
    tally: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rng = stream(self.seed, "live commands")
        self.replicates = int(self.rng.integers(1, 4))
        scheduler = {"kind": "overlapping", "batch_size": int(self.rng.integers(2, 6)), "in_flight": 2}
        scheduler |= {"replicates": self.replicates, "n_retests": int(self.rng.integers(0, 2))}
        lab = {"preset": "live", "plate_size": 24, "replicates_together": bool(self.rng.random() < 0.5)}
        described = {"name": "random", "space": {"alphabet": "dna", "length": 8}, "lab": lab, "strategy": "random"}
        campaign = LiveCampaign.model_validate({**described, "scheduler": scheduler, "budget": {"designs": 40}})
        self.live = Live.begin(campaign, self.folder / "live", seed=self.seed, start="2026-03-02 09:00", by="ana")

    def record(self) -> Record:
        """The record, which is read again after each command."""
        if self.current is None:
            self.current = self.live.record
        return self.current

    # -- the lab -----------------------------------------------------------------------------------------------------

    @property
    def tickets(self) -> list[Ticket]:
        return list(self.record().tickets.tickets.values())

    @property
    def values(self) -> set[float]:
        """The values in the record, whosever they are."""
        return {its.value for ticket in self.tickets for its in ticket.results.values()}

    @property
    def wells(self) -> list[Well]:
        """Every well that the lab can measure."""
        return [(t.round, t.design, n) for t in self.tickets for n in range(1, t.n_wells + 1)]

    def value(self, well: Well) -> float:
        """What the lab measures: no two wells have the same value."""
        return round(float(stream(self.seed, "value", *well).normal()), 9)

    # -- files -------------------------------------------------------------------------------------------------------

    def written(self, header: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Path:
        self.n_files += 1
        file = self.folder / f"{self.n_files}.csv"
        with file.open("w", newline="") as out:
            csv.writer(out).writerows([header, *rows])
        return file

    def numbered(self, wells: Sequence[Well], shift: float = 0.0) -> Path:
        """A row for each well, by round, design and replicate."""
        rows = [(*well, self.value(well) + shift) for well in shuffled(wells, self.rng)]
        return self.written(("round", "design", "replicate", "value"), rows)

    def with_lost_wells(self) -> tuple[Path, list[Well]]:
        """A file that tells some wells lost and some measured, and the wells with a value."""
        wells = [(t.round, t.design, n) for t in self.tickets for n in t.to_come if self.rng.random() < 0.7]
        lost = [well for well in wells if self.rng.random() < 0.7]
        rows = [(*well, "", "lost") if well in lost else (*well, self.value(well), "") for well in wells]
        file = self.written(("round", "design", "replicate", "value", "outcome"), shuffled(rows, self.rng))
        return file, [well for well in wells if well not in lost]

    def of_the_past(self) -> Path:
        """Two past rounds: three designs, and one of them again with a new one."""
        names = ["".join(self.rng.choice(list("ACGT"), 8)) for _ in range(4)]
        designs = {1: (0, 1, 2), 2: (0, 3)}
        wells = [(round_, design, n) for round_, its in designs.items() for design in its for n in (1, 2)]
        rows = [
            (round_, names[design], n, *PAST_DAYS[round_ - 1 : round_ + 1], self.value((round_, design, n)))
            for round_, design, n in wells
        ]
        return self.written(("round", "sequence", "replicate", "ordered", "measured", "value"), rows)

    def of_a_plate(self) -> tuple[Path, list[Well]]:
        """A plate in its shape, some wells not measured yet."""
        record = self.record()
        plate = str(self.rng.choice(sorted(record.tickets.plates)))
        round_ = record.tickets.round_of[plate]
        held = {well: (round_, *its) for well, its in record.tickets.plates[plate].items() if self.rng.random() < 0.8}
        cells = {well: self.value(its) for well, its in held.items()}
        body = [[letter, *(cells.get(f"{letter}{n}", "") for n in range(1, 7))] for letter in "ABCD"]
        return self.written((plate, *range(1, 7)), body), list(held.values())

    def without_numbers(self, wells: Sequence[Well], digits: int = 9) -> Path:
        """A row for each well, which does not say the replicate; the values are perhaps rounded."""
        rows = [(*well[:2], f"{self.value(well):.{digits}f}" if digits < 9 else self.value(well)) for well in wells]
        return self.written(("round", "design", "value"), shuffled(rows, self.rng))

    def of_wells(self, wells: Sequence[Well]) -> Path:
        """The rows of some wells by plate and well, without names."""
        rows = [(plate, well, self.value(its)) for plate, well, its in self.places if its in set(wells)]
        return self.written(("plate", "well", "value"), shuffled(rows, self.rng))

    def filled(self, wells: Sequence[Well], shift: int = 0) -> Path:
        """The table of results of a round, filled in; its names are those of rows further down by `shift`."""
        its = [place for place in self.places if place[2] in set(wells)]
        names = [f"random_{design}" for _, _, (_, design, _) in its]
        shifted = [*names[shift:], *names[:shift]]
        rows = [(*place[:2], name, self.value(place[2])) for place, name in zip(its, shifted, strict=True)]
        return self.written(("plate", "well", "name", "value"), shuffled(rows, self.rng))

    @property
    def places(self) -> list[tuple[str, str, Well]]:
        """(plate, well, what it holds) of every well of a design."""
        tickets = self.record().tickets
        return [
            (plate, well, (tickets.round_of[plate], *its))
            for plate, wells in tickets.plates.items()
            for well, its in wells.items()
        ]

    def any_file(self) -> tuple[Path, list[Well]]:
        """A file of some results, in a random form, and the wells that it tells."""
        form = str(self.rng.choice(["plate", "wells", "filled", "numbered", "without numbers"], p=FORMS))
        if form == "plate" and self.record().tickets.plates:
            return self.of_a_plate()
        share = float(self.rng.choice([0.3, 0.7, 1.0]))
        some = [well for well in self.wells if self.rng.random() < share]
        if form == "without numbers" and self.rng.random() < 0.5:  # all wells of some designs
            some = [well for well in self.wells if well[:2] in {its[:2] for its in some}]
        if form in ("wells", "filled"):  # past rounds have no plates
            some = [well for well in some if well in {its for _, _, its in self.places}]
        forms = {"wells": self.of_wells, "filled": self.filled, "numbered": self.numbered}
        return forms.get(form, self.without_numbers)(some), some

    def reordered(self, file: Path) -> Path:
        """The same rows in another order."""
        header, *rows = rows_of(file)
        return self.written(header, rows if PLATE.fullmatch(header[0]) else shuffled(rows, self.rng))

    def may_be_corrections(self, file: Path, wells: Sequence[Well]) -> bool:
        """Whether a file tells new values of a design that may be others of those that were told."""
        says_wells = rows_of(file)[0] != ["round", "design", "value"]
        groups: dict[tuple[int, int], list[Well]] = defaultdict(list)
        for well in wells:
            groups[well[:2]].append(well)
        return any(self._is_unclear(key, its, says_wells=says_wells) for key, its in groups.items())

    def _is_unclear(self, key: tuple[int, int], wells: Sequence[Well], *, says_wells: bool) -> bool:
        """A value without a number may be corrected by any other one, or by that of the number that it took."""
        known, values = self.record().tickets.tickets[key].results, set(map(self.value, wells))
        new = {well[2] for well in wells if self.value(well) not in {its.value for its in known.values()}}
        left = {n: its for n, its in known.items() if its.value not in values}
        if says_wells:
            left = {n: its for n, its in left.items() if n in new and not its.is_numbered}
        return bool(new and left)

    # -- what is right -------------------------------------------------------------------------------------------------

    def note(self, entry: int, wells: Sequence[Well]) -> None:
        """Note what an entry told; what was known does not count again."""
        known = {well for its in self.by_entry.values() for well, _ in its}
        new = [(well, self.value(well)) for well in dict.fromkeys(wells) if well not in known]
        self.by_entry[entry] = new
        for (round_, design, _), value in new:
            self.expected[round_, design][value] += 1

    def forget(self, entry: int) -> None:
        """Note that an entry was undone."""
        for (round_, design, _), value in self.by_entry.pop(entry, []):
            self.expected[round_, design][value] -= 1


def rows_of(file: Path) -> list[list[str]]:
    return list(csv.reader(file.read_text().splitlines()))


def shuffled(things: Sequence[Any], rng: Rng) -> list[Any]:
    return [things[int(i)] for i in rng.permutation(len(things))]


# -- processes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Death:
    """When a process is killed: at a number of calls of functions, or around the transaction that it writes."""

    calls: int
    moment: str

    @classmethod
    def drawn(cls, rng: Rng) -> "Death":
        return cls(int(rng.integers(1, 130_000)), str(rng.choice(["calls", *MOMENTS], p=(0.4, 0.15, 0.15, 0.3))))

    def set(self) -> None:
        if self.moment == "calls":
            self._after_calls()
        else:
            self._around_the_transaction()

    def _after_calls(self) -> None:
        left = self.calls

        def watch(*_: object) -> None:
            nonlocal left
            left -= 1
            if left <= 0:
                die()

        sys.setprofile(watch)

    def _around_the_transaction(self) -> None:
        moment, begin, commit = self.moment, SQLite.begin, SQLite.commit
        writing: list[bool] = [False]

        def begun(connection: SQLite, *, writes: bool) -> None:
            if writes and moment == "before it":
                die()
            writing[0] = writes
            begin(connection, writes=writes)

        def committed(connection: SQLite) -> None:
            if writing[0] and moment == "in it":
                die()
            commit(connection)
            if writing[0]:
                die()

        SQLite.begin, SQLite.commit = begun, committed  # type: ignore[method-assign]


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def start(command: Command, live: Live, most_bytes: int | None = None, death: Death | None = None) -> int:
    """Run a command in a process of its own; its id."""
    if (pid := os.fork()) != 0:
        return pid
    try:
        if death is not None:
            death.set()
        if most_bytes is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
        command(Live(live.path, by="ben"))
        os._exit(DONE)
    except DesignloopError:
        os._exit(REFUSED)
    except BaseException as error:  # whatever it is, the parent reports it
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(CRASHED)


def ended(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def run(command: Command, desk: Desk, way: str) -> int:
    """Run a command until it ends, or is killed, or meets a full disk."""
    n_before = desk.record().n_entries
    if way == "killed":
        code = ended(start(command, desk.live, death=Death.drawn(desk.rng)))
    else:
        code = ended(start(command, desk.live, int(desk.rng.integers(0, 60_000)) if way == "disk full" else None))
    desk.current = None
    is_kept = desk.record().n_entries > n_before
    desk.tally[f"{way}: {ENDS[code]}, {'recorded' if is_kept else 'not recorded'}"] += 1
    return code


# -- commands --------------------------------------------------------------------------------------------------------


def step(desk: Desk, kind: str, way: str) -> Iterator[str]:
    """Give one command; yields what went wrong."""
    if kind in ("tell", "lose wells", "again", "round", "contradict") and not desk.wells:
        kind = "ask"
    yield from STEPS[kind](desk, way)


def told(desk: Desk, way: str) -> Iterator[str]:
    """A file is told, or refused if its values may be corrections."""
    file, wells = desk.any_file()
    desk.told.append(file)
    expected = REFUSED if desk.may_be_corrections(file, wells) else DONE
    n_before = desk.record().n_entries
    yield from tell(desk, file, wells, way)
    if way == "alone" and expected is REFUSED and desk.record().n_entries > n_before:
        yield "values that may be corrections were recorded"
    if way == "alone" and expected is DONE and not {desk.value(well) for well in wells} <= desk.values:
        yield "values that are no corrections were not recorded"


def rounded(desk: Desk, way: str) -> Iterator[str]:
    """Known values are told again, rounded; they count once."""
    known = [well for its in desk.by_entry.values() for well, _ in its]
    some = [well for well in known if desk.rng.random() < 0.7]
    if not some:
        return
    file, n_before = desk.without_numbers(some, digits=5), desk.record().n_entries
    code = run(lambda live: live.tell(file), desk, "alone")
    if code != DONE or desk.record().n_entries > n_before:
        yield f"rounded values ended with {code}"


def told_lost(desk: Desk, way: str) -> Iterator[str]:
    """Wells are told lost, in any order. Their values may still come, and then count."""
    file, wells = desk.with_lost_wells()
    desk.told.append(file)
    yield from tell(desk, file, wells, way)


def told_again(desk: Desk, way: str) -> Iterator[str]:
    """A file that was told before, as it is or in another order; its results count once."""
    if not desk.told:
        return
    file = desk.told[int(desk.rng.integers(len(desk.told)))]
    wells = wells_in(desk, file)
    yield from tell(desk, file if desk.rng.random() < 0.5 else desk.reordered(file), wells, way)


def wells_in(desk: Desk, file: Path) -> list[Well]:
    """The wells whose values are in a file; a vetoed design has none."""
    cells = {cell for row in rows_of(file) for cell in row}
    return [well for well in desk.wells if str(desk.value(well)) in cells]


def tell(desk: Desk, file: Path, wells: Sequence[Well], way: str) -> Iterator[str]:
    def command(live: Live) -> object:
        return live.tell(file)

    if way == "at once":
        other, others = desk.any_file()
        pids = [start(command, desk.live), start(lambda live: live.tell(other), desk.live)]
        codes = [ended(pid) for pid in pids]
        desk.current = None
        desk.tally["at once: " + " and ".join(ENDS[code] for code in codes)] += 1
        if set(codes) - {DONE, REFUSED}:
            yield f"two processes at once ended with {codes}"
        noted(desk, [(file, wells), (other, others)])
        return
    code = run(command, desk, way)
    noted(desk, [(file, wells)])
    if way == "alone" and code not in (DONE, REFUSED):
        yield f"tell ended with {code}"
    if code in (KILLED, REFUSED) and way in ("killed", "disk full"):
        yield from tell(desk, file, wells, "alone")  # people try again


def noted(desk: Desk, files: Sequence[tuple[Path, Sequence[Well]]]) -> None:
    """Note what the record says was told, in its order."""
    for event in desk.record().every:
        if event.kind in ("told", "imported") and event.data["entry"] not in desk.noted:
            names = event.data.get("files", [event.data.get("file")])
            wells = next(its for file, its in files if file.name in names)
            desk.note(event.data["entry"], wells)
            desk.noted.add(event.data["entry"])


def contradicted(desk: Desk, way: str) -> Iterator[str]:
    """A file with another value for a well that was told must be refused as a whole, and names of other wells too."""
    known = [well for its in desk.by_entry.values() for well, _ in its]
    tickets = desk.record().tickets.tickets
    held = [(well, tickets[well[:2]].results.get(well[2])) for well in known]
    its_own = [well for well, its in held if its is not None and its.value == desk.value(well)]
    if not its_own:
        return
    wrong = its_own[int(desk.rng.integers(len(its_own)))]
    fresh = [(*well, desk.value(well)) for well in desk.wells if well not in known][:2]
    file = desk.written(("round", "design", "replicate", "value"), [*fresh, (*wrong, desk.value(wrong) + 1.0)])
    code = run(lambda live: live.tell(file), desk, "alone")
    if code != REFUSED:
        yield f"a contradiction ended with {code}"
    names = [design for _, _, (_, design, _) in desk.places]
    if shift := next((n for n in range(1, len(names)) if [*names[n:], *names[:n]] != names), 0):
        shifted = desk.filled(desk.wells, shift=shift)
        if (code := run(lambda live: live.tell(shifted), desk, "alone")) != REFUSED:
            yield f"names that are shifted against their wells ended with {code}"


def imported(desk: Desk, way: str) -> Iterator[str]:
    """Past rounds, at the beginning, and the same file again: its results count once."""
    file = desk.of_the_past()
    for _ in range(2):
        yield from simply(desk, lambda live: live.import_rounds(file, at="2026-04-01"), way)
        noted(desk, [(file, desk.wells)])


def undone_decision(desk: Desk, way: str) -> Iterator[str]:
    """The last veto, addition or import is undone, if nothing was built on it."""
    its = [e.data["entry"] for e in desk.record().events if e.kind in ("vetoed", "added", "imported")]
    if its:
        yield from simply(desk, lambda live: live.undo(its[-1]), way)
        if any(event.kind == "undone" and event.data["of"] == its[-1] for event in desk.record().every):
            desk.forget(its[-1])


def asked(desk: Desk, way: str) -> Iterator[str]:
    yield from simply(desk, lambda live: live.ask(), way)


def lost(desk: Desk, way: str) -> Iterator[str]:
    """Designs, plates or rounds are lost. Their values may still come, and then count."""
    is_open = [ticket for ticket in desk.tickets if ticket.is_open]
    if not is_open:
        return
    ticket = is_open[int(desk.rng.integers(len(is_open)))]
    record = desk.record()
    plates = [name for name, round_ in record.tickets.round_of.items() if round_ == ticket.round]
    what = [{"designs": [ticket.design]}, {"plates": plates[:1]}, {"rounds": [ticket.round]}][int(desk.rng.integers(3))]
    yield from simply(desk, lambda live: live.lost(**what), way)


def undone(desk: Desk, way: str) -> Iterator[str]:
    if not desk.by_entry:
        return
    entry = int(desk.rng.choice(sorted(desk.by_entry)))
    yield from simply(desk, lambda live: live.undo(entry), way)
    if any(event.kind == "undone" and event.data["of"] == entry for event in desk.record().every):
        desk.forget(entry)


def vetoed(desk: Desk, way: str) -> Iterator[str]:
    fresh = [t.design for t in desk.tickets if not (t.results or t.lost or t.failed or t.is_retest)]
    if fresh:
        design = int(desk.rng.choice(fresh))
        yield from simply(desk, lambda live: live.veto(design, instead=drawn(desk)), way)


def added(desk: Desk, way: str) -> Iterator[str]:
    sequence = drawn(desk)
    is_new = bool(desk.rng.random() < 0.5)
    yield from simply(desk, lambda live: live.add([sequence], new_round=is_new, replicates=desk.replicates), way)


def drawn(desk: Desk) -> str:
    return "".join(desk.rng.choice(list("ACGT"), 8))


def simply(desk: Desk, command: Command, way: str) -> Iterator[str]:
    """A command that tells no results: it is done or refused, also a second time."""
    code = run(command, desk, "alone" if way == "at once" else way)
    if code not in (DONE, REFUSED, *((KILLED,) if way == "killed" else ())):
        yield f"{command} ended with {code}"


STEPS: dict[str, Callable[[Desk, str], Iterator[str]]] = {
    "ask": asked, "tell": told, "lose wells": told_lost, "again": told_again, "round": rounded,
    "contradict": contradicted, "lose": lost, "undo": undone, "veto": vetoed, "add": added, "import": imported,
    "undo decision": undone_decision,
}  # fmt: skip


# -- laws ------------------------------------------------------------------------------------------------------------


def counted_once(desk: Desk) -> Iterator[str]:
    """The values of each design in each round are those that were told, each once."""
    record = desk.record()
    found: dict[tuple[int, int], Counter[float]] = defaultdict(Counter)
    for event in record.events:
        if event.kind == "observed" and event.design is not None:
            found[event.data["round"], event.design][event.data["value"]] += 1
    for key in {*found, *desk.expected}:
        if +found[key] != +desk.expected[key]:
            yield f"round {key[0]}, design {key[1]}: told {+desk.expected[key]}, recorded {+found[key]}"
    for design, row in record.history.rows.items():
        its = sum((desk.expected[key] for key in list(desk.expected) if key[1] == design), Counter[float]())
        if Counter(row.values) != +its:
            yield f"the history of design {design} has {row.values}, but {+its} were told"


def only_added_to(desk: Desk) -> Iterator[str]:
    """Nothing that was recorded changes, and entries are numbered in their order."""
    now = list(desk.record().every)
    if now[: len(desk.before)] != desk.before:
        yield "the record was changed"
    desk.before = now
    numbers = [e.data["entry"] for e in now if "by" in e.data and "entry" in e.data]
    if list(dict.fromkeys(numbers)) != list(range(1, len(set(numbers)) + 1)):
        yield f"entries are numbered {numbers}"
    # Undoing may be done long after what it undoes, and past rounds are then imported again.
    standing = [e.minute for e in desk.record().events if e.kind not in ("undone", "reopened")]
    if standing != sorted(standing):
        yield "the minutes of the record decrease"


def open_while_something_is_to_come(desk: Desk) -> Iterator[str]:
    """A round is open, and a design is pending, exactly as long as results are to come."""
    record = desk.record()
    to_come = {ticket.round for ticket in desk.tickets if ticket.is_open}
    if set(record.history.open_rounds) != to_come:
        yield f"rounds {set(record.history.open_rounds)} are open, but {to_come} are to come"
    has_value = {t.design for t in desk.tickets if t.results}  # perhaps as a retest, where its first value was undone
    ended = {t.design for t in desk.tickets if t.failed is not None and not t.is_retest}
    waiting = {t.design for t in desk.tickets if not t.is_retest} - has_value - ended
    if set(record.history.waiting) != waiting:
        yield f"designs {set(record.history.waiting)} are pending, but {waiting} have no result"
    vanished = [(t.round, t.design) for t in desk.tickets if not (t.is_open or t.results or t.failed)]
    if vanished:
        yield f"nothing of {vanished} (round, design) is to come, but they neither have a value nor failed"


def each_well_holds_one_thing(desk: Desk) -> Iterator[str]:
    """Each replicate of each design stands in one well of a plate of its round."""
    tickets, past = desk.record().tickets, set(desk.record().labels.values())
    held = Counter(
        (tickets.round_of[plate], *its) for plate, wells in tickets.plates.items() for its in wells.values()
    )  # fmt: skip
    if held != Counter(well for well in desk.wells if well[0] not in past):
        yield "plates do not hold the wells that were ordered"


LAWS = (counted_once, only_added_to, open_while_something_is_to_come, each_well_holds_one_thing)


def faults(seed: int, n_commands: int = N_COMMANDS, tally: Counter[str] | None = None) -> list[str]:
    """What is wrong with one campaign of random commands; `tally` counts how its commands ended."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder), seed)
        desk.before = list(desk.record().every)
        found: list[str] = []
        for n in range(n_commands):
            first = "ask" if desk.rng.random() < 0.7 else "import"
            kind = first if n == 0 else str(desk.rng.choice(KINDS, p=WEIGHTS))
            way = str(desk.rng.choice(WAYS, p=(0.4, 0.3, 0.1, 0.2)))
            found += [f"command {n} ({kind}, {way}): {what}" for what in step(desk, kind, way)]
            found += [f"after command {n} ({kind}, {way}): {what}" for law in LAWS for what in law(desk)]
        if desk.wells:
            found += [f"at the end: {what}" for what in tell(desk, desk.numbered(desk.wells), desk.wells, "alone")]
            found += [f"at the end: {what}" for law in LAWS for what in law(desk)]
            if any(ticket.is_open for ticket in desk.tickets):
                found.append("at the end: something is to come, although every well was told")
        if tally is not None:
            tally.update(desk.tally)
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=500)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--smoke", action="store_true", help="check 10 campaigns")
    given = parser.parse_args()
    n, began, tally = 10 if given.smoke else given.n, time.monotonic(), Counter[str]()
    seeds = range(given.first, given.first + n)
    wrong = {seed: found for seed in seeds if (found := faults(seed, tally=tally))}
    for seed, found in wrong.items():
        print(f"seed {seed}: {'; '.join(found[:3])}")
    for how, count in sorted(tally.items()):
        print(f"{count:6,} {how}")
    print(f"{n - len(wrong)} of {n} campaigns keep all laws, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
