"""What the command line's tests share: a way to type a command, and a small campaign to type it on."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from designloop.cli.main import main

ORACLE = """
from pathlib import Path

import designloop as dl

BREAKS_AFTER = Path(__file__).with_name("breaks_after")  # plates that it still answers for


@dl.oracle(alphabet=dl.RNA, length=8)
def share_of_g(sequences):
    if BREAKS_AFTER.exists():
        n_plates = int(BREAKS_AFTER.read_text())
        if n_plates == 0:
            raise RuntimeError("the landscape fell over")
        BREAKS_AFTER.write_text(str(n_plates - 1))
    return [sequence.count("G") / 8 for sequence in sequences]
"""

CAMPAIGN = """\
name: small
oracle: {folder}/my_oracle.py:share_of_g
lab: good
strategy: random
scheduler:
  kind: rounds
  batch_size: 6
budget:
  designs: 18
"""


@dataclass(frozen=True)
class Answer:
    """What a command ended with, and what it printed."""

    code: int
    out: str
    err: str


@pytest.fixture
def designloop(monkeypatch, capsys) -> Callable[..., Answer]:
    """Type a command: `designloop("run", file, "--seed", 1)`."""

    def type_command(*words: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["designloop", *map(str, words)])
        with pytest.raises(SystemExit) as ending:
            main()
        printed = capsys.readouterr()
        return Answer(int(ending.value.code or 0), printed.out, printed.err)

    return type_command


@pytest.fixture
def campaign(tmp_path, monkeypatch) -> Path:
    """The small campaign's file, in a folder of its own that is also the working one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DESIGNLOOP_DEBUG", raising=False)
    (tmp_path / "my_oracle.py").write_text(ORACLE)
    file = tmp_path / "small.yaml"
    file.write_text(CAMPAIGN.format(folder=tmp_path))
    return file
