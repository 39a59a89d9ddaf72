"""What a prior is worth in the loop, by training objective: viable proposals, hits, and designs to a value.

    python benchmarks/worth_of_prior.py ehrlich
    python benchmarks/worth_of_prior.py evolved
    python benchmarks/worth_of_prior.py "agreement 0" "agreement 0.5" "agreement 0.9"
    DESIGNLOOP_DATA=path/to/data python benchmarks/worth_of_prior.py shine_dalgarno

Compares model-guided design without a language model (mutation and recombination, no naturalness), with a bigram model,
and with a transformer of each objective. All have the same corpus, landscape and seeds. Ehrlich functions have 20
states, length 20 and two motifs of four, with a new instance for each seed, and 10 batches of 48 without noise or
delay. In `evolved`, the corpus comes from a population under selection on the landscape (strength .2). In `agreement`,
expression depends on a naturalness score that the corpus shows only in part. Shine-Dalgarno is the campaign of
configs/, 6 batches of 24 in the `good` lab; hits are counted by values of the table. Differences are from the bigram
model, paired by seed, with a 95% bootstrap interval.
"""

import argparse
import os
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from real_landscapes import numbers

import designloop as dl
from designloop.core.config import build, read_document
from designloop.core.history import History

EHRLICH = {"kind": "ehrlich", "num_states": 20, "length": 20, "num_motifs": 2, "motif_length": 4, "quantization": 4}
AGREEMENTS = {"agreement 0": 0.0, "agreement 0.5": 0.5, "agreement 0.9": 0.9}
THRESHOLDS = {"shine_dalgarno": 2.88}
THRESHOLD = 0.5
LANDSCAPES = ["ehrlich", "evolved", *AGREEMENTS, "shine_dalgarno"]
PRIORS = ["no model", "bigram", "causal", "masked", "any-order"]
CLIMB = {"generations": 12, "children": 480}


class Cell(NamedTuple):
    landscape: str
    prior: str
    seed: int
    steps: int
    designs: int
    optimizer: str = "muon"


class Outcome(NamedTuple):
    viable: list[float]
    """For each round, the share of designs with a value, among those with a value or not expressed."""
    values: list[float]
    """True value of each design in order, 0 if the lab gave no value."""
    n_hits: int


def oracle(landscape: str, seed: int) -> dict[str, Any]:
    inner = {**EHRLICH, "seed": seed}
    if landscape == "evolved":
        return {"kind": "evolved", "oracle": inner, "strength": 0.2}
    if landscape in AGREEMENTS:
        return {"kind": "expression", "oracle": inner, "agreement": AGREEMENTS[landscape]}
    return inner


def strategy(cell: Cell) -> dict[str, Any]:
    if cell.prior == "no model":
        generator: dict[str, Any] = {"kind": "mutation", "climb": CLIMB}
    else:
        transformer = {"kind": "transformer", "objective": cell.prior, "steps": cell.steps, "optimizer": cell.optimizer}
        model = "markov" if cell.prior == "bigram" else transformer
        generator = {"kind": "language-model", "model": model, "climb": CLIMB}
    return {"kind": "model-guided", "generator": generator}


def campaign(cell: Cell) -> "dl.Campaign":
    if cell.landscape == "shine_dalgarno":
        document = read_document(Path(__file__).parent.parent / "configs" / "shine_dalgarno.yaml")
        document.data["strategy"] = strategy(cell)
        document.data["budget"] = {"designs": min(cell.designs, 144)}
        return build(dl.Campaign, document)
    return dl.Campaign(
        oracle=oracle(cell.landscape, cell.seed),
        lab="instant",
        strategy=strategy(cell),
        scheduler={"kind": "rounds", "batch_size": min(48, cell.designs)},
        budget={"designs": cell.designs},
    )


def run(cell: Cell) -> tuple[Cell, Outcome]:
    seen: list[History] = []
    described = campaign(cell)
    described.run(seed=cell.seed, progress=lambda history, _: seen.append(history))
    history = seen[-1]
    ours = history.ids >= 0
    rounds = history.rounds[ours]
    spoke = np.array([o.has_value or o.value == "not_expressed" for o in history.outcomes])[ours]
    has_value = np.array([o.has_value for o in history.outcomes])[ours]
    viable = [
        float(has_value[(rounds == r) & spoke].mean()) for r in np.unique(rounds) if ((rounds == r) & spoke).any()
    ]
    sequences = [s for s, one in zip(history.sequences, ours, strict=True) if one]
    values = np.where(has_value, np.nan_to_num(described.oracle(sequences)), 0.0)
    return cell, Outcome(viable, values.tolist(), n_hits(described, sequences, has_value))


def n_hits(described: "dl.Campaign", sequences: list[str], has_value: "np.ndarray") -> int:
    oracle = described.oracle
    if isinstance(oracle, dl.oracles.Landscape):
        values, threshold = oracle.with_(variance=None)(sequences), THRESHOLDS["shine_dalgarno"]
    else:
        values, threshold = oracle(sequences), THRESHOLD
    return int((has_value & (values >= threshold)).sum())


def designs_to(values: list[float], threshold: float) -> float:
    reached = np.flatnonzero(np.array(values) >= threshold)
    return float(reached[0] + 1) if len(reached) else float("inf")


def interval(differences: list[float], digits: int = 2) -> str:
    from scipy.stats import bootstrap

    mean = float(np.mean(differences))
    if len(differences) < 2 or np.ptp(differences) == 0:
        return f"{mean:+.{digits}f}"
    low, high = bootstrap((differences,), np.mean, rng=np.random.default_rng(0), n_resamples=4000).confidence_interval
    return f"{mean:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def report(landscape: str, outcomes: dict[tuple[str, int], Outcome], seeds: list[int]) -> None:
    """Print the table. If the threshold is not reached, designs to it count as the budget plus one."""
    threshold = THRESHOLDS.get(landscape, THRESHOLD)
    n_rounds = max(len(o.viable) for o in outcomes.values())
    shown = [r for r in (1, 2, 3, 6, 10) if r <= n_rounds]
    heads = " | ".join(f"viable in round {r}" for r in shown)
    print(f"\n**{landscape}**, {len(seeds)} seed{'s' * (len(seeds) != 1)}, threshold {threshold}\n")
    print(
        f"| prior | {heads} | best value at the end | minus bigram | hits | minus bigram "
        f"| designs to {threshold}: median, reached by | minus bigram |"
    )
    print("|---" * (len(shown) + 7) + "|")
    for prior in PRIORS:
        of, of_bigram = ([outcomes[name, seed] for seed in seeds] for name in (prior, "bigram"))
        n = len(of[0].values)
        best, best_base = ([max(o.values) for o in group] for group in (of, of_bigram))
        first, first_base = ([min(designs_to(o.values, threshold), n + 1) for o in group] for group in (of, of_bigram))
        shares = [np.mean([o.viable[r - 1] for o in of if len(o.viable) >= r]) for r in shown]
        reached = sum(value <= n for value in first)
        median = f"{np.median(first):.0f}" if np.median(first) <= n else f"> {n}"
        columns = [
            *(f"{share:.0%}" for share in shares),
            f"{np.mean(best):.2f} ± {np.std(best, ddof=min(1, len(best) - 1)) / len(best) ** 0.5:.2f}",
            interval([a - b for a, b in zip(best, best_base, strict=True)]),
            f"{np.mean([o.n_hits for o in of]):.1f}",
            interval([a.n_hits - b.n_hits for a, b in zip(of, of_bigram, strict=True)], 1),
            f"{median}, {reached} of {len(seeds)}",
            interval([a - b for a, b in zip(first, first_base, strict=True)], 0),
        ]
        print(f"| {prior} | " + " | ".join(columns) + " |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("landscapes", nargs="*", metavar="LANDSCAPE", help=f"one or more of {', '.join(LANDSCAPES)}")
    parser.add_argument("--seeds", type=numbers, default=numbers("0-19"))
    parser.add_argument("--steps", type=int, default=1500, help="steps of pretraining")
    parser.add_argument("--optimizer", choices=["adamw", "muon"], default="muon")
    parser.add_argument("--designs", type=int, default=480)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run one seed and two small batches with little training")
    args = parser.parse_args()
    args.landscapes = args.landscapes or ["ehrlich"]
    if unknown := [name for name in args.landscapes if name not in LANDSCAPES]:
        parser.error(f"unknown landscape {unknown[0]!r}; expected one of {', '.join(LANDSCAPES)}")
    if args.smoke:
        args.seeds, args.steps, args.designs = [0], 5, 10
    for landscape in args.landscapes:
        if landscape == "shine_dalgarno" and "DESIGNLOOP_DATA" not in os.environ:
            print("skipped: DESIGNLOOP_DATA is not set, and the measured table is not part of this project")
            continue
        cells = [
            Cell(landscape, prior, seed, args.steps, args.designs, args.optimizer)
            for seed in args.seeds
            for prior in PRIORS
        ]
        outcomes = {}
        with ProcessPoolExecutor(args.workers) as pool:
            for cell, outcome in pool.map(run, cells):
                outcomes[cell.prior, cell.seed] = outcome
        report(landscape, outcomes, args.seeds)


if __name__ == "__main__":
    main()
