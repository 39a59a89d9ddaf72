"""Near-duplicates of one set of sequences in another: the time of all pairs, and of pairs that share a piece.

    python benchmarks/leakage.py [--n 100000]

Both sets are random DNA of 100 letters; one in a hundred sequences of the first has up to 9 edits of one of the second.
All pairs are compared for 200 sequences, and their time is multiplied. Both methods must find the same pairs.
"""

import argparse
from time import process_time

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from designloop.inspection.leakage import near_duplicates
from designloop.inspection.neighbours import identity
from designloop.inspection.shared_pieces import most_edits

LENGTH, NEAR, SAMPLE = 100, 0.9, 200


def drawn(n: int, seed: int) -> list[str]:
    letters = np.random.default_rng(seed).choice(np.frombuffer(b"ACGT", np.uint8), (n, LENGTH))
    return [row.tobytes().decode() for row in letters]


def sets(n: int) -> tuple[list[str], list[str]]:
    rng, mine, corpus = np.random.default_rng(2), drawn(n, 0), drawn(n, 1)
    for row in range(0, n, 100):
        letters = list(corpus[int(rng.integers(n))])
        for place in rng.choice(LENGTH, int(rng.integers(1, 10)), replace=False):
            letters[place] = "ACGT"[rng.integers(4)]
        mine[row] = "".join(letters)
    return mine, corpus


def of_all_pairs(mine: list[str], corpus: list[str]) -> set[int]:
    distances = cdist(mine, corpus, scorer=Levenshtein.distance, score_cutoff=most_edits(LENGTH, NEAR), dtype=np.int32)
    near = np.argwhere(distances <= most_edits(LENGTH, NEAR))
    return {int(row) for row, place in near if identity(mine[row], corpus[place]) >= NEAR}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--n", type=int, default=100_000)
    n = parser.parse_args().n
    mine, corpus = sets(n)
    began = process_time()
    found = near_duplicates(mine, corpus, NEAR)
    pieces = process_time() - began
    began = process_time()
    checked = of_all_pairs(mine[:SAMPLE], corpus)
    every = (process_time() - began) * n / min(SAMPLE, n)
    assert checked == {each.row for each in found if each.row < SAMPLE}
    print(f"{n:,} x {n:,}: {len(found):,} near-duplicates in {pieces:.0f} s;", end=" ")
    print(f"all pairs {every:.0f} s ({every / pieces:.0f} times)")


if __name__ == "__main__":
    main()
