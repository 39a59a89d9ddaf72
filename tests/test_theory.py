"""The whole loop against what theory says of it: what is cheap of `benchmarks/theory.py`, and how that judges."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

import designloop as dl
from designloop.core.records import Batch, Event

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

import theory
import theory_lab
import theory_loop
from theory_rows import Row, Sizes, expected_best, expected_order_statistic, near, within

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
GB1 = DATA / "gb1_wu2016.csv.gz"


@pytest.fixture(scope="module")
def gb1() -> "dl.oracles.Landscape":
    if not GB1.is_file():
        pytest.skip("gb1_wu2016.csv.gz is not in $DESIGNLOOP_DATA or ../shared/data")
    return dl.oracles.Landscape(path=str(GB1), format="gb1")


# 1. Random search


def test_the_best_of_n_draws_by_hand():
    """Of 1, 2, 3 two are drawn: 2 is best in one pair of three, 3 in two."""
    assert expected_best(np.array([3.0, 1.0, 2.0]), 2) == pytest.approx((2 + 3 + 3) / 3)
    assert expected_best(np.array([3.0, 1.0, 2.0]), 3) == pytest.approx(3)


def test_random_search_on_gb1_has_the_expectation_of_its_source(gb1):
    """.312 of the maximum at 96 designs and .504 at 480, over measured rows (Wu et al. 2016's table, closed form)."""
    values = gb1(gb1.space.enumerate())
    assert expected_best(values, 96) / values.max() == pytest.approx(0.312, abs=1e-3)
    assert expected_best(values, 480) / values.max() == pytest.approx(0.504, abs=1e-3)


def test_simulated_random_search_follows_the_closed_form(gb1):
    """The best of 96 random designs in an instant lab, over 40 seeds, is within three standard errors of it."""
    campaign = theory_loop.described(gb1, "instant", "random", {"kind": "rounds", "batch_size": 96}, designs=96)
    best = np.array([campaign.run(seed=seed).best.value for seed in range(40)])
    expected = expected_best(theory_loop.pool_values(gb1), 96)
    assert abs(best.mean() - expected) < 3 * best.std(ddof=1) / np.sqrt(len(best))


def test_delay_enters_random_search_only_through_the_number_of_results(monkeypatch):
    """By week 16 of a slow, lossy, overlapped lab the best is what that many results give, over 16 seeds."""
    schedule = {"kind": "overlapping", "batch_size": 12, "in_flight": 3, "gap_days": 14}
    monkeypatch.setitem(theory_loop.LABS, "short", ("typical", schedule, {"weeks": 16}))
    found = [theory_loop.best_after(theory_loop.Pool(), "short", (), (16,), seed)[0] for seed in range(16)]
    best, expected = np.array(found).T
    assert np.ptp(expected) > 0  # another number of results in each
    assert abs((best - expected).mean()) < 3 * (best - expected).std(ddof=1) / np.sqrt(len(best))


# 2. Depth


def test_the_longest_chain_of_a_log():
    """Batch 2 saw nothing of batch 1; batch 3 saw batch 1; batch 4 saw batch 3, but its own results never came."""
    told = [
        ("chosen", 1),
        ("chosen", 2),
        ("observed", 1),
        ("chosen", 3),
        ("observed", 3),
        ("observed", 2),
        ("chosen", 4),
    ]
    events = [Event(minute, kind, round_, {"round": round_}) for minute, (kind, round_) in enumerate(told)]
    assert theory_loop.longest_chain(events) == 2


@pytest.mark.parametrize(("name", "at_least"), [("rounds", 90), ("4 in flight", 350)])
def test_overlapping_buys_width_and_not_depth(name, at_least):
    """Fifty weeks at a lead of four: twelve decisions in a row, however many batches stand beside them."""
    depth, n_designs = theory_loop.chain_at_fixed_lead(name, 0)
    assert depth == 50 // 4
    assert n_designs >= at_least


# 3. Pending designs


def test_a_campaign_without_pending_designs_counts_its_assays():
    """The ordinal of the design that reached the top .1% of 4,096: long before a random search would be there."""
    assert 1 <= theory_loop.assays_to_top(0, seed=0) < 4096 / 5


# 5. The last result of a plate


@pytest.mark.parametrize(("cv", "ratio"), [(0.2, 1.28), (0.4, 1.62)])
def test_waiting_for_all_of_a_plate_costs_what_order_statistics_say(cv, ratio):
    """1.28 to 1.62 times the wait for 90% (field notes 3.5), in closed form and in the lab over 12 plates."""
    exact = theory_lab.expected_days(cv, 96) / theory_lab.expected_days(cv, 87)
    assert exact == pytest.approx(ratio, abs=0.01)
    whole, most = (np.array([theory_lab.days_to(cv, share, seed) for seed in range(12)]) for share in (1.0, 0.9))
    assert near("wait", "", exact, theory_lab.ratio_of_means(whole, most)).passes


# 6. Replicates


def test_the_table_of_replicates_is_that_of_the_closed_form():
    """sqrt(h2 of a mean of r) · E[max of 288 / r normal numbers] is what field notes 3.6 print, to a hundredth."""
    for h2, noted in theory_lab.REPLICATES.items():
        exact = [theory_lab.expected_best_of_wells(h2, r, 0.0) for r in range(1, len(noted) + 1)]
        np.testing.assert_allclose(exact, noted, atol=0.011)


def test_the_expected_highest_of_two_normal_numbers():
    from scipy.special import ndtri

    assert expected_order_statistic(2, 2, ndtri) == pytest.approx(1 / np.sqrt(np.pi), abs=1e-4)


def test_replicates_buy_nothing_where_the_construct_errs():
    """With 60% of the error at the construct the closed form falls with every replicate, from h2 .3 to .9."""
    for h2 in theory_lab.RELIABILITIES:
        means = [theory_lab.expected_best_of_wells(h2, r, theory_lab.CONSTRUCT) for r in (1, 2, 3, 4)]
        assert means == sorted(means, reverse=True)


@pytest.mark.parametrize(("r", "construct"), [(1, 0.0), (3, 0.0), (3, 0.6)])
def test_the_lab_chooses_as_well_as_its_reliability_says(r, construct):
    """The correlation of true values with means of r wells is sqrt(h2 of such a mean), over 600 designs at h2 .5."""
    oracle = theory_lab.NormalHash()
    run = theory_lab.noisy_lab(0.5, construct).start(oracle, 0, space=oracle.space)
    chosen = theory_lab.designs(600, 0, oracle)
    means = theory_lab.mean_readings(theory_lab.finished(run, Batch(1, chosen, (), r)), len(chosen))
    correlation = np.corrcoef(means, oracle([design.sequence for design in chosen]))[0, 1]
    error = 0.5 * (construct + (1 - construct) / r)
    assert correlation == pytest.approx(np.sqrt(0.5 / (0.5 + error)), abs=0.05)


# How the table judges


def test_a_number_that_does_not_come_out_fails():
    numbers = np.array([0.9, 1.0, 1.1, 1.0])
    assert near("x", "", 1.0, numbers).passes
    assert not near("x", "", 2.0, numbers).passes
    assert near("x", "", 2.0, numbers, slack=0.9).passes
    assert within("x", "", (0.5, 2.0), numbers).passes
    assert not within("x", "", (-np.inf, 0.0), numbers).passes
    assert not near("x", "", 1.0, [float("nan")] * 4).passes
    assert not near("x", "", 1.0, [1.1]).passes  # one campaign has no error to judge by


def test_what_must_show_needs_evidence():
    """A mean of .1 ± .1 is no contradiction to a gain, and no evidence of one."""
    numbers = np.array([-0.1, 0.3, 0.0, 0.2])
    assert within("gain", "", (0.0, np.inf), numbers).passes
    assert not within("gain", "", (0.0, np.inf), numbers, must_show=True).passes
    assert within("gain", "", (0.0, np.inf), numbers + 1, must_show=True).passes


@pytest.mark.parametrize(("expected", "code", "verdict"), [(1.0, 0, "pass"), (9.0, 1, "FAIL")])
def test_the_program_ends_with_1_where_a_check_fails(monkeypatch, capsys, expected, code, verdict):
    monkeypatch.setattr(theory, "CHECKS", {1: lambda _: [Row("mine", "by hand", 1.0, 0.01, expected, expected, n=9)]})
    monkeypatch.setattr(sys, "argv", ["theory.py", "--workers", "1", "--checks", "1"])
    assert theory.main() == code
    assert f"| mine | by hand | 1.000 ± 0.010 | {expected:.3f} ± " in (printed := capsys.readouterr().out)
    assert f"9 campaigns | {verdict} |" in printed


def test_work_is_the_same_on_one_process_and_on_two():
    with Sizes(workers=1) as one, Sizes(workers=2) as two:
        assert one.each(theory_lab.days_to, range(3), 0.3, 0.9) == two.each(theory_lab.days_to, range(3), 0.3, 0.9)
