"""Which method predicts a masked base of a tmRNA, and which predicts such bases in general?

    DESIGNLOOP_DATA=path/to/data python benchmarks/masked_tmrna.py
    DESIGNLOOP_DATA=path/to/data python benchmarks/masked_tmrna.py --without-homolog

The first part is `seed_tmrna.txt`, where an A is masked at position 145. Its nearest relative in the corpus, 95%
identical where they overlap, has A there, and most of its twenty nearest have G. --without-homolog leaves that relative
out. One base is an anecdote. The second part therefore covers all bases of 120 held-out tmRNAs at which the nearest
neighbour and the majority of the twenty nearest disagree. All other letters are given, and results are grouped by the
identity of the nearest neighbour. Neighbours are found by edit distance with no letter hidden. "+ vote" is the mean of
a network's probabilities and the weighted vote's.
"""

import argparse
import os
from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from objectives import OBJECTIVES, SHARPNESS, by_model

from designloop.core.alphabet import RNA
from designloop.core.files import found
from designloop.core.random import stream
from designloop.core.readers.sequences import Entry, read_cleaned
from designloop.core.spaces import Space
from designloop.inspection.alignment import Alignment, aligned
from designloop.language_models import Markov, Transformer

HELD_OUT, N_NEAR, HOMOLOG_FROM = 120, 20, 0.9
STRATA = (0.0, 0.7, 0.8, 0.9, 1.01)
Floats = NDArray[np.float64]


def neighbours(sequence: str, corpus: list[str]) -> list[tuple[Alignment, str]]:
    """The twenty nearest sequences, nearest first, each aligned with the sequence."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    distances = cdist([sequence], corpus, scorer=Levenshtein.distance, dtype=np.int32)[0]
    return [(aligned(sequence, corpus[i]), corpus[i]) for i in np.argsort(distances, kind="stable")[:N_NEAR]]


def opposite(near: list[tuple[Alignment, str]], place: int) -> list[str | None]:
    """The letter of each neighbour opposite a position, or None."""
    places = [(pair.opposite(place), other) for pair, other in near]
    return [None if at is None else other[at] for at, other in places]


def votes(near: list[tuple[Alignment, str]], place: int) -> Floats:
    """The neighbours' letters at a position, each weighted by exp(20 · identity), as shares, (4,)."""
    weights = np.full(len(RNA), 1e-6)
    for (pair, _), letter in zip(near, opposite(near, place), strict=True):
        if letter is not None:
            weights[RNA.letters.index(letter)] += np.exp(SHARPNESS * (pair.identity - 1))
    return weights / weights.sum()


def most(letters: list[str | None]) -> str | None:
    counted = Counter(letter for letter in letters if letter is not None)
    return counted.most_common(1)[0][0] if counted else None


def disputed(held: list[str], corpus: list[str]) -> tuple[NDArray[np.bool_], Floats, dict[str, Floats]]:
    """The positions where the nearest neighbour and the majority disagree.

    (mask of positions, (n, L); identity to the nearest sequence at each; each method's probabilities there).
    """
    where = np.zeros((len(held), max(map(len, held))), dtype=bool)
    alike: list[float] = []
    told: dict[str, list[Floats]] = {"nearest neighbour": [], "majority of 20": [], "20 neighbours, weighted": []}
    for row, sequence in enumerate(held):
        near = neighbours(sequence, corpus)
        for place in range(len(sequence)):
            letters = opposite(near, place)
            if letters[0] is None or letters[0] == most(letters):
                continue
            where[row, place] = True
            alike.append(near[0][0].identity)
            for name, named in (("nearest neighbour", letters[0]), ("majority of 20", most(letters))):
                told[name].append(np.array([letter == named for letter in RNA.letters], dtype=float))
            told["20 neighbours, weighted"].append(votes(near, place))
    return where, np.array(alike), {name: np.array(rows) for name, rows in told.items()}


def seed(models: dict[str, Any], corpus: list[str]) -> None:
    text = found("$DESIGNLOOP_DATA/seed_tmrna.txt").read_text().strip().upper().replace("T", "U")
    place = text.index("_")
    near = neighbours(text, corpus)
    alike = near[0][0].overlap.identity
    print(f"\n**The seed**, position {place + 1} of {len(text)}, A masked; nearest neighbour {alike:.1%} identical\n")
    print("| method | A | C | G | U |\n|---|---|---|---|---|")
    letters = opposite(near, place)
    rows = {"nearest neighbour": [float(letters[0] == letter) for letter in RNA.letters]}
    rows["20 neighbours, counted"] = [letters.count(letter) / N_NEAR for letter in RNA.letters]
    rows["20 neighbours, weighted"] = votes(near, place).tolist()
    codes = RNA.encode([text.replace("_", "A")])
    asked = np.arange(codes.shape[1])[None] == place
    for name, model in models.items():
        rows[name] = by_model(model, codes, asked)[0].tolist()
    for name, shares in rows.items():
        print(f"| {name} | " + " | ".join(f"{share:.2f}" for share in shares) + " |")


def at_large(models: dict[str, Any], held: list[str], corpus: list[str]) -> None:
    where, alike, told = disputed(held, corpus)
    codes = RNA.encode(held)
    truth = codes[where]
    told |= {name: by_model(model, codes, where) for name, model in models.items()}
    vote = told["20 neighbours, weighted"]
    told |= {f"{name} + vote": (told[name] + vote) / 2 for name in OBJECTIVES}
    print(f"\n**{len(truth):,} disputed bases** of {len(held)} held-out tmRNAs\n")
    table(told, truth)
    for low, high in pairwise(STRATA):
        of = (alike >= low) & (alike < high)
        if of.any():
            print(f"\n**{of.sum():,} of them**, with a nearest neighbour of identity {low:.1f} to {min(high, 1):.1f}\n")
            table({name: shares[of] for name, shares in told.items()}, truth[of])


def table(told: dict[str, Floats], truth: NDArray[np.integer[Any]]) -> None:
    print("| method | correct | agrees with nearest | agrees with majority | bits per base |\n|---|---|---|---|---|")
    first, many = (told[name].argmax(axis=1) for name in ("nearest neighbour", "majority of 20"))
    for name, shares in told.items():
        named = shares.argmax(axis=1)
        surprise = -np.log2(np.maximum(shares[np.arange(len(truth)), truth], 1e-9)).mean()
        bits = "–" if name in ("nearest neighbour", "majority of 20") else f"{surprise:.2f}"
        shared = [f"{(named == other).mean():.3f}" for other in (truth, first, many)]
        print(f"| {name} | {' | '.join(shared)} | {bits} |")


def split(without_homolog: bool, longest: int) -> tuple[list[str], list[str]]:
    """(held-out tmRNAs, training RNAs); homologs of the seed are never held out, but may be left out of both."""
    entries = [
        e
        for e in read_cleaned(found("$DESIGNLOOP_DATA/rna_families.fasta.gz"), RNA).entries
        if len(e.sequence) <= longest
    ]
    text = found("$DESIGNLOOP_DATA/seed_tmrna.txt").read_text().strip().upper().replace("T", "U")

    def is_homolog(entry: Entry) -> bool:
        return entry.notes.get("family") == "tmRNA" and aligned(text, entry.sequence).overlap.identity >= HOMOLOG_FROM

    homologs = {e.sequence for e in entries if is_homolog(e)}
    tmrnas = [e.sequence for e in entries if e.notes.get("family") == "tmRNA" and e.sequence not in homologs]
    held = {tmrnas[i] for i in stream(0, "tmRNAs").permutation(len(tmrnas))[:HELD_OUT]}
    left_out = held | (homologs if without_homolog else set())
    print(f"{len(homologs)} homologs of the seed are {'left out' if without_homolog else 'in the corpus'}")
    return sorted(held), [e.sequence for e in entries if e.sequence not in left_out]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--without-homolog", action="store_true", help="leave homologs of the seed out of the corpus")
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--minibatch", type=int, default=2048, help="letters in a minibatch")
    parser.add_argument("--optimizer", choices=["adamw", "muon"], default="muon")
    parser.add_argument("--longest", type=int, default=500, help="leave out sequences of more letters")
    parser.add_argument("--smoke", action="store_true", help="use untrained networks and few tmRNAs")
    args = parser.parse_args()
    if "DESIGNLOOP_DATA" not in os.environ:
        print("skipped: DESIGNLOOP_DATA is not set, and the sequences are not part of this project")
        return
    held, corpus = split(args.without_homolog, args.longest)
    if args.smoke:
        args.steps, args.depth, held, corpus = 5, 1, held[:2], corpus[::40]
    base = Transformer(
        depth=args.depth, steps=args.steps, minibatch=args.minibatch, optimizer=args.optimizer, device="cpu"
    )
    space = Space(alphabet=RNA, min_length=1, max_length=args.longest)
    parts = {"bigram": Markov(), **{name: base.with_(**fields) for name, fields in OBJECTIVES.items()}}
    models = {name: part.pretrained(corpus, space) for name, part in parts.items()}
    seed(models, corpus)
    at_large(models, held, corpus)


if __name__ == "__main__":
    main()
