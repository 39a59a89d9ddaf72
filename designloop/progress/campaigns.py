"""The progress of a campaign: a bar in a terminal or a notebook, a line per batch of events in a log file."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from math import isinf
from typing import TextIO

import numpy as np

from designloop.core.clock import duration
from designloop.core.counting import many
from designloop.core.history import History
from designloop.core.long_work import Follow, followed
from designloop.core.long_work import Progress as Work
from designloop.core.notices import Tell, heard
from designloop.core.records import FILL, Event, Outcome
from designloop.core.rows import mark_of
from designloop.progress.bars import Bar, bar_on

Report = Callable[[History, Sequence[Event]], None]
"""Called with each new batch of events: the history after it, and the events."""
Progress = bool | Report | None
"""How to show progress: True shows a bar, a function is called with each batch of events, False or None is silent."""

Foretell = Callable[[History], str]
"""Estimates, in words, how long a run that has just opened will take."""
_OPENING = "opening"
_FIRST_TOLD = 2.0
"""Seconds after which the pace of long work is known well enough for a line in a log."""
_TOLD_SHARE = 0.1


def reporting(out: TextIO, *, quiet: bool, foretell: Foretell = lambda _: "") -> AbstractContextManager[Report | None]:
    """The progress display of a run on `out`: a bar, lines in a file, or only warnings if `quiet`."""
    if quiet:
        return _silence(out)
    bars = bar_on(out)
    return _lines(out, foretell) if bars is None else _bar(bars, foretell)


def following(progress: Progress) -> AbstractContextManager[Report | None]:
    """The progress display of a run that is called from Python: the given function, or a display on stderr if True."""
    if progress is True:
        return reporting(sys.stderr, quiet=False)
    return nullcontext(progress or None)


def _line_on(out: TextIO) -> Tell:
    return lambda sentence: print(sentence, file=out, flush=True)


@contextmanager
def _silence(out: TextIO) -> Iterator[None]:
    with heard(warn=_line_on(out), wait=None):
        yield None


@contextmanager
def _lines(out: TextIO, foretell: Foretell) -> Iterator[Report]:
    held: list[Event] = []  # a failure alone is not worth a line: it is shown with the next news

    def report(history: History, events: Sequence[Event]) -> None:
        for remark in _remarks(history, events, foretell):
            print(remark, file=out, flush=True)
        held.extend(events)
        if any(_is_news(event) for event in events):
            print(line_of(history, held), file=out, flush=True)
            held.clear()
        for remark in _stagnating(history, events):
            print(remark, file=out, flush=True)

    with heard(warn=_line_on(out), wait=_line_on(out)), followed(_now_and_then(_line_on(out))):
        yield report


def _now_and_then(tell: Tell) -> Follow:
    """Report long work once its pace is known, and after each further tenth of it."""
    told_at = 0.0

    def follow(work: Work) -> None:
        nonlocal told_at
        share = work.step / work.steps
        told_at = 0.0 if work.step == 1 else told_at
        if work.step < work.steps and work.seconds > _FIRST_TOLD and (told_at == 0.0 or share >= told_at + _TOLD_SHARE):
            told_at = share
            tell(_told(work))

    return follow


def _told(work: Work) -> str:
    return f"{work.what}: step {work.step:,} of {work.steps:,}, {duration(work.seconds_left)} left"


@contextmanager
def _bar(bars: AbstractContextManager[Bar], foretell: Foretell) -> Iterator[Report]:
    with bars as bar:
        bar.update(_OPENING)

        def report(history: History, events: Sequence[Event]) -> None:
            notes = (*_fell_short(history, events), *_stagnating(history, events))
            for remark in (*_remarks(history, events, foretell), *notes):
                bar.say(remark)
            if not _opening(events):  # the bar says already that it opens
                bar.update(in_short(history), share_spent(history), 1.0)

        def follow(work: Work) -> None:
            bar.update(_told(work), work.step, work.steps)

        with heard(warn=bar.say, wait=bar.say), followed(follow):
            yield report


def _remarks(history: History, events: Sequence[Event], foretell: Foretell) -> list[str]:
    """When a run opens: what was merged or left out of its starting sequences, and the estimated duration."""
    if not _opening(events):
        return []
    notes = [f"note: {remark}" for remark in history.known.remarks]
    return [*notes, *(sentence for sentence in [foretell(history)] if sentence)]


def _fell_short(history: History, events: Sequence[Event]) -> list[str]:
    """A note that a strategy found fewer new designs than were ordered, which a bar would not show."""
    is_short = any(event.kind == "short" or event.data.get("origin") == FILL for event in events)
    return [f"note: round {history.round}: {_decision(events)}"] if is_short else []


def _stagnating(history: History, events: Sequence[Event]) -> list[str]:
    """A note when a round has closed of which almost all values equal the best value."""
    closed = [event.data["round"] for event in events if event.kind == "round_closed"]
    found = history.stagnation if closed else None
    return [] if found is None else [f"note: {found.in_words()}"]


def line_of(history: History, events: Sequence[Event]) -> str:
    """One line: the state of the run, and the news in these events."""
    news = [text for text in (_opening(events), _decision(events), _return(events), _ending(events)) if text]
    return f"{standing(history)} | {', '.join(news)}"


def _is_news(event: Event) -> bool:
    return (
        event.kind in ("opened", "extended", "chosen", "short", "cut", "round_closed", "closed")
        or event.data.get("value") is not None
    )


def standing(history: History) -> str:
    """The state of a run: the week, batches and designs in flight, failures, the best measured value so far."""
    in_flight = f"{len(history.open_rounds)} in flight, {many(len(history.pending), 'design'):>11}"
    clock = f"week {history.week:5.1f} | round {history.round:2d}"
    return f"{clock} | {in_flight} | {_n_failed(history):3d} failed | {best_measured(history)}"


def in_short(history: History) -> str:
    """The state of a run, short enough for a terminal."""
    n_out, best = len(history.open_rounds), best_measured(history).partition(" ±")[0]
    flight = f"{many(n_out, 'batch')} in flight"
    return f"week {history.week:.1f} · {flight} · {_n_failed(history)} failed · {best}"


def best_measured(history: History) -> str:
    """`best measured 0.41 ± 0.05 (design 17)`: the highest value the assay gave to a design of the campaign."""
    ours = history.is_measured & (history.ids >= 0)
    if not ours.any():
        return "nothing measured"
    place = int(np.argmax(np.where(ours, history.readings, -np.inf)))
    error = history.std_errors[place]
    if side := history.sides[place]:
        return f"best measured {mark_of(side)}{history.readings[place]:.3g} (design {history.ids[place]})"
    spread = " ± ?" if np.isnan(error) else f" ± {error:.2g}" if error > 0 else ""
    return f"best measured {history.readings[place]:.3g}{spread} (design {history.ids[place]})"


def _n_failed(history: History) -> int:
    """Number of designs of the campaign without a value. Starting sequences do not count."""
    return sum(not outcome.has_value for outcome, id_ in zip(history.outcomes, history.ids, strict=True) if id_ >= 0)


def share_spent(history: History) -> float:
    """The largest spent share of the budget's designs or weeks, 0 to 1."""
    done = {"designs": history.n_designs, "weeks": history.week}
    left = {"designs": history.left.designs, "weeks": history.left.weeks}
    shares = [
        done[unit] / (done[unit] + left[unit]) for unit in done if not isinf(left[unit]) and done[unit] + left[unit]
    ]
    return max(shares, default=0.0)


def _opening(events: Sequence[Event]) -> str:
    return _OPENING if any(event.kind == "opened" for event in events) else ""


def _decision(events: Sequence[Event]) -> str:
    chosen = [event.data["origin"] for event in events if event.kind == "chosen"]
    n_again = sum(event.kind == "retest" for event in events)
    text = f"{many(len(chosen), 'design')} chosen" if chosen else ""
    text += f" ({n_filled} filled in uniformly)" if (n_filled := chosen.count(FILL)) else ""
    text = f"{text} and {n_again} retested" if n_again else text
    n_short = sum(event.data["ordered"] - event.data["chosen"] for event in events if event.kind == "short")
    n_cut = sum(event.data["designs"] + event.data["retests"] for event in events if event.kind == "cut")
    lacking = f"{n_short} fewer than ordered" if n_short else ""
    too_dear = f"{n_cut} cut: not affordable" if n_cut else ""
    return ", ".join(part for part in (text, lacking, too_dear) if part)


def _return(events: Sequence[Event]) -> str:
    n_values = sum(event.kind == "observed" and event.data.get("value") is not None for event in events)
    failed = [Outcome(event.data["outcome"]) for event in events if event.kind == "failed"]
    failed += [Outcome.UNMEASURED for event in events if event.kind == "observed" and event.data.get("value") is None]
    parts = [f"{n_values} measured"] if n_values else []
    parts += [f"{failed.count(outcome)} {outcome.value}" for outcome in Outcome if outcome in failed]
    closed = [f"round {event.data['round']} closed" for event in events if event.kind == "round_closed"]
    return ", ".join(parts + closed)


def _ending(events: Sequence[Event]) -> str:
    told = [f"closed: {event.data['reason']}" for event in events if event.kind == "closed"]
    told += [f"extended: {'; '.join(event.data['changed'])}" for event in events if event.kind == "extended"]
    return ", ".join(told)
