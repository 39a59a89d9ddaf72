"""`live init --measured` finds the columns of a table as `tell` does, or says which one it wants."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from designloop.cli.main import app
from designloop.core.errors import InputError
from designloop.live.directory import Live

CONFIG = """name: rbs
space: {alphabet: rna, length: 4}
lab: live
strategy: random
scheduler: {kind: rounds, batch_size: 2}
"""
TABLES = {
    "another name": ("sequence,activity,outcome\nACUA,0.61,\nACUG,,not_expressed\n", ()),
    "with outcomes of values": ("sequence,activity,outcome\nACUA,0.61,observed\nACUG,,not_expressed\n", ()),
    "the only numbers": ("Sequence;kRFU\nACUA;0,61\nACUG;\n", ()),
    "one of two": ("sequence,batch,yield\nACUA,3,0.61\nACUG,3,\n", ("prior.starts.value=yield",)),
    "with its error": ("sequence,value,sem\nACUA,0.61,0.1\n", ()),
}


def begun(folder: Path, table: str, *settings: str) -> tuple[str, Live]:
    (folder / "rbs.yaml").write_text(CONFIG)
    (folder / "old.csv").write_text(table)
    words = ["live", "init", str(folder / "rbs.yaml"), str(folder / "live"), "--measured", str(folder / "old.csv")]
    done = CliRunner().invoke(app, [*words, *(word for its in settings for word in ("--set", its))])
    if done.exception is not None:
        raise done.exception
    return done.output, Live(folder / "live")


@pytest.mark.parametrize("name", TABLES)
def test_the_column_of_values_is_found(name: str, tmp_path: Path) -> None:
    table, settings = TABLES[name]
    _, live = begun(tmp_path, table, *settings)
    measured = live.history.is_measured
    assert np.array(live.history.sequences)[measured].tolist() == ["ACUA"]
    assert live.history.values[measured].tolist() == [0.61]
    if "sem" in table:
        assert live.history.std_errors.tolist() == [0.1]


def test_sequences_without_a_value_are_counted_apart(tmp_path: Path) -> None:
    said, _ = begun(tmp_path, TABLES["another name"][0])
    assert "1 measured sequence, and 1 without a value" in said


def test_columns_of_which_any_may_hold_the_values_are_refused(tmp_path: Path) -> None:
    for table in ("sequence,x,y\nACUA,1,2\n", "sequence,x,y,outcome\nACUA,1,2,\nACUG,,,lost\n"):
        with pytest.raises(
            InputError, match=r"which column holds the values\? columns: sequence, x, y.*starts\.value="
        ):
            begun(tmp_path, table)


def test_outcomes_alone_and_sequences_alone_are_read(tmp_path: Path) -> None:
    said, live = begun(tmp_path, "sequence,outcome\nACUG,lost\n")
    assert "0 measured sequences, and 1 without a value" in said
    assert list(map(str, live.history.outcomes)) == ["lost"]


def test_numbers_beside_outcomes_are_not_dropped_without_a_word(tmp_path: Path) -> None:
    """Where the file is named in the description, only columns of the plain names are read; the others are said."""
    (tmp_path / "rbs.yaml").write_text(f"{CONFIG}prior: {{starts: {tmp_path / 'old.csv'}}}\n")
    (tmp_path / "old.csv").write_text(TABLES["another name"][0])
    live = Live.begin(tmp_path / "rbs.yaml", tmp_path / "live")
    assert any("but not the columns of numbers (activity)" in remark for remark in live.remarks)
