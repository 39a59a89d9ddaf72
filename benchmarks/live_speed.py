"""How long the commands of a large live campaign take: `ask` for 96 designs from 2,000 values, `tell` of 10,000 rows.

The dossier is that of the batch that was asked for; the page of long sequences has 384 designs of 1,000 letters.

    python benchmarks/live_speed.py [--smoke]

Times are of one process: elapsed and processor seconds, after its imports. The first `ask` of a machine also compiles.
"""

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from designloop.core.random import stream
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live

LENGTH = 30
LETTERS = list("ACGT")


def main() -> None:
    """Print the time of each command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="a small campaign")
    small = parser.parse_args().smoke
    n_known, n_told = (60, 100) if small else (2_000, 10_000)
    with tempfile.TemporaryDirectory() as folder:
        ask(Path(folder), n_known, batch_size=12 if small else 96)
        tell(Path(folder), n_told)
        long(Path(folder), n=8 if small else 384)


def ask(folder: Path, n_known: int, batch_size: int) -> None:
    """Ask `auto` for two batches: the first after a table of earlier values, the second with the first in the lab."""
    rng = stream(0, "values")
    sequences = drawn(n_known, rng)
    weights = rng.normal(size=(LENGTH, len(LETTERS)))
    values = [
        sum(weights[at, LETTERS.index(letter)] for at, letter in enumerate(sequence)) + rng.normal(scale=0.5)
        for sequence in sequences
    ]
    earlier = written(folder / "earlier.csv", ("sequence", "value"), zip(sequences, values, strict=True))
    live = begun(folder / "ask", batch_size, prior={"starts": str(earlier)})
    for what in ("first", "next"):
        with timed(f"ask for {batch_size} from {n_known:,} values, {what}"):
            live.ask(anyway=what == "next")
        with timed(f"its dossier, {what}"):
            live.dossier().save(folder / "dossier.html")


def tell(folder: Path, n: int) -> None:
    """Tell a file with a value for each design of one large batch."""
    live = begun(folder / "tell", n, strategy="random")
    live.ask()
    values = stream(0, "told").normal(size=n)
    file = written(folder / "results.csv", ("design", "value"), enumerate(values))
    with timed(f"tell {n:,} rows"):
        live.tell(file)
    assert len(live.history.values) == n


def long(folder: Path, n: int) -> None:
    """The dossier of a large batch of long sequences."""
    live = begun(folder / "long", n, strategy="random", space={"alphabet": "dna", "length": 1_000})
    live.ask()
    with timed(f"dossier of {n} designs of 1,000 letters"):
        live.dossier().save(folder / "long.html")


def begun(folder: Path, batch_size: int, **fields: object) -> Live:
    """A campaign of DNA in an empty folder."""
    described = {
        "name": "large",
        "space": {"alphabet": "dna", "length": LENGTH},
        "scheduler": {"kind": "rounds", "batch_size": batch_size},
        "budget": {"designs": 20 * batch_size},
        **fields,
    }
    return Live.begin(LiveCampaign.model_validate(described), folder, start="2026-03-02 09:00", by="ana")


def drawn(n: int, rng: np.random.Generator) -> list[str]:
    """Different random sequences."""
    found = dict[str, None]()
    while len(found) < n:
        found["".join(rng.choice(LETTERS, LENGTH))] = None
    return list(found)


def written(file: Path, header: tuple[str, ...], rows: object) -> Path:
    """A table in a file."""
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([header, *rows])  # type: ignore[misc]
    return file


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long the block took."""
    elapsed, processor = time.monotonic(), time.process_time()
    yield
    print(f"{what}: {time.monotonic() - elapsed:.2f} s, {time.process_time() - processor:.2f} s of processor time")


if __name__ == "__main__":
    main()
