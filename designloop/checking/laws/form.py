"""Laws of form: one number for each sequence, finite, of a sound type, also for no sequences."""

from collections.abc import Iterator

import numpy as np

from designloop.checking.findings import Finding, law
from designloop.checking.trial import Trial, values_of
from designloop.core.counting import many
from designloop.core.readers.cells import LARGEST

_NARROW = {"int8": "-128 to 127", "uint8": "0 to 255", "int16": "-32,768 to 32,767", "uint16": "0 to 65,535"}


@law("answers", "it returns one number for each sequence")
def answers(trial: Trial) -> Iterator[Finding]:
    """A problem of the first call, with the first sequence that has it alone."""
    found = trial.first
    if found.problem:
        mend = found.change or "correct the oracle, or its fields; for a sequence that is not viable, return NaN"
        yield answers.fault(f"the oracle {found.problem}{_culprit(trial)}", mend)


def _culprit(trial: Trial) -> str:
    """Which of the first sequences has the problem, where others have not."""
    if trial.first.is_silent:
        return ""
    alone = {s: trial.tell([s]).problem for s in trial.opening}
    wrong = [s for s, problem in alone.items() if problem]
    return f". Of {many(len(alone), 'sequence')} asked alone, {wrong[0]!r} fails" if 0 < len(wrong) < len(alone) else ""


@law("type", "numbers are not narrow: they neither wrap around nor lose digits", after=("answers",))
def type_(trial: Trial) -> Iterator[Finding]:
    """A type in which larger values are wrong without an error."""
    kind = trial.first.form.rpartition(" ")[2]
    if kind in _NARROW:
        yield type_.fault(
            f"the oracle returned {trial.first.form}, which holds {_NARROW[kind]} only: larger values wrap around "
            "without an error",
            "compute in float64 from the beginning, as in np.zeros(n); to convert the result is too late",
        )
    if kind == "float16":
        yield type_.fault(
            f"the oracle returned {trial.first.form}, which has three digits and ends at 65,504",
            "compute in float64, or at least in float32",
        )


@law("finite", "values are finite, or NaN for a sequence that is not viable", after=("answers",))
def finite(trial: Trial) -> Iterator[Finding]:
    """Infinite values, and values too large for a table."""
    for sequences, values in trial.wide.values():
        size = np.nan_to_num(np.abs(values), posinf=np.inf)
        if (worst := int(np.argmax(size))) is not None and size[worst] > LARGEST:
            what = "an infinite value" if np.isinf(size[worst]) else f"{values[worst]:g}, beyond {LARGEST:g} in size,"
            yield finite.fault(
                f"the oracle returned {what} for {sequences[worst]!r}",
                "return NaN for a sequence that is not viable, and a finite number otherwise (such as a logarithm)",
            )
            return


@law("empty", "no sequences have no values", after=("answers",))
def empty(trial: Trial) -> Iterator[Finding]:
    """A problem with an empty list."""
    found = trial.tell([])
    if found.problem:
        yield empty.fault(
            f"for an empty list the oracle {found.problem}", "return an empty list or array for no sequences"
        )


@law("input", "the list that it is given is left as it was", after=("answers",))
def input_(trial: Trial) -> Iterator[Finding]:
    """A list that was sorted, reversed or edited in place."""
    values_of(trial.first)
    if not trial.changed:
        values_of(trial.tell(trial.base[::-1]))
    if trial.changed:
        yield input_.fault(
            "the oracle changes the list of sequences in place, so that values no longer match sequences",
            "work on a copy (sorted(sequences), sequences[::-1])",
        )
