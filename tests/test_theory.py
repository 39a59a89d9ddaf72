"""The whole loop against what theory says of it."""

import os
from pathlib import Path

import numpy as np
import pytest

import designloop as dl

DATA = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parent.parent.parent / "shared" / "data"))
GB1 = DATA / "gb1_wu2016.csv.gz"


def expected_best(values: np.ndarray, n: int) -> float:
    """E[max of n draws without replacement], exactly: each value times the chance that it is the highest drawn."""
    ordered = np.sort(values)
    total = len(ordered)
    # P(max <= i-th smallest) = C(i, n) / C(total, n), by its logarithm.
    ranks = np.arange(1, total + 1)
    log_factorial = np.concatenate(([0.0], np.cumsum(np.log(ranks))))
    log_choose = np.where(ranks >= n, log_factorial[ranks] - log_factorial[np.maximum(ranks - n, 0)], -np.inf)
    below = np.exp(log_choose - log_choose[-1])
    return float(np.sum(ordered * np.diff(np.concatenate(([0.0], below)))))


@pytest.fixture(scope="module")
def gb1() -> "dl.oracles.Landscape":
    if not GB1.is_file():
        pytest.skip("gb1_wu2016.csv.gz is not in $DESIGNLOOP_DATA or ../shared/data")
    return dl.oracles.Landscape(path=str(GB1), format="gb1")


def test_random_search_on_gb1_has_the_expectation_of_its_source(gb1):
    """.312 of the maximum at 96 designs and .504 at 480, over measured rows (Wu et al. 2016's table, closed form)."""
    values = gb1(gb1.space.enumerate())
    assert expected_best(values, 96) / values.max() == pytest.approx(0.312, abs=1e-3)
    assert expected_best(values, 480) / values.max() == pytest.approx(0.504, abs=1e-3)


def test_simulated_random_search_follows_the_closed_form(gb1):
    """The best of 96 random designs in an instant lab, over 40 seeds, is within three standard errors of it."""
    campaign = dl.Campaign(
        oracle=gb1,
        lab=dl.Lab.preset("instant"),
        strategy=dl.strategies.Random(),
        scheduler=dl.scheduling.Rounds(batch_size=96),
        budget=dl.Budget(designs=96),
    )
    best = np.array([campaign.run(seed=seed).best.value for seed in range(40)])
    expected = expected_best(gb1(gb1.space.enumerate()), 96)
    assert abs(best.mean() - expected) < 3 * best.std(ddof=1) / np.sqrt(len(best))
