"""The summary of a run in the terminal: in full, as one JSON object, or as its recommended design alone."""

from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING

from designloop.core.counting import many

if TYPE_CHECKING:
    from designloop.storage.summary import Named, Summary


def print_summary(summary: "Summary", *, json: bool, quiet: bool) -> None:
    """A summary as one JSON object, as its recommended design only, or in full."""
    if json:
        print(dumps(summary.as_dict(), allow_nan=False))
    elif quiet:
        print(summary.recommended or "nothing measured")
    else:
        print("\n".join(lines_of(summary)))


def lines_of(summary: "Summary") -> Iterator[str]:
    """The summary for a reader: what was spent and what came back; measured, recommended and true, each so named."""
    label = f" ({summary.label})" if summary.label else ""
    yield f"{summary.name}{label}, seed {summary.seed}: {_how(summary.stop)}"
    spent = f"{many(summary.designs, 'design')} in {many(summary.rounds, 'round')}"
    yield f"  spent        {spent}, {summary.weeks:.1f} weeks, {summary.cost_in_words}"
    yield from _phases(summary)
    if summary.n_filled:
        yield f"  filled in    {summary.n_filled} of the designs: uniform draws, where the strategy found too few"
    if summary.n_lacking:
        yield f"  left short   {many(summary.n_lacking, 'design')} ordered that the strategy had not"
    if summary.n_cut:
        yield f"  cut off      {many(summary.n_cut, 'design')} proposed that the money did not pay for"
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in summary.outcomes.items())
    yield f"  outcomes     {outcomes or 'none yet'}"
    best = "nothing" if summary.best_measured is None else f"highest mean of a design {summary.best_measured:.4g}"
    yield f"  measured     {best}"
    yield from _design("recommended", summary.recommended)
    yield from _design("true best", summary.best, _as_good(summary))
    yield from _start(summary)
    yield f"  event hash   {summary.event_hash}"


def _phases(summary: "Summary") -> Iterator[str]:
    """A line for each phase of a run that was extended: when, how many designs, what changed, how it ended."""
    for number, phase in enumerate(summary.phases if len(summary.phases) > 1 else (), start=1):
        changed = f"{'; '.join(phase.changed)} · " if phase.changed else ""
        span = f"week {phase.began:.1f} to {phase.ended:.1f} · {many(phase.designs, 'design')}"
        yield f"  {f'phase {number}':12} {span} · {changed}{_how(phase.stop)}"


def _how(stop: str | None) -> str:
    return f"closed, {stop}" if stop else "not finished"


def _as_good(summary: "Summary") -> str:
    """Where the best design and the recommended one are two, and equally good: that they are."""
    best, named = summary.best, summary.recommended
    is_tied = best is not None and named is not None and best.design != named.design and best.value == named.value
    return f" · the first; the recommended design {named.design} has the same value" if named and is_tied else ""


def _design(what: str, named: "Named | None", note: str = "") -> Iterator[str]:
    """`recommended  design 31 · true value 0.41 · measured 0.44 · week 8.2`, and its sequence below."""
    if named is None:
        return
    true = "unknown" if named.value is None else f"{named.value:.4g}"
    measured = "not measured" if named.measured is None else f"measured {named.measured:.4g}"
    yield f"  {what:12} design {named.design} · true value {true} · {measured} · week {named.week:.1f}{note}"
    yield f"  {'':12} {named.sequence}"


def _start(summary: "Summary") -> Iterator[str]:
    """The best of what one had before, and whether it is better than what is recommended."""
    if summary.best_start is None:
        return
    yield f"  {'had before':12} {best_start_of(summary)}"
    yield f"  {'':12} {summary.best_start.sequence}"


def best_start_of(summary: "Summary") -> str:
    """`the best of what you had, 3.5, is better than the recommended design 8, 0.4167`, or the value alone."""
    assert summary.best_start is not None, "some starting sequence has a value"
    before = f"{summary.best_start.measured:.4g}"
    named = summary.recommended
    if named is None or named.measured is None:
        return f"the best starting sequence measured {before}"
    if not summary.is_start_better:
        return f"the best starting sequence measured {before}, and the recommended design {named.measured:.4g}"
    now = f"design {named.design}, {named.measured:.4g}"
    return f"the best of what you had, {before}, is better than the recommended {now}"
