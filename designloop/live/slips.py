"""Slips are values that may be mistakes of writing, such as a lost decimal point. They count, but are named."""

from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean, median

from designloop.core.records import Outcome
from designloop.core.rows import side_of
from designloop.live.agreeing import shown
from designloop.live.judging import News
from designloop.live.names import design_name
from designloop.live.tickets import Key, Result, Tickets

_FEWEST = 8
"""Wells of other designs that show which values are usual. A judgement, as are the factors."""
_OUTSIDE = 5.0
"""How far beyond the range of the usual values a slip lies, in widths of that range."""
_SPREADS, _SHARE = 8.0, 0.25
"""How far apart the wells of a slip lie: in usual spreads of the wells of a design, and as a share of the range."""
_TENFOLD = 8.0
"""Ratio of the wells of a slip, where no other design has several wells."""
_SHOWN = 3

Wells = Mapping[Key, Sequence[Result]]
"""(round, design) -> the results of its wells."""


def slips(campaign: str, after: Tickets, news: Sequence[News]) -> Iterator[str]:
    """A sentence on values far outside all others, on wells far apart, and on wells on both sides of a limit.

    `after`: the tickets with the news.
    """
    wells = {key: list(ticket.results.values()) for key, ticket in after.tickets.items() if ticket.results}
    new = sorted({(one.ticket.round, one.ticket.design) for one in news} & wells.keys())
    values = {one.result.value for one in news if one.result is not None}
    split = [(key, wells[key]) for key in new if len({side_of(its.outcome) for its in wells[key]}) > 1]
    outside = list(_outside(wells, new, values))
    apart = list(_apart(wells, new, {key for key, _ in outside}))
    yield from _named(campaign, outside, "far outside all other values, so perhaps a mistake; it counts")
    yield from _named(campaign, apart, "wells differ far more than is usual, so perhaps one is a mistake; all count")
    yield from _named(campaign, split, "wells on both sides of a limit; the value is estimated from all of them")


def _named(campaign: str, its: Sequence[tuple[Key, Sequence[Result]]], what: str) -> Iterator[str]:
    """The first designs with their wells, and what they have; nothing without any."""
    if its:
        shown_ = [f"{design_name(campaign, key[1])} ({', '.join(map(shown, wells))})" for key, wells in its[:_SHOWN]]
        more = f" and {len(its) - _SHOWN} more designs" if len(its) > _SHOWN else ""
        yield f"{'; '.join(shown_)}{more}: {what}"


def _outside(wells: Wells, new: Sequence[Key], values: set[float]) -> Iterator[tuple[Key, Sequence[Result]]]:
    """New values that lie far outside the range of what was told before and of most of what is new."""
    known = [its.value for results in wells.values() for its in results if its.value not in values]
    usual = known + _trimmed(sorted(values))
    if len(usual) < _FEWEST:
        return
    low, high = min(usual), max(usual)
    reach = _OUTSIDE * (high - low)
    for key in new if reach else ():
        far = [
            its
            for its in wells[key]
            if its.outcome is Outcome.OBSERVED and its.value in values and not low - reach <= its.value <= high + reach
        ]
        if far:
            yield key, far


def _trimmed(values: Sequence[float]) -> list[float]:
    """Sorted values without a twentieth, at least one, at both ends."""
    cut = max(1, len(values) // 20)
    return list(values[cut:-cut])


def _apart(wells: Wells, new: Sequence[Key], outside: set[Key]) -> Iterator[tuple[Key, Sequence[Result]]]:
    """Designs whose wells differ far more than those of other designs, or tenfold where no other has several."""
    spreads = {key: _spread(results) for key, results in wells.items() if len(results) > 1}
    every = sorted((its.value, key) for key, results in wells.items() for its in results if key not in outside)
    for key in new:
        if key not in spreads or len(every) - len(wells[key]) * (key not in outside) < _FEWEST:
            continue
        low = next(value for value, its in every if its != key)
        high = next(value for value, its in reversed(every) if its != key)
        others = [spread for its, spread in spreads.items() if its != key and spread]
        is_usual = spreads[key] <= _SPREADS * median(others) if others else not _is_tenfold(wells[key])
        if spreads[key] > _SHARE * (high - low) > 0 and not is_usual:
            yield key, wells[key]


def _spread(results: Sequence[Result]) -> float:
    """Highest minus lowest value, those beyond a limit as near to the others as the limit permits."""
    read = [its.value for its in results if its.outcome is Outcome.OBSERVED]
    values = [_nearest(its, fmean(read)) if read else its.value for its in results]
    return max(values) - min(values)


def _nearest(its: Result, to: float) -> float:
    """The value, or the one nearest to another that its limit permits."""
    if (side := side_of(its.outcome)) == 0:
        return its.value
    return min(its.value, to) if side < 0 else max(its.value, to)


def _is_tenfold(results: Sequence[Result]) -> bool:
    values = sorted(abs(its.value) for its in results)
    return values[-1] >= _TENFOLD * values[0]
