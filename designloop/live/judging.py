"""Compares what a file says with what was told before: what is new, what is known, and what contradicts it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from designloop.core.records import Outcome
from designloop.live.result_rows import ResultRow
from designloop.live.tickets import Key, Result, Ticket


@dataclass(frozen=True, slots=True)
class Found:
    """A row with its ticket. `replicate` is None where neither the row nor its well says it."""

    row: ResultRow
    ticket: Ticket
    replicate: int | None


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
    n_known: int = 0
    n_empty: int = 0
    n_found_again: int = 0
    """Wells that were declared lost, and have a value now."""


def judge(found: Sequence[Found]) -> Verdict:
    """The verdict on the rows of a file."""
    verdict, groups = Verdict(), dict[Key, list[Found]]()
    for one in found:
        if one.row.outcome is None:
            verdict.n_empty += 1
        else:
            groups.setdefault((one.ticket.round, one.ticket.design), []).append(one)
    for its in groups.values():
        _Judge(its[0].ticket, verdict).judge(its)
    return verdict


class _Judge:
    """Judges the rows of one design in one round."""

    def __init__(self, ticket: Ticket, verdict: Verdict) -> None:
        self._ticket, self._verdict = ticket, verdict
        self._results = dict(ticket.results)
        self._n_before = len(verdict.news)
        self._lost_rows = set[int]()
        """Wells of this file's lost rows."""

    def judge(self, rows: Sequence[Found]) -> None:
        """The rows that say their replicate first, since the others take the free ones."""
        with_value = [one for one in rows if one.row.value is not None]
        for one in with_value:
            if one.replicate is not None:
                self._numbered(one, one.replicate)
        self._unnumbered([one for one in with_value if one.replicate is None])
        for one in rows:
            if one.row.value is None:
                self._failure(one)
        self._fail_with_the_last_well()

    def _numbered(self, one: Found, replicate: int) -> None:
        known = self._results.get(replicate)
        if known is None:
            self._new(one, replicate)
        elif _agree(known, result_of(one.row)):
            self._verdict.n_known += 1
        else:
            self._contradict(one, f"replicate {replicate} is {shown(result_of(one.row))}, but it was {_told(known)}")

    def _unnumbered(self, rows: Sequence[Found]) -> None:
        """Rows without a replicate: what is known of them counts once, and the rest are further replicates."""
        left = list(self._ticket.results.values())
        new = list[Found]()
        for one in rows:
            same = next((at for at, known in enumerate(left) if _agree(known, result_of(one.row))), None)
            if same is None:
                new.append(one)
            else:
                del left[same]
                self._verdict.n_known += 1
        if new and left and len(self._results) + len(new) > self._ticket.n_wells:
            values = ", ".join(shown(result_of(one.row)) for one in new)
            told = " and ".join(map(_told, left))
            self._contradict(new[0], f"the value is {values}, but it was {told}")
            return
        for one in new:
            self._new(one, self._free())

    def _free(self) -> int:
        """The first replicate without a result; a lost one only where there is no other."""
        n_most = max(self._ticket.n_wells, len(self._results) + 1)
        free = [n for n in range(1, n_most + 1) if n not in self._results]
        return min(free, key=lambda n: (n in self._ticket.lost, n))

    def _new(self, one: Found, replicate: int) -> None:
        failed = self._ticket.failed
        if failed is not None and failed is not Outcome.LOST:
            self._contradict(one, f"it has a value, but {failed} was told (entry {self._ticket.entry})")
            return
        self._verdict.n_found_again += failed is not None or replicate in self._ticket.lost
        self._results[replicate] = result = result_of(one.row)
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
            self._contradict(one, f"it is {outcome}, but it has the value {values}")
        elif ticket.failed is None:
            self._ticket = replace(ticket, failed=outcome)
            self._verdict.news.append(News(one.row, ticket, None, None))
        elif ticket.failed is outcome:
            self._verdict.n_known += 1
        else:
            self._contradict(one, f"it is {outcome}, but {ticket.failed} was told (entry {ticket.entry})")

    def _lost_well(self, one: Found, replicate: int) -> None:
        self._lost_rows.add(replicate)
        if replicate in self._results:
            self._contradict(one, f"replicate {replicate} is lost, but it was {_told(self._results[replicate])}")
        elif self._ticket.failed is not None or replicate in self._ticket.lost:
            self._verdict.n_known += 1
        else:
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

    def _contradict(self, one: Found, sentence: str) -> None:
        self._verdict.contradictions.append((one.row.row, f"design {self._ticket.design}: {sentence}"))


def is_told(ticket: Ticket, row: ResultRow) -> bool:
    """Whether what a row says was told of this ticket before."""
    if row.outcome is None or row.value is None:
        return ticket.failed is not None and ticket.failed is row.outcome
    known = ticket.results.values() if row.replicate is None else filter(None, [ticket.results.get(row.replicate)])
    return any(_agree(result, result_of(row)) for result in known)


def result_of(row: ResultRow) -> Result:
    """The result of a row that has a value."""
    assert row.value is not None
    assert row.outcome is not None
    return Result(row.value, row.outcome, row.std_error, n_wells=row.n_wells)


def _agree(known: Result, new: Result) -> bool:
    """Whether two results of a well are the same. A file need not repeat an error."""
    same_error = new.std_error is None or new.std_error == known.std_error
    return (known.value, known.outcome) == (new.value, new.outcome) and same_error


def shown(result: Result) -> str:
    """`0.61`, `< 0.1`, `0.61 ± 0.02`."""
    mark = {Outcome.BELOW_DETECTION: "< ", Outcome.ABOVE_DETECTION: "> "}.get(result.outcome, "")
    error = "" if result.std_error is None else f" ± {result.std_error:.6g}"
    return f"{mark}{result.value:.10g}{error}"


def _told(known: Result) -> str:
    return f"{shown(known)} (entry {known.entry})" if known.entry else f"{shown(known)} in another row"
