"""What tests of dossiers share: a strategy that chooses from a list, with predictions, and a campaign of it."""

from pathlib import Path
from typing import Any

import numpy as np
from live_stubs import begun

from designloop.core.history import History
from designloop.core.records import Choice, Order, Proposal
from designloop.live.directory import Live
from designloop.strategies.base import Strategy, leaders

LISTED = ("AAAAACCC", "AAAATCCC", "GAATTCCC", "GGGGGCCC", "CCCCCCCC", "TTTTACGT", "TGTATACG", "CAGATTAC", "TTGCAATC")
NATURAL = ("AAAACCCC", "GGGGCCCC", "TTTTACGA")


class Listed(Strategy):
    """The next of a list that nobody took. It predicts the number of As; nothing of what begins with C."""

    sequences: tuple[str, ...] = LISTED

    def propose(self, history: History, order: Order, rng: np.random.Generator) -> Proposal:
        free = [sequence for sequence in self.sequences if sequence not in history.taken | history.vetoed]
        choices = [
            Choice(sequence, "scripted")
            if sequence.startswith("C")
            else Choice(sequence, "mutation", float(sequence.count("A")), 1.0, 0.5)
            for sequence in free[: order.n_designs]
        ]
        return Proposal(tuple(choices), leaders(history, order.n_retests), {"weights": {"letters": 1.0}})


def listed(folder: Path, lab: dict[str, Any] | None = None, **changes: Any) -> Live:
    """Batches of four designs from a list, and a retest; two sequences were measured before, and three are natural."""
    folder.mkdir(exist_ok=True)
    (folder / "natural.txt").write_text("\n".join(NATURAL) + "\n")
    (folder / "earlier.csv").write_text("sequence,value\nAAAACCCC,2.0\nGGGGGGGG,<1.0\n")
    fields: dict[str, Any] = {
        "oracle": None, "space": {"alphabet": "dna", "length": 8}, "strategy": Listed(),
        "scheduler": {"kind": "rounds", "batch_size": 4, "n_retests": 1}, "budget": {"designs": 20, "weeks": 30},
        "prior": {"corpus": str(folder / "natural.txt"), "starts": str(folder / "earlier.csv")}, **changes,
    }  # fmt: skip
    return begun(folder, lab, **fields)


__all__ = ["LISTED", "NATURAL", "Listed", "listed"]
