"""A trial run as plain data, for JSON."""

from math import isfinite
from typing import Any

import numpy as np

from designloop.core.clock import DAY
from designloop.operations.usage import PeopleUse, StageUse, State, ratio
from designloop.trial_runs.findings import Findings
from designloop.trial_runs.loads import Load
from designloop.trial_runs.one_more import OneMore


def as_dict(trial: Findings) -> dict[str, Any]:
    """Everything that the terminal prints. Numbers that do not exist are None."""
    facts, found = trial.operations, trial.operations.bottleneck
    return {
        "lab": trial.lab.name,
        "n_batches": trial.n_batches,
        "batch_size": trial.batch_size,
        "every_days": trial.every_days,
        "seed": trial.seed,
        "turnaround_weeks": {share: _number(weeks) for share, weeks in trial.turnaround_weeks.items()},
        "submitted_a_week": trial.arrivals,
        "values_a_week": trial.throughput,
        "share_with_value": _number(trial.share_with_value),
        "keeps_up": trial.keeps_up,
        "stages": [_stage(trial, use) for use in facts.use],
        "people": [_people(group) for group in facts.people],
        "bottleneck": None if found is None else found.name,
        "one_more": [_gain(gain) for gain in trial.one_more],
        "loads": [_load(load) for load in trial.loads],
    }


def _number(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _stage(trial: Findings, use: StageUse) -> dict[str, Any]:
    every = trial.operations.lengths.sum()
    n = max(len(trial.operations.turnarounds.minutes), 1)
    return {
        "name": use.stage.name,
        "kind": use.stage.kind if use.stage.number is not None else None,
        "number": use.stage.number,
        "states": {state.value: _number(use.share(state)) for state in State},
        "queue": float(use.queue.sum() / every),
        "days_waited": {cause.value: float(waited.sum() / n / DAY) for cause, waited in use.waited.items()},
    }


def _people(group: PeopleUse) -> dict[str, Any]:
    utilisation = float(ratio(np.sum(group.busy), np.sum(group.available)))
    return {"name": group.name, "number": group.number, "utilisation": _number(utilisation)}


def _gain(gain: OneMore) -> dict[str, Any]:
    return {
        "name": gain.name,
        "kind": gain.kind,
        "number": gain.number,
        "days": gain.days,
        "error": _number(gain.error),
        "values_a_week": [gain.before, gain.after],
        "is_gain": gain.is_gain,
    }


def _load(load: Load) -> dict[str, Any]:
    return {
        "submitted_a_week": load.arrivals,
        "values_a_week": load.throughput,
        "half_weeks": _number(load.half),
        "95%_weeks": _number(load.most),
        "keeps_up": load.keeps_up,
    }
