"""Laws of manners: it prints nothing, leaves nothing open, and takes a time that a campaign can afford."""

from collections.abc import Iterator

from designloop.checking.findings import Finding, law
from designloop.checking.trial import Trial
from designloop.core.counting import many

_N_CALLS = 8
_SHOWN = 80


@law("quiet", "it prints nothing, and raises no warnings", after=("answers",))
def quiet(trial: Trial) -> Iterator[Finding]:
    """What the calls so far wrote to standard output, and their warnings."""
    trial.ask(trial.base)
    if trial.printed.strip():
        first = trial.printed.strip().splitlines()[0][:_SHOWN]
        what = f"the oracle prints {many(len(trial.printed.splitlines()), 'line')}, the first {first!r}"
        yield Finding(
            "quiet", "doubt", what, "print to standard error, or not at all: commands print results, also as JSON"
        )
    for warning in trial.warned[:1]:
        more = f", and {len(trial.warned) - 1} others" if len(trial.warned) > 1 else ""
        yield Finding(
            "quiet", "note", f"a call warns: {warning}{more}", "see whether the values are right where it does"
        )


@law("tidy", "it leaves no files, threads or processes open, and stays in its folder", after=("answers",))
def tidy(trial: Trial) -> Iterator[Finding]:
    """What is there after some calls and was not before."""
    trial.ask(trial.base)
    before = trial.asker.do("surroundings")
    for _ in range(_N_CALLS):
        trial.ask(trial.base[:2])
    after = trial.asker.do("surroundings")
    for what in ("files", "threads", "processes"):
        if before[what] is not None and after[what] is not None and (more := after[what] - before[what]) >= _N_CALLS:
            said = f"after {_N_CALLS} calls {more} more {what} are open"
            yield Finding(
                "tidy",
                "doubt",
                said,
                f"close {what} in the call that opens them (`with`); a long campaign runs out of them",
            )
    if after["folder"] != trial.folder:
        what = f"the oracle changes the current folder from {trial.folder} to {after['folder']}"
        yield tidy.fault(what, "use absolute paths instead: a run writes to paths that are relative to that folder")
