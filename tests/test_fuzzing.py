"""The fuzzer: only a process that hangs is said to, and what was found is printed also where it is stopped early."""

import os
import signal
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import fuzzing


class Machine:
    """A clock, a process of a state that uses so much of each second, and a wire on which an answer comes in time."""

    def __init__(self, state: str, share: float, answers_at: int) -> None:
        self.now, self.state, self.share, self.answers_at = 0, state, share, answers_at

    def poll(self, _seconds: float) -> bool:
        self.now += 1
        return self.now >= self.answers_at

    def monotonic(self) -> float:
        return float(self.now)

    def stat(self, _pid: int) -> list[str]:
        return [self.state, *"0" * 10, str(round(self.now * self.share * os.sysconf("SC_CLK_TCK"))), "0"]


@pytest.mark.parametrize(
    ("state", "share", "answers_at", "is_awaited"),
    [
        ("R", 0.0, 5000, True),  # starved: it waits for a processor, however long
        ("S", 0.01, 5000, True),  # slowly, it goes on
        ("S", 0.0, 50, True),
        ("S", 0.0, 70, False),  # it sleeps, and nothing wakes it
        ("R", 1.0, 100, False),  # more than a case may take
    ],
)
def test_a_process_hangs_by_its_own_time_alone(monkeypatch, state, share, answers_at, is_awaited):
    machine = Machine(state, share, answers_at)
    monkeypatch.setattr(fuzzing, "_stat", machine.stat)
    monkeypatch.setattr(fuzzing.time, "monotonic", machine.monotonic)
    reader = object.__new__(fuzzing.Reader)
    reader._bounds, reader._wire = fuzzing.Bounds(10.0, 64), machine
    reader._process = type("Process", (), {"pid": 1})
    assert reader._answers() is is_awaited


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_early_it_prints_its_table(monkeypatch, capsys, number):
    class Reader:
        def __init__(self, _bounds: fuzzing.Bounds) -> None: ...
        def end(self) -> None: ...

    def stopped(name, _args, _folder, _reader, tally, *_):
        tally.n = 7
        signal.raise_signal(number)

    monkeypatch.setattr(fuzzing, "Reader", Reader)
    monkeypatch.setattr(fuzzing, "fuzz", stopped)
    monkeypatch.setattr(sys, "argv", ["fuzzing.py", "--only", "corpus"])
    before = signal.getsignal(signal.SIGTERM)
    try:
        with pytest.raises(SystemExit) as ending:
            fuzzing.main()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ending.value.code == 0
    assert capsys.readouterr().out.splitlines()[-1] == "| corpus | 7 | 7 | 0 | 0 | 0.00 | 0 |"
