"""A replay in words: what the terminal prints, and the sentences of the page."""

from collections.abc import Iterator
from math import isnan

from designloop.core.counting import many
from designloop.hindsight.among import Among
from designloop.hindsight.findings import CHANCE, Findings
from designloop.hindsight.likeness import likeness
from designloop.hindsight.tables import by_decision, free, gains, worth
from designloop.report.words import percent, value

_OF_PEOPLE = (
    "candidates are only designs that this campaign measured: a strategy is judged on these alone, and not on what it "
    "would have found elsewhere"
)
_LATER_KNOWS = (
    "later batches were chosen with later results, so the list holds knowledge that nobody had at the decision. "
    "Compare with the random choice from the same list; the difference to the batches built favours the strategy"
)
_FREE = (
    "no value is known for most of these choices: the table shows how much they resemble what was built and measured"
)
BRACKETS = (
    "In brackets: of the mean value, the 95% interval over designs and seeds; of hits and best, the range over seeds. "
    "Of the random choice: the range of 95% of random choices."
)
"""The legend of the table of values."""
FREE_COLUMNS = (
    "In the batch: choices that the batch has too. Measured: choices that were measured at the decision or later. "
    "Edits: medians of the distances to the nearest design of the batch, and to the nearest design that was measured."
)
"""The legend of the table of choices from the whole space."""


def lines_of(found: Findings) -> Iterator[str]:
    """What the replay shows, line by line."""
    n = len(found.decisions)
    yield f"{found.name} ({found.own}): {many(n, 'decision')}, {seeds_in_words(found)}"
    yield f"  choices   {among_in_words(found)}"
    yield from (f"  repeats   {sentence}" for sentence in repeats(found))
    if found.among is Among.SPACE:
        yield from ("", *free(found).lines())
    else:
        yield from _measured(found)
    yield ""
    yield from (f"note: {remark}" for remark in remarks(found))


def _measured(found: Findings) -> Iterator[str]:
    yield f"  compared  {compared_in_words(found)}"
    yield from (f"  left out  {sentence}" for sentence in found.left_out)
    if found.compared:
        yield f"  hits      {hits_in_words(found)}"
        yield from ("", *worth(found).lines(), BRACKETS, "", *gains(found).lines())
    yield from ("", "mean value of the choices at each decision (* is not compared)", *by_decision(found).lines())


def seeds_in_words(found: Findings) -> str:
    """`seeds 0 to 4`."""
    return f"seed {found.seeds[0]}" if len(found.seeds) == 1 else f"seeds {found.seeds[0]} to {found.seeds[-1]}"


def among_in_words(found: Findings) -> str:
    """Among which sequences the strategies chose, and how many."""
    how_many = "as many as the batch has" if found.n_designs is None else f"{found.n_designs} at each decision"
    of = {
        Among.SPACE: "from the whole space",
        Among.LATER: "among the designs that were measured at the decision or later",
        Among.BATCH: "among the measured designs of the batch",
    }
    return f"{of[found.among]}, {how_many}"


def compared_in_words(found: Findings) -> str:
    """`decisions 2, 3; each choice has the same weight`."""
    if not found.compared:
        return "no decision, since at none of them something was known and something could be left out"
    numbers = ", ".join(str(one.number) for one in found.compared)
    return f"{'decisions' if len(found.compared) > 1 else 'decision'} {numbers}; each choice has the same weight"


def hits_in_words(found: Findings) -> str:
    """What a hit is."""
    of = many(len(found.measured), "measured design")
    return f"the top {percent(found.top)} of the {of}: {value(found.threshold)} or more"


def repeats(found: Findings) -> Iterator[str]:
    """Which strategies repeat the recorded choices; only where they choose from the whole space."""
    if found.among is not Among.SPACE or found.n_designs is not None:
        return
    asked = [one for one in found.decisions if not one.by_people]
    for name in found.strategies if asked else ():
        n = sum(one.is_repeated(name) for one in asked)
        yield f"{name} makes the recorded choices at {n} of {many(len(asked), 'decision')}"


def headline(found: Findings) -> str:
    """The result in one sentence."""
    if found.among is Among.SPACE:
        return "; ".join(_in_common(found, name) for name in found.strategies) + "."
    if not found.compared:
        return f"Nothing can be compared: {compared_in_words(found)}."
    told = [_against(found, found.strategies[0], over) for over in found.others]
    return f"Mean value of the choices: {', and '.join(told)}."


def _in_common(found: Findings, name: str) -> str:
    its = [likeness(one, name) for one in found.decisions]
    n, same, measured = (sum(getattr(one, what) for one in its) for what in ("n", "n_same", "n_measured"))
    return (
        f"{name}: {same:.4g} of {n:,.5g} choices are in the batches built, {measured:.4g} were measured then or later"
    )


def _against(found: Findings, name: str, over: str) -> str:
    gain = found.mean_gain(name, over)
    what = "a random choice" if over == CHANCE else "the batches built"
    if not gain.excludes_zero:
        return f"no significant difference between {name} and {what}"
    word = "above" if gain.value > 0 else "below"
    return f"{name} is {value(abs(gain.value))} {word} {what}"


def sentence(words: str) -> str:
    """The words with a capital letter and a full stop; a name at the start is left as it is."""
    return f"{words[0].upper()}{words[1:].rstrip('.')}."


def remarks(found: Findings) -> Iterator[str]:
    """What a reader must know to judge the numbers."""
    if found.among is Among.SPACE:
        yield _FREE
    else:
        yield _OF_PEOPLE
    if found.among is Among.LATER:
        yield _LATER_KNOWS
    yield from _errors(found)
    yield from _fillers(found)
    yield from found.remarks


def _errors(found: Findings) -> Iterator[str]:
    """How much of the difference the measurements' own errors may be."""
    if not found.compared:
        return
    first = found.strategies[0]
    error, difference = found.error_of_mean(first, CHANCE), f"the difference between {first} and {CHANCE}"
    if isnan(error):
        yield "the errors of some measurements are unknown; the intervals hold them as far as designs differ by them"
    else:
        yield f"the errors of the measurements give {difference} a standard error of {value(error)}"


def _fillers(found: Findings) -> Iterator[str]:
    """Which strategies found too few candidates, so that a part of their choices is a random choice, or missing."""
    asked = [one for one in found.decisions if one.n]
    n = sum(one.n for one in asked)
    for name in found.strategies:
        if (filled := sum(one.n_filled(name) for one in asked)) > 0:
            yield (
                f"{percent(filled / n, 1)} of the choices of {name} are uniform draws, since it found too few new "
                "designs by itself; a strategy that scores a list, such as auto, chooses all of them"
            )
        if (short := n - sum(one.n_chosen(name) for one in asked)) > 0:
            yield f"{name} found too few new designs: it chose {percent(short / n, 1)} fewer than were ordered"
