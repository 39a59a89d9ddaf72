"""Workers are processes that play cells: forked, where that can be, from a server that imported what cells need, once.

This module is light, so that a command can start the server first of all, and read its study meanwhile.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import forkserver, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for
from multiprocessing.context import BaseContext
from typing import Any

_SERVER = "designloop.study.server"


def begin() -> None:
    """Start the server of workers, which imports what cells need while the caller goes on."""
    if _is_forked():
        _context()
        resource_tracker.ensure_running()  # which lets interrupts in again, and is started with the server else
        with _one_thread_at_start(), _uninterrupted():
            forkserver.ensure_running()


def _is_forked() -> bool:
    """On Linux alone: elsewhere system libraries do not bear a fork."""
    return sys.platform == "linux"


def _context() -> BaseContext:
    if not _is_forked():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([_SERVER, *_main_module()])
    return context


def _main_module() -> list[str]:
    """The command line, where a script of its started this process: each worker imports that script again."""
    is_script = getattr(sys.modules.get("__main__"), "__spec__", None) is None
    return ["designloop.cli.main"] if is_script and "designloop.cli.main" in sys.modules else []


@contextmanager
def _one_thread_at_start() -> Iterator[None]:
    """Linear algebra that is loaded in one thread starts no pool of threads, which a fork would lose."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """An interrupt waits for the end of the block, and passes by what is started in it: it is left to this process."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Worker:
    """One process, which plays a task at a time, and tells where it stands in one that takes longer than `patience`."""

    def __init__(self, patience: float) -> None:
        begin()
        context = _context()
        self._told, tell = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(1, context, _prepare, (dict(os.environ), tell, patience / 2))
        self._tell = tell  # held open until the process has it
        self._place = ""

    def submit(self, call: Callable[..., Any], task: Any) -> Future[Any]:
        """Play a task. Raises BrokenProcessPool where the process died with nothing to do."""
        self._place = ""
        return self._pool.submit(_watched, call, task)

    @property
    def place(self) -> str:
        """The line at which the process was seen last in a task that takes long; "" where it was not looked at."""
        try:
            while self._told.poll():
                self._place = self._told.recv()
        except (EOFError, OSError):  # the process is dead
            pass
        return self._place

    def end(self) -> None:
        """End the process at once, also in the middle of a task."""
        for process in list((self._pool._processes or {}).values()):
            process.terminate()
        self._pool.shutdown(wait=False, cancel_futures=True)


_work: dict[str, float] = {}
"""In a worker: when the task at hand was begun."""


def _prepare(environment: Mapping[str, str], tell: Connection, every: float) -> None:
    """In a new worker: the environment of who asked for it; an interrupt is left to that one; end with it."""
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    threading.Thread(target=_look, args=(threading.get_ident(), tell, every), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait_for([sentinel])
    os._exit(1)


def _watched(call: Callable[..., Any], task: Any) -> Any:
    _work["began"] = time.monotonic()
    try:
        return call(task)
    finally:
        _work.clear()


def _look(thread: int, tell: Connection, every: float) -> None:
    """Tell, every so many seconds, at which line a task stands that takes longer than that."""
    from designloop.core.places import place_now

    while True:
        time.sleep(every)
        if time.monotonic() - _work.get("began", float("inf")) >= every:
            tell.send(str(place_now(thread) or ""))
