"""What pretraining achieves: how often a language model's infills are feasible, and how fast it samples.

The model is trained on feasible sequences of an Ehrlich landscape, on one thread. Then 1 to 4 letters of held-out
feasible sequences are hidden and sampled again. The transformer and the n-gram model are compared.

    OMP_NUM_THREADS=1 python benchmarks/pretraining.py            # about three minutes
    OMP_NUM_THREADS=1 python benchmarks/pretraining.py --smoke    # seconds; the numbers mean nothing
"""

import argparse
from time import perf_counter

import numpy as np

from designloop.core.random import stream
from designloop.language_models import Markov, Transformer
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.oracles import Ehrlich

ORACLE = Ehrlich(num_states=32, length=32, num_motifs=4, motif_length=4, quantization=4)


def hidden(shape: tuple[int, int], n_missing: int, rng: np.random.Generator) -> np.ndarray:
    return rng.random(shape).argsort(axis=1).argsort(axis=1) < n_missing


def feasible_share(model: SequenceModel, codes: np.ndarray, n_missing: int, passes: int | None) -> float:
    rng = stream(0, "benchmark", n_missing)
    missing = hidden(codes.shape, n_missing, rng)
    filled = model.infill(codes, missing, ORACLE.space, rng, passes=passes)
    return float(ORACLE.is_feasible(filled).mean())


def speeds(model: SequenceModel, codes: np.ndarray) -> tuple[float, float, float]:
    """Sequences a second: infilling (3 missing letters, one pass), scoring, and sampling."""
    rng = stream(0, "benchmark", "speed")
    missing = hidden(codes.shape, 3, rng)
    sequences = ORACLE.space.alphabet.decode(codes)
    n_samples = max(len(codes) // 10, 1)
    began = perf_counter()
    model.infill(codes, missing, ORACLE.space, rng, passes=1)
    infilled = perf_counter()
    model.log_likelihood(sequences)
    scored = perf_counter()
    model.sample(n_samples, ORACLE.space, rng)
    sampled = perf_counter()
    return len(codes) / (infilled - began), len(codes) / (scored - infilled), n_samples / (sampled - scored)


def measure(description: LanguageModel, corpus: list[str], codes: np.ndarray) -> None:
    began = perf_counter()
    model = description.pretrained(corpus, ORACLE.space)
    seconds = perf_counter() - began
    one_pass = [feasible_share(model, codes, n, 1) for n in (1, 2, 3, 4)]
    every_pass = [feasible_share(model, codes, n, None) for n in (1, 2, 3, 4)]
    infills, scores, samples = speeds(model, codes)
    sampled = ORACLE.space.alphabet.encode(model.sample(max(len(codes) // 10, 1), ORACLE.space, stream(0, "sample")))
    print(
        f"| {description.kind} | {seconds:.1f} | {' '.join(f'{100 * share:.1f}' for share in one_pass)} "
        f"| {' '.join(f'{100 * share:.1f}' for share in every_pass)} | {100 * ORACLE.is_feasible(sampled).mean():.1f} "
        f"| {infills:,.0f} | {scores:,.0f} | {samples:,.0f} |",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="train for 5 steps on 100 sequences")
    smoke = parser.parse_args().smoke
    n_corpus, n_held_out = (100, 20) if smoke else (5000, 4000)
    natural = ORACLE.corpus(n_corpus + n_held_out, stream(0, "corpus"))
    held_out = ORACLE.space.alphabet.encode(natural[n_corpus:])
    transformer = Transformer(steps=5) if smoke else Transformer()
    print(f"corpus {n_corpus:,} × {ORACLE.length} over {ORACLE.num_states} states, {n_held_out:,} held out\n")
    print("| model | pretraining, s | feasible infills of 1/2/3/4 letters in %, one pass | one pass a letter ", end="")
    print("| feasible samples in % | infills/s | scores/s | samples/s |\n|---|---|---|---|---|---|---|---|")
    for description in (Markov(), transformer):
        measure(description, natural[:n_corpus], held_out)


if __name__ == "__main__":
    main()
