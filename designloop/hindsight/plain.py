"""A replay as plain data, for JSON."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from designloop.core.records import Choice
from designloop.hindsight.among import Among
from designloop.hindsight.findings import Findings
from designloop.hindsight.likeness import likeness
from designloop.hindsight.replayed import Replayed


def as_dict(found: Findings) -> dict[str, Any]:
    """Everything that the terminal prints, and every choice. Numbers that do not exist are None."""
    facts = {
        "name": found.name,
        "own": found.own,
        "among": found.among.value,
        "n_designs": found.n_designs,
        "seeds": list(found.seeds),
        "strategies": list(found.strategies),
        "top": found.top,
        "threshold": found.threshold,
        "compared": [one.number for one in found.compared],
        "left_out": list(found.left_out),
        "worth": [_worth(found, name) for name in found.strategies] if found.compared else [],
        "others": [_other(found, name) for name in found.others] if found.compared else [],
        "gains": [_gain(found, *pair) for pair in found.pairs] if found.compared else [],
        "decisions": [_decision(found, one) for one in found.decisions],
        "remarks": list(found.remarks),
    }
    return {key: _plain(its) for key, its in facts.items()}


def _worth(found: Findings, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "mean": asdict(found.mean(name)),
        "hit_share": asdict(found.hit_share(name)),
        "mean_by_seed": found.means(name).tolist(),
        "hits_by_seed": found.hits(name).tolist(),
        "best_by_seed": found.bests(name)[:, -1].tolist(),
    }


def _other(found: Findings, name: str) -> dict[str, Any]:
    return {"name": name, **{what: asdict(found.of(name, what)) for what in ("mean", "hits", "best")}}


def _gain(found: Findings, name: str, over: str) -> dict[str, Any]:
    gains = {"mean": asdict(found.mean_gain(name, over)), "hit_share": asdict(found.hit_gain(name, over))}
    return {"name": name, "over": over, **gains, "error_of_measurement": found.error_of_mean(name, over)}


def _decision(found: Findings, one: Replayed) -> dict[str, Any]:
    facts = {
        "number": one.number,
        "round": one.round,
        "week": one.week,
        "by_people": one.by_people,
        "n": one.n,
        "n_candidates": len(one.candidates),
        "built": list(one.built),
        "choices": {name: [_choices(one, its.choices) for its in one.proposals[name]] for name in found.strategies},
    }
    if found.among is Among.SPACE:
        facts["likeness"] = {name: asdict(likeness(one, name)) for name in found.strategies}
        facts["is_repeated"] = {name: one.is_repeated(name) for name in found.strategies}
    return facts


def _choices(one: Replayed, choices: tuple[Choice, ...]) -> list[dict[str, Any]]:
    measured = dict(zip(one.candidates, one.values.tolist(), strict=True))
    return [
        {
            "sequence": its.sequence,
            "origin": its.origin,
            "mean": its.mean,
            "std": its.std,
            "measured": measured.get(its.sequence),
        }
        for its in choices
    ]


def _plain(value: Any) -> Any:
    """The same, with None for numbers that are not finite."""
    if isinstance(value, dict):
        return {key: _plain(its) for key, its in value.items()}
    if isinstance(value, list):
        return [_plain(its) for its in value]
    return None if isinstance(value, float) and not isfinite(value) else value
