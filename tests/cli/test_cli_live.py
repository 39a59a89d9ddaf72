"""`designloop live` says what it did in a few lines, as JSON if asked, and refuses with the way out."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from designloop.cli.main import app
from designloop.core.errors import ConfigError, StoreError

CONFIG = """name: rbs
space: {alphabet: rna, length: 9}
lab: live
strategy: random
scheduler: {kind: rounds, batch_size: 2}
budget: {designs: 4}
"""


def said(*words: object) -> str:
    done = CliRunner().invoke(app, ["live", *map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_campaign_from_its_beginning_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESIGNLOOP_USER", "ana")
    config, live = tmp_path / "rbs.yaml", tmp_path / "live"
    config.write_text(CONFIG)
    assert "0 measured sequences" in said("init", config, live, "--start", "2026-03-02 09:00")
    asked = json.loads(said("ask", live, "--json"))
    assert (asked["round"], [one["design"] for one in asked["designs"]]) == (1, [0, 1])
    assert all(Path(file).is_file() for file in asked["files"])
    (tmp_path / "r.csv").write_text("design,value\n0,1.5\n1,2.5\n")
    assert "nothing was recorded (--dry-run)" in said("tell", live, tmp_path / "r.csv", "--dry-run")
    told = json.loads(said("tell", live, tmp_path / "r.csv", "--json"))
    assert (told["n_new"], told["recorded"]) == (2, True)
    assert "nothing new, so nothing was recorded" in said("tell", live, tmp_path / "r.csv")
    (tmp_path / "s.csv").write_text("design,value\n0,1.25\n")
    assert "1 value of a well beyond" in said("tell", live, tmp_path / "s.csv", "--further", "--dry-run")
    assert "entry 2 is undone; 2 designs to come from the lab" in said("undo", live, 2)
    assert "2 designs lost; entry 4" in said("lost", live, "rbs_0", 1)
    assert "designs added to round 2" in said("add", live, "AAAAAAAAA", "CCCCCCCCC", "--new-round")
    assert "rbs_4 takes its wells: GGGGGGGGG" in said("veto", live, 2, "--instead", "GGGGGGGGG")
    assert "plate-map.csv" in said("sheets", live, "--round", 1)
    assert "dossier.html" in asked["files"][-1]
    assert json.loads(said("dossier", live, "--json"))["designs"][1]["why"].startswith(
        "chosen by ana; instead of rbs_2"
    )
    page = tmp_path / "page.html"
    assert f"dossier: {page}" in said("dossier", live, "--round", 1, "--out", page)
    assert "rbs, round 1" in page.read_text(encoding="utf-8")
    for verb in (("resume",), ("extend", "--set", "budget.designs=9")):
        done = CliRunner().invoke(app, [verb[0], str(live), *verb[1:]])
        assert "holds a live campaign" in str(done.exception)
    assert "copied to" in said("copy", live, tmp_path / "copy")
    assert said("status", tmp_path / "copy") == said("status", live)
    status = json.loads(said("status", live, "--json"))
    assert [(entry["kind"], entry["by"]) for entry in status["entries"]] == [
        ("asked", "ana"), ("told", "ana"), ("undone", "ana"), ("declared", "ana"), ("added", "ana"), ("vetoed", "ana")
    ]  # fmt: skip


def test_columns_may_be_named_as_options_are(tmp_path: Path) -> None:
    config, live, file = tmp_path / "rbs.yaml", tmp_path / "live", tmp_path / "r.csv"
    config.write_text(CONFIG)
    said("init", config, live)
    said("ask", live)
    file.write_text(f"Box,Spot,Signal\nR1P1,{_wells(live)[0]},1.5\n")
    told = said("tell", live, file, "--set", "plate=Box", "--set", "well=Spot")
    assert "1 new value of 1 design" in told
    for word in ("at", "file", "further", "dry_run", "directory"):
        with pytest.raises(ConfigError, match=f"unknown key '{word}'"):
            said("tell", live, file, "--set", f"{word}=Box")
        with pytest.raises(ConfigError, match=f"unknown key '{word}'"):
            CliRunner().invoke(app, ["import", str(live), str(file), "--set", f"{word}=1"], catch_exceptions=False)


def test_undo_names_files_that_repeated_results(tmp_path: Path) -> None:
    config, live, one, two = (tmp_path / name for name in ("rbs.yaml", "live", "1.csv", "2.csv"))
    config.write_text(CONFIG)
    said("init", config, live)
    said("ask", live)
    one.write_text("design,value\n0,1.5\n")
    two.write_text("design,value\n0,1.5\n1,2.5\n")
    said("tell", live, one)
    said("tell", live, two)
    assert "entry 3 also said results of entry 2, which are no longer known; tell its file" in said("undo", live, 2)
    assert "1 new value of 1 design" in said("tell", live, two)
    assert "also said" not in said("undo", live, 5)


def _wells(live: Path) -> list[str]:
    """The wells of the designs of round 1."""
    rows = (live / "round-1" / "results.csv").read_text().splitlines()
    place = rows[0].split(",").index("well")
    return [row.split(",")[place] for row in rows[1:]]


def test_past_rounds_are_imported_and_undone(tmp_path: Path) -> None:
    config, live, past = tmp_path / "rbs.yaml", tmp_path / "live", tmp_path / "past.csv"
    config.write_text(CONFIG)
    past.write_text("round,sequence,activity\n1,AAAAAAAAA,1.5\n1,CCCCCCCCC,\n")
    said("init", config, live, "--start", "2026-03-02 09:00")
    words = ["import", live, past, "--ordered", "2026-03-03", "--every", "6w", "--missing", "lost", "--by", "ana"]
    for more, end in (["--dry-run"], "nothing was recorded (--dry-run)"), ([], "recorded as entry 1"):
        done = CliRunner().invoke(app, [*map(str, words), *more], catch_exceptions=False)
        assert "1 measured, 1 failed, 0 with results to come" in done.stdout
        assert done.stdout.splitlines()[-1] == end
    again = CliRunner().invoke(app, [*map(str, words), "--set", "value=activity", "--json"], catch_exceptions=False)
    assert json.loads(again.stdout)["recorded"] is False
    said("ask", live)
    assert "so its designs stay in the lab; import the corrected files again" in said("undo", live, 1)
    begun = said("init", config, tmp_path / "other", "--past", _with_dates(past))
    assert "begins in" in begun
    assert "ordered 2026-03-03 12:00; 1 measured" in said("status", tmp_path / "other")


def _with_dates(file: Path) -> Path:
    header, *rows = file.read_text().splitlines()
    dated = [f"{header},ordered,measured", *(f"{row},2026-03-03,2026-04-14" for row in rows)]
    file.write_text("\n".join(dated) + "\n")
    return file


def test_a_real_lab_is_not_simulated(tmp_path: Path) -> None:
    config = tmp_path / "rbs.yaml"
    config.write_text(CONFIG)
    done = CliRunner().invoke(app, ["run", str(config)])
    assert "begin it with `designloop live init" in str(done.exception)
    assert CliRunner().invoke(app, ["validate", str(config)]).exit_code == 0


def test_a_batch_whose_dossier_cannot_be_written_is_recorded(tmp_path: Path) -> None:
    config, live = tmp_path / "rbs.yaml", tmp_path / "live"
    config.write_text(CONFIG)
    said("init", config, live)
    (live / "round-1" / "dossier.html").mkdir(parents=True)
    done = CliRunner().invoke(app, ["live", "ask", str(live)])
    assert isinstance(done.exception, StoreError)
    assert done.exception.__notes__ == [
        "note: round 1 is recorded; to write its files again: "
        f"designloop live sheets {live} and designloop live dossier {live}"
    ]
    (live / "round-1" / "dossier.html").rmdir()
    assert "none of 2 designs violates a limit (oligos)" in said("dossier", live)
    assert (live / "round-1" / "dossier.html").is_file()
