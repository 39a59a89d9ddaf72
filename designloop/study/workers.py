"""Workers are processes that run cells. On Linux, they are forked from a server that imported what cells need.

This module imports little, so that a command can start the server first and read its study meanwhile.
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
    """Start the server of workers, which imports what cells need while the caller continues."""
    if _is_forked():
        _context()
        resource_tracker.ensure_running()  # which lets interrupts in again, and is started with the server else
        with _one_thread_at_start(), _uninterrupted():
            forkserver.ensure_running()


def _is_forked() -> bool:
    """Only on Linux, since system libraries elsewhere do not support forks."""
    return sys.platform == "linux"


def _context() -> BaseContext:
    if not _is_forked():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([_SERVER, *_main_module()])
    return context


def _main_module() -> list[str]:
    """The command line module, if its script started this process; each worker imports that script again."""
    is_script = getattr(sys.modules.get("__main__"), "__spec__", None) is None
    return ["designloop.cli.main"] if is_script and "designloop.cli.main" in sys.modules else []


@contextmanager
def _one_thread_at_start() -> Iterator[None]:
    """Load linear algebra with one thread, without a thread pool, which would be lost in a fork."""
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
    """Block interrupts until the end of the block; processes started in it ignore them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Worker:
    """One process, which runs one task at a time and reports its line in tasks longer than `patience`."""

    def __init__(self, patience: float) -> None:
        begin()
        context = _context()
        self._told, tell = context.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(1, context, _prepare, (dict(os.environ), tell, patience / 2))
        self._tell = tell  # held open until the process has it
        self._place = ""

    def submit(self, call: Callable[..., Any], task: Any) -> Future[Any]:
        """Run a task. Raises BrokenProcessPool if the process died while idle."""
        self._place = ""
        return self._pool.submit(_watched, call, task)

    @property
    def place(self) -> str:
        """The last reported line of a long task; "" if there is none."""
        try:
            while self._told.poll():
                self._place = self._told.recv()
        except (EOFError, OSError):  # the process is dead
            pass
        return self._place

    def end(self) -> None:
        """End the process at once, even during a task."""
        for process in list((self._pool._processes or {}).values()):
            process.terminate()
        self._pool.shutdown(wait=False, cancel_futures=True)


_work: dict[str, float] = {}
"""In a worker: the start of the current task."""


def _prepare(environment: Mapping[str, str], tell: Connection, every: float) -> None:
    """In a new worker: take the parent's environment, ignore interrupts, and end with the parent."""
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
    """Report the line of a task that takes longer than `every` seconds, at this interval."""
    from designloop.core.places import place_now

    while True:
        time.sleep(every)
        if time.monotonic() - _work.get("began", float("inf")) >= every:
            tell.send(str(place_now(thread) or ""))
