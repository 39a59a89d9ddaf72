"""The dossier says what was known of each design when it was chosen, by hand, and stays so when results come back."""

import json
from collections.abc import Sequence
from dataclasses import replace
from math import erf, sqrt
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from dossier_stubs import Listed, listed
from live_stubs import begun, written

from designloop.core.errors import LiveError
from designloop.core.history import History
from designloop.core.records import Order, Proposal
from designloop.core.spaces import Space
from designloop.language_models.base import SequenceModel
from designloop.language_models.markov import Markov
from designloop.live.directory import Live
from designloop.live.dossier.dossier import Dossier
from designloop.live.dossier.prediction import Predicted
from designloop.live.dossier.relatives import OF_SPACE, UNBUILT
from designloop.strategies.genetic import Genetic

REACH = 1.6448536269514722


def above(z: float) -> float:
    return (1 - erf(z / sqrt(2))) / 2


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dossier")
    listed(folder).ask(at=0)
    return folder / "live"


@pytest.fixture
def live(asked: Path, tmp_path: Path) -> Live:
    """Four designs in the lab: AAAAACCC, AAAATCCC, GAATTCCC and GGGGGCCC."""
    return Live(copytree(asked, tmp_path / "live"), by="ben")


def tell(live: Live, folder: Path, values: dict[int, Any], at: int) -> None:
    live.tell(written(folder / f"{at}.csv", ["design", "value"], values.items()), at=at)


def without_results(dossier: Dossier) -> dict[str, Any]:
    facts = dossier.as_dict()
    return {**facts, "designs": [{**design, "result": ""} for design in facts["designs"]]}


def test_predictions_and_the_nearest_sequences_by_hand(live: Live) -> None:
    dossier = live.dossier()
    first, _, third, last = dossier.designs
    assert [design.name for design in dossier.designs] == ["rbs_0", "rbs_1", "rbs_2", "rbs_3"]
    assert first.predicted is not None
    assert first.predicted.interval == pytest.approx((5 - REACH, 5 + REACH))
    assert first.predicted.above_best == pytest.approx(above(2 - 5))
    assert last.predicted is not None
    assert last.predicted.above_best == pytest.approx(above(2 - 0)), "no A is predicted as 0, and the best value is 2"
    assert dossier.expected_above_best == pytest.approx(0.5 * sum(above(2 - n) for n in (5, 4, 2, 0)))
    assert first.measured is not None
    assert (first.measured.name, first.measured.distance, first.measured.edits) == ("earlier 1", 1, "C5A")
    assert (first.measured.value, first.measured.side) == (2.0, 0)
    assert last.measured is not None
    assert (last.measured.name, last.measured.distance, last.measured.value) == ("earlier 2", 3, 1.0)
    assert last.measured.side == -1, "a limit of detection"
    assert last.natural is not None
    assert (last.natural.name, last.natural.edits, last.natural.identity) == ("#2", "C5G", 7 / 8)
    assert first.parent is None
    assert [design.why for design in dossier.designs] == ["by mutation"] * 3 + ["by mutation; to learn"]
    assert third.log_likelihood is None
    assert dossier.likelihoods.about.endswith("has no language model")
    assert dossier.distances.tolist()[0] == [0, 1, 3, 5]
    assert (dict(dossier.left), dict(dossier.pending)) == ({"designs": 16, "weeks": 30}, {})
    assert dossier.knowledge.notes == {"weights": {"letters": 1.0}}
    assert json.loads(json.dumps(dossier.as_dict(), allow_nan=False))["designs"][0]["predicted"]["mean"] == 5


def test_a_prediction_is_told_as_far_as_it_goes() -> None:
    assert Predicted.of({"mean": None}, 1.0) is None
    assert Predicted(1.0, None, best=0.5).interval is None
    assert Predicted(1.0, None, best=0.5).above_best is None
    assert Predicted(1.0, 1.0).above_best is None, "nothing was measured"
    assert Predicted(1.0, 0.0, best=0.5).above_best is None
    assert Predicted(0.0, 0.25, best=0.42).is_to_learn, "0 + 1.645 / 4 = 0.411"
    assert not Predicted(0.0, 0.25, best=0.41).is_to_learn
    assert not Predicted(0.0, 0.25).is_to_learn


def test_what_people_changed_is_told_and_a_vetoed_design_is_gone(live: Live) -> None:
    live.veto(1, why="hairpin", at=1)
    live.add(["GATTACAA"], why="a site of old", at=2)
    live.veto(2, instead="TTTTTTTT", at=3)
    dossier = live.dossier()
    assert [design.sequence for design in dossier.designs] == [
        "AAAAACCC",
        "GGGGGCCC",
        "CCCCCCCC",
        "GATTACAA",
        "TTTTTTTT",
    ]
    by_name = {design.name: design for design in dossier.designs}
    assert not {"rbs_1", "rbs_2"} & by_name.keys()
    assert by_name["rbs_4"].why == "origin scripted; instead of rbs_1, which ben vetoed (hairpin)"
    assert by_name["rbs_5"].why == "chosen by ben: a site of old"
    assert by_name["rbs_6"].why == "chosen by ben; instead of rbs_2, which ben vetoed"
    assert [name for name, design in by_name.items() if design.predicted is None] == ["rbs_4", "rbs_5", "rbs_6"]
    assert [name for name, design in by_name.items() if design.is_by_people] == ["rbs_5", "rbs_6"]
    assert dossier.vetoes == ["rbs_1 by ben (hairpin)", "rbs_2 by ben"]
    assert dossier.left["designs"] == 15


def test_what_came_back_is_the_value_of_the_history(tmp_path: Path) -> None:
    live = begun(tmp_path, scheduler={"kind": "rounds", "batch_size": 4, "replicates": 3})
    live.ask(at=0)
    rows = [(0, 5, 0.1), (0, 8, 1), (0, 8, 1), (1, "<2", ""), (1, 2.5, ""), (1, 3, ""), (2, 1, 0.1), (2, 2, 0.1)]
    live.tell(written(tmp_path / "1.csv", ["design", "value", "std_error"], rows), at=100)
    live.tell(written(tmp_path / "2.csv", ["design", "value", "n"], [(3, 5, 2), (3, 8, 1)]), at=200, columns={"n": "n"})
    results = [design.result for design in live.dossier(1).designs]
    assert results == [f"{value:.4g}" for value in live.history.readings]
    assert (results[0], results[2], results[3]) == (f"{(500 + 8 + 8) / 102:.4g}", "1.5", "6.5")


def test_a_dossier_stays_as_it_was_when_results_come_back(live: Live, tmp_path: Path) -> None:
    before = live.dossier(1).as_dict()
    tell(live, tmp_path, {0: 7.5, 1: "<0.5"}, at=100)
    live.lost([2], outcome="synthesis_failed", at=200)
    live.ask(at=300, anyway=True)
    after = live.dossier(1)
    assert without_results(after) == before
    assert [design.result for design in after.designs] == ["7.5", "< 0.5", "synthesis failed", ""]


def test_a_later_round_knows_what_came_back_and_what_is_pending(live: Live, tmp_path: Path) -> None:
    tell(live, tmp_path, {0: 7.5, 1: 3.0, 2: 4.0}, at=100)
    live.ask(at=300, anyway=True)
    dossier = live.dossier()
    assert (dossier.round, dict(dossier.pending), dossier.knowledge.best) == (2, {1: ["rbs_3"]}, 7.5)
    again = dossier.designs[-1]
    assert (again.name, again.is_retest, again.why) == ("rbs_0", True, "retest of a leader: 7.5 so far")
    assert again.measured is not None
    assert (again.measured.name, again.measured.distance) == ("rbs_0", 0)
    assert again.predicted is None
    assert len(dossier.new) == 4


def test_an_undone_value_is_not_the_best(live: Live, tmp_path: Path) -> None:
    tell(live, tmp_path, {0: 99.0, 1: 3.0, 2: 4.0, 3: 1.0}, at=100)
    live.undo(2, at=150)
    live.ask(at=300, anyway=True)
    assert live.dossier().knowledge.best == 2.0
    assert dict(live.dossier().pending) == {1: ["rbs_0", "rbs_1", "rbs_2", "rbs_3"]}


def test_a_design_that_failed_before_says_so(live: Live) -> None:
    live.lost([0], outcome="synthesis_failed", at=10)
    live.ask(at=300, anyway=True)
    first = live.dossier().designs[0]
    assert (first.name, first.sequence) == ("rbs_4", "AAAAACCC")
    assert first.why == "by mutation; tried as rbs_0: synthesis failed"


def test_how_a_round_was_chosen_is_told_in_general(live: Live) -> None:
    assert live.dossier().reasons.in_general == "Strategy dossier_stubs:Listed, by its own predictions."
    live.add(["GATTACAA"], new_round=True, at=10)
    assert live.dossier().reasons.in_general == "People chose this round, not the strategy."


def test_limits_are_those_of_the_description_on_what_is_ordered(tmp_path: Path) -> None:
    lab = {"before": "GAATTC", "after": "GGGGG", "liabilities": {"preset": "none", "run_gc": 5, "sites": ["EcoRI"]}}
    live = listed(tmp_path, lab)
    live.ask(at=0)
    dossier = live.dossier()
    assert [design.ordered for design in dossier.designs][:2] == ["GAATTCAAAAACCCGGGGG", "GAATTCAAAATCCCGGGGG"]
    assert [design.violations for design in dossier.designs] == [(), (), ("site of EcoRI at 7",), ()]
    assert dossier.headline == "1 of 4 designs violates a limit (none, changed): rbs_2"
    live.extend({"lab.liabilities": {"preset": "none", "gc": [0.4, 0.6], "gc_from": 5}}, at=5)
    assert [design.name for design in live.dossier().flagged] == ["rbs_3"]


def test_small_letters_around_a_design_are_measured_as_capitals(tmp_path: Path) -> None:
    facts = []
    for name, before in (("small", "gaattc"), ("capital", "GAATTC")):
        live = listed(tmp_path / name, {"before": before, "liabilities": {"preset": "none", "gc": [0.4, 0.6]}})
        live.ask(at=0)
        facts.append([(design.liabilities, design.violations) for design in live.dossier().designs])
    assert facts[0] == facts[1]


def test_an_alphabet_of_the_four_nucleotides_has_the_limits_of_dna_whatever_its_name(tmp_path: Path) -> None:
    alphabet = {"name": "mine", "letters": "ACGT"}
    lab = {"liabilities": {"preset": "none", "gc": [0.4, 0.6], "gc_from": 5}}
    live = listed(tmp_path, lab, space={"alphabet": alphabet, "length": 8})
    live.ask(at=0)
    # GC of AAAAACCC, AAAATCCC, GAATTCCC, GGGGGCCC: 3, 3, 4 and 8 of 8
    assert [design.name for design in live.dossier().flagged] == ["rbs_0", "rbs_1", "rbs_3"]


def test_without_anything_known_the_dossier_says_so(tmp_path: Path) -> None:
    live = listed(tmp_path, prior={}, strategy="random", budget={"designs": 8})
    with pytest.raises(LiveError, match="no round is ordered yet; ask for a batch"):
        live.dossier()
    live.ask(at=0)
    dossier = live.dossier()
    assert (dossier.knowledge.best, dossier.expected_above_best) == (None, None)
    assert {(d.measured, d.natural, d.predicted) for d in dossier.designs} == {(None, None, None)}
    assert dict(dossier.left) == {"designs": 4}
    with pytest.raises(LiveError, match="there is no round 7"):
        live.dossier(7)


def test_likelihoods_are_those_of_the_strategys_model_by_rank_among_natural_ones(tmp_path: Path) -> None:
    live = listed(tmp_path, strategy={"kind": "genetic"})
    live.ask(at=0)
    dossier = live.dossier()
    told = dossier.likelihoods
    assert told.about == "language model markov, compared with 3 natural sequences"
    assert {share * 3 for share in told.shares} <= {0, 1, 2, 3}
    assert (told.values < 0).all()
    again = Live(tmp_path / "live").dossier().likelihoods
    assert again.values.tolist() == told.values.tolist()


class Slow(Markov):
    """A model that is not in the cache: what stands for it in a rehearsal is another one."""

    seconds: float = 1.0

    def rehearsed(self, corpus: Sequence[str], space: Space) -> tuple[SequenceModel, float]:
        return Markov().pretrained([], space), self.seconds


def test_a_model_that_must_be_trained_again_is_trained_or_left_out(tmp_path: Path) -> None:
    told = {}
    for name, model in {"kept": Markov(), "slow": Slow(), "slower": Slow(seconds=1e3)}.items():
        live = listed(tmp_path / name, strategy=Genetic(model=model))
        live.ask(at=0)
        told[name] = live.dossier().likelihoods
    assert told["slow"].values.tolist() == told["kept"].values.tolist()
    assert told["slower"].about == "the language model is not in the cache, and to train it takes about 16 min 40 s"
    assert len(told["slower"].values) == 0


def test_edits_are_counted_from_the_parent_of_the_space(tmp_path: Path) -> None:
    space = {"alphabet": "dna", "length": 8, "parent": "AAAACCCC", "max_edits": 2}
    live = listed(tmp_path, space=space, strategy="random")
    live.ask(at=0)
    parents = [design.parent for design in live.dossier().designs]
    assert all(parent is not None and parent.distance <= 2 and parent.sequence == "AAAACCCC" for parent in parents)


BRED = {"AAAAACCC": "AAAACCCC", "AAAATCCC": "GGGGCCCC", "GAATTCCC": "TTTTTTTT", "CCCCCCCC": "AAAAACCC"}
"""Parents: measured before, natural, unknown to anybody, and a design of the first round."""


class Breeder(Listed):
    """The list, and what some of it was bred from."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        its = super().propose(history, order, rng)
        choices = (replace(choice, parent=BRED.get(choice.sequence)) for choice in its.choices)
        return replace(its, choices=tuple(choices))


def parents(dossier: Dossier) -> list[tuple[str, str, float | None] | None]:
    return [its and (its.name, its.edits, its.value) for its in (design.parent for design in dossier.designs)]


def test_a_design_shows_the_sequence_from_which_it_was_bred(tmp_path: Path) -> None:
    live = listed(tmp_path, strategy=Breeder())
    live.ask(at=0)
    first = parents(live.dossier())
    assert first == [
        ("earlier 1", "C5A", 2.0),
        ("#2", "G1A G2A G3A G4A C5T", None),
        (UNBUILT, "T1G T2A T3A T6C T7C T8C", None),
        None,
    ]
    assert [design.is_bred for design in live.dossier().designs] == [True, True, True, False]
    live.veto(3, at=1)
    assert parents(live.dossier()) == [*first[:3], ("rbs_0", "A1C A2C A3C A4C A5C", None)], "the next best says it too"
    tell(live, tmp_path, {0: 7.5, 1: 1.0, 2: 1.0, 4: 1.0}, at=100)
    live.ask(at=200)
    again = live.dossier()
    assert (again.designs[-1].is_retest, parents(again)[-1]) == (True, ("earlier 1", "C5A", 2.0)), "a leader, rbs_0"
    assert live.dossier(1).as_dict()["designs"][0]["parent"]["sequence"] == "AAAACCCC"
    events = [event.data for event in live.record.events if event.kind == "chosen"]
    assert {data["sequence"]: data["parent"] for data in events if "parent" in data} == BRED


def test_without_a_recorded_parent_the_parent_of_the_space_is_shown(tmp_path: Path) -> None:
    space = {"alphabet": "dna", "length": 8, "parent": "AAAACCCC"}
    live = listed(tmp_path, strategy=Breeder(), space=space)
    live.ask(at=0)
    assert [its and its[0] for its in parents(live.dossier())] == ["earlier 1", "#2", UNBUILT, OF_SPACE]
