"""Laws of sequences: every letter and length of the space is accepted; natural sequences lie in the space."""

from collections.abc import Iterator, Sequence

import numpy as np

from designloop.checking.answers import Answer
from designloop.checking.findings import Finding, law
from designloop.checking.trial import Floats, Trial
from designloop.core.counting import many

_N_CORPUS = 50
_FOREIGN = "#"
"""A character that is in no alphabet."""


@law("letters", "it accepts every letter and every length of its space", after=("answers",))
def letters(trial: Trial) -> Iterator[Finding]:
    """Sequences with each letter, and of the shortest and the longest length."""
    edges = trial.measured(trial.asker.do("edges"))
    if not edges:
        return
    found = trial.tell(edges)
    if found.problem:
        yield from _first_refused(trial, edges, found)
        return
    yield from _lengths_without_values(trial, edges, found.array)


def _first_refused(trial: Trial, edges: Sequence[str], found: Answer) -> Iterator[Finding]:
    mend = (
        "accept every sequence of the space (NaN if it is not viable), or narrow the space: its alphabet or its lengths"
    )
    for sequence in () if found.is_silent else edges:
        if (alone := trial.tell([sequence])).problem:
            what = (
                f"the oracle {alone.problem} for {sequence!r}, {many(len(sequence), 'letter')}, which is in its space"
            )
            yield letters.fault(what, mend)
            return
    yield letters.fault(
        f"the oracle {found.problem} for {many(len(edges), 'sequence')} with all letters and lengths", mend
    )


def _lengths_without_values(trial: Trial, edges: Sequence[str], values: Floats) -> Iterator[Finding]:
    """A doubt where the shortest or the longest sequences have no value, and others have."""
    lengths = np.array([len(sequence) for sequence in edges])
    for length in {trial.about.min_length, trial.about.max_length} if len(set(lengths)) > 1 else ():
        here = lengths == length
        if here.any() and np.isnan(values[here]).all() and not np.isnan(values[~here]).all():
            what = f"sequences of {many(length, 'letter')} have no value, though the space has that length"
            yield Finding(
                "letters", "doubt", what, "narrow the lengths of the space, if such sequences are never viable"
            )


@law("outside", "a sequence outside the space is refused, or has no value", after=("again", "letters"))
def outside(trial: Trial) -> Iterator[Finding]:
    """A note on what has a value though it is outside the space: no campaign asks for it, other programs may."""
    had = [what for what, sequence in _strangers(trial) if _has_value(trial.tell([sequence]))]
    if had:
        what = f"the oracle returns a number for {_listed(had)}. A campaign never asks for one; other programs may"
        yield Finding("outside", "note", what, "raise an error, or return NaN, if the oracle is also used elsewhere")
    if had and (same := _as_foreign(trial)):
        verb = "count" if len(same) > 1 else "counts"
        what = f"{_listed(same)} {verb} as much as a character that is in no alphabet"
        yield Finding(
            "outside", "note", what, "if that is not meant, look for T instead of U, or lower case, in the oracle"
        )


def _strangers(trial: Trial) -> Iterator[tuple[str, str]]:
    """(what it is, sequence) of sequences outside the space."""
    about, one = trial.about, trial.base[0]
    strange = {
        f"the letter {_FOREIGN!r}": _FOREIGN + one[1:],
        "lower case": one.lower(),
        f"{many(about.max_length + 1, 'letter')}": (one * (about.max_length + 1))[: about.max_length + 1],
        f"{many(about.min_length - 1, 'letter')}": one[: about.min_length - 1],
    }
    inside = trial.asker.do("inside", sequences=list(strange.values()))
    yield from (its for its, is_inside in zip(strange.items(), inside, strict=True) if not is_inside)


def _has_value(found: Answer) -> bool:
    return found.values is not None and not np.isnan(found.array).all()


def _as_foreign(trial: Trial) -> list[str]:
    """Letters that may be replaced by a foreign character without a change of any value, if others may not."""
    same = []
    for letter in trial.about.letters:
        has = [row for row, sequence in enumerate(trial.base) if letter in sequence]
        changed = trial.tell([trial.base[row].replace(letter, _FOREIGN) for row in has])
        if has and changed.values is not None and np.array_equal(changed.array, trial.values[has], equal_nan=True):
            same.append(letter)
    return same if len(same) < len(trial.about.letters) else []


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


@law("corpus", "natural sequences lie in the space, and depend on the generator alone")
def corpus(trial: Trial) -> Iterator[Finding]:
    """Sequences of `corpus` that a campaign could not use."""
    found = trial.asker.do("corpus", n=_N_CORPUS)
    inside = trial.asker.do("inside", sequences=found)
    wrong = [one for one, is_inside in zip(found, inside, strict=True) if not is_inside]
    if wrong:
        yield corpus.fault(
            f"{len(wrong)} of {many(len(found), 'corpus sequence')} are outside the space, the first {wrong[0]!r}",
            "return sequences of the space, or []",
        )
    if found != trial.asker.do("corpus", n=_N_CORPUS):
        yield corpus.fault("the same seed gives different corpora", "draw everything from the `rng` argument")


@law("measures", "measures() says True or False for each sequence")
def measures(trial: Trial) -> Iterator[Finding]:
    """Answers of `measures` that a campaign could not use."""
    for n in (8, 0):
        told = trial.asker.do("measures", sequences=trial.random[:n])
        if "problem" in told:
            what = f"{told['problem']} for {many(n, 'sequence')}"
            yield measures.fault(what, f"return one True or False for each, shape ({n},)")
            return
