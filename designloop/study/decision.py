"""A decision: the cheapest option that reaches the threshold in time and budget with enough certainty, confirmed.

An option is certain enough if the lower bound of its share of successful campaigns reaches the required probability.
Choosing the cheapest of many biases its share upwards. The winner is therefore run again on fresh instances and seeds,
and only these runs estimate its probability.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from typing import Any

from designloop.core.counting import many
from designloop.study.judged import Decide
from designloop.study.results import CellResult, StudyResults
from designloop.study.sentences import labels as named
from designloop.study.sentences import number
from designloop.study.tables import Table
from designloop.study.traces import first_reach

_CONFIDENCE = 0.95
"""Of the lower bound, one-sided (Clopper and Pearson 1934)."""


@dataclass(frozen=True)
class Share:
    """How many of n campaigns reached the threshold in time and budget."""

    n: int
    n_reached: int
    low: float
    """One-sided 95% lower bound of the share."""

    @property
    def value(self) -> float:
        """The share itself."""
        return self.n_reached / self.n if self.n else 0.0

    def __str__(self) -> str:
        return f"{self.n_reached} of {self.n}, lower bound {self.low:.2f}"


@dataclass(frozen=True)
class Candidate:
    """One option: its cost, and how often it reached the threshold in time and budget."""

    labels: Mapping[str, str]
    cost: float
    """Mean money spent until the threshold was reached, or until the date or the budget ended the attempt."""
    share: Share


@dataclass(frozen=True)
class SettingDecision:
    """The options under one combination of the axes that cannot be chosen (the landscape, the assay)."""

    labels: Mapping[str, str]
    candidates: tuple[Candidate, ...]
    """In order of cost."""
    winner: Mapping[str, str] | None
    """The cheapest option that is certain enough; None if there is none."""
    confirmed: Share | None
    """The winner's share on fresh instances and seeds; None before they are run."""
    sentence: str


@dataclass(frozen=True)
class Decision:
    """The decisions of a study, one for each setting."""

    asked: str
    settings: tuple[SettingDecision, ...]

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)

    def tables(self) -> list[Table]:
        """A table for each setting, with its sentence below."""
        return [self._table(setting) for setting in self.settings]

    def _table(self, setting: SettingDecision) -> Table:
        axes = tuple(setting.candidates[0].labels) if setting.candidates else ()
        rows = tuple(
            (*one.labels.values(), f"{one.cost:,.0f}", str(one.share), "chosen" if one.labels == setting.winner else "")
            for one in setting.candidates
        )
        title = f"Cheapest sufficiently certain option: {named(setting.labels)}"
        return Table(
            title,
            (*axes, "cost", "reached it", ""),
            rows,
            f"{setting.sentence} Criterion: {self.asked}.",
            is_decision=True,
        )


def decision_of(results: StudyResults) -> Decision | None:
    """The decision of a study; None if its description has no `decide`."""
    if results.description.get("decide") is None:
        return None
    decide = Decide.model_validate(results.description["decide"])
    outer = [axis for axis in results.axes if axis not in decide.over]
    worlds = [dict(zip(outer, chosen, strict=True)) for chosen in product(*(results.axes[axis] for axis in outer))]
    asked = (
        f"reach the threshold by week {decide.by_weeks:g} for at most {decide.within_cost:,.0f}, with a lower bound "
        f"of the probability of at least {decide.probability:g}"
    )
    return Decision(asked, tuple(_decided(results, decide, world) for world in worlds))


def _decided(results: StudyResults, decide: Decide, world: Mapping[str, str]) -> SettingDecision:
    threshold = results.thresholds.get(world.get(results.landscape or "", ""))
    if threshold is None:
        return SettingDecision(world, (), None, None, "No decision: this landscape has no threshold.")
    options = product(*(results.axes[axis] for axis in decide.over))
    found = [
        _candidate(results.done, decide, world, dict(zip(decide.over, one, strict=True)), threshold) for one in options
    ]
    ranked = tuple(sorted(found, key=lambda one: one.cost))
    n_planned = results.description.get("instances", 0) * results.description.get("seeds", 0)
    n_lacking = sum(max(n_planned - one.share.n, 0) for one in found)
    if n_lacking:
        sentence = f"No decision: {n_lacking} of {many(n_planned * len(found), 'cell')} are missing or failed."
        return SettingDecision(world, ranked, None, None, sentence)
    winner = next((one.labels for one in ranked if one.share.low >= decide.probability), None)
    fresh = _of((cell for cell in results.confirmations if cell.error is None), {**world, **(winner or {})})
    is_confirmed = winner is not None and 0 < decide.confirm <= len(fresh)
    confirmed = share_of([_attempt(cell, decide, threshold)[0] for cell in fresh]) if is_confirmed else None
    return SettingDecision(world, ranked, winner, confirmed, _sentence(winner, confirmed, len(fresh), decide))


def _candidate(
    cells: Iterable[CellResult], decide: Decide, world: Mapping[str, str], option: Mapping[str, str], threshold: float
) -> Candidate:
    attempts = [_attempt(cell, decide, threshold) for cell in _of(cells, {**world, **option})]
    cost = sum(spent for _, spent in attempts) / len(attempts) if attempts else 0.0
    return Candidate(dict(option), cost, share_of([is_reached for is_reached, _ in attempts]))


def _of(cells: Iterable[CellResult], labels: Mapping[str, str]) -> list[CellResult]:
    return [cell for cell in cells if all(cell.labels[axis] == label for axis, label in labels.items())]


def _attempt(cell: CellResult, decide: Decide, threshold: float) -> tuple[bool, float]:
    """(whether the recommended design reached the threshold in time and in budget, money spent by then)."""
    trace = cell.traces.get("recommended")
    week = first_reach(trace, "weeks", threshold, decide.by_weeks)
    cost = first_reach(trace, "cost", threshold, decide.within_cost)
    did_it = week.is_reached and cost.is_reached
    return did_it, cost.at if did_it else min(_cost_by(cell, decide.by_weeks), decide.within_cost)


def _cost_by(cell: CellResult, week: float) -> float:
    """Money spent by that week, according to the cell's traces."""
    if cell.weeks <= week:
        return cell.cost
    spent = [trace.cost[trace.weeks <= week].max(initial=0.0) for trace in cell.traces.values()]
    return float(max(spent, default=0.0))


def share_of(reached: Sequence[bool]) -> Share:
    """The share of True values, with its lower bound."""
    from statsmodels.stats.proportion import proportion_confint

    n, n_reached = len(reached), sum(reached)
    if n == 0:
        return Share(0, 0, 0.0)
    low, _ = proportion_confint(n_reached, n, alpha=2 * (1 - _CONFIDENCE), method="beta")
    return Share(n, n_reached, float(low))


def _sentence(winner: Mapping[str, str] | None, confirmed: Share | None, n_fresh: int, decide: Decide) -> str:
    if winner is None:
        return "No option is certain enough. Allow more time or money, or run more seeds."
    if confirmed is None:
        planned = many(decide.confirm, "fresh campaign")
        done = f"{n_fresh} of {planned} are done" if decide.confirm else "the study requests none"
        return f"Chosen: {named(winner)}; not confirmed ({done}), so the selection biases its share upwards."
    verdict = "confirmed" if confirmed.low >= decide.probability else "NOT confirmed"
    fresh = many(confirmed.n, "fresh campaign")
    return f"Chosen: {named(winner)}; {verdict} on {fresh} ({confirmed}; {number(confirmed.value)})."
