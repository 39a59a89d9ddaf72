"""What the report's tests share: a strategy that predicts, and the directory of a small run of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stubs import CountingOracle, Scripted, small

from designloop.core.history import History
from designloop.core.records import Order, Proposal
from designloop.report.campaign import page_of
from designloop.report.page import Page
from designloop.report.record import Record


class Seer(Scripted):
    """Predicts the truth, give or take one, and that nine in ten are viable. From round 2 on, two surrogates do."""

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        proposal = super().propose(history, order, rng)
        seen = [replace(c, mean=1.0 + c.sequence.count("A"), std=1.0, viability=0.9) for c in proposal.choices]
        if history.round == 0:
            return Proposal(tuple(seen), proposal.retests)
        both = [replace(c, predictions={"truth": (c.mean, 1.0), "wrong <b>": (-c.mean, 0.5)}) for c in seen]
        return Proposal(tuple(both), proposal.retests, NOTES)


NOTES = {
    "weights": {"truth": 3.0, "wrong <b>": 1.0},
    "out_of_fold": {"truth": 0.9, "wrong <b>": None},
    "scale": "ranks",
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a finished run with a corpus, predictions, retests and failures."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "natural.txt").write_text("AAAACCCC\nAAAAGGGG\nACGTACGT\nCCCCCCCC\n")
    prior = {"corpus": {"path": str(folder / "natural.txt")}, "starts": ["AAAATTTT"]}
    campaign = small(oracle=CountingOracle.fresh(), strategy=Seer(), prior=prior, name="small <b>&</b> brave")
    campaign.run(seed=1, store=folder / "run")
    return folder / "run"


@pytest.fixture(scope="session")
def record(run: Path) -> Record:
    return Record.read(run)


@pytest.fixture(scope="session")
def page(record: Record) -> Page:
    return page_of(record)
