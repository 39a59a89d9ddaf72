"""The report on strategies: its tests, ranks and verdicts, the variants that are compared, and the ends of NK 8."""

import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[1] / "benchmarks"))

import default_strategy
import judgements
import nk_ends
import peers
import strategy_report
import variants
import works

import designloop as dl
from designloop.core.alphabet import states
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.records import Event
from designloop.core.spaces import Space

NAMES = ("a", "b", "c")


def drawn(n_works: int = 3, n: int = 12) -> dict[str, dict[str, dict[int, float]]]:
    rng = np.random.default_rng(1)
    return {
        f"work {w}": {name: {i: float(rng.normal(1.0 - 0.3 * k)) for i in range(n)} for k, name in enumerate(NAMES)}
        for w in range(n_works)
    }


def duel(p_ahead: float, p_behind: float) -> judgements.Duel:
    return judgements.Duel("work", "b", 20, 0.1, 0.05, p_ahead, p_behind)


# -- tests and intervals


def test_a_one_sided_p_value_counts_the_flips_that_are_as_high():
    assert judgements.one_sided_p(np.array([1.0, 2.0, 3.0])) == 1 / 8
    assert judgements.one_sided_p(-np.array([1.0, 2.0, 3.0])) == 1.0
    assert judgements.one_sided_p(np.array([1.0, 1.0, -1.0])) == 4 / 8
    assert judgements.one_sided_p(np.zeros(5)) == 1.0


def test_the_interval_of_a_share_is_that_of_clopper_and_pearson():
    low, high = judgements.solved_interval(20, 20)
    assert low == pytest.approx(0.025 ** (1 / 20))
    assert high == 1.0
    assert judgements.solved_interval(0, 20)[1] == pytest.approx(1 - 0.025 ** (1 / 20))


def test_the_interval_of_a_mean_is_students():
    mean, half = judgements.mean_interval(np.array([1.0, 2.0, 3.0]))
    assert (mean, half) == (2.0, pytest.approx(4.302653 / 3**0.5, rel=1e-6))


# -- verdicts


def test_a_verdict_needs_its_p_value_after_correction_over_the_works():
    def words(*duels):
        return [one.word for one in judgements.verdicts(duels)]

    assert words(duel(0.03, 0.97)) == ["first"]
    assert words(duel(0.03, 0.97), duel(0.5, 0.5)) == ["tied", "tied"]
    assert words(duel(0.01, 0.99), duel(0.99, 0.01)) == ["first", "behind"]


def test_the_best_other_is_judged_on_the_instances_that_it_shares_with_the_default():
    rows = {"auto": {1: 0.5, 2: 0.5}, "b": {1: 0.4, 2: 0.6, 3: 9.0}, "c": {1: 0.7, 2: 0.4}}
    assert judgements.best_other(rows, "auto", ("auto", "b", "c")) == "c"
    assert judgements.best_other({"auto": {1: 0.5}}, "auto", ("auto", "b")) is None


def test_differences_are_paired_by_instance():
    found = judgements.duel({"w": {"a": {1: 1.0, 2: 2.0, 4: 9.0}, "b": {2: 1.0, 1: 0.0, 3: 7.0}}}, "w", "a", "b")
    assert (found.n, found.mean, found.half) == (2, 1.0, 0.0)


# -- ranks


def test_ranks_of_a_work_are_means_over_instances_with_ties_shared():
    rows = {"a": {1: 3.0, 2: 1.0}, "b": {1: 2.0, 2: 1.0}, "c": {1: 1.0, 2: 0.0}}
    assert judgements.ranks_of_work(rows, NAMES).mean == (1.25, 1.75, 3.0)


def test_the_unit_of_a_work_does_not_matter_over_works():
    values = drawn()
    scaled = {
        **values,
        "work 0": {name: {i: 1e3 * v for i, v in row.items()} for name, row in values["work 0"].items()},
    }
    assert judgements.ranks_over_works(scaled, NAMES) == judgements.ranks_over_works(values, NAMES)


def test_copies_of_a_work_are_no_more_evidence():
    once = drawn(1)
    copies = {f"copy {k}": once["work 0"] for k in range(5)}
    assert judgements.ranks_over_works(copies, NAMES).p == judgements.ranks_over_works(once, NAMES).p
    assert judgements.ranks_over_works(copies, NAMES).n_units == 12


def test_works_that_were_reported_on_other_instances_weigh_alike():
    """Instance 60 of one work and 80 of another are one unit."""
    once = drawn(2)
    later = {name: {i + 20: v for i, v in row.items()} for name, row in once["work 1"].items()}
    assert judgements.ranks_over_works({**once, "work 1": later}, NAMES) == judgements.ranks_over_works(once, NAMES)


def test_whether_a_pair_is_told_apart_over_works_does_not_depend_on_a_third():
    values = drawn()
    other = {work: {**rows, "c": {i: -v for i, v in rows["c"].items()}} for work, rows in values.items()}
    with_others = [judgements.ranks_over_works(each, NAMES) for each in (values, other)]
    assert with_others[0].mean != with_others[1].mean
    raw = [judgements.ranks_over_works(each, ("a", "b")).p["a", "b"] for each in (values, other)]
    assert raw[0] == raw[1] <= min(ranks.p["a", "b"] for ranks in with_others)  # Holm's correction only raises it


def test_only_instances_that_all_strategies_have_are_ranked():
    values = drawn(1)
    del values["work 0"]["b"][5]
    assert judgements.ranks_over_works(values, NAMES).n_blocks == 11


# -- shares and the worst


def test_a_share_is_of_the_best_value_and_one_where_nothing_is_above_zero():
    values = {"w": {"a": {1: 2.0, 2: 0.0}, "b": {1: 1.0, 2: 0.0}}}
    shares = judgements.shares_of_best(values, ("a", "b"))
    assert shares["a"]["w"].tolist() == [1.0, 1.0]
    assert shares["b"]["w"].tolist() == [0.5, 1.0]


def test_the_worst_tenth_is_rounded_up_and_says_how_many_are_as_bad():
    row = dict.fromkeys(range(60, 80), 1.0) | {63: 0.75, 64: 0.5, 70: 0.75}
    assert judgements.worst_tenth(row) == (0.625, [64, 63], 1)
    assert judgements.worst_tenth({1: 3.0, 2: 1.0}) == (1.0, [2], 0)


# -- variants


def test_each_strategy_makes_a_campaign_and_no_two_are_the_same():
    work = works.WORKS["ehrlich"]
    names = [name for name in variants.STRATEGIES if name not in variants.PEERS]
    found = {name: work.campaign(0, variants.STRATEGIES[name](work)).strategy for name in names}
    assert [(one, other) for one, other in combinations(names, 2) if found[one] == found[other]] == []


def test_what_viability_variants_change_is_nothing_else():
    """With viability they are exactly the default's own parts where there is a corpus."""
    work = works.WORKS["ehrlich"]
    space = Space.of_length(states(32), 32)
    history = History.opening(space, Known(corpus=("A" * 32,)), Event(0, "opened", None, {}))
    guided = dl.strategies.Auto().guided(history)
    off = variants.STRATEGIES["no viability"](work)
    assert off.model_copy(update={"viability_weight": 1.0}) == guided
    assert variants.STRATEGIES["viability without language model"](work).generator.language_model() is None


def test_programs_of_peers_are_those_of_the_manual(monkeypatch, tmp_path):
    monkeypatch.setenv("DESIGNLOOP_PEERS", str(tmp_path))
    work = works.WORKS["ehrlich"]
    for name, environment, word in (
        ("holo-genetic", "holo", "DiscreteEvolution"),
        ("flexs-adalead", "flexs", "Adalead"),
    ):
        python, program = variants.PEERS[name](work)["argv"]
        assert Path(python) == tmp_path / environment / "bin" / "python"
        assert word in Path(program).read_text("utf-8")
    monkeypatch.delenv("DESIGNLOOP_PEERS")
    with pytest.raises(LookupError, match="DESIGNLOOP_PEERS is not set"):
        variants.PEERS["holo-genetic"](work)


def test_the_gaussian_process_of_botorch_proposes_what_its_draws_prefer():
    """On a landscape that counts one letter, the second batch has more of it than the first."""
    pytest.importorskip("botorch", reason="BoTorch is not installed")
    campaign = dl.Campaign(
        oracle=dl.oracles.NK(length=8, neighbours=0, seed=1),
        lab="instant",
        strategy=peers.BoTorchGP(n_candidates=300, parents=10),
        scheduler={"kind": "rounds", "batch_size": 16},
        budget={"designs": 32},
    )
    seen = campaign.run(seed=0).observations()
    values = np.array(seen["value"].to_list())
    assert len(set(seen["sequence"])) == 32
    assert values[16:].mean() > values[:16].mean() + 0.1


def test_the_ablation_has_groups_of_the_program():
    assert set(default_strategy.GROUPS["ablation of pending"]) == set(variants.ABLATION["pending"])


def test_a_campaign_that_fails_is_counted_and_the_others_are_recorded(tmp_path, capsys):
    file = tmp_path / "values.csv"
    cells = [default_strategy.Cell("nk 1", "no such", 0), default_strategy.Cell("nk 1", "random-viable", 0)]
    assert default_strategy.run_all(cells, file, 1) == 1
    assert set(default_strategy.known(file)) == {cells[1]}
    assert "no such" in capsys.readouterr().err


# -- the report


def test_the_report_has_every_section_and_draws_its_figures(tmp_path, capsys):
    pytest.importorskip("scikit_posthocs", reason="critical differences are drawn by scikit-posthocs")
    strategy_report.report(judgements.by_work(strategy_report.invented()), tmp_path)
    told = capsys.readouterr().out
    for section in ("Values", "against `today`", "best other strategy", "Mean ranks", "worst tenth", "Ablation"):
        assert f"### {section}" in told or section in told
    assert {file.name for file in tmp_path.iterdir()} == {
        "ablation.svg", "profile.svg", "ranks-main.svg", "ranks-shelf.svg"
    }  # fmt: skip


# -- NK 8


@pytest.mark.parametrize("seed", [0, 1])
def test_branch_and_bound_finds_the_ends_that_the_oracle_finds(seed):
    found = nk_ends.ends(9, 3, seed)
    assert found == pytest.approx(dl.oracles.NK(length=9, neighbours=3, seed=seed).instance.ends, abs=1e-12)


def test_the_rugged_landscape_is_the_oracle_with_ends_from_the_file(monkeypatch):
    own = dl.oracles.NK(length=9, neighbours=3, seed=2)
    monkeypatch.setattr(nk_ends, "known", lambda: {(9, 3, 2): own.instance.ends})
    rugged = works.RuggedNK(length=9, neighbours=3, seed=2)
    sequences = own.space.sample(50, np.random.default_rng(0))
    assert rugged(sequences) == pytest.approx(own(sequences), abs=1e-12)
    with pytest.raises(ValueError, match=r"nk_ends\.csv lacks"):
        works.RuggedNK(length=9, neighbours=3, seed=4)


def test_no_sequence_of_the_file_s_instances_has_a_value_beyond_its_ends():
    (length, neighbours, instance), (low, high) = next(iter(nk_ends.known().items()))
    landscape = works.RuggedNK(length=length, neighbours=neighbours, seed=instance)
    means = landscape.instance.means(
        landscape.space.padded_codes(landscape.space.sample(5000, np.random.default_rng(0)))
    )
    assert low < means.min() < means.max() < high
