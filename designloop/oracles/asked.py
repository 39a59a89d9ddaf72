"""An asked oracle: processes outside this one answer for it, a few sequences at a time."""

from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from designloop.core.counting import many
from designloop.core.errors import ConfigError, OracleError, ProgramError
from designloop.core.faults import called
from designloop.core.unrecorded import Unrecorded
from designloop.oracles.base import Oracle
from designloop.programs.conversation import check_is_ready
from designloop.programs.messages import Message
from designloop.programs.program import Outside
from designloop.programs.team import team


class Values(Message):
    """The answer to `evaluate`."""

    type: Literal["values"]
    id: int
    values: tuple[float | None, ...]

    mend: ClassVar[str] = "give one finite number per sequence, null for a sequence that is not viable"


class Asked(Oracle, Outside):
    """An oracle whose values come from `workers` processes of one program, which last as long as the run.

    The sequences are divided in the same way for any number of workers, so the values do not depend on it.
    """

    workers: int = Field(1, ge=1, le=1024, description="processes that evaluate at the same time")
    batch_size: int = Field(16, ge=1, le=100_000, description="sequences in one question, at most")

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values by the program, shape (n,); NaN where it answers that a sequence is not viable.

        Raises OracleError where it ends, does not answer in time, or answers something else.
        """
        firsts = range(0, len(sequences), self.batch_size)
        groups = [list(sequences[first : first + self.batch_size]) for first in firsts]
        with team(self, called(self), self.workers) as several:
            found = [several.unrecorded.of(group) for group in groups]
            asked = [
                (question(i, group), partial(_hear, several.unrecorded, i, group))
                for i, group in enumerate(groups, start=1)
                if found[i - 1] is None
            ]
            try:
                fresh = iter(several.ask(asked, Values))
            except ProgramError as error:
                raise OracleError(str(error)) from error
        values = [next(fresh).values if known is None else known for known in found]
        return np.array([value for some in values for value in some], dtype=np.float64)

    @property
    def greeting(self) -> dict[str, Any]:
        """The letters of the alphabet, in the order of their codes, and the lengths of sequences."""
        space = self.space
        return {"alphabet": space.alphabet.letters, "min_length": space.min_length, "max_length": space.max_length}

    def check_ready(self) -> None:
        """Raise ConfigError where the program is missing, or is not ready when started."""
        who = called(self)
        self.check_exists(who)
        try:
            check_is_ready(self, who)
        except ProgramError as error:
            raise ConfigError(str(error)) from error


def question(number: int, sequences: list[str]) -> dict[str, Any]:
    """The message `evaluate`; `number` distinguishes the questions of a call."""
    return {"type": "evaluate", "id": number, "sequences": sequences}


def _hear(unrecorded: Unrecorded, number: int, group: list[str], answer: Values) -> None:
    """Keep an answer. Raises ProgramError where it is to another question, or has not one value per sequence."""
    n = len(group)
    if answer.id != number:
        raise ProgramError(f"answered question {answer.id}, expected {number}; give the `id` of the question")
    if len(answer.values) != n:
        raise ProgramError(
            f"answered with {many(len(answer.values), 'value')} for {many(n, 'sequence')}; give one per sequence, in "
            "the same order"
        )
    unrecorded.keep(group, answer.values)
