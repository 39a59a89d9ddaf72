"""The files with which a new oracle begins: a commented function, and its test."""

from keyword import iskeyword
from pathlib import Path

from designloop.core.alphabet import alphabet_named
from designloop.core.errors import ConfigError, InputError

_ORACLE = '''"""The oracle `{name}`: sequences in, values out. Higher is better."""

import math

import designloop as dl


# Which sequences it accepts: alphabet dna, rna, protein or states-N; `length`, or `min_length` and `max_length`.
# Also possible: scale="log" (additive noise; the default, "linear", multiplies), floor=... (the value of "no signal"),
# and optimum=... (the highest value, if you know it).
@dl.oracle(alphabet="{alphabet}", length={length})
def {name}(sequences):
    # `sequences` is a list of str. Return one number for each, in the same order; math.nan means "not viable".
    return [value_of(sequence) for sequence in sequences]


def value_of(sequence):
    """The value of one sequence. It depends on the sequence alone: no noise (the lab adds it), no state, no clock."""
    if sequence.count("{first}") > 0.8 * len(sequence):
        return math.nan  # replace: what cannot be built or does not express
    return sequence.count("{last}") / len(sequence)  # replace: your score, model, or table


# A model or a table that takes long to load: load it once, at the first call.
#
#     @functools.cache
#     def model():
#         return load("weights.pt")
'''

_TEST = '''"""Tests of the oracle `{name}`. Run them with: pytest {test}"""

import math
from pathlib import Path

import pytest

from designloop.testing import OracleContract

ORACLE = f"{{Path(__file__).with_name('{file}')}}:{name}"


class TestContract(OracleContract):
    """Everything that `designloop oracle check` looks at, one test for each law."""

    oracle = ORACLE


def test_values_that_are_known(call):
    """Replace these by sequences whose values you know."""
    values = call(["{last}" * {length}, "{first}" * {length}])
    assert values[0] == pytest.approx(1.0)
    assert math.isnan(values[1])


@pytest.fixture
def call():
    """The oracle, as a campaign opens it."""
    import designloop as dl

    return dl.oracles.FunctionOracle(function=ORACLE)
'''


_TAKEN = ("dl", "math", "value_of")
"""Names that the file uses itself."""


def write_start(name: str, alphabet: str, length: int, folder: Path) -> tuple[Path, Path]:
    """Write `name.py` and `test_name.py` into a folder, and return their paths. Files that exist are not changed.

    Raises ConfigError for a name that is not one in Python, an unknown alphabet, or a file that exists.
    """
    if not name.isidentifier() or iskeyword(name) or name in _TAKEN:
        mend = "".join(letter if letter.isalnum() else "_" for letter in name).strip("_").lower()
        near = f", such as {mend}" if mend.isidentifier() and not iskeyword(mend) and mend != name else ""
        raise ConfigError(f"'{name}' cannot be the name of a function; give letters, digits and _{near}")
    try:
        letters = alphabet_named(alphabet).letters
    except (ValueError, InputError) as error:
        raise ConfigError(f"--alphabet {alphabet}: {error}") from error
    oracle, test = folder / f"{name}.py", folder / f"test_{name}.py"
    for file in (oracle, test):
        if file.exists():
            raise ConfigError(f"{file} exists; give another name, or remove it")
    fields = {"name": name, "alphabet": alphabet, "length": length, "first": letters[0], "last": letters[-1]}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        oracle.write_text(_ORACLE.format(**fields), encoding="utf-8")
        test.write_text(_TEST.format(**fields, file=oracle.name, test=test.name), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written: {error.strerror}; choose another folder with --out") from error
    return oracle, test
