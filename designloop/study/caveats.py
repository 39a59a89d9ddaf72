"""Caveats are what a reader must know before a verdict: unreliable runs, a look or a plan that changed."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from designloop.core.counting import many
from designloop.study.look import Look
from designloop.study.results import StudyResults
from designloop.study.sentences import of_unreliable


def caveats_of(results: StudyResults, look: Look) -> tuple[str, ...]:
    """The caveats of a verdict on `look`, one sentence each, the gravest first."""
    planned, unreliable = Look.fixed_in(results), of_unreliable(results.done)
    said = [f"The results rest on unreliable runs: {unreliable}."] if unreliable else []
    if not look.is_as(planned):
        said.append(f"Exploratory: this compares {look}; the plan of the study compares {planned}.")
    return (*said, *_changes(results.description.get("plans", ())))


def _changes(plans: Any) -> Iterator[str]:
    """Changes of the plan after cells were recorded; `plans`: (cells recorded before it, plan), in order."""
    for (_, before), (n_recorded, after) in pairwise(plans):
        said = "; ".join(_change(before, after))
        if n_recorded and said:
            were = "was" if n_recorded == 1 else "were"
            yield f"The plan was changed after {many(n_recorded, 'cell')} {were} recorded: {said}."


def _change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for changed in after.get("changed", ()):
        is_look = changed.startswith("look")
        yield f"{changed} (p-values do not count a look that was chosen afterwards)" if is_look else changed
    for key in ("instances", "seeds"):
        if after.get(key, 0) > before.get(key, 0):
            yield f"{key} from {before.get(key)} to {after.get(key)} (units added after a look make p-values too small)"
    axes = {**before.get("axes", {}), **after.get("axes", {})}
    for axis in axes:
        old, new = (plan.get("axes", {}).get(axis, []) for plan in (before, after))
        yield from (f"{axis}: {label} was added" for label in new if label not in old)
        yield from (f"{axis}: {label} was removed" for label in old if label not in new)
