"""Checks an oracle: asks it, judges every law, and reports."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from designloop.checking.answers import UNANSWERED
from designloop.checking.asking import Asker, Described, Elsewhere, Here, Silent
from designloop.checking.bench import Held
from designloop.checking.findings import Broken, Finding, Law
from designloop.checking.laws import LAWS
from designloop.checking.report import Report
from designloop.checking.speed import Speed
from designloop.checking.trial import Trial
from designloop.core.config import Document, build
from designloop.core.counting import many
from designloop.core.errors import ConfigError, DesignloopError
from designloop.oracles.base import Oracle

_MEND = "correct that line; for a sequence that is not viable, return NaN instead of raising an error"
_MOST_HANGS = 2
"""After so many calls without an answer, no further law is judged."""


def check_oracle(
    oracle: Oracle | str | Mapping[str, Any] | Callable[..., Any] | Described,
    *,
    sequences: Sequence[str] | str | Path = (),
    column: str | None = None,
    seconds: float = 60.0,
    designs: int = 960,
    plate: int = 96,
    follow: Callable[[str], None] | None = None,
) -> Report:
    """Check an oracle: a part, a kind, `path/to/file.py:name`, or a mapping with a kind.

    `sequences`: more sequences to ask for, or a file of them, such as designs that you know. `seconds` limits one call.
    `designs` and `plate` (a batch) are those of the campaign whose duration is estimated. `follow` is called with the
    name of each law.

    The oracle runs in a process of its own, which may hang or end. One that exists only in this process (a function in
    a notebook) runs here. Raises ConfigError if it cannot be opened.
    """
    trial = Trial(asker_of(oracle, seconds))
    try:
        trial.given, outside = _given(trial.asker, sequences, column)
        return _report(trial, list(outside), designs, plate, follow or (lambda _: None))
    finally:
        trial.close()


def asker_of(oracle: Any, seconds: float) -> Asker:
    """The way to ask an oracle: in another process if it can be described."""
    if isinstance(oracle, Described):
        return Elsewhere(oracle, seconds)
    if isinstance(oracle, str | Mapping):
        return Elsewhere(Described(oracle if isinstance(oracle, str) else dict(oracle)), seconds)
    part = build(Held, Document({"oracle": oracle}, "the argument")).oracle
    try:
        return Elsewhere(Described(part.describe()), seconds)
    except DesignloopError:
        return Here(part, seconds)


def _given(asker: Asker, sequences: Sequence[str] | str | Path, column: str | None) -> tuple[list[str], list[Finding]]:
    """The user's sequences that lie in the space, and a finding about the others."""
    if isinstance(sequences, str | Path):
        found = asker.do("sequences_of", path=str(sequences), column=column)
    else:
        found = list(sequences)
    inside = asker.do("inside", sequences=found)
    kept = [one for one, is_inside in zip(found, inside, strict=True) if is_inside]
    if found and not kept:
        raise ConfigError(f"no sequence of the {len(found):,} given is in the oracle's space; give others")
    if len(kept) == len(found):
        return kept, []
    out = [one for one, is_inside in zip(found, inside, strict=True) if not is_inside]
    what = (
        f"{len(out)} of {many(len(found), 'sequence')} given are outside the space and left out, the first {out[0]!r}"
    )
    return kept, [Finding("letters", "note", what, "widen the space if they should be allowed")]


def judged(law: Law, trial: Trial, causes: dict[str, list[str]] | None = None) -> list[Finding]:
    """What a law finds; a fault where the oracle does not answer.

    `causes`: exception -> the laws that it breaks. One that broke an earlier law is added there, and is no new finding.
    """
    try:
        return list(law.judge(trial))
    except Broken as error:
        if causes is not None and error.cause:
            laws = causes.setdefault(_place_in(error.cause), [])
            laws.append(law.name)
            if len(laws) > 1:
                return []
        return [law.fault(error.what, error.change or _MEND)]
    except Silent as error:
        return [
            law.fault(
                f"the oracle {error}",
                "remove the endless loop or the wait" if error.is_hung else "an oracle must not end its process",
            )
        ]
    except DesignloopError as error:
        return [law.fault(str(error), "correct the oracle")]


def _place_in(problem: str) -> str:
    """The line of the user's code in a problem, since its text may name a sequence; the whole where it names none."""
    found = re.search(r"\([^()]*, line \d+", problem)
    return found[0] if found else problem


def _with_blocked(findings: Iterable[Finding], causes: Mapping[str, list[str]]) -> Iterator[Finding]:
    """The findings; each exception with the other laws that it blocks."""
    blocked = {laws[0]: laws[1:] for laws in causes.values() if len(laws) > 1}
    for one in findings:
        others = blocked.get(one.law, []) if one.level == "fault" else []
        blocks = f"; this also blocks the laws {', '.join(others)}" if others else ""
        yield replace(one, what=one.what + blocks)


def _report(trial: Trial, findings: list[Finding], designs: int, plate: int, follow: Callable[[str], None]) -> Report:
    held, skipped, n_hangs = list[str](), list[str](), 0
    about, causes = trial.about, dict[str, list[str]]()
    for name, law in LAWS.items():
        if n_hangs >= _MOST_HANGS or not set(law.after) <= {*held}:
            skipped.append(name)
            continue
        follow(name)
        found = judged(law, trial, causes)
        findings += found
        n_hangs += sum(UNANSWERED in one.what for one in found)
        if any(name in laws[1:] for laws in causes.values()):
            skipped.append(name)
        elif not any(one.level in ("fault", "doubt") for one in found):
            held.append(name)
    return _written(trial, about, list(_with_blocked(findings, causes)), held, skipped, designs, plate)


def _written(
    trial: Trial,
    about: Any,
    findings: list[Finding],
    held: Iterable[str],
    skipped: Iterable[str],
    designs: int,
    plate: int,
) -> Report:
    wide = trial.__dict__.get("wide", {})
    return Report(
        about,
        tuple(findings),
        tuple(held),
        tuple(skipped),
        {name: values for name, (_, values) in wide.items()},
        Speed.of(trial.calls),
        len(trial.calls),
        sum(n for n, _ in trial.calls),
        designs,
        plate,
    )
