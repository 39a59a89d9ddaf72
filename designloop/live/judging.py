"""Compares what a file says with what was told before: what is new, what is known, and what contradicts it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from designloop.core.counting import many
from designloop.core.records import Outcome
from designloop.live.agreeing import agree, matched, result_of, same_value, shown
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Key, Result, Ticket


@dataclass(frozen=True, slots=True)
class Found:
    """A row with its ticket. `replicate` is None where neither the row nor its well says it."""

    row: ResultRow
    ticket: Ticket
    replicate: int | None


@dataclass(frozen=True, slots=True)
class ControlWell:
    """A row of a control."""

    row: ResultRow
    name: str


@dataclass(frozen=True, slots=True)
class News:
    """A result that was not told before: of a well, or the failure of a design (`replicate` is None)."""

    row: ResultRow
    ticket: Ticket
    replicate: int | None
    result: Result | None
    """None for a failure, or a lost well."""


@dataclass
class Verdict:
    """What a file says that is new, and how often it repeats or contradicts what is known."""

    news: list[News] = field(default_factory=list)
    contradictions: list[tuple[int, str]] = field(default_factory=list)
    """(row, sentence)."""
    may_be_further: bool = False
    """Whether some of these may be further replicates instead: wells of their designs are to come."""
    has_too_many: bool = False
    """Whether some design has more values than wells."""
    is_at_odds: bool = False
    """Whether some contradict the record, and not only other rows of the file."""
    n_known: int = 0
    repeated: set[int] = field(default_factory=set)
    """The entries that told the known values and failures."""
    lost_before: set[tuple[int, int, int]] = field(default_factory=set)
    """(round, design, replicate) of known lost wells."""
    rounded: list[tuple[Result, ResultRow]] = field(default_factory=list)
    """Known results which the file rounds."""
    n_empty: int = 0
    n_found_again: int = 0
    """Wells that were declared lost, and have a value now."""
    n_beyond: int = 0
    """Values beyond the wells that were ordered."""


def judge(found: Sequence[Found], *, further: bool = False) -> Verdict:
    """The verdict on the rows of a file.

    A row that says its replicate, or a well, is compared with that one. A row without is a known result if it agrees
    with one. If it does not, nobody can tell a correction from a further replicate as long as the file does not repeat
    what was told of the design; then it contradicts, unless people said that such rows are `further` replicates. The
    same holds for a row of the number that a result without a number took.
    """
    verdict, groups = Verdict(), dict[Key, list[Found]]()
    for one in found:
        if one.row.outcome is None:
            verdict.n_empty += 1
        else:
            groups.setdefault((one.ticket.round, one.ticket.design), []).append(one)
    for its in groups.values():
        _Judge(its[0].ticket, verdict, further=further).judge(its)
    return verdict


class _Judge:
    """Judges the rows of one design in one round."""

    def __init__(self, ticket: Ticket, verdict: Verdict, *, further: bool) -> None:
        self._ticket, self._verdict, self._further = ticket, verdict, further
        self._results = dict(ticket.results)
        self._n_before = len(verdict.news)
        self._lost_rows = set[int]()
        """Wells of this file's lost rows."""
        self._left = list(ticket.results.values())
        """Known results that the file did not repeat so far."""

    def judge(self, rows: Sequence[Found]) -> None:
        """The rows that say their replicate first, since the others take the free ones."""
        with_value = [one for one in rows if one.row.value is not None]
        numbered = self._numbered([one for one in with_value if one.replicate is not None])
        others = self._unknown([one for one in with_value if one.replicate is None], self._left)
        if not self._contradicts(numbered, others):
            for one in (*numbered, *others):
                self._new(one)
        for one in rows:
            if one.row.value is None:
                self._failure(one)
        self._fail_with_the_last_well()

    # -- what is known -----------------------------------------------------------------------------------------------

    def _numbered(self, rows: Sequence[Found]) -> list[Found]:
        """The rows with a number that are new: of a well of which nothing was told under its number."""
        open_ = list[Found]()
        for one in rows:
            assert one.replicate is not None
            known = self._results.get(one.replicate)
            if known is None or not known.is_numbered:
                open_.append(one)
            elif agree(known, one.row):
                self._know(known, one)
            else:
                self._contradict(one, f"replicate {one.replicate} is {_said(one)}, but it was {_told(known)}")
        return self._without_repeats(self._unknown(open_, [its for its in self._left if not its.is_numbered]))

    def _without_repeats(self, rows: Sequence[Found]) -> list[Found]:
        """The rows, each number once; one that the file repeats is known, or contradicts its first row."""
        first = dict[int | None, Found]()
        for one in rows:
            before = first.setdefault(one.replicate, one)
            if before is one:
                continue
            if agree(result_of(before.row), one.row):
                self._verdict.n_known += 1
            else:
                told = f"{_said(before)} in another row"
                self._contradict(one, f"replicate {one.replicate} is {_said(one)}, but it was {told}", is_at_odds=False)
        return list(first.values())

    def _unknown(self, rows: Sequence[Found], known: Sequence[Result]) -> list[Found]:
        """The rows that say none of these results."""
        its = matched(known, [one.row for one in rows], rounded=not self._further)
        for place, at in its.items():
            self._know(known[at], rows[place])
        return [one for place, one in enumerate(rows) if place not in its]

    def _know(self, known: Result, one: Found) -> None:
        self._verdict.n_known += 1
        self._verdict.repeated.add(known.entry)
        self._left = [its for its in self._left if its is not known]
        if not agree(known, one.row, rounded=False):
            self._verdict.rounded.append((known, one.row))

    # -- what contradicts ----------------------------------------------------------------------------------------------

    def _contradicts(self, numbered: Sequence[Found], others: Sequence[Found]) -> bool:
        """Whether new rows cannot be told from corrections, or are too many; then the verdict says so."""
        left = self._left if others else [*filter(None, map(self._unsaid, numbered))]
        new = [*numbered, *others]
        again = [(one, its) for one in new for its in left if same_value(its, one.row, rounded=not self._further)]
        n_values = self._n_wells(list(self._results.values())) + self._n_wells(
            [result_of(one.row, is_numbered=one.replicate is not None) for one in new]
        )
        n_wells = max([self._ticket.n_wells, *(one.replicate or 0 for one in numbered), *self._results])
        if again:
            one, known = again[0]
            self._contradict(one, f"it is {_said(one)}, but it was {_told(known)}")
        elif new and left and not self._further:
            told = " and ".join(map(_told, left))
            self._contradict(new[0], f"the value is {', '.join(map(_said, new))}, but it was {told}")
            self._verdict.may_be_further |= n_values <= n_wells
        elif new and n_values > n_wells and not self._further:
            values = ", ".join([*map(shown, self._results.values()), *map(_said, new)])
            sentence = f"it has the values {values}, but only {many(n_wells, 'well')}"
            self._contradict(new[-1], sentence, is_at_odds=bool(self._results))
            self._verdict.has_too_many = True
        else:
            return False
        return True

    def _unsaid(self, one: Found) -> Result | None:
        """The known result that took the number of a row, if no file said this number."""
        its = self._results.get(one.replicate or 0)
        return its if its is not None and any(its is left for left in self._left) and not its.is_numbered else None

    def _n_wells(self, results: Sequence[Result]) -> int:
        """The wells that results take. A mean of more readings than the design has wells takes them all.

        A result with a number takes this well, whatever readings it is the mean of.
        """
        return sum(1 if its.is_numbered else min(its.n_wells, self._ticket.n_wells) for its in results)

    # -- what is new -------------------------------------------------------------------------------------------------

    def _new(self, one: Found) -> None:
        failed = self._ticket.failed
        if failed is not None and failed is not Outcome.LOST:
            self._contradict(one, f"it has a value, but {failed} was told{self._where_told}", is_at_odds=self._is_told)
            return
        replicate = self._ticket.free(self._results) if one.replicate is None else one.replicate
        self._verdict.n_found_again += failed is not None or replicate in self._ticket.lost
        self._verdict.n_beyond += replicate > self._ticket.n_wells
        result = result_of(one.row, is_numbered=one.replicate is not None)
        self._results[replicate] = result
        self._verdict.news.append(News(one.row, self._ticket, replicate, result))

    def _failure(self, one: Found) -> None:
        """A failure of the design. A lost well of several is the failure of one well, if others have values."""
        outcome, ticket = one.row.outcome, self._ticket
        is_of_a_well = outcome is Outcome.LOST and ticket.n_wells > 1
        if is_of_a_well and one.replicate is not None:
            self._lost_well(one, one.replicate)
        elif is_of_a_well and self._results and (replicate := self._next_lost()) is not None:
            self._lost_well(one, replicate)
        elif self._results:
            values = ", ".join(shown(result) for result in self._results.values())
            self._contradict(
                one, f"it is {outcome}, but it has the value {values}", is_at_odds=bool(self._ticket.results)
            )
        elif ticket.failed is None:
            self._ticket = replace(ticket, failed=outcome)
            self._verdict.news.append(News(one.row, ticket, None, None))
        elif ticket.failed is outcome:
            self._verdict.n_known += 1
            self._verdict.repeated.add(ticket.entry)
        else:
            sentence = f"it is {outcome}, but {ticket.failed} was told{self._where_told}"
            self._contradict(one, sentence, is_at_odds=self._is_told)

    @property
    def _is_told(self) -> bool:
        """Whether the failure of the design was told before, and not in another row."""
        return bool(self._ticket.entry)

    @property
    def _where_told(self) -> str:
        return f" (entry {self._ticket.entry})" if self._is_told else " in another row"

    def _lost_well(self, one: Found, replicate: int) -> None:
        self._lost_rows.add(replicate)
        held, other = self._results.get(replicate), self._ticket.free(self._results)
        if held is not None and (held.is_numbered or other > self._ticket.n_wells):
            self._contradict(
                one, f"replicate {replicate} is lost, but it was {_told(held)}", is_at_odds=bool(held.entry)
            )
        elif self._ticket.failed is not None or replicate in self._ticket.lost:
            self._verdict.n_known += 1
            self._verdict.lost_before.add((self._ticket.round, self._ticket.design, replicate))
        else:
            if held is not None:  # nobody said that it is this replicate
                self._results[other] = self._results.pop(replicate)
            self._ticket = replace(self._ticket, lost=self._ticket.lost | {replicate})
            self._verdict.news.append(News(one.row, self._ticket, replicate, None))

    def _next_lost(self) -> int | None:
        """The well of a lost row without a number: one that was lost before, else one to come; None without these."""
        known = self._ticket.lost if self._ticket.failed is None else range(1, self._ticket.n_wells + 1)
        wells = [*sorted(known), *replace(self._ticket, results=self._results).to_come]
        return next((n for n in wells if n not in self._results and n not in self._lost_rows), None)

    def _fail_with_the_last_well(self) -> None:
        """A design without a value fails with its last well: its lost wells become one failure."""
        its = self._verdict.news[self._n_before :]
        if its and self._ticket.failed is None and not self._results and not self._ticket.to_come:
            last = max(its, key=lambda one: one.row.minute or 0)
            self._verdict.news[self._n_before :] = [replace(last, replicate=None)]

    def _contradict(self, one: Found, sentence: str, *, is_at_odds: bool = True) -> None:
        self._verdict.contradictions.append((one.row.row, f"design {self._ticket.design}: {sentence}"))
        self._verdict.is_at_odds |= is_at_odds


def _said(one: Found) -> str:
    return shown(result_of(one.row))


def _told(known: Result) -> str:
    return f"{shown(known)} (entry {known.entry})" if known.entry else f"{shown(known)} in another row"
