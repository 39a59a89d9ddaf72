"""Command: any program as a strategy. It reads the history as a line of JSON, and writes its choices as another."""

from dataclasses import replace
from typing import Literal

import numpy as np
from pydantic import Field

from designloop.core.contracts import check_proposal
from designloop.core.errors import ConfigError, ContractError, ProgramError
from designloop.core.faults import called
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Choice, Order, Proposal
from designloop.core.spaces import Space
from designloop.programs.conversation import check_is_ready, conversation
from designloop.programs.messages import Message
from designloop.programs.program import Program
from designloop.strategies.base import Strategy, leaders
from designloop.strategies.filling import Fill
from designloop.strategies.question import question


class Chosen(Message):
    """A sequence in an answer, with what the program says of it."""

    sequence: str
    origin: str = "program"
    mean: float | None = None
    std: float | None = Field(None, ge=0)
    viability: float | None = Field(None, ge=0, le=1)
    replicates: int | None = None
    parent: str | None = None

    def choice(self) -> Choice:
        """The choice for a proposal."""
        its = self.sequence, self.origin, self.mean, self.std, self.viability
        return Choice(*its, replicates=self.replicates, parent=self.parent)


class Proposed(Message):
    """The answer to `propose`."""

    type: Literal["proposal"]
    choices: tuple[Chosen, ...]
    retests: tuple[int, ...] | None = None
    retest_replicates: tuple[int, ...] = ()


_IN_A_QUESTION = {
    "filter with history.space.contains": "propose sequences that `space` in the question allows",
    "exclude history.taken": "exclude those of `taken` in the question",
}
"""Advice for Python -> the same for a program that reads a question."""


def _for_a_program(sentence: str) -> str:
    for python, program in _IN_A_QUESTION.items():
        sentence = sentence.replace(python, program)
    return sentence


class Command(Strategy, Program):
    """An outside program that reads the history and the order as JSON lines, and answers with its choices.

    It is started once for each run, and gets everything with each question. The manual's page "Programs" describes the
    protocol, with examples.
    """

    fill: Fill = Field(
        "error",
        description="if the program proposes too few sequences: raise an error, fill the batch with uniform draws from "
        "the space, or leave it short",
    )

    def fitting(self, known: Known, space: Space) -> Known:
        """`known`, unchanged. Raises ConfigError where the program is missing, or is not ready when started."""
        who = called(self)
        try:
            self.check_exists(who)
            check_is_ready(self, who)
        except ProgramError as error:
            raise ConfigError(str(error)) from error
        return super().fitting(known, space)

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        """The program's choices; without `retests` in its answer, the leaders are measured again."""
        with conversation(self, called(self)) as talk:
            answer = talk.ask(question(history, order, rng), Proposed)
        choices = tuple(chosen.choice() for chosen in answer.choices)
        retests = leaders(history, order.n_retests) if answer.retests is None else answer.retests
        # Before anything is filled in, so that no mistake is hidden.
        said = Proposal(choices, retests, retest_replicates=answer.retest_replicates)
        try:
            check_proposal(said, order, history, self.known_as, may_be_short=True)
        except ContractError as error:
            raise ContractError(_for_a_program(str(error))) from None
        return replace(said, choices=self.filled(history, choices, order.n_designs, rng))

    @property
    def known_as(self) -> str:
        """The name in messages: `command: python evolve.py`."""
        return f"{self.kind}: {self.program}"
