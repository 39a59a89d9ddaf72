"""A campaign may name the file of its lab, which is read as if it stood in the campaign."""

import json
import re
from pathlib import Path

import pytest

from designloop.campaign import Campaign
from designloop.core.config import build, read_document, to_yaml
from designloop.core.errors import ConfigError
from designloop.lab.lab import Lab
from designloop.study import Study
from designloop.study.plan import plan_of

LAB = """\
preset: good
plate_size: 48
stages:
  cloning: {machines: 1, load: 24}
"""
CAMPAIGN = """\
oracle: {kind: nk, length: 8, neighbours: 1}
strategy: random
scheduler: {kind: rounds, batch_size: 4}
lab: ours.yaml
budget: {designs: 8}
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign with the file of its lab beside it; the working folder is another one."""
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "ours.yaml").write_text(LAB)
    (tmp_path / "lab" / "campaign.yaml").write_text(CAMPAIGN)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "lab" / "campaign.yaml"


def read(file: Path, lab: str = "ours.yaml") -> Campaign:
    file.write_text(CAMPAIGN.replace("ours.yaml", lab))
    return build(Campaign, read_document(file))


def written_out() -> Lab:
    return Lab.preset("good", plate_size=48, stages={"cloning": {"machines": 1, "load": 24}})


def test_the_file_beside_the_campaign_is_as_if_its_lab_stood_there(file: Path):
    campaign = read(file)
    assert campaign.lab == written_out()
    assert campaign.run().event_hash == campaign.with_(lab=written_out()).run().event_hash


def test_the_whole_lab_is_in_the_record_so_that_a_later_edit_of_the_file_changes_nothing(file: Path):
    described = to_yaml(read(file).describe())
    (file.parent / "ours.yaml").unlink()
    assert "ours.yaml" not in described
    (file.parent / "again.yaml").write_text(described)
    assert build(Campaign, read_document(file.parent / "again.yaml")).lab == written_out()


def test_a_file_is_changed_as_a_preset_is(file: Path):
    assert read(file, "{preset: ours.yaml, plate_size: 24}").lab == written_out().with_(plate_size=24)
    file.parent.joinpath("ours.yaml").rename("ours.yaml")  # into the working folder
    assert read(file).lab == written_out()
    assert Lab.preset("ours.yaml", plate_size=24).plate_size == 24


def test_the_lab_of_another_campaign_may_be_named(file: Path):
    file.with_name("other.yaml").write_text("lab: {preset: good, plate_size: 48}\noracle: nk\n")
    assert read(file, "other.yaml").lab == Lab.preset("good", plate_size=48)


def test_a_study_reads_the_file_beside_its_own(file: Path):
    base = "".join(f"  {line}\n" for line in CAMPAIGN.splitlines())
    file.with_name("study.yaml").write_text(f"base:\n{base}axes: {{strategies: {{a: random, b: random-viable}}}}\n")
    plan = plan_of(Study.read(file.with_name("study.yaml")))
    labs = [json.loads(cell.config)["lab"] for cell in plan.cells]
    assert labs == [json.loads(json.dumps(written_out().describe()))] * len(labs)
    assert labs


@pytest.mark.parametrize(
    ("lab", "text", "message"),
    [
        (
            "zzzzzzzz.yaml",
            LAB,
            "no file 'zzzzzzzz.yaml'; name a file beside the campaign's, or one in the working folder (lab, line 4",
        ),
        ("our.yaml", LAB, "Did you mean 'ours.yaml'?"),
        ("ours.yaml", LAB.replace("load", "laod"), "unknown key 'laod' (stages.3.laod"),
        ("ours.yaml", "plate_sise: 48\n", "unknown key 'plate_sise' (plate_sise, line 1 of "),
        ("ours.yaml", "preset: ours.yaml\n", "may begin with a preset (instant, good, "),
        ("ours.yaml", "oracle: nk\n", "describes a campaign without a lab; add `lab`"),
    ],
)
def test_a_mistake_is_told_with_its_file_before_anything_runs(file: Path, lab: str, text: str, message: str):
    (file.parent / "ours.yaml").write_text(text)
    with pytest.raises(ConfigError, match=re.escape(message)):
        read(file, lab)
