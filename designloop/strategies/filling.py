"""Filling: how a batch with too few new designs is completed."""

from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import compress
from typing import Literal

import numpy as np

from designloop.core.counting import many
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.records import FILL, Choice
from designloop.generators.offspring import Offspring, parents_of

Fill = Literal["uniform", "short", "error"]
_MOST_ASKED = 16
"""Maximum number of further calls of a generator for one batch."""
_FRUITLESS = 2
"""Consecutive calls without a new sequence, after which the generator is not called again."""
_DRAWS = 50


def enough(history: History, found: Iterable[str], n: int, again: Callable[[int], Iterable[str]]) -> Offspring:
    """Distinct allowed sequences of `found`, and more from `again(count)` until there are n."""
    groups: list[Iterable[str]] = [found]
    kept = dict.fromkeys(sequence for sequence in found if sequence not in history.taken)
    n_fruitless = 0
    for _ in range(_MOST_ASKED):
        if len(kept) >= n or n_fruitless == _FRUITLESS:
            break
        n_before = len(kept)
        groups.append(again(4 * (n - n_before) + 16))
        kept.update(dict.fromkeys(s for s in groups[-1] if s not in history.taken))
        n_fruitless = n_fruitless + 1 if len(kept) == n_before else 0
    return Offspring(kept, parents_of(*groups))


def filled(
    history: History, chosen: Iterable[Choice], n: int, rng: np.random.Generator, fill: Fill, who: str
) -> tuple[Choice, ...]:
    """The first n allowed choices; missing ones are handled as `fill` says. Raises ContractError."""
    kept: dict[str, Choice] = {}
    for choice in _inside(history, list(chosen)):
        if choice.sequence not in history.taken and choice.sequence not in kept and len(kept) < n:
            kept[choice.sequence] = choice
    if len(kept) < n and fill == "error":
        raise ContractError(
            f"strategy '{who}' found {len(kept)} of {many(n, 'new design')} ordered; let it propose more, "
            "lower the batch size, or set strategy.fill to `short` (a smaller batch) or `uniform` (uniform draws from "
            "the space)"
        )
    if fill == "uniform":
        kept.update({s: Choice(s, FILL) for s in uniform(history, n - len(kept), rng, besides=kept)})
    return tuple(kept.values())


def _inside(history: History, choices: list[Choice]) -> Iterator[Choice]:
    """The choices inside the space."""
    return compress(choices, history.space.contains([choice.sequence for choice in choices]).tolist())


def uniform(
    history: History,
    n: int,
    rng: np.random.Generator,
    besides: Collection[str] = (),
    *,
    may_be_short: bool = False,
) -> Iterator[str]:
    """N distinct uniform draws from the sequences of the space that are neither taken nor in `besides`.

    Unless it `may_be_short`, raises ContractError if the space has fewer left.
    """
    known, n_left = {*history.taken, *besides}, n
    for _ in range(_DRAWS):
        if n_left <= 0:
            return
        for sequence in history.space.sample(4 * n_left + 16, rng):
            if sequence not in known and n_left > 0:
                known.add(sequence)
                n_left -= 1
                yield sequence
    left = [sequence for sequence in history.space.enumerate() if sequence not in known]
    yield from (left[i] for i in rng.permutation(len(left))[:n_left])
    if len(left) < n_left and not may_be_short:
        n_found = len(besides) + n - n_left + len(left)
        raise ContractError(
            f"{many(len(besides) + n, 'new design', 'were')} ordered, but the space has only {n_found} left; lower the "
            "batch size or the budget"
        )
