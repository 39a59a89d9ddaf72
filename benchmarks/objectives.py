"""Which objective predicts a masked base best? Causal, masked and any-order models, neighbours and n-grams.

    DESIGNLOOP_DATA=path/to/data python benchmarks/objectives.py rna            # equal parameters and training letters
    DESIGNLOOP_DATA=path/to/data python benchmarks/objectives.py rna --minutes 10   # equal training time (processor)
    DESIGNLOOP_DATA=path/to/data python benchmarks/objectives.py sites

Held out are whole clusters of RNAs (greedy, 80% identity), or distinct sites. 15% of the letters of each held-out RNA,
and every letter of a site, are predicted one at a time, given all the others. A causal model scores the sequence with
each possible letter. Neighbours are found with the predicted letters of an RNA hidden, or the one letter of a site.
Each votes for its letter in a global alignment. The weighted vote is of 30 neighbours, weighted by exp(20 · identity).
"Both directions" is the mean of two causal networks' probabilities, one of which reads right to left: it has twice the
parameters. "+ vote" is the mean of a model's probabilities and the weighted vote's; no weight is fitted. For 5S rRNA, a
covariance model is included if Infernal and MAFFT are installed. Strata are by identity to the nearest training
sequence. Bits per base are for the letters given the length. They are exact for causal models and n-grams; for
any-order models they estimate its bound from eight random masks a sequence. Networks are cached in $DESIGNLOOP_CACHE.
"""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from time import process_time
from typing import Any

import covariance_model
import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import RNA, Codes
from designloop.core.files import found
from designloop.core.random import stream
from designloop.core.readers.sequences import MASK, read_cleaned, read_sequences
from designloop.core.spaces import Space
from designloop.core.threads import one_thread
from designloop.inspection.alignment import aligned
from designloop.inspection.clusters import split_by_cluster
from designloop.language_models import Markov, Transformer

STRATA = (0.0, 0.6, 0.7, 0.8, 0.9, 1.01)
N_VOTES, SHARPNESS = 30, 20.0
VOTE = f"{N_VOTES} neighbours, weighted"
FAMILY = "5S_rRNA"
ASKED_SHARE = 0.15
OBJECTIVES: dict[str, dict[str, Any]] = {
    "causal": {"objective": "causal"},
    "masked": {"objective": "masked"},
    "any-order": {"objective": "any-order"},
}
BACKWARD, BOTH = "causal, right to left", "causal, both directions"
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Data:
    train: list[str]
    held_out: list[str]
    families: list[str]
    """Families of the held-out sequences; `train_families` are those of the training sequences."""
    train_families: list[str]
    space: Space

    @property
    def codes(self) -> Codes:
        return self.space.alphabet.encode(self.held_out)

    def asked(self) -> NDArray[np.bool_]:
        """Letters to predict, the same for every method: all of a site; 15% of an RNA, at least one."""
        asked = np.zeros(self.codes.shape, dtype=bool)
        for row, sequence in enumerate(self.held_out):
            n = len(sequence) if self.space.has_one_length else max(1, round(ASKED_SHARE * len(sequence)))
            asked[row, stream(0, "asked", row).permutation(len(sequence))[:n]] = True
        return asked


def rna(share: float, longest: int, most: int | None) -> Data:
    entries = [
        e
        for e in read_cleaned(found("$DESIGNLOOP_DATA/rna_families.fasta.gz"), RNA).entries
        if len(e.sequence) <= longest
    ]
    if most is not None:
        entries = [entries[i] for i in stream(0, "objectives").permutation(len(entries))[:most]]
    sequences = [e.sequence for e in entries]
    train, held = split_by_cluster(sequences, 0.8, share, stream(0, "held out"))
    space = Space(alphabet=RNA, min_length=1, max_length=longest)
    families = [str(entry.notes.get("family", "?")) for entry in entries]
    of_held, of_train = ([families[i] for i in rows] for rows in (held, train))
    return Data([sequences[i] for i in train], [sequences[i] for i in held], of_held, of_train, space)


def sites(share: float) -> Data:
    """Distinct natural Shine-Dalgarno sites; sites of nine letters have no clusters to hold out."""
    distinct = list(dict.fromkeys(read_sequences(found("$DESIGNLOOP_DATA/shine_dalgarno_natural.txt"), RNA)))
    order = stream(0, "sites").permutation(len(distinct))
    n_held = int(share * len(distinct))
    held = [distinct[i] for i in order[:n_held]]
    learnt = [distinct[i] for i in order[n_held:]]
    return Data(learnt, held, ["site"] * len(held), ["site"] * len(learnt), Space.of_length(RNA, 9))


def of_neighbours(data: Data, asked: NDArray[np.bool_]) -> tuple[dict[str, Floats], Floats]:
    """(probabilities of nearest neighbour and weighted vote, (positions, letters); identity to the nearest, (n,))."""
    from rapidfuzz.distance import Levenshtein
    from rapidfuzz.process import cdist

    nearest, vote, alike = list[Floats](), list[Floats](), np.zeros(len(data.held_out))
    questions = [(row, places) for row in range(len(asked)) for places in _together(np.flatnonzero(asked[row]), data)]
    for row, places in questions:
        sequence = data.held_out[row]
        hidden = "".join(MASK if i in set(places.tolist()) else letter for i, letter in enumerate(sequence))
        distances = cdist([hidden], data.train, scorer=Levenshtein.distance, dtype=np.int32)[0]
        best = np.argsort(distances, kind="stable")[:N_VOTES]
        seen = [aligned(hidden, data.train[i]) for i in best]
        votes = np.full((len(places), len(RNA)), 1e-6)
        for rank, (pair, i) in enumerate(zip(seen, best, strict=True)):
            for k, place in enumerate(places.tolist()):
                opposite = pair.opposite(place)
                if opposite is not None:
                    votes[k, RNA.letters.index(data.train[i][opposite])] += np.exp(SHARPNESS * (pair.identity - 1))
            if rank == 0:
                nearest.append(votes / votes.sum(axis=1, keepdims=True))
        vote.append(votes / votes.sum(axis=1, keepdims=True))
        alike[row] = aligned(sequence, data.train[best[0]]).identity
    return {"nearest neighbour": np.vstack(nearest), VOTE: np.vstack(vote)}, alike


def _together(places: NDArray[np.int64], data: Data) -> list[NDArray[np.int64]]:
    """Letters hidden at once when neighbours are searched: one of a site, all predicted letters of an RNA."""
    return np.split(places, len(places)) if data.space.has_one_length else [places]


def of_covariance_model(data: Data, asked: NDArray[np.bool_]) -> dict[str, Floats]:
    """Probabilities by a covariance model of 5S rRNA, (positions, letters), NaN for other families; if installed."""
    rows, places = np.nonzero(asked)
    ours = np.array(data.families)[rows] == FAMILY
    train = [s for s, family in zip(data.train, data.train_families, strict=True) if family == FAMILY]
    if not ours.any() or len(train) < 2 or not covariance_model.is_installed():
        return {}
    shares = np.full((len(rows), len(RNA)), np.nan)
    pairs = [(data.held_out[row], int(place)) for row, place in zip(rows[ours], places[ours], strict=True)]
    shares[ours] = covariance_model.probabilities(train, pairs)
    return {"covariance model": shares}


def held_out_bits(model: Any, data: Data) -> float | None:
    """Bits per base given the length; None if the objective has no likelihood."""
    n_letters = sum(map(len, data.held_out))
    objective = getattr(model, "objective", "causal")
    if objective == "masked":
        return None
    if objective == "causal":
        return float(-model.letter_log_likelihoods(data.held_out).sum() / n_letters / np.log(2))
    rng, codes = stream(0, "bits"), data.codes
    total = 0.0
    for _ in range(8):  # Hoogeboom et al. 2022, eq. 5: the length times the mean over hidden letters
        hidden = np.zeros(codes.shape, dtype=bool)
        for row, sequence in enumerate(data.held_out):
            hidden[row, rng.permutation(len(sequence))[: rng.integers(1, len(sequence) + 1)]] = True
        logs = model._log_p(codes, hidden, hidden).sum(axis=1)
        total += float((logs * [len(s) for s in data.held_out] / hidden.sum(axis=1)).sum()) / 8
    return -total / n_letters / float(np.log(2))


def descriptions(args: argparse.Namespace, data: Data) -> dict[str, Transformer]:
    """One network for each objective, two for causal: equal size, and equal steps, or equal minutes by their speed."""
    base = Transformer(
        depth=args.depth,
        steps=args.steps,
        minibatch=args.minibatch,
        learning_rate=args.learning_rate,
        optimizer=args.optimizer,
        device="cpu",
    )
    asked_for = OBJECTIVES | {BACKWARD: {"objective": "causal", "direction": "right-to-left"}}
    found = {name: base.with_(**fields) for name, fields in asked_for.items()}
    if args.minutes is None:
        return found
    return {name: part.with_(steps=steps_in(args.minutes, part, data)) for name, part in found.items()}


def steps_in(minutes: float, part: Transformer, data: Data) -> int:
    """Steps of this objective in these minutes of processor time, estimated from the first forty."""
    from designloop.language_models.training.training import Training

    codes = part.encoded(data.train, data.space.alphabet)
    training = Training.begun(part.with_(steps=40), len(data.space.alphabet))
    with one_thread():
        began = process_time()
        training.run(codes)
    return int(60 * minutes * 40 / (process_time() - began))


def by_model(model: Any, codes: Codes, asked: NDArray[np.bool_]) -> Floats:
    return np.asarray(model.letter_probabilities(codes, asked))


def report(data: Data, probabilities: dict[str, Floats], bits: dict[str, float | None], alike: Floats) -> None:
    codes, asked = data.codes, data.asked()
    rows, _ = np.nonzero(asked)
    truth = codes[asked]
    right = {  # NaN where a method makes no prediction
        name: np.where(np.isnan(p[:, 0]), np.nan, np.argmax(p, axis=1) == truth) for name, p in probabilities.items()
    }
    told = {name: float(np.log2(p[np.arange(len(truth)), truth]).mean()) for name, p in probabilities.items()}
    families = np.array(data.families)[rows]
    for family in [*(f for f in ("tmRNA", "tRNA", "5S_rRNA") if f in families), "all"]:
        of_family = np.ones(len(rows), bool) if family == "all" else families == family
        strata = [
            (low, high, of_family & (alike[rows] >= low) & (alike[rows] < high)) for low, high in pairwise(STRATA)
        ]
        shown = [(low, high, places) for low, high, places in strata if places.any()]
        print(
            f"\n**{family}**, share of hidden bases predicted correctly, by identity to the nearest training sequence\n"
        )
        heads = [f"{low:.1f} to {min(high, 1):.1f} (n {places.sum():,})" for low, high, places in shown]
        print("| method | " + " | ".join([*heads, f"all (n {of_family.sum():,})"]) + " |")
        print("|---" * (len(heads) + 2) + "|")
        for name, hits in right.items():
            if not np.isnan(hits[of_family]).any():
                cells = [f"{hits[places].mean():.3f}" for *_, places in shown] + [f"{hits[of_family].mean():.3f}"]
                print(f"| {name} | " + " | ".join(cells) + " |")
    print("\n| method | bits per base, whole sequence | bits per hidden base |\n|---|---|---|")
    for name in (name for name, logs in told.items() if not np.isnan(logs)):
        of_whole = bits.get(name)
        print(f"| {name} | {'–' if of_whole is None else f'{of_whole:.3f}'} | {-told[name]:.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rna", "sites"], nargs="?", default="sites")
    parser.add_argument("--depth", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--minibatch", type=int, default=2048, help="letters in a minibatch")
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--optimizer", choices=["adamw", "muon"], default="muon")
    parser.add_argument("--minutes", type=float, help="train for processor minutes instead of steps")
    parser.add_argument("--share", type=float, default=0.1, help="share of sequences that is held out")
    parser.add_argument("--longest", type=int, default=500, help="leave out sequences of more letters")
    parser.add_argument("--most", type=int, help="keep this many sequences, drawn at random")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if "DESIGNLOOP_DATA" not in os.environ:
        print("skipped: DESIGNLOOP_DATA is not set, and the sequences are not part of this project")
        return
    if args.smoke:
        args.steps, args.depth, args.share, args.most, args.longest = 20, 1, 0.05, 200, 130
    read: Callable[[], Data] = (
        partial(sites, args.share) if args.what == "sites" else partial(rna, args.share, args.longest, args.most)
    )
    data = read()
    print(f"{len(data.train):,} training sequences, {len(data.held_out):,} held out, {args}")
    measure(data, descriptions(args, data))


def measure(data: Data, parts: dict[str, Transformer]) -> None:
    codes, asked = data.codes, data.asked()
    counted: Sequence[tuple[str, Markov]] = [("bigram", Markov()), ("5-gram", Markov(order=4, pseudocount=0.5))]
    if data.space.has_one_length:
        counted = [*counted, ("position weight matrix", Markov(order=0, positional=True, pseudocount=0.5))]
    probabilities, alike = of_neighbours(data, asked)
    probabilities |= of_covariance_model(data, asked)
    bits: dict[str, float | None] = {}
    for name, part in [*counted, *parts.items()]:
        began = process_time()
        model = part.pretrained(data.train, data.space)
        trained = process_time() - began
        probabilities[name], bits[name] = by_model(model, codes, asked), held_out_bits(model, data)
        steps = f", {part.steps:,} steps" if isinstance(part, Transformer) else ""
        print(
            f"{name}{steps}: {trained:.0f} s to train or load, {process_time() - began - trained:.0f} s to predict",
            flush=True,
        )
    probabilities[BOTH] = (probabilities["causal"] + probabilities[BACKWARD]) / 2
    vote = probabilities[VOTE]
    probabilities |= {f"{name} + vote": (probabilities[name] + vote) / 2 for name in [*OBJECTIVES, BOTH]}
    report(data, probabilities, bits, alike)


if __name__ == "__main__":
    main()
