"""Denoising predicts replicates that it did not see, and does no harm where sequences say nothing."""

import os
from pathlib import Path

import numpy as np
import polars
import pytest

from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.denoising import denoised

SOLARIS = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data")) / "solaris_rbs.csv"


def test_a_denoised_replicate_predicts_the_others_of_its_design():
    """Two replicates of each real binding site, denoised, are nearer the mean of its other four than as they are."""
    if not SOLARIS.is_file():
        pytest.skip(f"{SOLARIS.name} is not in {SOLARIS.parent}: set DESIGNLOOP_DATA to the folder that holds it")
    runs = [f"rep{n}" for n in range(1, 7)]
    are_read = [polars.col(run).is_between(1e-9, 1e9) for run in runs]
    frame = polars.read_csv(SOLARIS).filter(polars.col("round") == 0, *are_read)
    frame = frame.unique("sequence", maintain_order=True)
    logs, codes = np.log(frame.select(runs).to_numpy()), DNA.encode(frame["sequence"].to_list())
    logs -= logs.mean(axis=0)
    variances = np.full(len(logs), logs.var(axis=1, ddof=1).mean() / 2)
    gains = []
    for first, second in [(0, 1), (2, 3), (4, 5)]:
        given = logs[:, [first, second]].mean(axis=1)
        rest = np.delete(logs, [first, second], axis=1).mean(axis=1)
        better = denoised(codes, 4, given, variances)
        gains.append(np.mean((given - rest) ** 2) - np.mean((better - rest) ** 2))
    assert len(logs) > 100
    assert np.mean(gains) > 0


@pytest.mark.parametrize("reliability", [0.4, 0.8])
def test_where_sequences_say_nothing_denoising_draws_to_the_mean_and_no_further(reliability):
    """Independent values: the error is within a tenth of shrinking by the reliability, the best there is."""
    rng = stream(0, "no structure", str(reliability))
    codes = DNA.encode(Space.of_length(DNA, 6).enumerate())
    truth = rng.standard_normal(len(codes))
    variance = (1 - reliability) / reliability
    measured = truth + np.sqrt(variance) * rng.standard_normal(len(truth))
    error = np.mean((denoised(codes, 4, measured, np.full(len(truth), variance)) - truth) ** 2)
    assert error == pytest.approx(1 - reliability, rel=0.1)
