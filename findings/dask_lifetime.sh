#!/usr/bin/env bash
# Expectation: A task that its workers never finish fails after a while. `distributed.scheduler.allowed-failures` (3)
# counts the workers that a task has lost, and `retries` covers other failures. A study whose cells take longer than the
# lifetime of a worker ends with an error.
#
# Version: distributed 2026.8.0, Python 3.11, from the Python package index.
# Source: `Scheduler.remove_worker` in distributed/scheduler.py increments `suspicious` only if the end of the worker was
# unexpected. A worker that `--lifetime` closes has announced its end. `retries` counts only when a task raises, never
# when a worker is lost. The documentation of `--lifetime` mentions a graceful shutdown, but not running tasks.
#
# Behaviour: A task that runs when the lifetime of its worker ends restarts from the beginning on the next worker, without
# end. Nothing is counted or reported, and the future stays pending. On workers that are killed, the same task fails after
# the fourth. Its ten retries are unused in both cases.
#
# Output on 2026-11-29:
#   4 workers ended by their lifetime: the task is pending, suspicious 0, 10 retries left
#   4 workers killed: the task is error, suspicious 4, 10 retries left
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet distributed==2026.8.0

cat > "$work/lose.py" <<'PY'
import asyncio
import logging
import signal
import sys
from time import sleep

from distributed import Client, Scheduler

LOST = 4


async def start(address, *options):
    command = ["-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    quiet = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(sys.executable, *command, *options, stdout=quiet, stderr=quiet)


async def until(condition):
    while not condition():
        await asyncio.sleep(0.1)


async def lose_workers(scheduler, kill):
    for _ in range(LOST):
        process = await start(scheduler.address, *([] if kill else ["--lifetime", "3s"]))
        if kill:
            await until(lambda: any(worker.processing for worker in scheduler.workers.values()))
            process.send_signal(signal.SIGKILL)
        await process.wait()
        await until(lambda: not scheduler.workers)


async def task_after(kill):
    """State, suspicion and retries of a task of 8 s, once four workers that ran it are gone."""
    async with Scheduler(port=0, dashboard_address=":0") as scheduler:
        async with Client(scheduler.address, asynchronous=True) as client:
            future = client.submit(sleep, 8, retries=10)
            await lose_workers(scheduler, kill)
            await asyncio.sleep(1)
            task = scheduler.tasks[future.key]
            return future.status, task.suspicious, task.retries


async def main():
    logging.disable(logging.CRITICAL)
    ended, killed = await task_after(kill=False), await task_after(kill=True)
    for how, (status, suspicious, retries) in (("ended by their lifetime", ended), ("killed", killed)):
        print(f"{LOST} workers {how}: the task is {status}, suspicious {suspicious}, {retries} retries left")
    assert ended == ("pending", 0, 10)
    assert killed == ("error", LOST, 10)


if __name__ == "__main__":
    asyncio.run(main())
PY
timeout 240 "$work/venv/bin/python" "$work/lose.py"
