"""A strategy under test: its description, and the histories from which it chooses."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pytest

from designloop.core.alphabet import DNA, PAD, states
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.random import stream
from designloop.core.records import Event, Order, Proposal
from designloop.core.spaces import Space
from designloop.strategies.base import Strategy
from designloop.testing.told import Told, history_of

N_MEASURED, _N_PENDING = 20, 6
_WORDS = "not_expressed", "lost", "synthesis_failed", "build_failed", "not_expressed", "unmeasured"
FEWEST = 2 * (N_MEASURED + _N_PENDING + len(_WORDS))
"""Sequences that a space has at least."""
_N_CORPUS = 40
_N_SMALL = 12
_PROGRAM = "import sys; from designloop.testing.trial import batch_of; print(batch_of(sys.stdin.read()))"


class Held(Part):
    """A strategy and a space, as one description."""

    strategy: Strategy
    space: Space = Space(alphabet=DNA, min_length=6, max_length=6)


@dataclass
class Trial:
    """A strategy and a space. Of its sequences, some are measured, some are pending, and some have failed."""

    part: Strategy
    space: Space

    @cached_property
    def sequences(self) -> list[str]:
        """Distinct sequences of the space."""
        drawn = self.space.sample(20 * FEWEST, stream(0, "strategy-contract"))
        return list(dict.fromkeys(drawn))[:FEWEST]

    def worth(self, sequence: str) -> float:
        """The true value of a sequence: additive in its letters, without ties."""
        codes = self.space.padded_codes([sequence])[0]
        levels = stream(0, "strategy-contract", "levels").standard_normal((len(codes), len(self.space.alphabet)))
        return float(np.where(codes == PAD, 0.0, levels[np.arange(len(codes)), codes]).sum())

    def rows(
        self, *, shift: float = 0.0, scale: float = 1.0, tied: bool = False, constant: float | None = None
    ) -> list[Told]:
        """Measured designs (a quarter of them `tied` for best, or all `constant`), pending ones and failed ones."""
        measured = self.sequences[:N_MEASURED]
        values = [self.worth(s) if constant is None else constant for s in measured]
        values = np.minimum(values, np.quantile(values, 0.75)).tolist() if tied else values
        pending = self.sequences[N_MEASURED:][:_N_PENDING]
        failed = zip(self.sequences[N_MEASURED + _N_PENDING :], _WORDS, strict=False)
        return [
            *(Told(s, shift + scale * v, 0.1 * scale) for s, v in zip(measured, values, strict=True)),
            *(Told(s, None, round=2) for s in pending),
            *(Told(s, word) for s, word in failed),
        ]

    def history(self, rows: Iterable[Told] | None = None, *, corpus: bool = True) -> History:
        """The history of these designs (by default `rows()`), with a corpus of natural sequences."""
        natural = self.space.sample(_N_CORPUS, stream(0, "strategy-contract", "corpus")) if corpus else []
        return history_of(self.space, self.rows() if rows is None else rows, corpus=natural)

    def busy(self) -> History:
        """The history of `rows()`, in which the first design is being measured again."""
        return self.history().after([Event(9, "submitted", 0, {"round": 3, "retest": True})])

    def proposal(self, history: History, order: Order, seed: int = 0) -> Proposal:
        """The checked proposal; the test fails with the mistake, if there is one."""
        try:
            return self.part.answer(history, order, rng(seed))
        except ContractError as error:
            pytest.fail(str(error), pytrace=False)

    def batch(self, history: History, n: int = 6, seed: int = 0) -> list[str]:
        """The n sequences that the strategy chooses."""
        return [choice.sequence for choice in self.proposal(history, Order(n), seed).choices]

    def of_two_letters(self) -> "Trial":
        """The same strategy in a space of two letters."""
        return Trial(self.part, Space.of_length(states(2), 8))

    def with_a_fixed_letter(self) -> "Trial":
        """The same strategy in a space with a parent, whose first letter is kept."""
        return Trial(self.part, self.space.with_(parent=self.sequences[0], fixed=(0,)))

    def nearly_used_up(self, n_left: int, fill: str) -> tuple["Trial", History, list[str]]:
        """A space of a few sequences, all but `n_left` of them measured; one of those was lost, so it may be chosen."""
        members = self.sequences[:_N_SMALL]
        trial = Trial(self.part.with_(fill=fill), Space.of_pool(self.space.alphabet, members))
        rows = [Told(s, self.worth(s), 0.1) for s in members[n_left:]]
        return trial, trial.history([*rows, Told(members[0], "lost")]), members[:n_left]

    def description(self) -> str:
        """The strategy and its space as YAML. Raises DesignloopError if they cannot be described."""
        return to_yaml(Held(strategy=self.part, space=self.space).describe())

    def batch_elsewhere(self) -> list[str]:
        """`batch(busy())` in another process, where sets have another order."""
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "1"}
        asked = self.description()
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM], input=asked, capture_output=True, text=True, env=env, check=False
        )
        if done.returncode != 0:
            pytest.fail(f"the strategy fails in another process:\n{done.stderr[-2000:]}", pytrace=False)
        found: list[str] = json.loads(done.stdout.splitlines()[-1])
        return found


def rng(seed: int = 0) -> np.random.Generator:
    """The generator that a strategy draws from."""
    return stream(seed, "strategy-contract", "propose")


def batch_of(description: str) -> str:
    """The batch of a described trial, as JSON."""
    held = read_held(description)
    trial = Trial(held.strategy, held.space)
    return json.dumps(trial.batch(trial.busy()))


def read_held(description: str) -> Held:
    """The strategy and the space that a text describes."""
    return build(Held, read_text(description, "the description"))
