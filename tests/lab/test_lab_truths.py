"""The assay asks the oracle: what is no value is refused, and another answer to the same question is told of."""

import math
import sqlite3
import subprocess
import time
from contextlib import closing
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pytest
from stubs import CountingOracle, small

from designloop.campaign import Campaign
from designloop.cli.shared.summaries import lines_of
from designloop.core.alphabet import DNA
from designloop.core.errors import ConfigError, OracleError, StoreError
from designloop.core.notices import Notice, heard
from designloop.lab import patience
from designloop.lab.lab import Lab
from designloop.lab.truths import Truths
from designloop.oracles.base import Oracle
from designloop.oracles.function import oracle
from designloop.report.campaign import page_of
from designloop.report.record import Record
from designloop.scheduling.rounds import Rounds
from designloop.storage.log import MemoryLog
from designloop.storage.run_directory import load
from designloop.storage.store import Store

FIRST, SECOND = ["ACGT", "CCCC", "GATT"], ["TTTA", "GGGA"]


def asked(call: Any, *plates: list[str], seconds: float | None = None) -> Truths:
    truths = Truths(oracle(alphabet=DNA, length=4)(call), lambda: 0, 96, seconds)
    for number, plate in enumerate(plates, start=1):
        truths.read(plate, f"{number}-1-1")
    return truths


def code(sequence: str) -> float:
    return float(sum("ACGT".index(letter) * 4**place for place, letter in enumerate(sequence)))


def pure(sequences):
    return [code(s) for s in sequences]


def warnings_of(call: Any, *plates: list[str]) -> list[str]:
    told: list[str] = []
    with heard(warn=told.append, wait=None):
        asked(call, *plates)
    return told


counted: list[int] = []


def counting(sequences):
    counted.append(1)
    return [code(s) + len(counted) for s in sequences]


def random(sequences):
    return np.random.default_rng().normal(size=len(sequences))


def reversed_answers(sequences):
    sequences.reverse()
    return [code(s) for s in sequences]


def ranked(sequences):
    return np.argsort(np.argsort([code(s) for s in sequences])).astype(float)


def by_company(sequences):
    return np.array(pure(sequences)) - np.mean(pure(sequences))


def dying(sequences):
    counted.append(1)
    return [math.nan if len(counted) > 1 else code(s) for s in sequences]


@pytest.mark.parametrize("impure", [counting, random, reversed_answers, ranked, by_company, dying])
def test_an_oracle_that_answers_differently_in_another_plate_is_told_of_once(impure):
    counted.clear()
    (told,) = warnings_of(impure, FIRST, SECOND, ["AAAA"], ["CACA"], ["TACT"])
    assert told.startswith(f"warning: oracle 'test_lab_truths.py:{impure.__name__}' is not deterministic: 'ACGT' has ")
    assert "in plate 1-1-1, but " in told
    assert "in plate 2-1-1, so the results of this run are unreliable" in told
    assert "A value must depend on its sequence alone" in told


def test_an_oracle_that_keeps_its_word_is_not_told_of():
    assert warnings_of(pure, FIRST, SECOND, ["AAAA"], ["CACA"]) == []


def test_single_precision_in_other_company_is_no_doubt():
    def in_single(sequences):
        return [code(s) * (1 + 3e-7 * len(sequences)) for s in sequences]

    assert warnings_of(in_single, FIRST, SECOND) == []


def test_an_oracle_that_is_told_of_stays_told_of_after_a_resume(tmp_path, capsys):
    """The record, the summary, and the run that was killed and continued say it; the hash does not depend on it."""
    campaign = small(oracle=oracle(alphabet=DNA, length=8)(counting))

    def stopping(history, events):
        if history.round == 3:
            raise KeyboardInterrupt

    with heard(warn=lambda _: None, wait=None):
        with pytest.raises(KeyboardInterrupt):
            campaign.run(store=tmp_path / "run", progress=stopping)
        counted.clear()
        campaign.resume(tmp_path / "run")
    result = load(tmp_path / "run")
    assert "counting' is not deterministic" in result.unreliable
    assert result.as_dict()["remarks"][0]["level"] == "unreliable"
    assert list(lines_of(result))[1].startswith("  unreliable   oracle ")
    assert "is not deterministic" in result._repr_html_()
    assert next(iter(page_of(Record.of_result(result)).lead)).startswith("Unreliable: oracle ")
    with Store.open(tmp_path / "run" / "campaign.db") as store:
        log = store.campaign()
        bare = MemoryLog()
        bare.append(log.events(), log.truths(), log.documents())
        assert log.remarks()
        assert log.hash() == bare.hash() == result.event_hash
    with closing(sqlite3.connect(tmp_path / "run" / "campaign.db")) as connection, connection:
        connection.execute("DELETE FROM remarks")
    with pytest.raises(StoreError, match="do not match their hash"):
        load(tmp_path / "run")


def test_where_nobody_listens_it_is_a_python_warning():
    with pytest.warns(Notice, match="is not deterministic"):
        asked(random, FIRST, SECOND)


def test_the_first_answer_is_the_record():
    with heard(warn=lambda _: None, wait=None):
        counted.clear()
        truths = asked(counting, FIRST, SECOND)
    assert truths.value("ACGT") == code("ACGT") + 1
    assert [truth.sequence for truth in truths.take()] == [*FIRST, *SECOND]


def test_a_list_that_the_oracle_reverses_is_its_own():
    class Reversing(Oracle):
        space: Any = None

        def __call__(self, sequences):
            values = np.array(pure(sequences))
            sequences.reverse()
            return values

    truths = Truths(Reversing(), lambda: 0, 96)
    truths.read(FIRST, "1-1-1")
    truths.read(SECOND, "2-1-1")
    assert [truths.value(s) for s in (*FIRST, *SECOND)] == pure([*FIRST, *SECOND])


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (["1.5", "2", "1e3"], "returned text, '1.5'; return one number per sequence"),
        (np.array(["1.5", "2", "3"]), "returned text, '1.5'"),
        ([1.0, "2", None], "returned '2'; return one number"),
        ([1j, 2j, 3j], "returned complex128 values"),
        (np.array([1, 2, 3], dtype="datetime64[s]"), r"returned datetime64\[s\] values"),
        (np.ma.masked_equal([1.0, 2.0, 3.0], 2.0), "returned a masked array; return NaN"),
        ([[1.0], [2.0, 3.0], [1.0]], "expected an array of numbers"),
        ([1.0, 2.0], r"expected shape \(3,\) for 3 sequences, got \(2,\)"),
    ],
)
@pytest.mark.parametrize("is_class", [False, True])
def test_what_is_no_number_is_refused_by_name(answer, sentence, is_class):
    class Mine(Oracle):
        space: Any = None

        def __call__(self, sequences):
            return answer

    def mine(sequences):
        return answer

    truths = Truths(Mine() if is_class else oracle(alphabet=DNA, length=4)(mine), lambda: 0, 96)
    name = "Mine" if is_class else "mine"
    with pytest.raises(OracleError, match=f"oracle '.*{name}' in week 0.0, plate 1-1-1: (returned )?{sentence}"):
        truths.read(FIRST, "1-1-1")


def test_numbers_of_any_kind_are_numbers():
    for answer in ([1, 2, 3], [True, False, True], [1.0, None, 3], [Decimal("1.5"), 2, 3], np.float32([1, 2, 3])):
        truths = asked(lambda _, answer=answer: answer, FIRST)
        assert truths.value(FIRST[0]) in (1.0, 1.5)


def test_flags_in_words_are_no_flags():
    class Mine(CountingOracle):
        def measures(self, sequences):
            return ["False" for _ in sequences]

    with pytest.raises(OracleError, match=r"measures\(\) returned values of type <U5; return True or False"):
        Truths(Mine(), lambda: 0, 96).read(FIRST, "1-1-1")


# -- patience


def in_python(sequences):
    while True:
        pass


def in_c(sequences):
    time.sleep(3600)


def in_another_program(sequences):
    subprocess.run(["sleep", "20"], check=True)


@pytest.mark.parametrize("hanging", [in_c, in_another_program])
def test_a_call_that_takes_longer_than_it_may_is_given_up_and_its_line_named(hanging):
    began = time.monotonic()
    with pytest.raises(OracleError) as caught:
        asked(hanging, FIRST, seconds=0.05)
    assert time.monotonic() - began < 10
    said, name, line = str(caught.value), hanging.__name__, hanging.__code__.co_firstlineno + 1
    assert said.startswith(f"oracle 'test_lab_truths.py:{name}' in week 0.0, plate 1-1-1: no answer within 0.05")
    assert f"test_lab_truths.py, line {line}, in {name}: " in said


def test_an_endless_loop_in_python_is_given_up_too():
    """In a process of its own: the loop goes on until its process ends, which it does not hinder."""
    program = (
        "from tests.lab.test_lab_truths import *\n"
        "try: asked(in_python, FIRST, seconds=0.2)\n"
        "except OracleError as error: print(error)"
    )
    from test_laws import in_another_process

    done = in_another_process(program)
    assert "no answer within 0.2 s, the limit for a call (" in done.stdout, done.stderr
    assert done.returncode == 0


def test_a_limited_call_answers_and_raises_as_an_unlimited_one():
    assert asked(pure, FIRST, seconds=60).value("CCCC") == code("CCCC")
    with pytest.raises(OracleError, match=r"raised ZeroDivisionError: division by zero .*test_lab_truths.py, line"):
        asked(lambda _: 1 / 0, FIRST, seconds=60)


def test_what_is_waited_for_is_told_of_more_and_more_rarely(monkeypatch):
    monkeypatch.setattr(patience, "FIRST_WORD", 0.02)
    told: list[str] = []

    def slow(sequences):
        while len(told) < 3:
            time.sleep(0.005)
        return pure(sequences)

    with heard(warn=told.append, wait=told.append):
        asked(slow, FIRST)
    assert told[0].startswith("waiting for oracle '")
    assert "slow', plate 1-1-1, 3 sequences for " in told[0]
    assert any("in slow: " in word for word in told), "a busy machine may tell of another line first"


def test_a_quick_call_is_not_told_of(monkeypatch):
    told: list[str] = []
    with heard(warn=told.append, wait=told.append):
        asked(pure, FIRST, SECOND)
    assert told == []


class Hanging(CountingOracle):
    """Does not come back from its second call on, until it is mended."""

    hangs_at: ClassVar[int | None] = None

    def __call__(self, sequences):
        if self.hangs_at is not None and len(self.calls) >= self.hangs_at:
            time.sleep(3600)
        return super().__call__(sequences)


def test_a_run_with_a_limit_ends_where_the_oracle_hangs_and_goes_on_after_the_mend(tmp_path):
    campaign = small(oracle=Hanging.fresh(), oracle_seconds=0.5)
    whole = campaign.run(store=tmp_path / "whole")
    Hanging.fresh()
    Hanging.hangs_at = 1
    with pytest.raises(OracleError, match=r"no answer within 0.5 s"):
        campaign.run(store=tmp_path / "run")
    Hanging.hangs_at = None
    assert campaign.resume(tmp_path / "run").event_hash == whole.event_hash


def test_plates_that_were_read_before_a_failure_are_not_evaluated_again(tmp_path):
    """Four plates are read in one minute, and recorded together."""
    fields = {"lab": Lab.preset("instant", plate_size=5), "scheduler": Rounds(batch_size=20)}
    whole = small(oracle=CountingOracle.fresh(), **fields).run(seed=1)
    calls = [list(call) for call in CountingOracle.calls]
    campaign = small(oracle=CountingOracle.fresh(fails_at=2), **fields)
    with pytest.raises(OracleError, match="the incubator is on fire"):
        campaign.run(seed=1, store=tmp_path / "run")
    assert CountingOracle.calls == calls[:2]
    CountingOracle.fails_at = None
    assert campaign.resume(tmp_path / "run").event_hash == whole.event_hash
    assert [call[:5] for call in CountingOracle.calls] == [call[:5] for call in calls]


# -- a class that is not whole


class Mute(Oracle):
    space: Any = None

    def evaluate(self, sequences):
        return pure(sequences)


class Placeless(Oracle):
    def __call__(self, sequences):
        return np.array(pure(sequences))


@pytest.mark.parametrize(("whole", "lacks"), [(Mute, "__call__"), (Placeless, "space")])
def test_a_class_that_does_not_say_what_an_oracle_must_is_refused_before_anything_runs(whole, lacks, tmp_path):
    for given in (whole(), f"{whole.__module__}:{whole.__name__}"):
        with pytest.raises((ConfigError, ValueError), match=f"{whole.__name__} does not define {lacks}"):
            small(oracle=given)


def test_the_limit_is_off_by_default_and_above_zero():
    assert small().oracle_seconds is None
    with pytest.raises(ValueError, match="greater than 0"):
        Campaign.model_validate({**dict(small()), "oracle_seconds": 0})
