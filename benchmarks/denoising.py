"""Does denoising a measured table reduce its error? Tested on held-out replicates, and where the truth is known.

    python benchmarks/denoising.py [--smoke] [--splits 40]

Held out: ribosome binding sites of a real campaign (solaris_rbs.csv in $DESIGNLOOP_DATA: ln signal, minus the mean of
each run of a round). Some replicates of each design are denoised, as in a landscape with `replicates`, and should
predict the mean of the others. Errors are mean squares against the truth: the error variance of the held-out mean is
subtracted. `raw` is the mean of the given replicates; `shrunk` is that mean shrunk to the grand mean by its
reliability.

Known truth: all DNA 6-mers, or a tenth of them, at four reliabilities. Values have single-letter and neighbour effects
(30% of the variance in pairs), or are independent of the letters. Errors are also shown for the 1% highest measured
values (the apparent value of the best design of a landscape) and for the 1% highest true values.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from theory_lab import NormalHash
from theory_loop import Epistatic

from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.readers.tables import read_table
from designloop.oracles.base import Oracle
from designloop.oracles.denoising import denoised

Floats = NDArray[np.float64]
REPLICATES = tuple(f"rep{n}" for n in range(1, 10))
RELIABILITIES = (0.4, 0.6, 0.8, 0.95)


def shrunk(values: Floats, variances: Floats) -> Floats:
    """Values shrunk to their mean by their reliability (James and Stein 1961), without use of the sequences."""
    spread = max(float(np.var(values) - variances.mean()), 0.0)
    return np.asarray(values.mean() + spread / (spread + variances) * (values - values.mean()))


def mean_square(errors: Floats) -> float:
    return float(np.mean(errors**2))


# Replicates held out


def solaris(folder: Path) -> tuple[list[str], Floats]:
    """(sequences, ln signals (n, 9)) of designs with at least four replicates; NaN where there is none."""
    table = read_table(folder / "solaris_rbs.csv")
    signals = np.stack([table.numbers(name) for name in REPLICATES], axis=1)
    logs = np.log(np.where(signals > 0, signals, np.nan))
    texts, rounds = table.texts("sequence"), table.numbers("round")
    first = dict(zip(reversed(texts), range(len(texts) - 1, -1, -1), strict=True))
    kept = np.array(sorted(row for row in first.values() if np.isfinite(logs[row]).sum() >= 4))
    logs, rounds = logs[kept], rounds[kept]
    for round_ in np.unique(rounds):  # each run of a round is another day, whose shared effect belongs to no design
        here = rounds == round_
        days = np.isfinite(logs[here]).any(axis=0)
        within = logs[here][:, days]
        logs[np.ix_(here, days)] = within - np.nanmean(within - np.nanmean(within, axis=1, keepdims=True), axis=0)
    return [texts[row] for row in kept], logs


def held_out(sequences: list[str], logs: Floats, n_given: int, n_splits: int) -> dict[str, Floats]:
    """Mean square error of each predictor for each design, over splits of its replicates; shape (n,)."""
    codes, n = DNA.encode(sequences), len(sequences)
    count = np.isfinite(logs).sum(axis=1)
    pooled = float(np.nansum((logs - np.nanmean(logs, axis=1, keepdims=True)) ** 2) / (count - 1).sum())
    errors = {name: np.zeros(n) for name in ("raw", "shrunk", "denoised")}
    for split in range(n_splits):
        keys = np.where(np.isfinite(logs), stream(split, "held-out").random(logs.shape), np.inf)
        order = keys.argsort(axis=1)
        given = np.take_along_axis(logs, order[:, :n_given], axis=1).mean(axis=1)
        rest = np.take_along_axis(logs, order, axis=1)[:, n_given:]
        target, own_error = np.nanmean(rest, axis=1), pooled / (count - n_given)
        variances = np.full(n, pooled / n_given)
        predictions = {
            "raw": given,
            "shrunk": shrunk(given, variances),
            "denoised": denoised(codes, 4, given, variances),
        }
        for name, prediction in predictions.items():
            errors[name] += ((prediction - target) ** 2 - own_error) / n_splits
    return errors


def held_out_lines(folder: Path, n_splits: int) -> Iterator[str]:
    sequences, logs = solaris(folder)
    spread = float(np.var(np.nanmean(logs, axis=1)))
    yield f"\n**Replicates held out**: {len(sequences)} designs (variance {spread:.3f}), {n_splits} splits\n"
    yield "| replicates | raw | shrunk | denoised | denoised / raw | raw - denoised | shrunk - denoised |"
    yield "|---|---|---|---|---|---|---|"
    for n_given in (1, 2, 3):
        errors = held_out(sequences, logs, n_given, n_splits)
        means = {name: float(each.mean()) for name, each in errors.items()}
        gains = [_with_error(errors[name] - errors["denoised"]) for name in ("raw", "shrunk")]
        cells = [f"{means[name]:.4f}" for name in ("raw", "shrunk", "denoised")]
        ratio = means["denoised"] / means["raw"]
        yield f"| {n_given} | " + " | ".join([*cells, f"{ratio:.2f}", *gains]) + " |"


def _with_error(differences: Floats) -> str:
    error = differences.std(ddof=1) / np.sqrt(len(differences))
    return f"{differences.mean():.4f} ± {error:.4f}"


# Known truth

PARTS = ("all", "highest measured", "highest true")
LANDSCAPES = {
    "effects and pairs": lambda instance: Epistatic(instance=instance),
    "no structure": lambda instance: NormalHash(length=6, salt=instance),
}


def known(oracle: Oracle, reliability: float, share: float, seed: int) -> dict[tuple[str, str], float]:
    """{(predictor, part of the table): mean square error over the variance of true values}."""
    rng = stream(seed, "denoising", str(reliability), str(share))
    sequences = oracle.space.enumerate()
    sequences = [sequences[i] for i in np.sort(rng.permutation(len(sequences))[: int(share * len(sequences))])]
    truth = oracle(sequences)
    variance = float(np.var(truth)) * (1 - reliability) / reliability
    values = truth + np.sqrt(variance) * rng.standard_normal(len(truth))
    variances = np.full(len(truth), variance)
    n_top = max(len(truth) // 100, 4)
    rows = {
        "all": slice(None),
        "highest measured": np.argsort(-values)[:n_top],
        "highest true": np.argsort(-truth)[:n_top],
    }
    predictions = {
        "raw": values,
        "shrunk": shrunk(values, variances),
        "denoised": denoised(DNA.encode(sequences), 4, values, variances),
    }
    return {
        (name, part): mean_square((found - truth)[rows[part]]) / float(np.var(truth))
        for name, found in predictions.items()
        for part in PARTS
    }


def known_lines(n_instances: int) -> Iterator[str]:
    yield f"\n**Known truth**: mean square error over the variance of true values, {n_instances} instances\n"
    yield (
        "| landscape | share measured | h2 | raw | shrunk | denoised | highest measured: raw, denoised "
        "| highest true: raw, denoised | instances improved |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for name, made in LANDSCAPES.items():
        for share, h2 in product((1.0, 0.1), RELIABILITIES):
            found = [known(made(seed), h2, share, seed) for seed in range(n_instances)]
            mean = {key: f"{np.mean([one[key] for one in found]):.3f}" for key in found[0]}
            nearer = sum(one["denoised", "all"] < one["raw", "all"] for one in found)
            cells = [mean[predictor, "all"] for predictor in ("raw", "shrunk", "denoised")]
            tops = [f"{mean['raw', part]}, {mean['denoised', part]}" for part in PARTS[1:]]
            shown = [name, f"{share:.0%}", f"{h2:g}", *cells, *tops, f"{nearer} of {n_instances}"]
            yield "| " + " | ".join(shown) + " |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=40)
    parser.add_argument("--instances", type=int, default=10)
    parser.add_argument("--smoke", action="store_true", help="two splits, two instances")
    given = parser.parse_args()
    n_splits, n_instances = (2, 2) if given.smoke else (given.splits, given.instances)
    folder = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if (folder / "solaris_rbs.csv").is_file():
        print("\n".join(held_out_lines(folder, n_splits)))
    else:
        print(f"skipped held-out replicates: solaris_rbs.csv is not in {folder}; set DESIGNLOOP_DATA")
    print("\n".join(known_lines(n_instances)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
