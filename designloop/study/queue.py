"""A queue of tasks that starts the longest first, so that no long task runs alone at the end.

The duration of a task is estimated from finished tasks of its group. A group without a finished task comes first.
Results do not depend on the order.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import islice
from math import inf
from typing import NamedTuple

from designloop.study.cell import Task

_AHEAD = 8
"""Number of tasks considered for each worker. Nearby tasks share landscapes, which a worker caches."""


class Turn(NamedTuple):
    """A task to run, and the number of the attempt."""

    task: Task
    attempt: int = 1


class TaskQueue:
    """Tasks in order, for `n_workers` workers."""

    def __init__(self, tasks: Iterable[Task], n_workers: int) -> None:
        self._turns = [Turn(task) for task in tasks]
        self._n_ahead = _AHEAD * n_workers if n_workers > 1 else 1
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)

    def take(self) -> Turn | None:
        """The turn with the longest expected duration, the first of equal ones; None if none is left."""
        ahead = list(islice(self._turns, self._n_ahead))
        if not ahead:
            return None
        return self._turns.pop(max(range(len(ahead)), key=lambda place: self._expected(ahead[place].task)))

    def give_back(self, turn: Turn) -> None:
        """Return a turn whose worker died; it runs again, before others of its group."""
        self._turns.insert(0, Turn(turn.task, turn.attempt + 1))

    def learn(self, task: Task, seconds: float) -> None:
        """Record the duration of a finished task."""
        self._seconds[task.group].append(seconds)

    def _expected(self, task: Task) -> float:
        seconds = self._seconds.get(task.group)
        return sum(seconds) / len(seconds) if seconds else inf
