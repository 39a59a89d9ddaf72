"""A campaign: the loop, its record, its directory, and how it goes on after a fall."""

import csv
import json
from pathlib import Path

import pytest
from stubs import CountingOracle, FailingLog, Scripted, played, small

import designloop as dl
from designloop.core.cache import remembered
from designloop.core.errors import ContractError, OracleError, ReplayError, StoreError
from designloop.core.history import History, Known
from designloop.core.records import Start
from designloop.language_models.base import LanguageModel
from designloop.language_models.from_checkpoint import FromCheckpoint
from designloop.storage.run_directory import load


class Reading(Scripted):
    """Scripted, and has two models at each decision."""

    model: LanguageModel

    def propose(self, *given):
        for key in ("one", "other"):
            remembered("model", key, list)
        return super().propose(*given)


def test_a_campaign_runs_to_the_end_of_its_budget() -> None:
    result = small().run(seed=0)
    assert (result.designs, result.rounds, result.stop) == (20, 3, "the designs are spent")
    assert sum(result.outcomes.values()) == 20
    assert result.best is not None
    assert str(result.best).startswith(f"Design {result.best.design} · value {result.best.value:.2f} · week ")
    assert result.n_retests == 4
    assert [p.value for p in result.true_trace] == sorted(p.value for p in result.true_trace)


def test_rounds_in_flight_do_not_measure_one_design_again_at_once() -> None:
    """Six are ordered to be measured again, of the few that are measured and not being measured again already."""
    flight = dl.scheduling.Overlapping(batch_size=4, n_retests=6, in_flight=3)
    budget = dl.Budget(designs=40)
    log = played(small(lab="typical", strategy=dl.strategies.Random(), scheduler=flight, budget=budget))
    under_way: set[int] = set()
    for event in log.events():
        if event.kind == "submitted" and event.data["retest"]:
            assert event.design not in under_way
            under_way.add(event.design)
        elif event.kind in ("observed", "failed") and event.data["retest"]:
            under_way.discard(event.design)


def test_only_the_assay_asks_the_oracle() -> None:
    small(oracle=CountingOracle.fresh()).run()
    assert CountingOracle.callers == {"lab"}


def test_the_history_a_strategy_sees_is_the_fold_of_the_recorded_events() -> None:
    Scripted.seen.clear()
    events = played(small()).events()
    for seen in Scripted.seen:
        n = next(i for i, e in enumerate(events) if e.kind == "chosen" and e.data["round"] == seen.round + 1)
        before = [e for e in events[1:n] if not (e.kind == "recommended" and e.data["round"] == seen.round)]
        again = History.opening(seen.space, Known(), events[0]).after(before)
        assert (again.rows, again.now, again.left.designs) == (seen.rows, seen.now, seen.left.designs)
        assert not seen.waiting


@pytest.mark.parametrize("flaw", ["few", "twice", "outside", "taken"])
def test_a_broken_contract_names_the_strategy_and_the_mend(flaw: str) -> None:
    with pytest.raises(ContractError, match=r"strategy 'stubs:Scripted' proposed") as caught:
        small(strategy=Scripted(flaw=flaw)).run()
    assert ";" in str(caught.value)


def test_a_campaign_that_nothing_ends_is_refused() -> None:
    with pytest.raises(ValueError, match=r"this campaign never ends"):
        small(budget=dl.Budget())


def test_a_run_directory_holds_the_run(tmp_path: Path) -> None:
    place = tmp_path / "seed-3"
    result = small(oracle=CountingOracle.fresh()).run(seed=3, store=place)
    assert sorted(p.name for p in place.iterdir()) == [
        "campaign.db",
        "config.yaml",
        "manifest.json",
        "observations.csv",
    ]
    manifest = json.loads((place / "manifest.json").read_text())
    assert (manifest["seed"], manifest["event_hash"]) == (3, result.event_hash)
    rows = list(csv.DictReader((place / "observations.csv").read_text().splitlines()))
    assert len({row["design"] for row in rows}) == 20
    assert dl.Campaign.read(place) == small()
    assert load(place) == result == small().run(seed=3)


def test_the_same_finished_run_is_read_and_not_run_again(tmp_path: Path) -> None:
    first = small(oracle=CountingOracle.fresh()).run(store=tmp_path / "run")
    assert small(oracle=CountingOracle.fresh(fails_at=0)).run(store=tmp_path / "run") == first
    CountingOracle.fresh()


def test_a_directory_of_another_campaign_is_refused_and_left_alone(tmp_path: Path) -> None:
    small().run(store=tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    with pytest.raises(StoreError, match=r"already holds another campaign.*--out"):
        small(name="other").run(store=tmp_path)
    with pytest.raises(StoreError, match=r"with seed 0"):
        small().run(seed=1, store=tmp_path)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_mistake_that_shows_at_the_opening_is_mended_in_the_same_directory(tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        small(strategy=Scripted(flaw="few")).run(store=tmp_path)
    assert load(tmp_path).designs == 0
    assert small().run(seed=1, store=tmp_path) == small().run(seed=1)
    assert dl.Campaign.read(tmp_path) == small()


def test_a_mistake_in_the_prior_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text("ACGTACGT\nACGXACGT\n")
    wrong = small(prior={"corpus": {"path": str(tmp_path / "corpus.txt")}})
    with pytest.raises(dl.DesignloopError, match=r"line 2.*'X'"):
        wrong.run(store=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_oracle_that_raises_loses_nothing_and_resume_goes_on(tmp_path: Path) -> None:
    whole = small(oracle=CountingOracle.fresh()).run(store=tmp_path / "whole")
    n_calls = len(CountingOracle.calls)
    with pytest.raises(OracleError, match=r"CountingOracle.*week.*on fire"):
        small(oracle=CountingOracle.fresh(fails_at=n_calls - 1)).run(store=tmp_path / "run")
    kept = load(tmp_path / "run")
    assert kept.stop is None
    assert kept.n_observed > 0
    with pytest.raises(StoreError, match=r"unfinished run of this campaign; continue it with `designloop resume"):
        small().run(store=tmp_path / "run")
    known = {sequence for call in CountingOracle.calls for sequence in call}
    again = small(oracle=CountingOracle.fresh()).resume(tmp_path / "run")
    assert again == whole
    assert not known & {sequence for call in CountingOracle.calls for sequence in call}


def test_a_run_goes_on_with_the_models_it_began_with_and_no_others(tmp_path: Path) -> None:
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"weights")
    strategy = Reading(model=FromCheckpoint(path=str(file)))
    whole = small(strategy=strategy, oracle=CountingOracle.fresh()).run(store=tmp_path / "whole")
    with pytest.raises(OracleError):
        small(strategy=strategy, oracle=CountingOracle.fresh(fails_at=len(CountingOracle.calls) - 1)).run(
            store=tmp_path / "run"
        )
    file.write_bytes(b"better weights")
    CountingOracle.fresh()
    before = (tmp_path / "run" / "manifest.json").read_bytes()
    with pytest.raises(
        StoreError, match=r"model\.safetensors changed since the run in .*run began.*restore the original"
    ):
        small(strategy=strategy).resume(tmp_path / "run")
    assert (tmp_path / "run" / "manifest.json").read_bytes() == before
    with pytest.raises(StoreError, match=r"model\.safetensors changed since"):
        small(strategy=strategy).run(store=tmp_path / "whole")
    assert small(strategy=strategy).resume(tmp_path / "whole") == whole  # what is finished is read
    file.write_bytes(b"weights")
    assert small(strategy=strategy).resume(tmp_path / "run") == whole


def test_the_manifest_names_all_that_a_run_and_its_resumption_took_from_the_cache(tmp_path: Path) -> None:
    strategy = Reading(model="markov")
    with pytest.raises(OracleError):
        small(strategy=strategy, oracle=CountingOracle.fresh(fails_at=1)).run(store=tmp_path)
    manifest = tmp_path / "manifest.json"
    assert json.loads(manifest.read_text())["cache"] == {"model": "one", "model other": "other"}
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "cache": {"model": "before"}}))
    small(strategy=strategy, oracle=CountingOracle.fresh()).resume(tmp_path)
    assert json.loads(manifest.read_text())["cache"] == {"model": "before", "model one": "one", "model other": "other"}


def test_progress_is_told_of_each_new_event_batch() -> None:
    log, told = FailingLog(), list[int]()
    small()._play(log, 0, lambda _, events: told.append(len(events)), None)
    assert len(told) == log.n_appends
    assert sum(told) == len(log.events())


def test_a_replay_names_the_first_difference() -> None:
    log = FailingLog(fails_at=9)
    with pytest.raises(KeyboardInterrupt):
        played(small(), log=log)
    with pytest.raises(ReplayError, match=r"event 0 differs from the recorded one"):
        played(small(), seed=1, log=log)


STARTS = {"draw": "random", "n": 30, "labelled": True}


def test_two_strategies_under_one_seed_start_from_the_same_data() -> None:
    """The same sequences, values and failures, whatever the strategy and its label; others under another seed."""
    viable = {"corpus": None, "starts": STARTS}
    strategies = (Scripted(), dl.strategies.Random(), dl.strategies.Genetic(model=None))
    opened = [played(small(strategy=s, prior=viable, label=s.kind)).events()[0].data["starts"] for s in strategies]
    assert opened[0] == opened[1] == opened[2]
    assert opened[0] != played(small(prior=viable), seed=1).events()[0].data["starts"]
    assert {start["outcome"] for start in opened[0]} >= {"observed", "not_expressed"}


def test_labelled_starts_cost_nothing_and_only_the_assay_asks_for_them() -> None:
    """Their truths are sealed beside the others', and the history begins with what the assay said."""
    log = played(small(oracle=CountingOracle.fresh(), prior={"starts": STARTS}))
    assert CountingOracle.callers == {"lab"}
    asked = [sequence for call in CountingOracle.calls for sequence in call]  # now and then one is asked again
    assert [truth.sequence for truth in log.truths()] == list(dict.fromkeys(asked))
    opened = log.events()[0]
    starts = {start["sequence"]: start for start in opened.data["starts"]}
    assert set(asked[:30]) == set(starts)
    for truth in log.truths()[:30]:
        assert (truth.value is None) == (starts[truth.sequence]["outcome"] == "not_expressed")
    history = History.opening(small().whole_space, Known(starts=tuple(Start(**s) for s in starts.values())), opened)
    assert (history.now, history.left.designs, history.n_designs) == (0, 20, 0)
    assert len(history.rows) == 30
    assert sum(e.kind == "submitted" and not e.data["retest"] for e in log.events()) == 20


def test_a_recorded_prior_is_not_read_again(tmp_path: Path) -> None:
    file = tmp_path / "corpus.txt"
    file.write_text("ACGTACGT\nACGAACGT\n")
    campaign = small(prior={"corpus": {"path": str(file)}, "starts": ["AAAACCCC"]})
    whole = played(campaign).hash()
    log = FailingLog(fails_at=9)
    with pytest.raises(KeyboardInterrupt):
        played(campaign, log=log)
    file.unlink()
    log.fails_at = None
    assert played(campaign, log=log).hash() == whole
