"""Reads a table of a million sequences with values: as a landscape, as starting sequences and as a corpus.

    python benchmarks/tables.py            # 1,000,000 sequences of 20 bases
    python benchmarks/tables.py --smoke    # 10,000

Each reader runs in a process of its own. Processor seconds include the imports; MiB are the peak of the whole process.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

LENGTH = 20
READERS = ("table", "landscape", "starts", "corpus", "semicolons")


def read(reader: str, file: Path) -> int:
    """The number of sequences that a reader finds."""
    from designloop.core.alphabet import DNA
    from designloop.core.prior import CorpusFile, StartsFile
    from designloop.core.readers.tables import read_table
    from designloop.core.spaces import Space
    from designloop.oracles.landscape import Landscape

    if reader == "corpus":
        return len(CorpusFile(path=str(file)).read(DNA).sequences)
    if reader == "starts":
        return len(StartsFile(path=str(file), value="value").read(Space.of_length(DNA, LENGTH))[0])
    if reader == "landscape":
        return len(Landscape(path=str(file)).truth.values)
    table = read_table(file)
    table.texts("sequence")
    return len(table.numbers("value"))


def written(folder: Path, n: int) -> Path:
    """A table of `n` distinct random sequences; beside it, the same as a spreadsheet with decimal commas writes it."""
    rng, drawn = random.Random(0), dict[str, None]()
    while len(drawn) < n:
        drawn["".join(rng.choices("ACGT", k=LENGTH))] = None
    rows = [f"{sequence},{rng.random():.4f}" for sequence in drawn]
    (folder / "t.csv").write_text("\n".join(["sequence,value", *rows, ""]))
    (folder / "s.csv").write_text("\n".join(["Sequence;Value", *rows, ""]).replace(",", ";").replace(".", ","))
    return folder


def measured(folder: Path) -> Iterator[tuple[str, int, float, float]]:
    """(reader, sequences, processor seconds, MiB) of each reader."""
    for reader in READERS:
        file = folder / ("s.csv" if reader == "semicolons" else "t.csv")
        done = subprocess.run(
            [sys.executable, __file__, "--one", reader, file], capture_output=True, check=True, text=True
        )
        n, seconds, mebibytes = done.stdout.split()
        yield reader, int(n), float(seconds), float(mebibytes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="10,000 sequences")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        n = read(args.one[0], Path(args.one[1]))
        print(n, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return
    with tempfile.TemporaryDirectory() as folder:
        print("| reader | sequences | processor seconds | MiB |\n|---|---|---|---|")
        for reader, n, seconds, mebibytes in measured(written(Path(folder), 10_000 if args.smoke else 1_000_000)):
            print(f"| {reader} | {n:,} | {seconds:.1f} | {mebibytes:.0f} |", flush=True)


if __name__ == "__main__":
    main()
