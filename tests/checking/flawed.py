"""Oracles with one fault each, in a few lines. The honest value is the share of G in 12 letters of RNA."""

import asyncio
import os
import random
import sqlite3
import tempfile
import time
from functools import cache, cached_property

import numpy as np
from pydantic import field_validator

import designloop as dl

flawed = dl.oracle(alphabet=dl.RNA, length=12)
ORDER = {"A": 1, "C": 2, "G": 3}


def share(sequence):
    return sequence.count("G") / 12


# -- what comes back ---------------------------------------------------------------------------------------------------


@flawed
def gives_texts(sequences):
    return [f"{share(s):.3f}" for s in sequences]


@flawed
def gives_one_text(sequences):
    return "\n".join(str(share(s)) for s in sequences)


@flawed
def gives_a_column(sequences):
    return np.array([[share(s)] for s in sequences])


@flawed
def gives_one_number(sequences):
    return np.mean([share(s) for s in sequences] or [0.0])


@flawed
def gives_a_dict(sequences):
    return {s: share(s) for s in sequences}


@flawed
def gives_nothing(sequences):
    [share(s) for s in sequences]


@flawed
def gives_a_generator(sequences):
    return (share(s) for s in sequences)


async def later(sequences):
    await asyncio.sleep(0)
    return [share(s) for s in sequences]


gives_a_coroutine = flawed(later)


@flawed
def drops_duplicates(sequences):
    return [share(s) for s in dict.fromkeys(sequences)]


@flawed
def wraps_around(sequences):
    return np.array([s.count("G") for s in sequences], dtype=np.int8) * np.int8(40)


@flawed
def is_infinite(sequences):
    with np.errstate(divide="ignore"):
        return np.log([s.count("G") for s in sequences])


@flawed
def is_never_viable(sequences):
    return [float("nan") for _ in sequences]


@flawed
def needs_one(sequences):
    longest = max(map(len, sequences))
    return [s.count("G") / longest for s in sequences]


# -- what a value depends on -------------------------------------------------------------------------------------------


@flawed
def answers_in_reverse(sequences):
    return [share(s) + s.count("A") for s in sequences][::-1]


@flawed
def sorts_in_place(sequences):
    sequences.sort()
    return [share(s) + s.count("A") for s in sequences]


@flawed
def normalises(sequences):
    values = np.array([share(s) for s in sequences])
    return values - (values.mean() if len(values) else 0.0)


@flawed
def gives_up_after_256(sequences):
    return [share(s) for s in sequences[:256]] + [0.0] * (len(sequences) - 256)


@flawed
def is_noisy(sequences):
    return [share(s) + random.gauss(0, 0.1) for s in sequences]


@flawed
def is_noisy_from_the_global_seed(sequences):
    noise = np.random.default_rng(np.random.get_state()[1][0]).normal(size=len(sequences))  # noqa: NPY002
    return [share(s) + e for s, e in zip(sequences, noise, strict=True)]


@flawed
def hashes(sequences):
    return [hash(s) % 1000 / 1000 for s in sequences]


CALLS = []


@flawed
def is_right_once(sequences):
    CALLS.append(len(sequences))
    return [share(s) / len(CALLS) for s in sequences]


# -- what shows on the second plate only -------------------------------------------------------------------------------


SCALE = []


@flawed
def scales_by_the_first_plate(sequences):
    """Every answer of one process is consistent: only a process that begins with another plate disagrees."""
    values = np.array([s.count("G") + s.count("C") / 7 for s in sequences])
    if not SCALE and len(values):
        SCALE.append(values.max())
    return values / SCALE[0] if len(values) else values


KNOWN = {}


@flawed
def remembers_too_little(sequences):
    """A cache by the first two letters: whichever sequence came first has its value for all."""
    return [KNOWN.setdefault(s[:2], share(s) + s.count("A")) for s in sequences]


# -- what it does besides ----------------------------------------------------------------------------------------------


@flawed
def hangs(sequences):
    while sequences:
        time.sleep(0.01)
    return []


@flawed
def hangs_on_the_second_call(sequences):
    CALLS.append(1)
    while len(CALLS) > 1:
        time.sleep(0.01)
    return [share(s) for s in sequences]


@flawed
def kills_its_process(sequences):
    if len(set(sequences)) < len(sequences):
        os._exit(3)
    return [share(s) for s in sequences]


@flawed
def crashes(sequences):
    os.abort()


@flawed
def exits(sequences):
    raise SystemExit("no licence")


@flawed
def knows_three_letters(sequences):
    return [sum(ORDER[letter] for letter in s) for s in sequences]


@dl.oracle(alphabet=dl.RNA, min_length=3, max_length=20)
def needs_six_letters(sequences):
    return [float(s[5] == "G") + s.count("A") for s in sequences]


@dl.oracle(alphabet=dl.RNA, length=12, optimum=0.3)
def exceeds_its_optimum(sequences):
    return [share(s) for s in sequences]


@dl.oracle(alphabet=dl.RNA, length=3, optimum=2.0)
def never_reaches_its_optimum(sequences):
    return [s.count("G") / 3 for s in sequences]


@cache
def database():
    return sqlite3.connect(":memory:")


@flawed
def is_bound_to_its_thread(sequences):
    return [database().execute("select ?", (share(s),)).fetchone()[0] for s in sequences]


@flawed
def goes_elsewhere(sequences):
    os.chdir(tempfile.gettempdir())
    return [share(s) for s in sequences]


# -- doubts: not wrong yet ---------------------------------------------------------------------------------------------


@flawed
def prints(sequences):
    for s in sequences:
        print("scoring", s)
    return [share(s) for s in sequences]


@flawed
def seeds_the_global_generator(sequences):
    random.seed(0)
    return [share(s) for s in sequences]


@flawed
def says_minus_999(sequences):
    return [-999.0 if s.startswith("A") else share(s) for s in sequences]


@flawed
def expects_dna(sequences):
    return [s.count("T") / 12 for s in sequences]


class KeepsAConnection(dl.Oracle):
    """A cached connection, which no other process can have."""

    @property
    def space(self):
        return dl.Space(alphabet=dl.RNA, length=12)

    @cached_property
    def _database(self):
        return sqlite3.connect(":memory:", check_same_thread=False)

    def __call__(self, sequences):
        return np.array([self._database.execute("select ?", (share(s),)).fetchone()[0] for s in sequences])


OPEN = []


@flawed
def leaves_files_open(sequences):
    OPEN.append(open(os.devnull))  # noqa: SIM115
    return [share(s) for s in sequences]


@flawed
def is_negative(sequences):
    return [share(s) - 0.5 for s in sequences]


@flawed
def is_of_single_precision(sequences):
    """As a product of matrices in single precision, whose last digits depend on the size of the batch."""
    rounding = 1 + 1e-6 * (len(sequences) % 2)
    return np.array([share(s) * rounding for s in sequences], dtype=np.float32)


class ForgetsItsSetting(dl.Oracle):
    """A field that is not what its validator was given: reading back doubles it again."""

    weight: float = 1.0

    @field_validator("weight")
    @classmethod
    def _doubled(cls, weight):
        return 2 * weight

    @property
    def space(self):
        return dl.Space(alphabet=dl.RNA, length=12)

    def __call__(self, sequences):
        return np.array([self.weight * share(s) for s in sequences])
