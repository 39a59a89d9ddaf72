"""RNA folding: the time of 10,000 evaluations beside other code, and strategies on two targets.

    python benchmarks/rna_folding.py speed --flexs peers
    DESIGNLOOP_DATA=path/to/data python benchmarks/rna_folding.py campaigns --seeds 0-2 --workers 2

`speed` compares values and processor time of the oracle with plain calls of ViennaRNA, and with FLEXS's RNAFolding,
whose file is read from a folder (pip install --no-deps --target peers flexs==0.2.8). Both take turns, block by block.
`campaigns` runs 10 batches of 96 in a lab without noise. The targets are a hairpin and puzzle 10 of Eterna100 ("Frog
Foot", 45 letters), and the value is 1 - the normalised ensemble defect.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import mean, stdev
from time import process_time
from types import ModuleType
from typing import NamedTuple

import numpy as np

import designloop as dl
from designloop.oracles.rna_folding import RnaFolding
from designloop.oracles.structures import pairs_of

HAIRPIN = "....((((((((((....))))))))))...."
STRATEGIES = ("auto", "adalead", "genetic")
PUZZLE = 10
Evaluate = Callable[[list[str]], "np.ndarray"]


def plain(measure: str, target: str) -> Evaluate:
    """ViennaRNA called as its manual shows, one sequence after another."""
    import RNA

    def value(sequence: str) -> float:
        fold = RNA.fold_compound(sequence)
        structure, energy = fold.mfe()
        if measure == "free-energy":
            return -energy
        if measure == "distance":
            return 1 - RNA.bp_distance(structure, target) / len(target)
        fold.exp_params_rescale(energy)
        fold.pf()
        return fold.pr_structure(target) if measure == "probability" else 1 - fold.ensemble_defect(target)

    return lambda sequences: np.array([value(sequence) for sequence in sequences])


def flexs_folding(folder: Path) -> Evaluate:
    """FLEXS's RNAFolding, which takes one sequence a call; its package, which imports TensorFlow, is not imported."""
    flexs = sys.modules["flexs"] = ModuleType("flexs")
    flexs.__path__ = [str(folder / "flexs")]
    from flexs.landscape import Landscape

    flexs.Landscape = Landscape
    spec = spec_from_file_location("flexs_rna", folder / "flexs" / "landscapes" / "rna.py")
    rna = module_from_spec(spec)
    spec.loader.exec_module(rna)
    landscape = rna.RNAFolding()
    return lambda sequences: np.array([landscape.get_fitness(sequence) for sequence in sequences])


def timed(evaluates: Sequence[Evaluate], blocks: list[list[str]]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Processor seconds of each for every block, (evaluates, blocks), and their values. They take turns to be first."""
    seconds, values = np.zeros((len(evaluates), len(blocks))), [[] for _ in evaluates]
    for turn, block in enumerate(blocks):
        for place in np.roll(np.arange(len(evaluates)), turn):
            begin = process_time()
            values[place].append(evaluates[place](block))
            seconds[place, turn] = process_time() - begin
    return seconds, [np.concatenate(found) for found in values]


def speed(n: int, flexs: Path | None) -> None:
    rng = np.random.default_rng(0)
    rows = [("free-energy", "ViennaRNA", None)] + ([("free-energy", "FLEXS", flexs)] if flexs else [])
    rows += [(measure, "ViennaRNA", None) for measure in ("distance", "probability", "ensemble-defect")]
    print(f"{n:,} random sequences of {len(HAIRPIN)} letters in blocks of 96, processor seconds\n")
    print("| measure | other code | designloop | other | other / designloop | largest difference |")
    print("|---|---|---|---|---|---|")
    for measure, name, folder in rows:
        fields = {"length": len(HAIRPIN)} if measure == "free-energy" else {"target": HAIRPIN}
        oracle = RnaFolding(measure=measure, **fields)
        other = flexs_folding(folder) if folder else plain(measure, HAIRPIN)
        sequences = drawn(measure, n, rng)
        timed([oracle, other], [sequences[:9]])
        seconds, (mine, its) = timed([oracle, other], [sequences[i : i + 96] for i in range(0, n, 96)])
        ours, theirs = seconds.sum(axis=1)
        difference = np.abs(mine - its).max()
        print(
            f"| {measure} | {name} | {ours:.2f} | {theirs:.2f} | {theirs / ours:.2f} | {difference:.0e} |", flush=True
        )


def drawn(measure: str, n: int, rng: np.random.Generator) -> list[str]:
    """Random sequences; for the probability, of those that can form the pairs: ViennaRNA's is wrong for others."""
    letters = rng.choice(list("ACGU"), size=(n, len(HAIRPIN)))
    if measure == "probability":
        for first, second in pairs_of(HAIRPIN):
            pairs = rng.choice(["AU", "UA", "GC", "CG", "GU", "UG"], size=n)
            letters[:, first], letters[:, second] = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return ["".join(row) for row in letters]


class Cell(NamedTuple):
    target: str
    strategy: str
    seed: int
    n_batches: int


def oracle_of(target: str) -> RnaFolding:
    if target == "hairpin":
        return RnaFolding(target=HAIRPIN)
    return RnaFolding(path=str(Path(os.environ["DESIGNLOOP_DATA"]) / "eterna100_puzzles.tsv"), puzzle=PUZZLE)


def run(cell: Cell) -> tuple[Cell, float, bool, float]:
    """(cell, best value, whether a measured design folds into the target, processor seconds)."""
    begin, oracle = process_time(), oracle_of(cell.target)
    campaign = dl.Campaign(
        oracle=oracle, lab="instant", strategy=cell.strategy,
        scheduler=dl.scheduling.Rounds(batch_size=96), budget=dl.Budget(designs=96 * cell.n_batches),
    )  # fmt: skip
    designs = [truth.sequence for truth in campaign.run(seed=cell.seed).truths]
    is_solved = (RnaFolding(measure="distance", target=oracle.structure)(designs) == 1.0).any()
    return cell, float(oracle(designs).max()), bool(is_solved), process_time() - begin


def campaigns(seeds: list[int], n_batches: int, workers: int) -> None:
    targets = ["hairpin", "puzzle"] if "DESIGNLOOP_DATA" in os.environ else ["hairpin"]
    if len(targets) < 2:
        print("without DESIGNLOOP_DATA, which names the folder of eterna100_puzzles.tsv, the puzzle is left out")
    cells = [Cell(target, name, seed, n_batches) for seed in seeds for target in targets for name in STRATEGIES]
    done = {}
    with ProcessPoolExecutor(workers) as pool:
        for future in as_completed([pool.submit(run, cell) for cell in cells]):
            cell, best, is_solved, seconds = future.result()
            done[cell] = best, is_solved, seconds
            print(
                f"{cell.target} {cell.strategy} seed {cell.seed}: {best:.4f}, solved {is_solved}, {seconds:.0f} s",
                flush=True,
            )
    print("\n| target | strategy | best value, mean ± standard error | by seed | solved | processor seconds |")
    print("|---|---|---|---|---|---|")
    for target in targets:
        for name in STRATEGIES:
            found = [done[Cell(target, name, seed, n_batches)] for seed in seeds]
            best = [value for value, _, _ in found]
            error = f" ± {stdev(best) / len(best) ** 0.5:.3f}" if len(best) > 1 else ""
            solved = f"{sum(is_solved for _, is_solved, _ in found)} of {len(found)}"
            listed = " ".join(f"{value:.3f}" for value in best)
            cost = mean(seconds for _, _, seconds in found)
            print(f"| {target} | {name} | {mean(best):.3f}{error} | {listed} | {solved} | {cost:.0f} |")


def numbers(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "campaigns"], nargs="?")
    parser.add_argument("--n", type=int, default=10_000, help="sequences to evaluate")
    parser.add_argument("--flexs", type=Path, help="folder in which the package flexs lies")
    parser.add_argument("--seeds", type=numbers, default=numbers("0-2"))
    parser.add_argument("--batches", type=int, default=10)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="a few sequences, and one seed of one batch")
    args = parser.parse_args()
    if args.smoke:
        args.n, args.seeds, args.batches, args.workers = 96, [0], 1, 1
    if args.what != "campaigns":
        speed(args.n, args.flexs)
    if args.what != "speed":
        campaigns(args.seeds, args.batches, args.workers)


if __name__ == "__main__":
    main()
