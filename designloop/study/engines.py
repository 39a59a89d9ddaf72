"""Engines play cells: in processes of this machine, or through a Dask scheduler. Results do not depend on which."""

import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait as wait_for
from typing import Any, Protocol

from designloop.core.errors import ConfigError
from designloop.study.cell import Outcome, Task, play

_MOST_ATTEMPTS = 3


class Engine(Protocol):
    """Plays tasks, in any order."""

    def outcomes(self, tasks: Sequence[Task]) -> Generator[tuple[Task, Outcome], None, None]:
        """Each task with what it came to, as soon as it is known. A worker that dies costs its task only, which is
        played again, three times at most.
        """
        ...


class Processes:
    """Processes of this machine, one thread each. A process to a slot, so that one that is killed breaks no other."""

    def __init__(self, n: int | None = None) -> None:
        self.n = n or os.cpu_count() or 1

    def outcomes(self, tasks: Sequence[Task]) -> Generator[tuple[Task, Outcome], None, None]:
        """Each task with what it came to."""
        todo = deque((task, 1) for task in tasks)
        slots = [_slot() for _ in range(min(self.n, len(tasks)))]
        busy: dict[Future[Outcome], tuple[int, Task, int]] = {}
        try:
            for place in range(len(slots)):
                _next(todo, slots, place, busy)
            while busy:
                done, _ = wait(busy, return_when=FIRST_COMPLETED)
                for future in done:
                    place, task, attempt = busy.pop(future)
                    outcome = _outcome_of(future)
                    if outcome is None:
                        slots[place] = _slot()
                    if outcome is None and attempt < _MOST_ATTEMPTS:
                        todo.appendleft((task, attempt + 1))
                    _next(todo, slots, place, busy)
                    if outcome is not None or attempt >= _MOST_ATTEMPTS:
                        yield task, outcome or _given_up()
        finally:
            _end(slots)


def _slot() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_prepare)


def _prepare() -> None:
    """In a new worker: end with the process that made it, and leave an interrupt to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


def _next(
    todo: deque[tuple[Task, int]],
    slots: list[ProcessPoolExecutor],
    place: int,
    busy: dict[Future[Outcome], tuple[int, Task, int]],
) -> None:
    if not todo:
        return
    task, attempt = todo.popleft()
    try:
        future = slots[place].submit(play, task)
    except BrokenProcessPool:  # its worker died while it had nothing to do
        slots[place] = _slot()
        future = slots[place].submit(play, task)
    busy[future] = place, task, attempt


def _outcome_of(future: Future[Outcome]) -> Outcome | None:
    """What a task came to; None where its worker died."""
    try:
        return future.result()
    except BrokenProcessPool:
        return None


def _given_up() -> Outcome:
    return {"seconds": 0.0, "error": f"its worker died {_MOST_ATTEMPTS} times in this cell (out of memory?)"}


def _end(slots: list[ProcessPoolExecutor]) -> None:
    """End the workers at once, also in mid-cell: what they do is not waited for."""
    for slot in slots:
        for process in list((slot._processes or {}).values()):
            process.terminate()
        slot.shutdown(wait=False, cancel_futures=True)


class Dask:
    """Workers of a Dask scheduler, on this machine or on many."""

    def __init__(self, address: str, patience: float = 10.0) -> None:
        self.address, self.patience = address, patience

    def outcomes(self, tasks: Sequence[Task]) -> Generator[tuple[Task, Outcome], None, None]:
        """Each task with what it came to."""
        from distributed import as_completed

        with self._client() as client:
            futures = {
                client.submit(play, task, key=f"designloop-{task.key}", pure=False, retries=_MOST_ATTEMPTS): task
                for task in tasks
            }
            for future in as_completed(list(futures), loop=client.loop):  # type: ignore[no-untyped-call]  # ships no types
                task, outcome = futures.pop(future), _dask_outcome(future)
                future.release()  # it is recorded now: no worker's death is to bring it back
                yield task, outcome

    def _client(self) -> Any:
        try:
            from distributed import Client
        except ImportError as error:
            raise ConfigError("--engine dask needs its extra: pip install 'designloop[dask]'") from error
        try:
            return Client(  # type: ignore[no-untyped-call]  # as above
                self.address, timeout=self.patience, set_as_default=False
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
