"""A seeded fuzzer of every reader: each mutated file must be read, or be refused with one of our errors.

    python benchmarks/fuzzing.py --minutes 60 --seed 1
    python benchmarks/fuzzing.py --only parquet --seed 1 --case 1234

A case fails if it raises anything but a DesignloopError (including a panic of a Rust library), if a landscape holds a
sequence that its file does not, if it exceeds the limits of processor seconds or memory, or if its process dies. Each
failure is printed with the options that reproduce it, and its input is kept. The readers run in a separate process.
"""

import argparse
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from types import FrameType

from fuzzing_mutations import mutated
from fuzzing_targets import TARGETS, Target

from designloop.core.errors import DesignloopError

MIB = 2**20
_SMOKE = 6
_WARMING, _ASLEEP = 60.0, 60.0
"""Processor seconds that a process may take to start; seconds for which it may sleep."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a case: processor seconds, and mebibytes beyond the memory that its process had before."""

    seconds: float
    memory: int


class TooLong(BaseException):
    """A case exceeded its processor seconds. Not an Exception, so that no reader catches it."""


@dataclass
class Tally:
    """The results of the cases of one target."""

    n: int = 0
    n_refused: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    largest: float = 0.0


# -- the process in which the readers run ------------------------------------------------------------------------------


def serve(bounds: Bounds, wire: Connection) -> None:
    """Answer each (target, folder, data) with its outcome: ("value" | "refused" | "failed", text, seconds, MiB)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a panic in Rust prints to stderr
    os.chdir(tempfile.mkdtemp())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C stops the process that makes the cases
    signal.signal(signal.SIGPROF, _too_long)
    warm = ""
    while (case := wire.recv()) is not None:
        name, folder, data = case
        if name != warm:
            _limit(None)
            TARGETS[name].warm(folder)
            _limit(bounds.memory)
            warm = name
        wire.send(_outcome(TARGETS[name], folder, data, bounds))


def _limit(mebibytes: int | None) -> None:
    """Limit the address space from here on to this many mebibytes more; None removes the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    sizes = Path("/proc/self/statm")
    if mebibytes is None or not sizes.exists():
        resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    else:
        now = int(sizes.read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + mebibytes * MIB, hard))


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TooLong


def _outcome(target: Target, folder: Path, data: bytes, bounds: Bounds) -> tuple[str, str, float, float]:
    began, before = time.process_time(), _peak()
    signal.setitimer(signal.ITIMER_PROF, bounds.seconds)
    try:
        target.read(folder, data)
        kind, text = "value", ""
    except DesignloopError as error:
        kind, text = "refused", str(error)
    except BaseException as error:
        kind, text = "failed", _named(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return kind, text, time.process_time() - began, _peak() - before


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _named(error: BaseException) -> str:
    """The error, and the line of designloop that raised it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "designloop" in frame.filename]
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name}" if frames else ""
    return f"{type(error).__name__}{where}: {str(error)[:200]}"


# -- the process that makes the cases ----------------------------------------------------------------------------------


class Reader:
    """A process that reads, restarted after it died or was ended."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._begin()

    def _begin(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._wire, its = context.Pipe()
        self._process = context.Process(target=serve, args=(self._bounds, its), daemon=True)
        self._process.start()
        its.close()

    def ask(self, name: str, folder: Path, data: bytes) -> tuple[str, str, float, float]:
        """The outcome of a case. A process that dies or hangs is a failure too."""
        try:
            self._wire.send((name, folder, data))
            if self._answers():
                answer: tuple[str, str, float, float] = self._wire.recv()
                return answer
            what = "hangs: no answer"
        except (EOFError, OSError):
            self._process.join()
            what = f"the process died with exit code {self._process.exitcode}"
        self.end()
        self._begin()
        return "failed", what, 0.0, 0.0

    def _answers(self) -> bool:
        """Wait for an answer; False if none comes.

        A busy machine may starve the process, so only its own processor time counts. It hangs if it has used more than
        a case may, or if it sleeps and has used none for a minute.
        """
        before, last, used_at = _processor_seconds(self._process.pid), 0.0, time.monotonic()
        while not self._wire.poll(1):
            used = _processor_seconds(self._process.pid) - before
            if used > last or _is_waiting_for_a_processor(self._process.pid):
                last, used_at = used, time.monotonic()
            if used > _WARMING + 2 * self._bounds.seconds or time.monotonic() - used_at > _ASLEEP:
                return False
        return True

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()


def _processor_seconds(pid: int | None) -> float:
    """Processor seconds that a process has used; 0 if the machine does not report them."""
    return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def _is_waiting_for_a_processor(pid: int | None) -> bool:
    """Whether a process waits only for a processor or a disk."""
    return "".join(_stat(pid)[:1]) in ("R", "D")


def _stat(pid: int | None) -> list[str]:
    """The fields of /proc/PID/stat after the name, the state first; empty if there is no such file."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def cases(name: str, seed: int, seeds: list[bytes], first: int = 0) -> Iterator[tuple[int, bytes]]:
    """The mutants of a target under a seed, each with its number; the first ones are the unmutated files."""
    for number in range(first, sys.maxsize):
        if number < len(seeds):
            yield number, seeds[number]
        else:
            yield number, mutated(seeds, Random(f"{name} {seed} {number}"), TARGETS[name].mutations)


def fuzz(name: str, args: argparse.Namespace, folder: Path, reader: Reader, tally: Tally, until: float, n: int) -> None:
    """Run at most `n` cases of one target, until the time is up."""
    seeds = TARGETS[name].seeds(folder)
    first = tally.n if args.case is None else args.case
    for number, data in cases(name, args.seed, seeds, first):
        if number >= first + n or time.monotonic() > until:
            break
        kind, text, seconds, mebibytes = reader.ask(name, folder, data)
        tally.n += 1
        tally.n_refused += kind == "refused"
        tally.slowest, tally.largest = max(tally.slowest, seconds), max(tally.largest, mebibytes)
        if kind == "failed":
            _tell(name, args, number, data, text, tally)
        elif args.case is not None:
            print(f"{name}, case {number}: {kind} {text}")


def _tell(name: str, args: argparse.Namespace, number: int, data: bytes, text: str, tally: Tally) -> None:
    key = text.partition(": ")[0]
    tally.failures[key] += 1
    if tally.failures[key] > 3:  # the same place again
        return
    args.keep.mkdir(parents=True, exist_ok=True)
    kept = args.keep / f"{name}-{args.seed}-{number}{TARGETS[name].suffix}"
    kept.write_bytes(data)
    print(f"FAILED {name} --seed {args.seed} --case {number}: {text}\n  input: {kept}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="total time for all targets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", choices=sorted(TARGETS), action="append", help="run only this target; may be repeated"
    )
    parser.add_argument("--case", type=int, help="run only the case with this number")
    parser.add_argument("--seconds", type=float, default=10.0, help="limit of processor seconds for a case")
    parser.add_argument("--memory", type=int, default=2048, help="limit of memory for a case, in MiB")
    parser.add_argument("--keep", type=Path, default=Path("fuzzing-failures"), help="folder for inputs that fail")
    parser.add_argument("--smoke", action="store_true", help="run six cases of each quick target")
    args = parser.parse_args()
    names = args.only or [name for name, target in TARGETS.items() if target.is_quick or not args.smoke]
    tallies = {name: Tally() for name in names}
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    reader = Reader(Bounds(args.seconds, args.memory))
    try:
        _fuzz_all(names, args, reader, tallies)
    except KeyboardInterrupt:
        print("stopped early")
    finally:
        reader.end()
        _print(tallies)
    sys.exit(1 if any(tally.failures for tally in tallies.values()) else 0)


def _fuzz_all(names: list[str], args: argparse.Namespace, reader: Reader, tallies: dict[str, Tally]) -> None:
    with tempfile.TemporaryDirectory() as text:
        rounds = 1 if args.smoke or args.case is not None else 3
        for place in range(rounds * len(names)):
            name = names[place % len(names)]
            until = time.monotonic() + args.minutes * 60 / rounds / len(names)
            n = 1 if args.case is not None else _SMOKE if args.smoke else sys.maxsize
            fuzz(name, args, Path(text) / name, reader, tallies[name], until, n)


def _print(tallies: dict[str, Tally]) -> None:
    print("| reader | cases | values | refused | failed | max CPU seconds | max MiB |\n|---|---|---|---|---|---|---|")
    for name, tally in tallies.items():
        failed = tally.failures.total()
        values = tally.n - tally.n_refused - failed
        spent = f"{tally.slowest:.2f} | {tally.largest:.0f}"
        print(f"| {name} | {tally.n:,} | {values:,} | {tally.n_refused:,} | {failed:,} | {spent} |")


if __name__ == "__main__":
    main()
