"""What tests of rehearsals share: a live campaign of RNA of nine letters whose truth is linear and known."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live

LETTERS = "ACGU"
WEIGHTS = np.random.default_rng(1).normal(0.0, 0.3, (9, 4))
QUIET = {"preset": "good", "assay": {"lost_wells": 0.0, "lost_plates": 0.0}}
TODAY = "2026-04-20 09:00"


def linear(sequence: str) -> float:
    return 2.0 + sum(float(WEIGHTS[i, LETTERS.index(letter)]) for i, letter in enumerate(sequence))


def sequences(n: int) -> list[str]:
    rng = np.random.default_rng(2)
    return ["".join(rng.choice(list(LETTERS), 9)) for _ in range(n)]


def live(folder: Path, n_starts: int = 30, truth: Callable[[str], float] = linear, **changes: Any) -> Live:
    """A campaign with measured sequences, a round that is back, and a round in the lab."""
    rng = np.random.default_rng(3)
    rows = [(s, truth(s) + rng.normal(0.0, 0.1)) for s in sequences(n_starts) for _ in range(2)]
    starts = written(folder / "earlier.csv", ["sequence", "value"], rows) if rows else None
    fields: dict[str, Any] = {
        "name": "rbs", "space": {"alphabet": "rna", "length": 9}, "strategy": "genetic",
        "scheduler": {"kind": "rounds", "batch_size": 6}, "budget": {"designs": 30},
        "prior": {"starts": starts} if starts else {}, **changes,
    }  # fmt: skip
    its = Live.begin(LiveCampaign.model_validate(fields), folder / "live", start="2026-03-02 09:00", by="ana")
    its.ask(at="2026-03-02 10:00")
    if n_starts:
        told = [(key, truth(p.design.sequence) + rng.normal(0.0, 0.1)) for key, p in its.history.waiting.items()]
        its.tell(written(folder / "round-1.csv", ["design", "value"], told), at="2026-04-13 10:00")
        its.ask(at="2026-04-13 11:00")
    return its


def written(file: Path, header: list[str], rows: list[tuple[Any, ...]]) -> str:
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header, *rows])
    return str(file)
