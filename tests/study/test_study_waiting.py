"""A study that waits says what for, and for how long: a cell that takes long, or workers that are not there."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import forkserver
from pathlib import Path

import pytest
from study_stubs import BASE, small_study

from designloop.study import workers
from designloop.study.description import Study
from designloop.study.engines import Dask, Processes, Waiting
from designloop.study.run import Progress, run_study
from designloop.study.telling import lines as lines_on

ROOT = Path(__file__).parent.parent.parent
SLOW = """import time
from pathlib import Path

import designloop as dl


@dl.oracle(alphabet=dl.DNA, length=8)
def slow(sequences):
    while not Path({marker!r}).exists():
        time.sleep(0.01)
    return [1.0] * len(sequences)
"""


def study_that_hangs(tmp_path: Path) -> tuple[Study, Path]:
    """A study of one cell, whose oracle answers once the marker is there."""
    marker = tmp_path / "go"
    (tmp_path / "slow.py").write_text(SLOW.format(marker=str(marker)))
    base = {**BASE, "oracle": f"{tmp_path / 'slow.py'}:slow"}
    return small_study(base=base, axes={"strategies": {"a": "random"}}, seeds=1), marker


def test_an_oracle_that_hangs_is_named_with_its_line_and_the_time(tmp_path: Path) -> None:
    study, marker = study_that_hangs(tmp_path)
    out, seen = io.StringIO(), list[tuple[str, float, str]]()
    lines = lines_on(out)

    def report(progress: Progress) -> None:
        lines(progress)
        if progress.waiting is not None:
            seen.append((progress.cell, progress.waiting.seconds, progress.waiting.place))
            if "slow.py" in progress.waiting.place:
                marker.touch()

    progress = run_study(study, tmp_path / "study", Processes(1, patience=0.3), report)
    cell, seconds, place = seen[-1]
    assert (progress.n_done, progress.waiting) == (1, None)
    assert cell == "strategies a, seed 0"
    assert seconds > 0.3
    assert place.startswith(f"{tmp_path / 'slow.py'}, line ")
    assert ", in slow: " in place
    assert (
        "waiting (0 s so far): strategies a, seed 0" in out.getvalue()
        or "waiting (1 s so far): strategies" in out.getvalue()
    )


def test_a_log_tells_of_a_long_wait_each_time_it_has_doubled() -> None:
    out = io.StringIO()
    lines = lines_on(out)
    lines(Progress(4, 0))
    out.truncate(out.seek(0))
    for seconds in range(60, 1000, 60):
        lines(Progress(4, 0, waiting=Waiting(float(seconds), "key", "slow.py, line 3"), cell="strategies a, seed 0"))
    assert [line.partition(": ")[0] for line in out.getvalue().splitlines()] == [
        "waiting (1 min 00 s so far)",
        "waiting (2 min 00 s so far)",
        "waiting (4 min 00 s so far)",
        "waiting (8 min 00 s so far)",
        "waiting (16 min 00 s so far)",
    ]
    assert out.getvalue().splitlines()[0].endswith(": strategies a, seed 0 (slow.py, line 3)")


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a Dask scheduler without workers."""
    distributed = pytest.importorskip("distributed", reason="the extra [dask] is not installed")
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, processes=False, protocol="tcp://") as cluster:
        yield cluster.scheduler_address


def a_worker(address: str, tmp_path: Path) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    words = ["worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny", "--local-directory", str(tmp_path)]
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def test_without_a_worker_it_is_said_and_the_cells_of_a_lost_one_are_played_by_the_next(
    scheduler: str, tmp_path: Path
) -> None:
    study, marker = study_that_hangs(tmp_path)
    workers = list[subprocess.Popen[bytes]]()
    told = list[str]()

    def report(progress: Progress) -> None:
        """No worker: start one. At work, and nothing ends: kill it, so that there is none. Then start the next."""
        if progress.waiting is None:
            return
        told.append(f"{progress.cell}|{progress.waiting.place}")
        is_none = "no worker is connected" in progress.waiting.place
        if is_none and len(workers) < 2 and all(worker.poll() is not None for worker in workers):
            workers.append(a_worker(scheduler, tmp_path))
            if len(workers) == 2:
                marker.touch()
        if progress.cell and len(workers) == 1:
            workers[0].kill()
            workers[0].wait()

    try:
        progress = run_study(study, tmp_path / "study", Dask(scheduler, patience=0.3), report)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    assert (progress.n_done, progress.failures, len(workers)) == (1, [], 2)
    assert told[0] == (f"|no worker is connected to {scheduler}; start one with `dask worker {scheduler} --nthreads 1`")
    assert any(line.startswith("strategies a, seed 0|on tcp://") for line in told)


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux alone")
def test_an_interrupt_is_left_to_the_command_and_reaches_no_server_of_workers() -> None:
    """Else it would print a traceback of its own while it imports what cells need."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    workers.begin()
    pid = forkserver._forkserver._forkserver_pid
    states = Path(f"/proc/{pid}/status").read_text().splitlines()
    blocked = next(int(state.split()[1], 16) for state in states if state.startswith("SigBlk"))
    assert blocked & 1 << signal.SIGINT - 1
    assert signal.pthread_sigmask(signal.SIG_BLOCK, []) == before


def test_a_log_begins_with_the_plan_and_tells_the_pace_when_every_worker_has_played_one() -> None:
    out = io.StringIO()
    lines = lines_on(out)
    for n_done in range(4):
        lines(Progress(100, 0, n_done=n_done, seconds=10.0 * n_done, plan="strategies (5) × seeds (20)", n_workers=2))
    assert out.getvalue().splitlines() == [
        "strategies (5) × seeds (20)",
        "the duration is estimated after the first cells, 2 at once",
        "    2 of 100 cells | 6.0 cells a minute, 16 min 20 s left",
    ]


def test_a_log_that_goes_on_begins_with_what_is_left() -> None:
    out = io.StringIO()
    lines_on(out)(Progress(100, 40, plan="strategies (5) × seeds (20) = 100 cells", n_workers=1, seconds_ahead=125.0))
    assert out.getvalue().splitlines() == [
        "strategies (5) × seeds (20) = 100 cells, 40 of them already recorded",
        "about 2 min 05 s for the 60 cells left, estimated from the recorded ones",
    ]
    out = io.StringIO()
    lines_on(out)(Progress(100, 100, plan="100 cells"))
    assert out.getvalue().splitlines() == ["100 cells, 100 of them already recorded", "nothing to do"]
