"""What was known before the first batch, as labs have it: it teaches, it is never chosen, and its best is named."""

import csv
from pathlib import Path

import pytest

import designloop as dl
from designloop.cli.shared.summaries import lines_of
from designloop.report.campaign import headline
from designloop.report.record import Record
from designloop.storage.store import Store

NK = dl.oracles.NK(length=6, neighbours=1, alphabet="dna")
STRATEGIES = {
    "model-guided": dl.strategies.ModelGuided(generator=dl.generators.Mutation()),
    "ensemble-greedy": dl.strategies.EnsembleGreedy(),
    "genetic": dl.strategies.Genetic(model=None),
    "adalead": dl.strategies.AdaLead(model=None),
    "hill-climb": dl.strategies.HillClimb(model=None),
    "pex": dl.strategies.PEX(model=None),
    "embedding-topn": dl.strategies.EmbeddingTopN(model=None),
    "random": dl.strategies.Random(),
}
OUTSIDE = {"ACGTACGT": 3.5, "ACG": 0.1, "TTTTTTTTT": 0.3}


def campaign(starts: dict[str, object], strategy: str = "model-guided", lab: str = "instant", n: int = 12):
    return dl.Campaign(
        oracle=NK,
        lab=dl.Lab.preset(lab),
        strategy=STRATEGIES[strategy],
        scheduler=dl.scheduling.Rounds(batch_size=n // 2),
        budget=dl.Budget(designs=n),
        prior={"corpus": None, "starts": starts},
    )


@pytest.fixture
def starts(tmp_path: Path) -> dict[str, object]:
    rows = [f"{sequence},{value},\n" for sequence, value in OUTSIDE.items()]
    rows += ["ACGTAC,0.2,\n", "ACGTAC,0.4,\n", "AAAAAA,,lost\n", "CCCCCCC,NA,synthesis_failed\n", "GGGGGG,0.05,\n"]
    (tmp_path / "starts.csv").write_text("sequence,y,o\n" + "".join(rows))
    return {"path": str(tmp_path / "starts.csv"), "value": "y", "outcome": "o"}


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_rows_outside_the_space_teach_every_strategy_and_are_never_chosen(starts, strategy: str, tmp_path: Path):
    result = campaign(starts, strategy).run(seed=1, store=tmp_path / "run")
    assert result.designs == 12
    with Store.open(tmp_path / "run" / "campaign.db") as store:
        chosen = [e.data["sequence"] for e in store.campaign().events() if e.kind == "chosen"]
    assert {len(sequence) for sequence in chosen} == {6}
    assert not {"ACGTAC", "GGGGGG"} & set(chosen)  # known already
    assert result.given["labels"] == 5


def test_the_best_of_what_one_had_is_named(starts, tmp_path: Path):
    result = campaign(starts).run(seed=1, store=tmp_path / "run")
    assert (result.best_start.sequence, result.best_start.measured) == ("ACGTACGT", 3.5)
    assert result.is_start_better
    named = result.recommended
    told = f"measured 3.5 · better than the recommended design {named.design} ({named.measured:.4g})"
    assert f"  best start   {told}" in list(lines_of(result))
    assert headline(Record.read(tmp_path / "run")).endswith("A starting sequence has a higher measured value: 3.50.")


def test_replicates_of_what_one_had_count_once_by_their_mean(starts, tmp_path: Path):
    rows = "sequence,y\nACGTAC,0.1\nACGTAC,0.3\nGGGGGG,0.15\n"
    (tmp_path / "few.csv").write_text(rows)
    result = campaign({"path": str(tmp_path / "few.csv"), "value": "y"}).run(seed=1)
    assert (result.best_start.sequence, result.best_start.measured) == ("ACGTAC", pytest.approx(0.2))
    assert not result.is_start_better
    assert any("best start   measured 0.2 · the recommended design measured" in line for line in lines_of(result))
    assert campaign(()).run(seed=1).best_start is None


def test_replicates_of_known_error_are_weighed_by_it_in_what_is_named_as_they_are_for_a_strategy(tmp_path: Path):
    rows = "sequence,y,e\nACGTAC,1,0.1\nACGTAC,9,10\nGGGGGG,2,0.1\n"
    (tmp_path / "few.csv").write_text(rows)
    starts = {"path": str(tmp_path / "few.csv"), "value": "y", "std_error": "e"}
    result = campaign(starts).run(seed=1)  # the plain mean of the first is 5
    assert (result.best_start.sequence, result.best_start.measured) == ("GGGGGG", 2.0)


def test_the_measured_value_of_what_is_recommended_is_the_one_that_the_strategy_saw():
    seen: list[dl.History] = []
    noisy = campaign((), "random", lab="typical").with_(scheduler=dl.scheduling.Rounds(batch_size=6, replicates=3))
    result = noisy.run(seed=1, progress=lambda history, _: seen.append(history))
    known = dict(zip(seen[-1].ids.tolist(), seen[-1].values.tolist(), strict=True))
    assert result.recommended.measured == known[result.recommended.design]
    assert max(seen[-1].n_replicates) > 1


def test_a_run_reads_its_own_observations_back(tmp_path: Path):
    """As starting sequences, with what failed; and as a landscape, replicates merged."""
    campaign((), "random", lab="typical", n=48).run(seed=0, store=tmp_path / "run")
    exported = tmp_path / "run" / "observations.csv"
    with exported.open(newline="") as file:
        rows = list(csv.DictReader(file))
    failed = {row["sequence"] for row in rows if not row["value"]}
    with_value = {row["sequence"] for row in rows if row["value"]}
    assert failed - with_value, "some design of a typical lab fails"
    columns = {"value": "value", "std_error": "std_error", "outcome": "outcome"}
    again = campaign({"path": str(exported), **columns}, n=12)
    history_starts = again.known().starts
    assert {start.sequence for start in history_starts} == failed | with_value
    assert {start.sequence for start in history_starts if start.value is not None} == with_value
    assert again.run(seed=1).given["starts"] == len(failed | with_value)
    landscape = dl.oracles.Landscape(path=str(exported), alphabet="dna")
    assert set(landscape.space.enumerate()) == with_value
