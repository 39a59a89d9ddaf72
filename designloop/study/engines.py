"""Engines run cells: in processes of this machine, or through a Dask scheduler. Results do not depend on the engine."""

import os
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, NamedTuple, Protocol

from designloop.core.counting import many
from designloop.core.errors import ConfigError
from designloop.study.cell import Outcome, Task, play
from designloop.study.queue import TaskQueue, Turn
from designloop.study.workers import Worker

_MOST_ATTEMPTS = 3
_ANSWERS_IN = 10.0
"""Seconds within which a Dask scheduler answers."""
_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Waiting:
    """The longest running cell, reported when no cell has ended for a while."""

    seconds: float
    """Since the last cell ended, or since this one began."""
    key: str | None = None
    """Key of the longest running cell."""
    place: str = ""
    """The line that its worker executes; or why no cell is running."""


News = Waiting | tuple[Task, Outcome]


class Engine(Protocol):
    """Runs tasks, in any order."""

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        """Each task with its outcome, as soon as it has ended; in between, what the engine is waiting for.

        If a worker dies, only its task is lost. The task runs again, three times at most.
        """
        ...


class _Played(NamedTuple):
    """A running task: its slot and its start."""

    place: int
    turn: Turn
    began: float


class Processes:
    """Processes of this machine with one thread each. Each slot has its own, so a killed one breaks no other."""

    def __init__(self, n: int | None = None, patience: float = 60.0) -> None:
        self.n, self.patience = n or os.cpu_count() or 1, patience

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        """Each task with its outcome."""
        slots = [Worker(self.patience) for _ in range(min(self.n, len(tasks)))]
        todo = TaskQueue(tasks, len(slots))
        busy: dict[Future[Outcome], _Played] = {}
        try:
            for place in range(len(slots)):
                self._next(todo, slots, place, busy)
            yield Waiting(0.0)  # all slots are busy
            while busy:
                done, _ = wait(busy, self.patience, return_when=FIRST_COMPLETED)
                if not done:
                    yield _longest(busy.values(), slots)
                for future in done:
                    place, turn, _ = busy.pop(future)
                    outcome = _outcome_of(future)
                    if outcome is None:
                        slots[place] = Worker(self.patience)
                        if turn.attempt < _MOST_ATTEMPTS:
                            todo.give_back(turn)
                    else:
                        todo.learn(turn.task, outcome["seconds"])
                    self._next(todo, slots, place, busy)
                    if outcome is not None or turn.attempt >= _MOST_ATTEMPTS:
                        yield turn.task, outcome or _given_up()
        finally:
            for slot in slots:
                slot.end()

    def _next(self, todo: TaskQueue, slots: list[Worker], place: int, busy: dict[Future[Outcome], _Played]) -> None:
        turn = todo.take()
        if turn is None:
            return
        try:
            future = slots[place].submit(play, turn.task)
        except BrokenProcessPool:  # its worker died while it had nothing to do
            slots[place] = Worker(self.patience)
            future = slots[place].submit(play, turn.task)
        busy[future] = _Played(place, turn, monotonic())


def _longest(busy: Iterable[_Played], slots: list[Worker]) -> Waiting:
    first = min(busy, key=lambda played: played.began)
    return Waiting(monotonic() - first.began, first.turn.task.key, slots[first.place].place)


def _outcome_of(future: Future[Outcome]) -> Outcome | None:
    """The outcome of a task; None if its worker died."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _given_up() -> Outcome:
    return {"seconds": 0.0, "error": f"the worker died {_MOST_ATTEMPTS} times in this cell (out of memory?)"}


class Dask:
    """Workers of a Dask scheduler, on this machine or on many."""

    def __init__(self, address: str, patience: float = 30.0) -> None:
        self.address, self.patience = address, patience

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        """Each task with its outcome."""
        from distributed import as_completed

        with self._client() as client:
            futures = {
                client.submit(play, task, key=f"designloop-{task.key}", pure=False, retries=_MOST_ATTEMPTS): task
                for task in tasks
            }
            ended = as_completed(list(futures), loop=client.loop)  # type: ignore[no-untyped-call]  # ships no types
            last = monotonic()
            while futures:
                if not self._is_ready(ended):
                    yield Waiting(monotonic() - last, *self._standing(client, futures.values()))
                    continue
                future = next(ended)
                task, outcome, last = futures.pop(future), _dask_outcome(future), monotonic()
                future.release()  # recorded: the death of a worker must not run it again
                yield task, outcome

    def _is_ready(self, ended: Any) -> bool:
        """Whether a task ends within `patience` seconds; the iterator itself would wait for ever."""
        until = monotonic() + self.patience
        while not (is_ready := ended.has_ready()) and monotonic() < until:
            sleep(_POLL)
        return bool(is_ready)

    def _standing(self, client: Any, tasks: Iterable[Task]) -> tuple[str | None, str]:
        """The first task that a worker is running, and that worker; or why none is running."""
        try:
            at_work = client.processing()
        except OSError:
            return None, f"the scheduler at {self.address} does not answer"
        if not at_work:
            start = f"start one with `dask worker {self.address} --nthreads 1`"
            return None, f"no worker is connected to {self.address}; {start}"
        held = {str(key).removeprefix("designloop-"): worker for worker, keys in at_work.items() for key in keys}
        first = next((task.key for task in tasks if task.key in held), None)
        workers = f"{many(len(at_work), 'worker', 'are')} connected"
        return first, f"on {held[first]}; {workers}" if first else f"{workers}, and none is running a cell"

    def _client(self) -> Any:
        try:
            from distributed import Client
        except ImportError as error:
            raise ConfigError("--engine dask needs an extra: pip install 'designloop[dask]'") from error
        try:
            return Client(  # type: ignore[no-untyped-call]  # as above
                self.address, timeout=min(self.patience, _ANSWERS_IN), set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"no Dask scheduler answers at {self.address} ({type(error).__name__}); start one with "
                "`dask scheduler`, and pass the address that it prints"
            ) from error


def _dask_outcome(future: Any) -> Outcome:
    if future.cancelled():
        raise ConfigError(
            "the Dask scheduler disconnected; start it and run the same command again (finished cells are kept)"
        )
    error = future.exception()
    if error is None:
        outcome: Outcome = future.result()
        return outcome
    return {"seconds": 0.0, "error": f"the Dask scheduler lost this cell: {type(error).__name__}: {error}"}
