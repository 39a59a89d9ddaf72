"""Records: what a run's events tell of designs, stages, wells and money."""

import pytest

from designloop.cli.shared.summaries import lines_of
from designloop.core.errors import StoreError
from designloop.core.records import Event, Truth
from designloop.operations.visits import Visit
from designloop.report.best_designs import top_designs
from designloop.report.campaign import headline, page_of
from designloop.report.in_the_lab import failures
from designloop.report.record import Record
from designloop.storage.log import MemoryLog


def log_of(*events: Event, truths: tuple[Truth, ...] = ()) -> MemoryLog:
    log = MemoryLog()
    log.append(events, truths)
    return log


def happened(minute: int, kind: str, design: int | None = None, **data: object) -> Event:
    return Event(minute, kind, design, data)


def test_a_visit_ends_when_its_design_leaves_fails_or_is_observed_or_its_round_closes():
    record = Record.of(
        log_of(
            *(happened(0, "chosen", i, sequence="ACGT"[i], round=1, origin="") for i in range(4)),
            *(happened(0, "submitted", i, round=1, replicates=1, retest=False) for i in range(3)),
            *(happened(5, "entered", i, round=1, stage="cloning") for i in range(3)),
            happened(9, "left", 0, round=1, stage="cloning"),
            happened(10, "failed", 1, round=1, stage="cloning", outcome="build_failed", retest=False),
            happened(12, "entered", 0, round=1, stage="assay"),
            happened(20, "observed", 0, round=1, outcome="observed", value=2.0, std_error=0.5, retest=False),
            happened(30, "failed", 2, round=1, stage="closed", outcome="lost", retest=False),
            happened(30, "round_closed", round=1, n_results=1, n_lost=3),
            happened(30, "submitted", 3, round=2, replicates=1, retest=False),
            happened(31, "entered", 3, round=2, stage="cloning"),
            happened(32, "went_back", 3, round=2, stage="cloning", to="cloning"),
            happened(35, "entered", 3, round=2, stage="cloning"),
        )
    )
    assert record.visits == [
        Visit(0, 1, "cloning", 0, 5, 9, is_first=True),
        Visit(1, 1, "cloning", 0, 5, 10, "build_failed", is_first=True),
        Visit(2, 1, "cloning", 0, 5, 30, is_first=True),
        Visit(0, 1, "assay", 9, 12, 20),
        Visit(3, 2, "cloning", 30, 31, 32, "went_back", is_first=True),
        Visit(3, 2, "cloning", 32, 35, None),
    ]
    assert record.stages == ["cloning", "assay"]


def test_a_retest_counts_for_what_was_measured_and_not_for_what_was_predicted():
    seen = {"round": 1, "outcome": "observed", "std_error": 0.3, "plate": "1-1-1", "well": "A1"}
    record = Record.of(
        log_of(
            happened(0, "chosen", 0, sequence="ACGT", round=1, origin="here", mean=1.0, std=0.5, viability=0.9),
            happened(0, "submitted", 0, round=1, replicates=1, retest=False),
            happened(10080, "observed", 0, **seen, value=3.0, retest=False),
            happened(10090, "observed", 0, **{**seen, "round": 2}, value=1.0, retest=True),
            truths=(Truth(10080, "ACGT", 1.5),),
        )
    )
    (design,) = record.measured
    assert (design.measured, design.true, design.mean) == (2.0, 1.5, 1.0)
    assert design.std_error == pytest.approx(0.3 / 2**0.5)
    assert [reading.value for reading in design.first_readings] == [3.0]
    assert record.turnarounds == [1.0]


def test_a_run_on_disk_reads_as_its_summary_says(run, record):
    summary = record.summary
    assert record.measured[0].measured == summary.best_measured
    assert len(record.measured) == summary.n_observed
    assert len(record.designs) == summary.designs
    assert sum(charge.amount for charge in record.charges) == pytest.approx(summary.cost)
    assert summary.best is not None
    assert max(design.true or 0.0 for design in record.measured) == summary.best.value
    assert record.plate_size == 24
    assert record.corpus == ("AAAACCCC", "AAAAGGGG", "ACGTACGT", "CCCCCCCC")
    assert record.manifest["seed"] == 1


def test_a_directory_without_a_run_is_refused_with_the_way_out(tmp_path, run):
    with pytest.raises(StoreError, match="holds no run"):
        Record.read(tmp_path)
    for name in ("config.yaml", "manifest.json"):
        (tmp_path / name).write_text((run / name).read_text())
    with pytest.raises(StoreError, match=r"has lost its campaign\.db"):
        Record.read(tmp_path)
    assert not (tmp_path / "campaign.db").exists()


def limited_run():
    """Designs 0, 1, 3 at a limit, 2 split over it, 4 failed, 5 still in the lab."""

    def seen(design, value, outcome="observed", retest=False):
        its = {"round": 1, "outcome": outcome, "std_error": 0.19, "plate": "1-1-1", "well": "A1", "retest": retest}
        return happened(10080, "observed", design, **its, value=value)

    starts = [{"sequence": "TT", "value": 0.95, "std_error": 0.1, "outcome": "above_detection"}]
    return log_of(
        happened(0, "opened", starts=starts, label="x", seed=0),
        *(happened(0, "chosen", i, sequence="ACGTNK"[i], round=1, origin="here") for i in range(6)),
        *(happened(0, "submitted", i, round=1, replicates=1, retest=False) for i in range(6)),
        seen(0, 0.9, "above_detection"),
        seen(1, 0.55, "below_detection"),
        seen(1, 0.55, "below_detection", retest=True),
        seen(2, 0.9, "above_detection"),
        seen(2, 0.7, retest=True),
        seen(3, 0.6),
        happened(10080, "failed", 4, round=1, stage="cloning", outcome="build_failed", retest=False),
        happened(10080, "recommended", 0, by="strategy", round=1),
        happened(10080, "closed", reason="the money is spent"),
    )


def test_a_limit_of_detection_is_a_limit_in_the_report_and_not_a_measurement():
    record = Record.of(limited_run())
    told = {design.id: design.measured_in_words for design in record.measured}
    assert told == {0: "> 0.90", 2: "0.80 ± 0.13", 3: "0.60 ± 0.19", 1: "< 0.55"}
    assert [row[3] for row in top_designs(record).rows] == ["> 0.90", "0.80 ± 0.13", "0.60 ± 0.19", "< 0.55"]
    facts = {fact.name: fact for fact in page_of(record).facts}
    assert facts["Measured"].value == "> 0.90"
    assert "measured > 0.90" in facts["Recommended"].note
    assert facts["Designs"].note == "67% with a value, of which 2 at a limit of detection"
    assert "the recommended design is 0: measured > 0.90, true" in headline(record)
    assert "higher measured value: > 0.950" in headline(record)
    assert "<br>measured < 0.550" in str(page_of(record).sections[0])


def test_a_limit_of_detection_is_a_limit_in_the_summary_and_every_design_is_accounted_for():
    summary = Record.of(limited_run()).summary
    lines = list(lines_of(summary))
    assert "  measured     highest mean of a design: > 0.9" in lines
    assert "  recommended  design 0 · true value unknown · measured > 0.9 · week 1.0" in lines
    assert "  best start   measured > 0.95 · better than the recommended design 0 (> 0.9)" in lines
    outcomes = "2 above_detection, 1 below_detection, 1 build_failed, 1 observed, 1 still in the lab"
    assert f"  outcomes     {outcomes}" in lines
    assert ("outcomes", outcomes) in list(summary._told())
    assert "1 design is still in the lab" in failures(Record.of(limited_run())).caption
