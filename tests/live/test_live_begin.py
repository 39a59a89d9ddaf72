"""A live campaign begins with what there is: a space, and measured sequences, failures included."""

from pathlib import Path

import pytest
from live_stubs import begun, small, twin, written
from stubs import CountingOracle

import designloop
from designloop.core.config import Document, build, read_text
from designloop.core.errors import ConfigError, StoreError
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live

WHOLE = "name: rbs\nspace: {alphabet: rna, length: 9}\nlab: live\nscheduler: rounds\n"


def described(text: str) -> LiveCampaign:
    return build(LiveCampaign, read_text(text, "live.yaml"))


def test_a_whole_space_needs_no_oracle() -> None:
    space = described(WHOLE).whole_space
    assert (space.alphabet.name, space.min_length, space.max_length) == ("rna", 9, 9)


def test_the_oracle_of_the_simulation_gives_its_space_and_is_asked_for_no_value(tmp_path: Path) -> None:
    CountingOracle.fresh()
    begun(tmp_path, space={"allowed": {0: "AC"}}).ask()
    assert CountingOracle.calls == []


def test_a_description_reads_back(tmp_path: Path) -> None:
    campaign = twin(small())
    assert build(LiveCampaign, Document(campaign.describe(), "described")) == campaign


BAD = {
    "no space": (WHOLE.replace("space: {alphabet: rna, length: 9}\n", ""), "a live campaign needs the sequences"),
    "two spaces": (WHOLE + "oracle: {kind: nk, length: 9}\n", "the oracle has a space already"),
    "labelled": (WHOLE + "prior: {starts: {draw: random, n: 4, labelled: true}}\n", "only a simulated lab measures"),
    "money": (WHOLE + "budget: {cost: 100}\n", "budget.cost needs the prices of the lab"),
    "no room": (WHOLE.replace("lab: live", "lab: {plate_size: 6, reserved: edge}"), "has no well left for designs"),
    "another lab": (WHOLE.replace("lab: live", "lab: good"), "expected 'live', got 'good' (lab.preset, line 3"),
    "a control nowhere": (WHOLE.replace("lab: live", "lab: {controls: [{name: wt}]}"), "expected `n`"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_description_is_refused_before_anything_is_written(name: str) -> None:
    text, message = BAD[name]
    with pytest.raises(ConfigError) as refused:
        described(text)
    assert message in str(refused.value)


def test_measured_sequences_and_failures_are_known_from_the_start(tmp_path: Path) -> None:
    rows = [("AAAAAAAA", 2.5, "observed"), ("CCCCCCCC", "", "not_expressed"), ("GGGGGGGG", "<0.1", "")]
    file = written(tmp_path / "old.csv", ["sequence", "value", "outcome"], rows)
    live = begun(tmp_path, prior={"starts": str(file)})
    history = live.history
    assert [str(outcome) for outcome in history.outcomes] == ["observed", "not_expressed", "below_detection"]
    assert "AAAAAAAA" in history.taken
    assert any("have a failure as outcome" in remark or "has a failure" in remark for remark in live.remarks)


def test_a_table_that_changed_is_noticed(tmp_path: Path) -> None:
    file = written(tmp_path / "old.csv", ["sequence", "value"], [("AAAAAAAA", 2.5)])
    live = begun(tmp_path, prior={"starts": str(file)})
    written(file, ["sequence", "value"], [("AAAAAAAA", 3.5)])
    with pytest.raises(StoreError, match=r"old\.csv changed since"):
        live.ask()


def test_the_directory_of_a_simulation_is_no_live_campaign(tmp_path: Path) -> None:
    small().run(store=tmp_path / "run")
    with pytest.raises((StoreError, ConfigError)):
        Live(tmp_path / "run")
    with pytest.raises(StoreError, match="holds no live campaign"):
        Live(tmp_path)


def test_a_folder_with_files_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "thesis.tex").write_text("...")
    with pytest.raises(StoreError, match=r"live is not empty \(thesis\.tex\); give a new folder"):
        begun(tmp_path)
    assert [path.name for path in (tmp_path / "live").iterdir()] == ["thesis.tex"]
    (tmp_path / "live" / "thesis.tex").unlink()
    assert begun(tmp_path).history.round == 0


def test_the_wells_of_a_live_campaign_are_loaded_as_those_of_a_run(tmp_path: Path) -> None:
    """The manual says so: what was undone does not count."""
    live = begun(tmp_path)
    live.ask()
    for value in (1.5, 2.5):
        live.tell(written(tmp_path / "r.csv", ["design", "value"], [(0, value)]))
        if value == 1.5:
            live.undo(2)
    assert designloop.load(live.path).observations()["value"].to_list() == [2.5]
