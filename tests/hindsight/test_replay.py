"""A replay repeats the choices of its campaign, knows only what was known then, and changes nothing."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from json import dumps
from pathlib import Path
from shutil import copytree
from typing import Any, ClassVar

import numpy as np
import pytest
from live_stubs import begun, small, written

from designloop.core.errors import ConfigError, InputError, Notice, StoreError
from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.extension import extend
from designloop.hindsight.among import Among, candidates, restricted
from designloop.hindsight.findings import BUILT, CHANCE
from designloop.hindsight.page import page_of
from designloop.hindsight.recorded import Recorded
from designloop.hindsight.replay import Replay, replay
from designloop.lab.lab import Lab
from designloop.live.directory import Live
from designloop.rehearsal.snapshot import past_of
from designloop.report.writing import markdown
from designloop.scheduling.base import Budget
from designloop.scheduling.overlapping import Overlapping
from designloop.scheduling.rounds import Rounds
from designloop.strategies.base import Strategy
from designloop.strategies.genetic import Genetic
from designloop.strategies.uniform import Random


def digest(folder: Path) -> str:
    files = sorted(file for file in folder.rglob("*") if file.is_file())
    return sha256(b"".join(file.name.encode() + file.read_bytes() for file in files)).hexdigest()


def assert_repeats(folder: Path, n_decisions: int) -> Replay:
    """The campaign's strategy makes the recorded choices wherever it was asked; the record stays as it was."""
    before = digest(folder)
    found = replay(folder)
    assert [one.is_repeated("own") for one in found.decisions if not one.by_people] == [True] * n_decisions
    assert digest(folder) == before
    return found


class Watching(Strategy):
    """Random sequences; keeps every history and order that it was shown."""

    shown: ClassVar[list[tuple[History, Order]]] = []

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        self.shown.append((history, order))
        return Random().propose(history, order, rng)


# -- the choices of the campaign are repeated --------------------------------------------------------------------------

SIMULATIONS = {
    "rounds": {"scheduler": Rounds(batch_size=8, replicates=2, n_retests=2)},
    "retests that the strategy divides": {"scheduler": Rounds(batch_size=8, n_retests="auto")},
    "overlapping": {"scheduler": Overlapping(batch_size=6, in_flight=2, gap_days=7)},
    "money that is too little": {"scheduler": Rounds(batch_size=8), "budget": Budget(cost=80_000)},
    "a small space that runs out": {
        "scheduler": Rounds(batch_size=8),
        "space": {"allowed": dict.fromkeys(range(6), "A")},
        "strategy": Genetic(fill="short"),
    },
}


@pytest.mark.parametrize("name", SIMULATIONS)
def test_a_simulation_is_repeated(name: str, tmp_path: Path) -> None:
    lab = Lab.preset("good", plate_size=24, assay={"lost_wells": 0.1})
    changes = {"lab": lab, "strategy": Genetic(), "budget": Budget(designs=28), **SIMULATIONS[name]}
    result = small(**changes).run(seed=3, store=tmp_path / "run")
    n = len({event.data["round"] for event in result.events if event.kind == "chosen"})
    found = replay(tmp_path / "run")
    assert [one.is_repeated("own") for one in found.decisions] == [True] * len(found.decisions)
    assert len([one for one in found.decisions if one.built]) == n >= 2


def test_an_extended_simulation_is_repeated_with_each_strategy_of_its_time(tmp_path: Path) -> None:
    lab = Lab.preset("good", plate_size=24)
    small(lab=lab, strategy=Genetic(), budget=Budget(designs=16), scheduler=Rounds(batch_size=8)).run(
        4, tmp_path / "run"
    )
    extend(tmp_path / "run", {"budget.designs": 32, "strategy": Random(), "space.allowed": {0: "ACG"}})
    assert_repeats(tmp_path / "run", 4)


def test_a_simulation_that_begins_with_a_real_past_is_repeated(tmp_path: Path) -> None:
    live = begun(tmp_path, strategy=Genetic(), scheduler=Rounds(batch_size=6), budget=Budget(designs=24))
    live.ask(at=0)
    told(live, tmp_path, range(6), at=10_000)
    live.ask(at=10_010)
    past_of(live.record, 20_000).write(tmp_path / "past.json")
    campaign = small(lab="good", strategy=Genetic(), scheduler=Rounds(batch_size=6), budget=Budget(designs=24))
    campaign.with_(prior={"past": str(tmp_path / "past.json")}).run(2, tmp_path / "run")
    found = assert_repeats(tmp_path / "run", 2)
    assert [one.round for one in found.decisions] == [3, 4]


def told(live: Live, folder: Path, designs: Sequence[int], at: int) -> int:
    """The number of the entry that tells values of designs."""
    rows = [(n, 1.0 + live.history.designs[n].sequence.count("A") + n / 100) for n in designs]
    return int(live.tell(written(folder / f"{at}.csv", ["design", "value"], rows), at=at).events[-1].data["entry"])


@pytest.fixture(scope="module")
def lived_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A live campaign in which people told late, undid, vetoed, added, ordered a batch of their own, and extended."""
    folder = tmp_path_factory.mktemp("lived")
    live = begun(folder, strategy=Genetic(), scheduler=Rounds(batch_size=6), budget=Budget(designs=60))
    live.ask(at=0)
    live.veto(2, at=1)
    first = told(live, folder, [0, 1, 3], at=100)
    live.ask(at=110, anyway=True)
    live.undo(first, at=120)
    told(live, folder, [0, 1, 3, 4, 5, 6, *range(7, 13)], at=200)
    live.add(["ACGTACGT", "ACGTACGA", "AAGTACGA"], new_round=True, replicates=2, at=210)
    told(live, folder, [13, 14], at=300)
    live.lost([15], at=310)
    live.extend({"strategy": Random(), "scheduler.batch_size": 4}, at=320)
    live.ask(at=330, anyway=True)
    live.add(["CCGTACGA"], at=331)
    live.veto(16, instead="GCGTACGA", at=332)
    return live.path


@pytest.fixture
def live(lived_once: Path, tmp_path: Path) -> Live:
    """A copy of that campaign."""
    return Live(copytree(lived_once, tmp_path / "lived"), by="ben")


def test_a_live_campaign_is_repeated_also_after_undo_veto_and_extend(live: Live) -> None:
    found = assert_repeats(live.path, 3)
    assert [(one.by_people, len(one.built), len(one.proposed)) for one in found.decisions] == [
        (False, 6, 6), (False, 6, 6), (True, 3, 0), (False, 5, 4)
    ]  # fmt: skip
    assert found.decisions[0].built != found.decisions[0].proposed, "one was vetoed"
    assert "GCGTACGA" in found.decisions[3].built
    assert "own makes the recorded choices at 3 of 3 decisions" in str(found)


def test_a_strategy_sees_what_was_known_at_each_decision(live: Live) -> None:
    Watching.shown.clear()
    replay(live, Watching())
    seen = [
        (history.ids.tolist(), len(history.pending), order.n_designs, order.replicates)
        for history, order in Watching.shown
    ]
    assert seen == [
        ([], 0, 6, 1),
        ([0, 1, 3], 3, 6, 1),
        ([*[0, 1], *range(3, 13)], 0, 3, 2),
        ([*[0, 1], *range(3, 16)], 0, 4, 1),
    ]
    assert [history.now for history, _ in Watching.shown] == [0, 110, 210, 330]


def test_other_seeds_and_other_strategies_choose_otherwise(live: Live) -> None:
    others = [one.is_repeated("own") for one in replay(live, seed=5).decisions]
    assert not any(others)
    found = replay(live, {"random": "random", "own": "own"}, n_seeds=2)
    assert [one.is_repeated("random") for one in found.decisions] == [False, False, False, True], "it became random"
    assert len(found.decisions[0].proposals["random"]) == 2
    assert dumps(found.as_dict()) == dumps(replay(live, {"random": "random", "own": "own"}, n_seeds=2).as_dict())


PAST = ("round", "sequence", "ordered", "measured", "value")


def imported(folder: Path) -> Live:
    """Two rounds of people before the first of the strategy; the second has a retest, and was imported twice."""
    live = begun(folder, strategy=Genetic(), scheduler=Rounds(batch_size=6), budget=Budget(designs=60))
    first = [(1, sequence, "2026-03-02", "2026-03-09", 1.0 + sequence.count("A")) for sequence in SEQUENCES[:5]]
    second = [(2, sequence, "2026-03-10", "2026-03-16", 1.0 + sequence.count("A")) for sequence in SEQUENCES[4:]]
    wrong = live.import_rounds([written(folder / "wrong.csv", PAST, second)])
    live.undo(int(wrong.events[-1].data["entry"]))
    live.import_rounds([written(folder / "past.csv", PAST, [*first, *second])])
    live.ask(at="2026-03-20")
    return live


SEQUENCES = ("ACGTACGT", "AAGTACGA", "ACGAACGA", "CCGTACGT", "AAAACCCC", "AAAACCCG", "GAAACCCG")


def test_imported_rounds_are_decisions_of_people(tmp_path: Path) -> None:
    live = imported(tmp_path)
    found = assert_repeats(live.path, 1)
    assert [(one.by_people, one.built) for one in found.decisions[:2]] == [(True, SEQUENCES[:5]), (True, SEQUENCES[5:])]
    Watching.shown.clear()
    replay(live, Watching())
    seen = [(len(history.ids), len(history.retesting), order.n_designs) for history, order in Watching.shown]
    assert seen == [(0, 0, 5), (5, 0, 2), (7, 0, 6)]


# -- among the measured designs ----------------------------------------------------------------------------------------


class Best(Strategy):
    """The candidates with the most As, as the oracle counts them: it cannot be better. Or the worst, if told so."""

    sign: int = 1

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        left = [one for one in history.space.enumerate() if one not in history.taken]
        left.sort(key=lambda one: (-self.sign * one.count("A"), one))
        return Proposal(tuple(Choice(one) for one in left[: order.n_designs]))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    lab = Lab.preset("good", plate_size=24, assay={"lost_wells": 0.1})
    small(lab=lab, strategy=Genetic(), budget=Budget(designs=40), scheduler=Rounds(batch_size=8)).run(1, folder)
    return folder


def test_candidates_are_the_designs_measured_at_the_decision_or_later(run: Path) -> None:
    before = digest(run)
    found = replay(run, {"best": Best()}, among="later")
    record = Recorded.read(run)
    for one, decision in zip(found.decisions, record.decisions, strict=True):
        known = set(record.history_at(decision).sequences)
        assert set(one.candidates) == {sequence for sequence in record.measured if sequence not in known}
        assert one.n == len(set(one.built) & set(one.candidates))
    assert [len(one.proposals["best"][0].choices) for one in found.decisions] == [one.n for one in found.decisions]
    assert digest(run) == before


def test_known_designs_are_parents_but_no_candidates(run: Path) -> None:
    """A list holds what a strategy breeds from; it chooses nothing that it knows."""
    Watching.shown.clear()
    found = replay(run, {"watching": Watching(), "genetic": "genetic", "hill": "hill-climb"}, among="later", n_seeds=1)
    for history, _ in Watching.shown:
        assert history.space.contains(history.sequences).tolist() == [one.has_value for one in history.outcomes]
    for one in found.decisions:
        chosen = {choice.sequence for its in one.proposals.values() for choice in its[0].choices}
        assert chosen <= set(one.candidates)


def test_the_order_of_a_list_tells_nothing_of_the_future(run: Path) -> None:
    """The list depends on its sequences alone, whatever the order in which they were built; and it is not sorted."""
    record = Recorded.read(run)
    decision = record.decisions[1]
    history = record.history_at(decision)
    listed = candidates(Among.LATER, decision, history, record.final)
    pool = restricted(history, listed).space.pool
    assert pool is not None
    assert pool == restricted(history, listed[::-1]).space.pool
    assert set(listed) < set(pool)
    left = [sequence for sequence in pool if sequence in listed]
    assert left not in (listed, listed[::-1], sorted(listed), sorted(listed)[::-1])


def test_the_best_choice_is_above_chance_and_the_worst_below(run: Path) -> None:
    found = replay(run, {"best": Best(), "worst": Best(sign=-1)}, among="later", n_designs=3, n_seeds=2)
    assert len(found.compared) >= 3
    high, low = (found.mean_gain(name, CHANCE) for name in ("best", "worst"))
    assert high.low > 0 > low.high
    assert found.mean_gain("best", "worst").value == pytest.approx(high.value - low.value)
    assert found.mean("best").value == pytest.approx(found.means("best").mean())
    assert found.hits("best").tolist() == [found.hits("best")[0]] * 2, "it does not draw"


def test_random_draws_agree_with_their_closed_form(run: Path) -> None:
    found = replay(run, "random", among="later", n_designs=4, n_seeds=60)
    for what, its in (("mean", found.means), ("hits", found.hits), ("best", lambda name: found.bests(name)[:, -1])):
        drawn = its("random")
        assert abs(drawn.mean() - found.of(CHANCE, what).expected) < 3.5 * drawn.std() / np.sqrt(60), what


def test_within_a_batch_chance_is_the_batch(run: Path) -> None:
    found = replay(run, {"best": Best()}, among="batch", n_designs=3)
    assert all(set(one.candidates) <= set(one.built) for one in found.decisions)
    assert found.others == (CHANCE,)
    assert BUILT not in str(found)


def test_a_whole_list_is_no_choice(run: Path) -> None:
    found = replay(run, {"best": Best()}, among="later")
    assert found.decisions[-1].n == len(found.decisions[-1].candidates)
    assert [one.number for one in found.compared] == [one.number for one in found.decisions[1:-1]]
    assert [its.partition(":")[0] for its in found.left_out] == ["decision 1", f"decision {len(found.decisions)}"]


def test_choices_that_fill_a_batch_are_told(run: Path) -> None:
    class Nothing(Strategy):
        def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
            return Proposal(self.filled(history, (), order.n_designs, rng))

    found = replay(run, {"nothing": Nothing()}, among="later", n_designs=2)
    assert "100.0% of the choices of nothing are uniform draws" in str(found)


class Shy(Strategy):
    """Chooses one design at the third decision, and none before."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        left = [one for one in history.space.enumerate() if one not in history.taken]
        return Proposal((Choice(max(left)),) if history.round >= 2 else ())


def test_a_strategy_may_choose_fewer_or_none(run: Path) -> None:
    found = replay(run, {"shy": Shy(fill="short")}, among="later", n_designs=2)
    value = {one.number: one.values[one.candidates.index(max(one.candidates))] for one in found.compared}
    del value[2]
    assert found.mean("shy").value == pytest.approx(np.mean(list(value.values())))
    assert found.means("shy").tolist() == pytest.approx([np.mean(list(value.values()))] * 5)
    assert "shy found too few new designs: it chose 70.0% fewer than were ordered" in str(found)


def test_everything_is_plain_data_and_a_page(run: Path, tmp_path: Path) -> None:
    for among in ("space", "later"):
        found = replay(run, ["own", "random"], among=among, n_designs=3)
        facts: Mapping[str, Any] = found.as_dict()
        assert dumps(facts, allow_nan=False)
        assert [len(one["choices"]["random"][0]) for one in facts["decisions"]] == [3] * len(found.decisions)
        assert markdown(page_of(found)).startswith(f"# {found.name}\n")
    page = found.save(tmp_path / "later.html")
    assert "random choice" in page.read_text(encoding="utf-8")
    assert "random choice" in (tmp_path / "later.md").read_text(encoding="utf-8")


def test_what_is_no_candidate_is_told(live: Live, tmp_path: Path) -> None:
    found = replay(live, among="later")
    assert "no candidates: 1 design without a value (failed or lost)" in found.remarks
    assert "5 designs are still in the lab: only what was measured by now is known" in found.remarks
    assert [sequence for one in found.decisions for sequence in one.candidates if sequence not in found.measured] == []
    limited = written(tmp_path / "limits.csv", ["design", "value"], [(18, "<0.5"), (19, "0.7")])
    live.tell(limited, at=400)
    assert "1 value beyond a limit of detection: the limit is taken" in replay(live, among="later").remarks


def test_designs_outside_the_space_are_no_candidates(tmp_path: Path) -> None:
    live = begun(tmp_path, space={"allowed": {0: "A"}}, strategy=Genetic(), budget=Budget(designs=60))
    with pytest.warns(Notice, match="outside the space"):
        live.add(["ACGTACGT", "AAGTACGA", "CCGTACGT"], new_round=True, at=0)
    told(live, tmp_path, range(3), at=10)
    live.add(["AAAAAAAA"], new_round=True, at=20)
    told(live, tmp_path, [3], at=30)
    found = replay(live, among="later")
    assert found.decisions[0].candidates == ("ACGTACGT", "AAGTACGA", "AAAAAAAA")
    assert found.decisions[0].n == 2
    assert "no candidates: 1 measured design outside the space" in found.remarks


def test_a_list_of_a_shared_space_may_be_chosen_from_freely(tmp_path: Path) -> None:
    """What batches have in common is no demand on a list, from which few are left with the same letters."""
    lab, space = Lab.preset("good", plate_size=24), {"shared": [0, 1]}
    fields = {"lab": lab, "space": space, "strategy": Genetic(), "budget": Budget(designs=16)}
    small(scheduler=Rounds(batch_size=4), **fields).run(0, tmp_path / "run")
    found = replay(tmp_path / "run", {"best": Best()}, among="later", n_designs=3)
    assert all(len(one.proposals["best"][0].choices) == one.n for one in found.decisions)
    assert_repeats(tmp_path / "run", 4)


# -- errors ------------------------------------------------------------------------------------------------------------


def test_bad_input_is_refused_before_any_work(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="genetic"):
        replay(run, "genetik")
    with pytest.raises(InputError, match="space, later or batch"):
        replay(run, among="measured")
    with pytest.raises(InputError, match="--designs"):
        replay(run, among="batch")
    with pytest.raises(InputError, match="two strategies have the name 'random'"):
        replay(run, ["random", Random(fill="short")])
    with pytest.raises(InputError, match="'as built', which stands for something else"):
        replay(run, {"as built": "random"})
    with pytest.raises(InputError, match="no strategy is given"):
        replay(run, [])
    with pytest.raises(InputError, match="n_seeds must be at least 1"):
        replay(run, n_seeds=0)
    with pytest.raises(InputError, match=r"--designs\) must be 1 to 10,000 at each decision, got 100,000"):
        replay(run, n_designs=100_000)
    for among in ("batch", "later"):
        with pytest.raises(InputError, match=r"--designs\), but no decision has more than \d+ candidates"):
            replay(run, "random", among=among, n_designs=999)
    with pytest.raises(InputError, match="top must be between 0 and 1"):
        replay(run, top=10)
    with pytest.raises(StoreError, match="holds no run"):
        replay(tmp_path)
    (tmp_path / "study.db").touch()
    with pytest.raises(StoreError, match="holds a study"):
        replay(tmp_path)
    small(lab="good", budget=Budget(cost=1)).run(0, tmp_path / "poor")
    with pytest.raises(StoreError, match=r"nothing was chosen .*the money .*: give it a larger budget"):
        replay(tmp_path / "poor")
    live = begun(tmp_path)
    with pytest.raises(StoreError, match=r"nothing was chosen in .*designloop live ask"):
        replay(live)


def test_a_file_names_a_strategy(run: Path, tmp_path: Path) -> None:
    alone, whole, wrong = (tmp_path / f"{name}.yaml" for name in ("alone", "whole", "wrong"))
    alone.write_text("kind: genetic\nsurvivors: 3\n")
    whole.write_text("name: x\nstrategy: {kind: genetic, survivors: 3}\n")
    wrong.write_text("kind: genetic\nsurvivers: 3\n")
    found = replay(run, [alone, str(whole)])
    assert found.strategies == ("alone", "whole")
    assert [one.proposals["alone"] for one in found.decisions] == [one.proposals["whole"] for one in found.decisions]
    with pytest.raises(ConfigError, match="survivors"):
        replay(run, wrong)
