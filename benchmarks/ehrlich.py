"""Best value on Ehrlich(32 states, length 32, 4 motifs of 4) after 10 batches of 96, without noise or delay.

    python benchmarks/ehrlich.py --instances 0-9 --seeds 0-1 --model transformer

Quantization is 4. Each strategy gets the same 5,000 unlabelled feasible sequences and the same language model.
Degenerate instances are listed and left out. Every campaign is listed. The standard error is over instances, each
the mean of its seeds.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter
from typing import NamedTuple

import designloop as dl


class Cell(NamedTuple):
    strategy: str
    instance: int
    seed: int
    model: str
    batches: int


def oracle(instance: int) -> "dl.oracles.Ehrlich":
    return dl.oracles.Ehrlich(num_states=32, length=32, num_motifs=4, motif_length=4, quantization=4, seed=instance)


def strategy(cell: Cell) -> "dl.strategies.Strategy":
    if cell.strategy == "model-guided":
        return dl.strategies.ModelGuided(generator=dl.generators.LanguageModel(model=cell.model))
    known = {"random-viable": dl.strategies.RandomViable, "genetic": dl.strategies.Genetic}
    return known[cell.strategy](model=cell.model)


def best(cell: Cell) -> tuple[Cell, float, float]:
    """The cell, the best true value among measured designs, and its seconds."""
    campaign = dl.Campaign(
        oracle=oracle(cell.instance),
        lab=dl.Lab.preset("instant"),
        strategy=strategy(cell),
        scheduler=dl.scheduling.Rounds(batch_size=96),
        budget=dl.Budget(designs=96 * cell.batches),
    )
    began = perf_counter()
    result = campaign.run(seed=cell.seed)
    return cell, result.best.value if result.best else 0.0, perf_counter() - began


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=numbers, default=numbers("0-9"))
    parser.add_argument("--seeds", type=numbers, default=numbers("0-1"))
    parser.add_argument("--model", default="transformer", choices=["transformer", "markov"])
    parser.add_argument("--strategies", nargs="+", default=["model-guided", "genetic", "random-viable"])
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run one instance, one seed and two batches with markov")
    args = parser.parse_args()
    if args.smoke:
        args.instances, args.seeds, args.model, args.batches = [0], [0], "markov", 2
    degenerate = [instance for instance in args.instances if oracle(instance).is_degenerate]
    print(f"degenerate instances, left out: {degenerate or 'none'}", flush=True)
    cells = [
        Cell(name, instance, seed, args.model, args.batches)
        for name in args.strategies  # outermost, so that no two workers pretrain the same model at once
        for instance in args.instances
        if instance not in degenerate
        for seed in args.seeds
    ]
    values = run(cells, args.workers)
    report(values, args.strategies, args.seeds)


def run(cells: list[Cell], workers: int) -> dict[tuple[str, int, int], float]:
    values = {}
    with ProcessPoolExecutor(workers) as pool:
        for cell, value, seconds in pool.map(best, cells):
            values[cell.strategy, cell.instance, cell.seed] = value
            print(
                f"{cell.strategy:14} instance {cell.instance} seed {cell.seed}: {value:.3f}  ({seconds:.0f} s)",
                flush=True,
            )
    return values


def report(values: dict[tuple[str, int, int], float], names: list[str], seeds: list[int]) -> None:
    instances = sorted({instance for _, instance, _ in values})
    print("\n| strategy | mean | standard error | each instance (one value per seed) |\n|---|---|---|---|")
    for name in names:
        each = [[values[name, instance, seed] for seed in seeds] for instance in instances]
        means = [sum(row) / len(row) for row in each]
        mean = sum(means) / len(means)
        error = (sum((m - mean) ** 2 for m in means) / max(len(means) - 1, 1) / len(means)) ** 0.5
        listed = " · ".join("/".join(f"{v:.2f}" for v in row) for row in each)
        print(f"| {name} | {mean:.3f} | {error:.3f} | {listed} |")


if __name__ == "__main__":
    main()
