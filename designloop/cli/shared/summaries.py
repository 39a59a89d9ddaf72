"""Prints the summary of a run: in full, as one JSON object, or only the recommended design."""

from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING

from designloop.core.counting import many
from designloop.core.records import Level

if TYPE_CHECKING:
    from designloop.storage.named import Named
    from designloop.storage.summary import Summary

_MOST_SAID = 4
"""Remarks of one level that are printed."""


def print_summary(summary: "Summary", *, json: bool, quiet: bool) -> None:
    """Print a summary as one JSON object, as its recommended design only, or in full."""
    if json:
        print(dumps(summary.as_dict(), allow_nan=False))
    elif quiet:
        print(summary.recommended or "nothing measured")
    else:
        print("\n".join(lines_of(summary)))


def lines_of(summary: "Summary") -> Iterator[str]:
    """The lines of the summary: what was spent, the outcomes, and the measured, recommended and true best values."""
    label = f" ({summary.label})" if summary.label else ""
    yield f"{summary.name}{label}, seed {summary.seed}: {_how(summary.stop)}"
    yield from _said(summary, Level.UNRELIABLE)
    spent = f"{many(summary.designs, 'design')} in {many(summary.rounds, 'round')}"
    yield f"  spent        {spent}, {summary.weeks:.1f} weeks, {summary.cost_in_words}"
    yield from _phases(summary)
    if summary.n_filled:
        yield f"  filled       {many(summary.n_filled, 'design')} drawn uniformly: the strategy found too few"
    if summary.n_lacking:
        yield f"  short        {many(summary.n_lacking, 'design')} ordered, but not proposed"
    if cut := [many(n, what) for n, what in ((summary.n_cut, "design"), (summary.n_retests_cut, "retest")) if n]:
        yield f"  cut          {' and '.join(cut)} proposed, but not affordable"
    yield f"  outcomes     {summary.outcomes_in_words or 'none yet'}"
    best = summary.best_measured_in_words
    yield f"  measured     {f'highest mean of a design: {best}' if best else 'nothing'}"
    yield from _design("recommended", summary.recommended)
    yield from _design("true best", summary.best, _as_good(summary))
    yield from _start(summary)
    if summary.stagnation is not None:
        yield f"  stagnation   {summary.stagnation_in_words}"
    yield from _said(summary, Level.WARNING)
    yield f"  event hash   {summary.event_hash}"


def _said(summary: "Summary", level: Level) -> Iterator[str]:
    """The first remarks of a level, a line each, and how many more there are."""
    sentences = summary.said(level)
    yield from (f"  {level:12} {sentence}" for sentence in sentences[:_MOST_SAID])
    if (n := len(sentences) - _MOST_SAID) > 0:
        yield f"  {'':12} and {many(n, f'more {level}')}; --json prints all"


def _phases(summary: "Summary") -> Iterator[str]:
    """A line for each phase of an extended run: its weeks, its designs, what changed, how it ended."""
    for number, phase in enumerate(summary.phases if len(summary.phases) > 1 else (), start=1):
        changed = f"{'; '.join(phase.changed)} · " if phase.changed else ""
        span = f"week {phase.began:.1f} to {phase.ended:.1f} · {many(phase.designs, 'design')}"
        yield f"  {f'phase {number}':12} {span} · {changed}{_how(phase.stop)}"


def _how(stop: str | None) -> str:
    return f"closed, {stop}" if stop else "not finished"


def _as_good(summary: "Summary") -> str:
    """A note for a recommended design that differs from the true best design but has the same value."""
    best, named = summary.best, summary.recommended
    is_tied = best is not None and named is not None and best.design != named.design and best.value == named.value
    return f" · tied with the recommended design {named.design}" if named and is_tied else ""


def _design(what: str, named: "Named | None", note: str = "") -> Iterator[str]:
    """`recommended  design 31 · true value 0.41 · measured 0.44 · week 8.2`, and its sequence below."""
    if named is None:
        return
    true = "unknown" if named.value is None else f"{named.value:.4g}"
    measured = f"measured {named.measured_in_words}" if named.measured_in_words else "not measured"
    yield f"  {what:12} design {named.design} · true value {true} · {measured} · week {named.week:.1f}{note}"
    yield f"  {'':12} {named.sequence}"


def _start(summary: "Summary") -> Iterator[str]:
    """The best starting sequence, and whether it is better than the recommended design."""
    if summary.best_start is None:
        return
    yield f"  {'best start':12} {best_start_of(summary)}"
    yield f"  {'':12} {summary.best_start.sequence}"


def best_start_of(summary: "Summary") -> str:
    """`measured 3.5 · better than the recommended design 8 (0.4167)`, or the measured values alone."""
    assert summary.best_start is not None, "some starting sequence has a value"
    before = summary.best_start.measured_in_words
    named = summary.recommended
    if named is None or named.measured is None:
        return f"measured {before}"
    if not summary.is_start_better:
        return f"measured {before} · the recommended design measured {named.measured_in_words}"
    now = f"design {named.design} ({named.measured_in_words})"
    return f"measured {before} · better than the recommended {now}"
