"""Engines play cells: in processes of this machine, or through a Dask scheduler. Results do not depend on which."""

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
    """What is waited for, where no cell has ended for a while."""

    seconds: float
    """Since the last cell ended, or since this one began."""
    key: str | None = None
    """The cell that takes longest."""
    place: str = ""
    """The line at which its worker stands; or what is missing for any cell to be played."""


News = Waiting | tuple[Task, Outcome]


class Engine(Protocol):
    """Plays tasks, in any order."""

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        """Each task with what it came to, as soon as it is known; between them, what is waited for.

        A worker that dies costs its task only, which is played again, three times at most.
        """
        ...


class _Played(NamedTuple):
    """A task being played: in which slot, since when."""

    place: int
    turn: Turn
    began: float


class Processes:
    """Processes of this machine, one thread each. A process to a slot, so that one that is killed breaks no other."""

    def __init__(self, n: int | None = None, patience: float = 60.0) -> None:
        self.n, self.patience = n or os.cpu_count() or 1, patience

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        """Each task with what it came to."""
        slots = [Worker(self.patience) for _ in range(min(self.n, len(tasks)))]
        todo = TaskQueue(tasks, len(slots))
        busy: dict[Future[Outcome], _Played] = {}
        try:
            for place in range(len(slots)):
                self._next(todo, slots, place, busy)
            yield Waiting(0.0)  # all is under way
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
    """What a task came to; None where its worker died."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _given_up() -> Outcome:
    return {"seconds": 0.0, "error": f"its worker died {_MOST_ATTEMPTS} times in this cell (out of memory?)"}


class Dask:
    """Workers of a Dask scheduler, on this machine or on many."""

    def __init__(self, address: str, patience: float = 30.0) -> None:
        self.address, self.patience = address, patience

    def outcomes(self, tasks: Sequence[Task]) -> Generator[News, None, None]:
        """Each task with what it came to."""
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
                future.release()  # it is recorded now: no worker's death is to bring it back
                yield task, outcome

    def _is_ready(self, ended: Any) -> bool:
        """Whether a task ends before our patience does; the iterator itself would wait for ever."""
        until = monotonic() + self.patience
        while not (is_ready := ended.has_ready()) and monotonic() < until:
            sleep(_POLL)
        return bool(is_ready)

    def _standing(self, client: Any, tasks: Iterable[Task]) -> tuple[str | None, str]:
        """The first task that a worker has, and where it has it; or that there is no worker."""
        try:
            at_work = client.processing()
        except OSError:
            return None, f"the scheduler at {self.address} does not answer"
        if not at_work:
            start = f"start one with `dask worker {self.address} --nthreads 1`"
            return None, f"no worker is connected to {self.address}; {start}; it is waited for"
        held = {str(key).removeprefix("designloop-"): worker for worker, keys in at_work.items() for key in keys}
        first = next((task.key for task in tasks if task.key in held), None)
        return first, f"worker {held[first]}, of {len(at_work)}" if first else f"{many(len(at_work), 'worker')}"

    def _client(self) -> Any:
        try:
            from distributed import Client
        except ImportError as error:
            raise ConfigError("--engine dask needs its extra: pip install 'designloop[dask]'") from error
        try:
            return Client(  # type: ignore[no-untyped-call]  # as above
                self.address, timeout=min(self.patience, _ANSWERS_IN), set_as_default=False
            )
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"no Dask scheduler answers at {self.address} ({type(error).__name__}); start one with "
                "`dask scheduler`, and give the address it prints"
            ) from error


def _dask_outcome(future: Any) -> Outcome:
    if future.cancelled():
        raise ConfigError("the Dask scheduler went away; start it again, and run the same command: what ended is kept")
    error = future.exception()
    if error is None:
        outcome: Outcome = future.result()
        return outcome
    return {"seconds": 0.0, "error": f"lost by the scheduler: {type(error).__name__}: {error}"}
