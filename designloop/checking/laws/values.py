"""Laws of values: some sequences have one, they differ, and what the oracle says of its scale is true."""

from collections.abc import Iterator

import numpy as np

from designloop.checking.findings import Finding, law
from designloop.checking.trial import Trial
from designloop.core.counting import many

_SMALL = 20_000
"""Sequences of a space that is searched whole for the optimum."""
_SECONDS_OF_SEARCH = 10.0
_FAR = 3.0
"""A lowest value that lies so many spreads of the others below them looks like a mark for "no value"."""
_COMMON = 0.02


@law("viable", "some sequences have a value", after=("finite",))
def viable(trial: Trial) -> Iterator[Finding]:
    """NaN for every sequence, and a number that seems to stand for NaN."""
    values = trial.all_values
    n_without = int(np.isnan(values).sum())
    if n_without == len(values):
        asked = " and ".join(f"{len(some)} {name}" for name, (some, _) in trial.wide.items())
        yield viable.fault(
            f"every value is NaN, for {asked} sequences",
            "look for letters or lengths that the oracle does not know, or give sequences that have a value: "
            "a corpus, or --sequences FILE",
        )
    elif (mark := _mark_of(values)) is not None:
        share = float(np.mean(values == mark))
        what = f"{share:.0%} of the values are {mark:g}, far below all others"
        yield Finding("viable", "doubt", what, "if it means that a sequence is not viable, return NaN")


def _mark_of(values: np.ndarray) -> float | None:
    """The lowest value, if several sequences share it and it is far below the others; None otherwise."""
    known = values[~np.isnan(values)]
    lowest, rest = known.min(), known[known > known.min()]
    if len(rest) < 2 or np.mean(known == lowest) < _COMMON or lowest >= 0:
        return None
    return float(lowest) if rest.min() - lowest > _FAR * max(float(np.ptp(rest)), 1e-12) else None


@law("spread", "values differ", after=("viable",))
def spread(trial: Trial) -> Iterator[Finding]:
    """One value for all sequences."""
    known = trial.all_values[~np.isnan(trial.all_values)]
    if len(known) and float(np.ptp(known)) == 0.0:
        who = f"all {len(known):,} viable sequences have" if len(known) > 1 else "the only viable sequence has"
        what = f"{who} the value {known[0]:g}"
        change = (
            "look for letters or a case that the oracle does not know (T and U, lower case); "
            "a campaign cannot climb where no value differs"
        )
        yield Finding("spread", "doubt", what, change)
    elif trial.is_flat:
        what = f"the {many(len(trial.base), 'sequence')} that most laws compare have one value, so that they see little"
        yield Finding("spread", "note", what, "give sequences with different values in --sequences")


@law("optimum", "no value exceeds the optimum, and the known solution has it", after=("again", "finite"))
def optimum(trial: Trial) -> Iterator[Finding]:
    """An optimum that is exceeded, or that its own solution or the best of a small space does not reach."""
    highest = trial.about.optimum
    values = trial.all_values
    best = float(np.nanmax(np.append(values, -np.inf)))
    if highest is None:
        return
    if not np.isfinite(highest) or _exceeds(best, highest):
        mend = "correct `optimum`, or leave it out"
        yield optimum.fault(f"a value of {best:.6g} exceeds the optimum {highest:.6g}", mend)
        return
    solution = trial.asker.do("solution")
    if solution is not None:
        yield from _reached(trial, solution, highest)
    elif (size := trial.about.size) is not None and size <= trial.affordable(_SMALL, _SECONDS_OF_SEARCH):
        every = trial.measured(trial.asker.do("enumerated"))
        best = float(np.nanmax(np.append(trial.ask(every), -np.inf)))
        if _exceeds(best, highest) or _exceeds(highest, best):
            what = f"the highest of all {size:,} values is {best:.6g}, and the optimum is said to be {highest:.6g}"
            yield optimum.fault(what, "correct `optimum`")
    elif _exceeds(highest, best):
        what = f"the best of {many(len(values), 'value')} is {best:.6g}, below the optimum {highest:.6g}"
        yield Finding("optimum", "note", what, "give a sequence that reaches it in --sequences, if you know one")


def _reached(trial: Trial, solution: str, highest: float) -> Iterator[Finding]:
    (value,) = trial.ask([solution], "for optimal_solution() ")
    if not trial.asker.do("inside", sequences=[solution])[0]:
        yield optimum.fault(f"optimal_solution() is outside the space: {solution!r}", "return a sequence of the space")
    elif np.isnan(value) or _exceeds(highest, value) or _exceeds(value, highest):
        what = f"optimal_solution() has the value {value:.6g}, and the optimum is said to be {highest:.6g}"
        yield optimum.fault(what, "correct one of them")


def _exceeds(one: float, other: float) -> bool:
    return one > other + 1e-9 * max(abs(one), abs(other), 1.0)


@law("scale", "values suit the scale and the floor that the oracle declares", after=("viable",))
def scale(trial: Trial) -> Iterator[Finding]:
    """Negative values where noise is multiplied, and values below "no signal"."""
    known, about = trial.all_values[~np.isnan(trial.all_values)], trial.about
    if not len(known):
        return
    if about.scale == "linear" and known.min() < 0:
        share = float(np.mean(known < 0))
        what = f"{share:.0%} of the values are negative on a linear scale, where the noise is multiplied"
        yield Finding(
            "scale", "doubt", what, "declare scale='log' if values are logarithms or differences: noise is then added"
        )
    if about.floor is not None and known.min() < about.floor:
        what = f"the lowest value, {known.min():.6g}, is below the floor {about.floor:.6g}, the value of no signal"
        yield Finding("scale", "doubt", what, "correct `floor`, or leave it out")
