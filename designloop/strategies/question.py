"""The question to an outside strategy: history and order as JSON values, None where a number is unknown or infinite."""

from collections.abc import Iterable
from dataclasses import asdict
from math import isfinite
from typing import Any

import numpy as np

from designloop.core.history import History
from designloop.core.records import Order
from designloop.core.spaces import Space, compress

_LARGEST_EXACT = 2**53
"""Above it, readers that store numbers as floats round."""
_SEEDS = 2**31
_ORDER = ("n_designs", "n_retests", "replicates", "wells", "money", "rounds_left")


def question(history: History, order: Order, rng: np.random.Generator) -> dict[str, Any]:
    """The message `propose`. Rows are sorted by round and sequence, since ids depend on the order of submission."""
    return {
        "type": "propose",
        "seed": int(rng.integers(_SEEDS)),
        "order": _numbers(
            {**{name: getattr(order, name) for name in _ORDER}, "retest_replicates": order.wells_per_retest}
        ),
        "space": _space(history.space),
        "known": {
            "corpus": list(history.known.corpus),
            "starts": [start.sequence for start in history.known.starts if start.is_unmeasured],
        },
        "history": _measured(history),
        "pending": _pending(history),
        "retesting": sorted(history.retesting),
        "taken": sorted(history.taken),
        "round": history.round,
        "week": history.week,
        "left": _numbers(asdict(history.left)),
        "scale": history.scale,
    }


def _space(space: Space) -> dict[str, Any]:
    """The space; `letters` holds the allowed letters of each position as one text."""
    letters = space.alphabet.letters
    return {
        "alphabet": letters,
        "min_length": space.min_length,
        "max_length": space.max_length,
        "letters": ["".join(compress(letters, row)) for row in space.letters_allowed.tolist()],
        "parent": space.parent,
        "parents": list(space.parents),
        "fixed": list(space.fixed),
        "max_edits": space.max_edits,
        "rules": [rule.describe() for rule in space.rules],
        "excluded": list(space.excluded),
        "shared": space.shared,
        "pool": None if space.pool is None else space.enumerate(),
        "size": space.size if space.size is not None and space.size <= _LARGEST_EXACT else None,
    }


def _measured(history: History) -> dict[str, list[Any]]:
    columns = {
        "id": history.ids.tolist(),
        "sequence": history.sequences,
        "value": _finite(history.values.tolist()),
        "std_error": _finite(history.std_errors.tolist()),
        "outcome": [str(outcome) for outcome in history.outcomes],
        "round": history.rounds.tolist(),
        "n_replicates": history.n_replicates.tolist(),
    }
    return _sorted(columns)


def _pending(history: History) -> dict[str, list[Any]]:
    designs = [pending.design for pending in history.pending]
    return _sorted({name: [getattr(design, name) for design in designs] for name in ("id", "sequence", "round")})


def _sorted(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Columns with their rows by round, sequence and id."""
    keys = list(zip(columns["round"], columns["sequence"], columns["id"], strict=True))
    places = sorted(range(len(keys)), key=keys.__getitem__)
    return {name: [column[place] for place in places] for name, column in columns.items()}


def _finite(numbers: Iterable[float]) -> list[float | None]:
    return [number if isfinite(number) else None for number in numbers]


def _numbers(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: None if isinstance(fact, float) and not isfinite(fact) else fact for name, fact in facts.items()}
