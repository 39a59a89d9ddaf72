"""Serves a Python function as an outside oracle: `python serving.py TARGET`.

It imports the standard library alone, so that any Python from 3.9 on can run it by its path, with designloop installed
or not. TARGET is `package.module:name` or `path/to/file.py:name`: a function of a list of sequences, a test function of
holo or BoTorch, a black box of poli, a landscape of FLEXS, or a class, which is called with the
arguments in `hello`.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from math import isinf, isnan
from pathlib import Path
from typing import Any, NamedTuple

Call = Callable[["list[str]"], Any]


class Letters(NamedTuple):
    """The sequences that will be asked about: all letters in the order of their codes, and the lengths."""

    alphabet: str
    min_length: int
    max_length: int


def adapted(target: Any, letters: Letters) -> Call:
    """The function of a list of sequences for a target. Raises ValueError where it takes other sequences."""
    adapter = _adapter_of(target)
    if adapter is not None:
        return adapter(target, letters)
    if not callable(target):
        raise TypeError(f"{type(target).__name__} has no __call__; define __call__(self, sequences)")
    call: Call = target
    return call


def is_adapted(target: Any) -> bool:
    """Whether the target is an object of another library that `adapted` knows."""
    return _adapter_of(target) is not None


def _adapter_of(target: Any) -> Callable[[Any, Letters], Call] | None:
    for kind in type(target).__mro__:
        name = f"{kind.__module__.partition('.')[0]}.{kind.__name__}"
        if name in _ADAPTERS:
            return _ADAPTERS[name]
    return None


def _test_function(target: Any, letters: Letters) -> Call:
    """A test function of holo or BoTorch: letters are its codes, without noise; -inf is not viable."""
    import torch

    _require_length(target, target.dim, letters)
    code = {letter: float(i) for i, letter in enumerate(letters.alphabet)}
    highest = float(torch.as_tensor(target.bounds)[1].min())
    if highest < len(code) - 1:
        raise ValueError(
            f"{type(target).__name__} has {highest + 1:g} states, but the alphabet has {len(code)} letters; choose an "
            f"alphabet of {highest + 1:g}, such as states-{highest + 1:g}"
        )

    def call(sequences: list[str]) -> Any:
        codes = torch.tensor([[code[letter] for letter in sequence] for sequence in sequences], dtype=torch.double)
        return _viable(target(codes, noise=False).tolist() if sequences else [])

    return call


def _black_box(target: Any, letters: Letters) -> Call:
    """A black box of poli: one letter in each cell if its sequences are aligned; -inf is not viable."""
    import numpy as np

    info = target.info
    if unknown := sorted(set(letters.alphabet) - set(info.alphabet)):
        raise ValueError(
            f"{type(target).__name__} knows no letter {unknown[0]!r}; choose an alphabet of the letters "
            f"{''.join(info.alphabet)}"
        )
    if info.fixed_length:
        _require_length(target, info.max_sequence_length, letters)

    def call(sequences: list[str]) -> Any:
        if not sequences:
            return []
        rows = [list(sequence) for sequence in sequences] if info.sequences_are_aligned() else sequences
        answer = np.asarray(target(np.array(rows)))
        return _viable(answer[:, 0].tolist() if answer.shape[1:] == (1,) else answer.tolist())

    return call


def _landscape(target: Any, letters: Letters) -> Call:
    """A landscape of FLEXS."""
    return lambda sequences: target.get_fitness(sequences) if sequences else []


_ADAPTERS: dict[str, Callable[[Any, Letters], Call]] = {
    "botorch.BaseTestProblem": _test_function,
    "poli.AbstractBlackBox": _black_box,
    "flexs.Landscape": _landscape,
}


def _require_length(target: Any, length: int, letters: Letters) -> None:
    if (letters.min_length, letters.max_length) != (length, length):
        raise ValueError(f"{type(target).__name__} takes sequences of {length} letters; give `length: {length}`")


def _viable(values: list[Any]) -> list[Any]:
    return [None if value == -float("inf") else value for value in values]


def target_named(name: str, arguments: dict[str, Any]) -> Any:
    """The target of a name; a class is called with the arguments, a function gets them with each call."""
    place, _, attribute = name.rpartition(":")
    target: Any = _module_at(place)
    for word in attribute.split("."):
        target = getattr(target, word)
    if isinstance(target, type):
        return target(**arguments)
    return partial(target, **arguments) if arguments else target


def _module_at(place: str) -> Any:
    file = Path(place)
    sys.path.insert(0, str(file.parent.absolute()) if file.suffix == ".py" else os.getcwd())
    if file.suffix != ".py":
        return import_module(place)
    spec = spec_from_file_location(file.stem, file)
    module = module_from_spec(spec)  # type: ignore[arg-type]  # a file that ends in .py has one
    sys.modules[file.stem] = module
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def numbers(answer: Any, sequences: list[str]) -> list[float | None]:
    """An answer as floats, None where a value is NaN or None. Raises where it is no list of finite numbers."""
    if hasattr(answer, "mask") and hasattr(answer, "filled"):
        raise TypeError("returned a masked array; return NaN for a sequence that is not viable")
    values = answer.tolist() if hasattr(answer, "tolist") else answer
    if isinstance(values, (str, bytes, dict)) or not hasattr(values, "__iter__"):
        raise TypeError(f"returned {values!r:.60}; return one number per sequence")
    values = list(values)
    if len(values) != len(sequences):
        raise ValueError(f"returned {len(values)} values for {len(sequences)} sequences; return one per sequence")
    return [_number(value, sequence) for value, sequence in zip(values, sequences)]  # noqa: B905  # Python 3.9 has no `strict`


def _number(value: Any, sequence: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, (str, bytes, complex, list, tuple)):
        raise TypeError(f"returned {value!r:.60} for {sequence!r}; return one number per sequence")
    number = float(value)
    if isinf(number):
        raise ValueError(f"returned {number} for {sequence!r}; return a finite number, or NaN if it is not viable")
    return None if isnan(number) else number


def main(name: str) -> None:
    """Answer questions until there are no more."""
    questions, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)  # what the function and its libraries print goes to the log
    call: Call | None = None
    for line in questions:
        message = json.loads(line)
        if call is None:
            call, answer = _begun(name, message)
        else:
            answer = _answer(call, message)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _begun(name: str, hello: dict[str, Any]) -> tuple[Call | None, dict[str, Any]]:
    """The function that is served, and the answer to `hello`."""
    letters = Letters(hello["alphabet"], hello["min_length"], hello["max_length"])
    try:
        call = adapted(target_named(name, hello.get("arguments", {})), letters)
    except (Exception, SystemExit) as error:
        return None, _failure(error)
    return call, {"type": "ready", "protocol": 1}


def _answer(call: Call, message: dict[str, Any]) -> dict[str, Any]:
    sequences = message["sequences"]
    try:
        values = numbers(call(list(sequences)), sequences)
    except (Exception, SystemExit) as error:
        return _failure(error)
    return {"type": "values", "id": message["id"], "values": values}


def _failure(error: BaseException) -> dict[str, Any]:
    traceback.print_exc()
    lacks = f"; install it for {sys.executable}" if isinstance(error, ModuleNotFoundError) else ""
    return {"type": "error", "message": f"{type(error).__name__}: {error}{_place_of(error)}{lacks}"}


def _place_of(error: BaseException) -> str:
    """The last line of the traceback that is neither in this file nor of an installed package."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and "site-packages" not in frame.filename and frame.filename[0] != "<"
    ]
    return f" ({frames[-1].filename}, line {frames[-1].lineno}, in {frames[-1].name})" if frames else ""


if __name__ == "__main__":
    sys.path.pop(0)  # the folder of this file, whose names would hide those of others
    main(*sys.argv[1:])
