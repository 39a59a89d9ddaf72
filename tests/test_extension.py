"""A finished run goes on under changes; the history is kept, and cut off anywhere it comes to the same record."""

import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from stubs import CountingOracle, Scripted, small

import designloop as dl
from designloop.core.clock import WEEK
from designloop.core.errors import ConfigError, Notice, StoreError
from designloop.core.records import Event
from designloop.report import report_of
from designloop.storage.log import EventLog, Transaction
from designloop.storage.run_directory import CONFIG, load, to_read
from designloop.storage.store import StoredLog

GUIDED = {"kind": "model-guided", "generator": "mutation"}


CODE = """
import designloop as dl

@dl.oracle(alphabet=dl.DNA, length=8)
def f(sequences):  # {comment}
    return [1.0 + s.count("A") for s in sequences]
"""


class Falls(Exception):
    """The power went."""


def events_in(place: Path) -> list[Event]:
    with to_read(place) as log:
        return log.events()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run of 20 designs."""
    small(oracle=CountingOracle.fresh()).run(store=tmp_path / "run")
    return tmp_path / "run"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run, for tests that leave it as it is."""
    place = tmp_path_factory.mktemp("finished") / "run"
    small(oracle=CountingOracle.fresh()).run(store=place)
    return place


def test_a_finished_run_goes_on_and_what_it_had_is_kept(run: Path) -> None:
    before, config = events_in(run), (run / CONFIG).read_bytes()
    result = dl.extend(run, {"budget.designs": 30})
    events = events_in(run)
    assert events[: len(before)] == before
    assert events[len(before)].kind == "extended"
    assert events[len(before)].minute == before[-1].minute
    assert events[-1].kind == "closed"
    assert (result.designs, result.stop, len(result.phases)) == (30, "the designs are spent", 2)
    assert [phase.designs for phase in result.phases] == [20, 10]
    assert result.phases[1].changed == ("budget.designs: 20 became 30",)
    assert result.phases[1].began == result.phases[0].ended == before[-1].minute / WEEK
    assert (run / CONFIG).read_bytes() == config
    assert load(run) == result == small().resume(run)
    assert len({event.data["sequence"] for event in events if event.kind == "chosen"}) == 30


def test_a_phase_is_played_by_its_own_strategy_scheduler_and_space(run: Path) -> None:
    Scripted.seen.clear()
    changes = {
        "budget.designs": 32,
        "strategy": dl.strategies.Random(),
        "scheduler.batch_size": 4,
        "space": {"allowed": {0: "A"}},
    }
    result = dl.extend(run, changes)
    assert Scripted.seen == []
    late = [event.data for event in events_in(run) if event.kind == "chosen"][20:]
    assert {data["sequence"][0] for data in late} == {"A"}
    assert [data["round"] for data in late] == sorted([4, 5, 6] * 4)
    assert result.label == "random"
    assert "strategy: stubs:Scripted became random" in result.phases[1].changed
    wider = dl.extend(run, {"budget.designs": 40, "space": None, "label": "wide"})
    late = [event.data["sequence"] for event in events_in(run) if event.kind == "chosen"][32:]
    assert len({sequence[0] for sequence in late}) > 1
    assert (wider.label, len(wider.phases), wider.designs) == ("wide", 3, 40)


def test_a_phase_may_begin_to_see_the_lab(run: Path) -> None:
    """Its card follows from its description. A plate of 20: 12 retests at first, then the five that are left."""
    idle = {"kind": "fill", "plates": 1, "n_retests": 12, "when": {"kind": "when-idle", "station": "assay"}}
    result = dl.extend(run, {"budget.designs": 44, "scheduler": idle})
    kinds = [(e.kind, e.data["round"]) for e in events_in(run) if e.kind in ("chosen", "retest")]
    assert [(kinds.count(("chosen", n)), kinds.count(("retest", n))) for n in (4, 5)] == [(8, 12), (15, 5)]
    assert result.designs == 44
    assert load(run) == result == small().resume(run)


def test_what_is_in_the_lab_as_the_weeks_end_comes_back_and_is_paid_for_once(tmp_path: Path) -> None:
    campaign = small(budget={"weeks": 3.0}, lab=dl.Lab.preset("good", plate_size=24, cost={"per_week": 100.0}))
    first = campaign.run(store=tmp_path)
    assert sum(first.outcomes.values()) < first.designs
    result = dl.extend(tmp_path, {"budget.weeks": 9.5})
    events = events_in(tmp_path)
    now = 3 * WEEK
    assert [event.minute for event in events if event.kind == "extended"] == [now]
    known = {event.design for event in events if event.kind in ("observed", "failed")}
    early = {event.design for event in events if event.kind == "submitted" and event.minute < now}
    assert early <= known
    rent = [event.minute for event in events if "rent" in event.data]
    assert rent == [week * WEEK for week in range(10)]
    assert events[-1].minute == 9.5 * WEEK
    assert result.weeks == 9.5


@pytest.mark.parametrize(
    ("budget", "change", "left"),
    [
        ({"designs": 20}, {"budget": {"weeks": 30}}, (float("inf"), 30, float("inf"))),
        ({"designs": 20}, {"budget.designs": 50}, (30, float("inf"), float("inf"))),
        ({"designs": 20, "cost": 9e9}, {"budget": {"designs": 50, "cost": 1e6}}, (30, float("inf"), 1e6)),
    ],
)
def test_a_budget_counts_the_whole_run(tmp_path: Path, budget: Any, change: Any, left: tuple[float, ...]) -> None:
    first = small(budget=budget).run(store=tmp_path)
    seen = []
    dl.extend(tmp_path, change, progress=lambda history, events: seen.append((history, events)))
    history, events = seen[0]
    assert [event.kind for event in events] == ["extended"]
    assert history.left.designs == left[0]
    assert history.left.weeks == pytest.approx(left[1] - first.weeks)
    assert history.left.cost == pytest.approx(left[2] - first.cost)
    charges = sum(sum(event.data.values()) for event in events_in(tmp_path) if event.kind == "charged")
    assert seen[-1][0].left.cost == pytest.approx(left[2] - charges)


def kinds(new: Transaction) -> set[str]:
    return {event.kind for event in new.events}


def fall_at(moment: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The power goes before the transaction of that number, or after the last."""
    n, plain = [0], StoredLog._write

    def write(log: EventLog, new: Any) -> None:
        if n[0] == moment:
            raise Falls
        n[0] += 1
        plain(log, new)

    monkeypatch.setattr(StoredLog, "_write", write)


EXTENSIONS: list[dict[str, Any]] = [
    {"budget.designs": 30, "strategy": "random", "scheduler": {"kind": "overlapping", "batch_size": 5}},
    {"budget.designs": 38, "strategy": GUIDED, "space": {"allowed": {1: "AC"}}},
]


def test_cut_off_before_any_transaction_an_extended_run_comes_to_the_same_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One in three, and those that write `extended` events and their neighbours.

    What is finished is extended then, else resumed.
    """
    small(budget={"designs": 8}).run(store=tmp_path / "first")
    plain, written = StoredLog._write, list[set[str]]()

    def whole(place: Path) -> str:
        small(budget={"designs": 8}).resume(place)
        for n, changes in enumerate(EXTENSIONS, start=1):
            if len(load(place).phases) <= n:
                dl.extend(place, {**changes, "budget.designs": 8 + 4 * n})
        return load(place).event_hash

    def begun(name: str) -> Path:
        return Path(shutil.copytree(tmp_path / "first", tmp_path / name))

    monkeypatch.setattr(StoredLog, "_write", lambda log, new: (written.append(kinds(new)), plain(log, new))[1])
    undisturbed = whole(begun("whole"))
    extended = [moment for moment, its in enumerate(written) if "extended" in its]
    assert len(extended) == len(EXTENSIONS)
    near = {moment + step for moment in extended for step in (-1, 0, 1)}
    for moment in sorted({*range(0, len(written), 3), *near} & set(range(len(written)))):
        place = begun(str(moment))
        monkeypatch.setattr(StoredLog, "_write", plain)
        fall_at(moment, monkeypatch)
        with pytest.raises(Falls):
            whole(place)
        monkeypatch.setattr(StoredLog, "_write", plain)
        assert whole(place) == undisturbed, moment


def test_extending_twice_keeps_the_record_of_extending_once(run: Path) -> None:
    records = [events_in(run)]
    for changes in EXTENSIONS:
        dl.extend(run, changes)
        records.append(events_in(run))
    for shorter, longer in pairwise(records):
        assert longer[: len(shorter)] == shorter
        assert longer[len(shorter)].kind == "extended"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"oracle.length": 9}, r"'oracle\.length' cannot change.*start a new run"),
        ({"lab": "typical"}, r"'lab' cannot change"),
        ({"seed": 3}, r"'seed' cannot change"),
        ({"prior.corpus": None}, r"'prior\.corpus' cannot change"),
        ({"name": "other"}, r"'name' cannot change"),
        ({"budgte.designs": 30}, r"unknown key 'budgte\.designs'. Did you mean 'budget'\?"),
        ({"budget.desings": 30}, r"unknown key 'desings' \(budget\.desings, from --set.*\. Did you mean 'designs'\?"),
        ({"budget.designs": 20}, r"the extension changes nothing"),
        ({}, r"the extension changes nothing"),
        (
            {"budget.designs": 5},
            r"budget\.designs is 5, but 20 are already spent .* set more, as in .* budget\.designs=40",
        ),
        ({"strategy": "random"}, r"budget\.designs is 20, but 20 are already spent \(a budget counts the whole run\)"),
        ({"strategy": "rnadom"}, r"unknown strategy 'rnadom' \(strategy, from --set.*\)\. Did you mean 'random'\?"),
        (
            {"budget.designs": 30, "scheduler": {"kind": "when-idle", "station": "asay"}},
            r"no station 'asay'\. Did you mean 'assay'\?",
        ),
        ({"budget.designs": 30, "space": {"max_length": 9}}, r"exceed the oracle's"),
    ],
)
def test_what_may_not_change_is_refused_and_nothing_is_touched(finished: Path, changes: Any, told: str) -> None:
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    with pytest.raises(ConfigError, match=told):
        dl.extend(finished, changes)
    assert {path.name: path.read_bytes() for path in finished.iterdir()} == before


def test_an_unfinished_run_is_first_resumed(tmp_path: Path) -> None:
    def fall(*_: object) -> None:
        raise Falls

    with pytest.raises(Falls):
        small().run(store=tmp_path, progress=fall)
    with pytest.raises(StoreError, match=r"is not finished; first `designloop resume .*then extend it"):
        dl.extend(tmp_path, {"budget.designs": 30})


def test_data_or_a_description_that_changed_are_not_extended(tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    rows = "".join(f"{a}{b}{c},{i}\n" for a in "ACGT" for b in "ACGT" for i, c in enumerate("ACGT"))
    table.write_text(f"sequence,value\n{rows}")
    campaign = small(oracle={"kind": "landscape", "path": str(table)}, strategy="random")
    campaign.run(store=tmp_path / "run")
    table.write_text(f"sequence,value\n{rows.replace(',1', ',7')}")
    with pytest.raises(StoreError, match=r"table\.csv changed since"):
        dl.extend(tmp_path / "run", {"budget.designs": 30})
    table.write_text(f"sequence,value\n{rows}")
    config = tmp_path / "run" / CONFIG
    config.write_text(config.read_text().replace("batch_size: 8", "batch_size: 9"))
    with pytest.warns(Notice), pytest.raises(StoreError, match=r"config\.yaml was edited"):
        dl.extend(tmp_path / "run", {"budget.designs": 30})


def test_code_that_was_mended_since_is_told_and_recorded_as_a_run_is_extended(tmp_path: Path) -> None:
    def campaign(comment: str) -> dl.Campaign:
        (tmp_path / "mine.py").write_text(CODE.format(comment=comment))
        return small(oracle=f"{tmp_path / 'mine.py'}:f")

    campaign("as it began").run(store=tmp_path / "run")
    campaign("mended")
    with pytest.warns(Notice, match=r"mine\.py changed since the run began"):
        result = dl.extend(tmp_path / "run", {"budget.designs": 30})
    events = events_in(tmp_path / "run")
    assert [(e.kind, e.minute) for e in events if e.kind == "code_changed"] == [
        ("code_changed", e.minute) for e in events if e.kind == "extended"
    ]
    assert campaign("mended").resume(tmp_path / "run") == result
    again = dl.extend(tmp_path / "run", {"budget.designs": 34})  # without a word: it has been told
    assert again.designs == 34


def test_code_mended_before_anything_was_recorded_is_no_event(tmp_path: Path) -> None:
    """Labels of starting data are measured before the first event is kept."""
    file, labelled = tmp_path / "mine.py", {"starts": {"draw": "random", "n": 4, "labelled": True}}
    file.write_text(CODE.format(comment="").replace("return", "raise ValueError('wrong'); return"))
    with pytest.raises(dl.DesignloopError, match="wrong"):
        small(oracle=f"{file}:f", prior=labelled).run(store=tmp_path / "run")
    file.write_text(CODE.format(comment=""))
    for name in [name for name in sys.modules if name.startswith("designloop_user_")]:
        del sys.modules[name]
    campaign = small(oracle=f"{file}:f", prior=labelled)
    result = campaign.resume(tmp_path / "run")
    assert result.event_hash == campaign.run().event_hash
    assert dl.extend(tmp_path / "run", {"budget.designs": 24}).designs == 24


def test_show_and_report_tell_the_phases(run: Path) -> None:
    from designloop.cli.shared.summaries import lines_of

    assert not any("phase" in line for line in lines_of(load(run)))
    dl.extend(run, {"budget.designs": 30})
    lines = list(lines_of(load(run)))
    assert any(
        line.startswith("  phase 1      week 0.0 to") and "20 designs · closed, the des" in line for line in lines
    )
    assert any("10 designs · budget.designs: 20 became 30 · closed" in line for line in lines)
    assert any("Extended in week" in text and "budget.designs: 20 became 30" in text for text in report_of(run).lead)
    assert [phase["designs"] for phase in load(run).as_dict()["phases"]] == [20, 10]


def test_a_run_that_was_extended_is_no_result_of_the_campaign_that_began_it(run: Path) -> None:
    dl.extend(run, {"budget.designs": 30})
    with pytest.raises(StoreError, match=r"holds a run of this campaign that was extended.*designloop show"):
        small(oracle=CountingOracle.fresh()).run(store=run)
    assert load(run).designs == 30
