"""The bench asks one oracle questions, in the process where it is, and returns plain data.

The check talks to a bench in another process (`remote.py`), or, for an oracle that exists only in memory, in this one.
"""

import os
import pickle
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from contextvars import copy_context
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from designloop.checking.answers import UNANSWERED, Answer, read
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import ConfigError, DesignloopError
from designloop.core.faults import asked_first, packages_of
from designloop.core.parts import Part
from designloop.core.places import raised
from designloop.core.random import global_states, seed_global, stream
from designloop.core.readers.sequences import read_sequences
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle, scale_of, space_of
from designloop.oracles.function import FunctionOracle

_EDGES_EACH = 2
"""Sequences to ask for, of the shortest and of the longest length."""


class Held(Part):
    """An oracle as a key of a description."""

    oracle: Oracle


class Bench:
    """Questions to one oracle. Each public method is an operation; its arguments and result can be written as JSON."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._space: Space = space_of(oracle)

    def do(self, operation: str, **fields: Any) -> Any:
        """The result of an operation by its name."""
        return getattr(self, operation)(**fields)

    def about(self) -> dict[str, Any]:
        """What the oracle says of itself. Raises ConfigError where its author's code raises."""
        oracle, space = self._oracle, self._space
        with asked_first(oracle, "optimum"):
            optimum = oracle.optimum
        with asked_first(oracle, "floor"):
            floor = oracle.floor
        own = {"optimum": optimum, "floor": floor, "scale": scale_of(oracle), "remarks": list(oracle.remarks)}
        lengths = {"min_length": space.min_length, "max_length": space.max_length}
        alphabet = {"alphabet": space.alphabet.name, "letters": space.alphabet.letters}
        return {"name": oracle.known_as, **own, **lengths, **alphabet, "size": space.size}

    def description(self) -> dict[str, Any]:
        """The description of the oracle under `description`, or why there is none under `problem`."""
        try:
            return {"description": self._oracle.describe()}
        except (DesignloopError, ValueError, TypeError) as error:
            return {"problem": str(error)}

    def description_read_back(self) -> dict[str, Any]:
        """The description of the oracle that the description gives. Raises ConfigError where it cannot be read."""
        return self._read_back().describe()

    def _read_back(self) -> Oracle:
        text = to_yaml({"oracle": self._oracle.describe()})
        return build(Held, read_text(text, "the description")).oracle

    # -- sequences ---------------------------------------------------------------------------------------------------

    def draws(self, n: int, name: str) -> list[str]:
        """`n` sequences drawn uniformly from the space."""
        return self._space.sample(n, stream(0, "oracle-check", name))

    def corpus(self, n: int) -> list[Any]:
        """`n` natural sequences. Raises ConfigError where its author's code raises, or returns something else."""
        with asked_first(self._oracle, "corpus"):
            found = self._oracle.corpus(n, stream(0, "oracle-check", "corpus"))
        try:
            return list(found)
        except TypeError as error:
            raise ConfigError(f"corpus() returned {type(found).__name__}; return a list of sequences, or []") from error

    def inside(self, sequences: list[Any]) -> list[bool]:
        """Whether each is a sequence of the space."""
        texts = [one if isinstance(one, str) else "" for one in sequences]
        return [bool(one) for one in self._space.contains(texts)] if texts else []

    def sequences_of(self, path: str, column: str | None) -> list[str]:
        """The sequences of a file. Raises InputError with the line of a mistake."""
        return read_sequences(Path(path), self._space.alphabet, column=column)

    def edges(self) -> list[str]:
        """Sequences of the space with every letter, and of the shortest and the longest length."""
        space, drawn = self._space, self.draws(64, "edges")
        found = []
        for length in dict.fromkeys((space.min_length, space.max_length)):
            found += self._first_inside([(one * (length // len(one) + 1))[:length] for one in drawn], _EDGES_EACH)
        for letter in space.alphabet.letters:
            has = [one for one in drawn if letter in one]
            places = ((one, place) for one in drawn[:4] for place in range(len(one)))
            found += has[:1] or self._first_inside([f"{s[:at]}{letter}{s[at + 1 :]}" for s, at in places], 1)
        return list(dict.fromkeys(found))

    def _first_inside(self, candidates: Sequence[str], n: int) -> list[str]:
        pool = [] if self._space.pool is None else [min(self._space.pool, key=len), max(self._space.pool, key=len)]
        candidates = [*candidates, *pool]
        return [s for s, is_inside in zip(candidates, self.inside(candidates), strict=True) if is_inside][:n]

    def enumerated(self) -> list[str]:
        """Every sequence of the space."""
        return self._space.enumerate()

    def solution(self) -> str | None:
        """What the oracle says is its best sequence; None if it does not say."""
        known = getattr(self._oracle, "optimal_solution", None)
        with asked_first(self._oracle, "optimal_solution"):
            found = None if known is None else known()
        return None if found is None else str(found)

    def measures(self, sequences: list[str]) -> dict[str, Any]:
        """Whether the oracle can measure each, under `flags`, or a `problem`."""
        try:
            flags = np.asarray(self._oracle.measures(list(sequences)))
        except (Exception, SystemExit) as error:
            return {"problem": f"measures() {raised(error, packages_of(self._oracle))}"}
        if flags.shape != (len(sequences),) or flags.dtype.kind not in "biu":
            return {"problem": f"measures() returned {flags.dtype} of shape {flags.shape}"}
        return {"flags": [bool(flag) for flag in flags]}

    # -- values ------------------------------------------------------------------------------------------------------

    def ask(self, sequences: list[str], seed: int | None = None) -> dict[str, Any]:
        """The answer to a list of sequences; with a seed, after seeding the global random generators."""
        if seed is not None:
            seed_global(seed)
        return self._answer(_call_of(self._oracle), sequences).as_dict()

    def ask_copy(self, sequences: list[str]) -> dict[str, Any]:
        """The answer of a pickled copy."""
        try:
            copy = pickle.loads(pickle.dumps(self._oracle))
        except Exception as error:  # whatever the user's class does when it is pickled
            return Answer(problem=f"cannot be pickled: {error}").as_dict()
        return self._answer(_call_of(copy), sequences).as_dict()

    def ask_read_back(self, sequences: list[str]) -> dict[str, Any]:
        """The answer of the oracle that the description gives."""
        return self._answer(_call_of(self._read_back()), sequences).as_dict()

    def ask_in_thread(self, sequences: list[str]) -> dict[str, Any]:
        """The answer in another thread."""
        return self.ask_in_threads([sequences])[0]

    def ask_in_threads(self, lists: list[list[str]]) -> list[dict[str, Any]]:
        """The answers of as many threads at once."""
        answers: list[dict[str, Any]] = [{}] * len(lists)
        start = threading.Barrier(len(lists))

        def work(row: int) -> None:
            start.wait()
            answers[row] = self._answer(_call_of(self._oracle), lists[row], watch=False).as_dict()

        # As in a run, programs that last are those of this thread.
        threads = [
            threading.Thread(target=copy_context().run, args=(work, row), daemon=True) for row in range(len(lists))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def _answer(self, call: Callable[[list[str]], Any], sequences: list[str], *, watch: bool = True) -> Answer:
        """What a call returned and did. `watch` needs the process's global state, so it is for one call at a time."""
        given, before, found = list(sequences), global_states() if watch else {}, dict[str, Any]()
        with _listening(watch) as heard:
            began = perf_counter()
            try:
                raw = call(given)
                found = {"seconds": perf_counter() - began}
                found |= read(raw, len(sequences))
            except DesignloopError as error:  # its sentence names the program, and what to change
                is_silent = UNANSWERED in str(error)
                found |= {"problem": f"failed: {error}", "is_silent": is_silent, "seconds": perf_counter() - began}
            except BaseException as error:  # also one that calls sys.exit, or raises KeyboardInterrupt
                found |= {"problem": raised(error, packages_of(self._oracle)), "seconds": perf_counter() - began}
        moved = [name for name, state in global_states().items() if before.get(name, state) != state] if watch else []
        return Answer(**found, **heard(), changed=given != list(sequences), moved=moved)

    # -- the process -------------------------------------------------------------------------------------------------

    def surroundings(self) -> dict[str, Any]:
        """Open files, threads and child processes of this process, where they can be counted, and its folder."""
        return {
            "files": _n_in("/proc/self/fd"),
            "threads": threading.active_count(),
            "processes": _n_children(),
            "folder": os.getcwd(),
        }


def _call_of(oracle: Oracle) -> Callable[[list[str]], Any]:
    """The author's own function: what it returns is then seen unconverted, and the list that it is given."""
    if not isinstance(oracle, FunctionOracle):
        return oracle
    own: Callable[[list[str]], Any] = oracle._call
    return own


@contextmanager
def _listening(watch: bool) -> Any:
    """A block whose Python warnings and printed text are kept. It yields a function that returns them as fields."""
    if not watch:
        yield dict
        return
    out, plain = StringIO(), sys.stdout
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sys.stdout = out
        try:
            yield lambda: {"printed": out.getvalue(), "warned": _each_once(caught)}
        finally:
            sys.stdout = plain


def _each_once(caught: list[warnings.WarningMessage]) -> list[str]:
    return list(dict.fromkeys(f"{one.category.__name__}: {one.message} (line {one.lineno})" for one in caught))


def _n_in(folder: str) -> int | None:
    try:
        return len(os.listdir(folder))
    except OSError:
        return None


def _n_children() -> int | None:
    try:
        tasks = os.listdir("/proc/self/task")
        return sum(len(Path(f"/proc/self/task/{task}/children").read_text().split()) for task in tasks)
    except OSError:
        return None
