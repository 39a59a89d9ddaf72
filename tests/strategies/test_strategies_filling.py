"""A batch that falls short: the strategy's own generator first, then what `fill` says, and it is said how many."""

import csv
import re
from io import StringIO
from typing import Literal

import numpy as np
import pytest
from stubs import FailingLog, played, small

from designloop.cli.shared.summaries import lines_of
from designloop.core.errors import ContractError
from designloop.core.history import History
from designloop.generators.base import Generator, Score
from designloop.progress.campaigns import line_of, reporting
from designloop.report.record import Record
from designloop.report.spending import given
from designloop.scheduling import Overlapping, Rounds, Weekly
from designloop.storage.export import observations
from designloop.storage.summary import summarise
from designloop.strategies import Genetic, ModelGuided
from designloop.strategies.base import Strategy
from designloop.strategies.filling import enough


class OnlyA(Generator):
    """A user's own rule: nothing but sequences that begin with AA, and at most `most` of them at a time."""

    most: int = 99

    def propose(self, history: History, n: int, rng: np.random.Generator, *, score: Score | None = None) -> list[str]:
        letters = history.space.alphabet.letters
        found = ["AA" + one + other for one in letters for other in letters]
        return [found[i] for i in rng.permutation(len(found))[: min(n, self.most)]]


def guided(fill: Literal["uniform", "short", "error"] = "uniform", most: int = 99) -> ModelGuided:
    return ModelGuided(generator=OnlyA(most=most), fill=fill)


def campaign(strategy: Strategy, **changes):
    """20 designs of DNA of 4, of which 16 begin with AA."""
    import designloop as dl

    oracle = dl.oracles.NK(length=4, neighbours=1, alphabet="dna")
    return small(oracle=oracle, strategy=strategy, **changes)


def test_the_generator_is_asked_again_before_anything_is_filled_in():
    """Three at a time: eight are found in several calls, and no design is fill."""
    log = played(campaign(guided(most=3), budget={"designs": 8}))
    chosen = [event.data for event in log.events() if event.kind == "chosen"]
    assert len(chosen) == 8
    assert all(data["sequence"].startswith("AA") and data["origin"] != "fill" for data in chosen)


def test_what_is_filled_in_is_said_everywhere(tmp_path):
    """20 designs of which 16 can keep the rule: four are fill, and the record, the table, and the words say so."""
    plan = campaign(guided())
    lines = []
    result = plan.run(0, tmp_path / "run", progress=lambda history, events: lines.append(line_of(history, events)))
    assert (result.designs, result.n_filled) == (20, 4)
    log = played(plan)
    origins = {e.data["sequence"]: e.data["origin"] for e in log.events() if e.kind == "chosen"}
    assert all((origin == "fill") == (not sequence.startswith("AA")) for sequence, origin in origins.items())
    with open(tmp_path / "run" / "observations.csv") as file:
        rows = list(csv.DictReader(file))
    assert {row["sequence"] for row in rows if row["origin"] == "fill"} == {s for s in origins if s[:2] != "AA"}
    assert all(row["origin"] == origins[row["sequence"]] for row in observations(log.events()))
    said = ("filled in", "4", "designs drawn uniformly, because the strategy proposed too few")
    assert said in given(Record.of(log)).rows
    assert any("4 designs chosen (4 filled in uniformly)" in line for line in lines)
    assert "  filled       4 designs drawn uniformly: the strategy found too few" in list(lines_of(result))


@pytest.mark.parametrize("scheduler", [Rounds(batch_size=6), Overlapping(batch_size=6), Weekly(batch_size=6)])
@pytest.mark.parametrize("n_retests", [0, 3])
def test_short_batches_keep_the_users_rule_and_end_the_campaign_with_a_reason(scheduler, n_retests: int):
    """16 sequences keep the rule; when they are measured, the campaign ends, under every scheduler."""
    scheduler = scheduler.with_(n_retests=n_retests)
    log = played(campaign(guided("short"), scheduler=scheduler, budget={"designs": 40, "weeks": 500}))
    chosen = [event.data["sequence"] for event in log.events() if event.kind == "chosen"]
    assert len(set(chosen)) == 16
    assert all(sequence.startswith("AA") for sequence in chosen)
    assert summarise(log).stop == "the strategy has no new design to propose"
    assert summarise(log).n_filled == 0
    assert summarise(log).n_lacking >= 2
    again = played(campaign(guided("short"), scheduler=scheduler, budget={"designs": 40, "weeks": 500}), log=log)
    assert again.hash() == log.hash()


def test_a_short_run_that_was_cut_off_goes_on_to_the_same_end():
    """Cut at every transaction: the record is the same as that of a run that was not."""
    plan = campaign(guided("short"), scheduler=Overlapping(batch_size=6, n_retests=2), budget={"designs": 40})
    whole = played(plan, log=(counted := FailingLog()))
    for fails_at in range(0, counted.n_appends, 3):
        log = FailingLog(fails_at)
        with pytest.raises(KeyboardInterrupt):
            played(plan, log=log)
        log.fails_at = None
        assert played(plan, log=log).hash() == whole.hash()


def test_a_bar_leaves_a_line_where_a_batch_was_filled_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")

    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    with reporting(terminal := Terminal(), quiet=False) as report:
        campaign(guided()).run(0, progress=report)
    told = re.sub(r"\x1b\[[0-9;]*m", "", terminal.getvalue())
    assert "note: round 3: 4 designs chosen (4 filled in uniformly)" in told


def test_an_error_names_the_strategy_and_the_mend():
    with pytest.raises(ContractError, match=r"strategy 'model-guided' found 0 of 8 .* set strategy\.fill to `short`"):
        played(campaign(guided("error"), scheduler=Rounds(batch_size=8, n_retests=0)).with_(budget={"designs": 30}))


def test_a_first_batch_made_by_another_strategy_is_filled_as_ones_own():
    """Genetic begins as random-viable does, without a corpus to draw from: nothing is found, and nothing filled in."""
    log = played(campaign(Genetic(model=None, fill="short")))
    assert [event.kind for event in log.events()] == ["opened", "short", "closed"]
    assert summarise(log).stop == "the strategy has no new design to propose"


def test_a_generator_is_asked_again_until_it_has_nothing_new():
    calls: list[int] = []

    def again(n: int) -> list[str]:
        calls.append(n)
        return ["AAAC", "AAAG"]

    history = campaign(guided()).oracle.space
    assert enough(History(space=history), ["AAAA"], 5, again) == ["AAAA", "AAAC", "AAAG"]
    assert calls == [4 * 4 + 16, 4 * 2 + 16, 4 * 2 + 16]
