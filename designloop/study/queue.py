"""A queue of tasks, of which the longest is played first: so that none is begun last, alone, while others are idle.

How long a task takes is not known beforehand: tasks of one group are expected to take as long as its ended ones did. A
group of which none has ended comes first. Results do not depend on the order.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from math import inf
from typing import NamedTuple

from designloop.study.cell import Task

_AHEAD = 8
"""Tasks looked at for each worker. Near ones share landscapes, which a worker keeps: so no farther."""


class Turn(NamedTuple):
    """A task to be played, and the how manieth time."""

    task: Task
    attempt: int = 1


class TaskQueue:
    """Tasks in their order, from which `n_workers` take."""

    def __init__(self, tasks: Iterable[Task], n_workers: int) -> None:
        self._turns = [Turn(task) for task in tasks]
        self._n_ahead = _AHEAD * n_workers if n_workers > 1 else 1
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)

    def take(self) -> Turn | None:
        """The turn that is expected to take longest, the first of equal ones; None where none is left."""
        ahead = list(islice(self._turns, self._n_ahead))
        if not ahead:
            return None
        return self._turns.pop(max(range(len(ahead)), key=lambda place: self._expected(ahead[place].task)))

    def give_back(self, turn: Turn) -> None:
        """A turn that came to nothing is taken next among its like, once more."""
        self._turns.insert(0, Turn(turn.task, turn.attempt + 1))

    def learn(self, task: Task, seconds: float) -> None:
        """A task has ended after so many seconds."""
        self._seconds[task.group].append(seconds)

    def _expected(self, task: Task) -> float:
        seconds = self._seconds.get(task.group)
        return sum(seconds) / len(seconds) if seconds else inf
