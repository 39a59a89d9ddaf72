"""`designloop rehearse` prints the outcome and what is assumed, as one JSON object if asked, or in a line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from designloop.cli.main import app
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live

ROWS = [f"{'ACGU'[i % 4]}{'ACGU'[i // 4]}AGGAGG,{1.0 + 0.5 * (i % 4)},0.1" for i in range(16)]
LINEAR = "{kind: bayesian-linear, transform: standard, emphasis: 0}"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    (folder / "earlier.csv").write_text("\n".join(["sequence,value,std_error", *ROWS]) + "\n")
    campaign = LiveCampaign.model_validate(
        {
            "name": "rbs", "space": {"alphabet": "rna", "length": 8}, "strategy": "random",
            "scheduler": {"kind": "rounds", "batch_size": 4}, "budget": {"designs": 8},
            "prior": {"starts": str(folder / "earlier.csv")},
        }
    )  # fmt: skip
    return Live.begin(campaign, folder / "live", start="2026-03-02 09:00", by="ana").path


def run(place: Path, *words: str) -> Result:
    common = ["rehearse", str(place), "--at", "2026-03-09", "--surrogate", LINEAR, "--repeats", "1", "--workers", "1"]
    return CliRunner().invoke(app, [*common, *words])


def test_it_prints_tables_and_a_line_and_json(place: Path, tmp_path: Path) -> None:
    arms = tmp_path / "arms.yaml"
    arms.write_text("arms:\n  small batches: {scheduler.batch_size: 2}\n")
    words = ("--arms", str(arms), "--set", "budget.designs=6", "--target", "2")
    done = run(place, *words)
    assert done.exit_code == 0, done.output
    for what in ("the preset 'good', which is an assumption", "At the end of each arm", "small batches", "report  "):
        assert what in done.stdout
    found = json.loads(run(place, *words, "--json").stdout)
    assert [arm["label"] for arm in found["arms"]] == ["as planned", "small batches"]
    assert {arm["designs"]["mean"]["value"] for arm in found["arms"]} == {6.0}
    line = run(place, *words, "--quiet").stdout
    assert line == f"{found['headline']}\n"
    assert [path.name for path in (place / "rehearsals").iterdir()] == [Path(found["folder"]).name], "one question"


def test_what_is_wrong_ends_it_at_once(place: Path, tmp_path: Path) -> None:
    file = tmp_path / "arms.yaml"
    file.write_text("arm: {}\n")
    assert "expected the key `arms`" in str(run(place, "--arms", str(file)).exception)
    assert "holds no live campaign" in str(run(tmp_path / "nothing").exception)
    assert "unknown strategy 'rendom'" in str(run(place, "--strategy", "rendom").exception)
    assert "wanted a setting" not in run(place, "--set", "budget.designs").stdout
