"""A rehearsal as plain data, for JSON."""

from dataclasses import asdict
from typing import Any

from designloop.rehearsal.outcome import Arm, Chance, Outcome, Spread
from designloop.rehearsal.words import headline
from designloop.study.pairs import Pair


def as_dict(outcome: Outcome) -> dict[str, Any]:
    """Everything that the page shows. Numbers that do not exist are None."""
    plan = outcome.plan
    return {
        "name": plan.name,
        "folder": str(plan.folder),
        "headline": headline(outcome),
        "from": {"week": plan.today, "moment": plan.moment},
        "simulations": outcome.n,
        "target": plan.target,
        "currency": plan.currency,
        "assumed": list(plan.sentences),
        "warnings": list(plan.warnings),
        "skill": plan.skill.as_dict(),
        "arms": [_arm(arm, dict(plan.arms[arm.label])) for arm in outcome.arms],
        "differences": [_pair(pair) for pair in outcome.pairs],
    }


def _arm(arm: Arm, settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "label": arm.label,
        "settings": settings,
        "finished": arm.n,
        "failed": arm.n_failed,
        "recommended": _spread(arm.final["recommended"]),
        "best_tested": _spread(arm.final["true"]),
        "rise": asdict(arm.gain),
        "weeks": _spread(arm.weeks),
        "designs": _spread(arm.designs),
        "cost": _spread(arm.cost),
        "cost_per_week": arm.cost_per_week,
        "chance": None if arm.chance is None else _chance(arm.chance),
        "by_week": [
            {
                "week": week.week,
                "recommended": _spread(week.values["recommended"]),
                "best_tested": _spread(week.values["true"]),
                "designs": week.designs,
                "cost": week.cost,
            }
            for week in arm.by_week
        ],
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {"mean": asdict(spread.mean), "low": spread.low, "median": spread.middle, "high": spread.high}


def _chance(chance: Chance) -> dict[str, Any]:
    return {"share": chance.share, "low": chance.low, "high": chance.high, "half_by_week": chance.weeks}


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "a": pair.a,
        "b": pair.b,
        "difference": None if pair.difference is None else asdict(pair.difference),
        "a_is_above": None if pair.improvement is None else pair.improvement.value,
        "p": pair.p_holm,
        "detectable": pair.detectable,
        "ahead": pair.ahead,
    }
