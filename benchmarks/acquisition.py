"""How long does a joint acquisition function take to choose 96 of 5,000 candidates? Compares designloop and BoTorch.

    pip install 'designloop[botorch]'
    OMP_NUM_THREADS=1 python benchmarks/acquisition.py
    OMP_NUM_THREADS=1 python benchmarks/acquisition.py --designs 24 --repeats 3

Both choose greedily, with 512 joint draws, under one posterior: a linear model of one-hot letters given 480 measured
sequences. `optimize_acqf_discrete` gets the means and covariances of all candidates computed beforehand; the time of
designloop includes its draws. The value of a batch is computed from 20,000 other draws, for both.
"""

import argparse
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from statistics import median
from time import process_time

import numpy as np

import designloop as dl
from designloop.acquisition import QUCB, QLogEI
from designloop.core.random import stream
from designloop.pending_rules.base import PendingDesigns
from designloop.surrogates.base import Draw, Floats

LENGTH, N_MEASURED, N_DRAWS, BETA = 32, 480, 512, 2.0
SPACE = dl.Space.of_length(dl.DNA, LENGTH)


@dataclass(frozen=True)
class Linear:
    """Values x · w of one-hot rows x, where w is Gaussian: a posterior."""

    mean: Floats
    root: Floats
    """Covariance of w is root · rootᵀ, (4 L, 4 L)."""

    @classmethod
    def given(cls, sequences: Sequence[str], rng: np.random.Generator) -> "Linear":
        """Weights of variance 1, and measurements with noise of variance 4."""
        rows = one_hot(sequences)
        values = rows @ rng.standard_normal(rows.shape[1]) + 2.0 * rng.standard_normal(len(rows))
        covariance = np.linalg.inv(np.eye(rows.shape[1]) + rows.T @ rows / 4.0)
        return cls(covariance @ rows.T @ values / 4.0, np.linalg.cholesky(covariance))

    def model_means(self, sequences: Sequence[str]) -> Floats:
        return one_hot(sequences) @ self.mean

    def model_moments(self, sequences: Sequence[str]) -> tuple[Floats, Floats]:
        rows = one_hot(sequences)
        return rows @ self.mean, np.sqrt(((rows @ self.root) ** 2).sum(axis=1))

    def draw(self, k: int, rng: np.random.Generator, *, scale: float = 1.0) -> Draw:
        weights = self.mean[:, None] + scale * self.root @ rng.standard_normal((len(self.mean), k))
        return lambda sequences: (one_hot(sequences) @ weights).T


def one_hot(sequences: Sequence[str]) -> Floats:
    codes = SPACE.padded_codes(sequences)
    return (codes[:, :, None] == np.arange(4)).reshape(len(codes), -1).astype(float)


def botorchs(kind: str, posterior: Linear, candidates: list[str], best: float, seed: int) -> object:
    """The function of BoTorch on a model that looks means and covariances up."""
    import torch
    from botorch import acquisition
    from botorch.sampling.normal import SobolQMCNormalSampler

    from designloop.acquisition.botorch_model import Numbered

    half = one_hot(candidates) @ posterior.root
    model = Numbered(posterior.model_means(candidates), half @ half.T)
    sampler = SobolQMCNormalSampler(torch.Size([N_DRAWS]), seed=seed)
    if kind == "qucb":
        return acquisition.qUpperConfidenceBound(model, beta=BETA**2, sampler=sampler)
    return acquisition.qLogExpectedImprovement(model, torch.tensor(best, dtype=torch.double), sampler=sampler)


def value(kind: str, posterior: Linear, batch: list[str], best: float) -> float:
    """The joint expected improvement of a batch, or its joint bound."""
    values = posterior.draw(20_000, stream(0, "check"))(batch)
    if kind == "qlog-ei":
        return float(np.maximum(values.max(axis=1) - best, 0.0).mean())
    means = posterior.model_means(batch)
    return float((means + BETA * np.sqrt(np.pi / 2) * np.abs(values - means)).max(axis=1).mean())


def compared(kind: str, args: argparse.Namespace, seed: int) -> tuple[float, float, float, float]:
    """Processor seconds and value of the batch: of designloop, then of BoTorch."""
    import torch
    from botorch.optim import optimize_acqf_discrete

    candidates, measured = SPACE.sample(args.candidates, stream(seed, "pool")), SPACE.sample(N_MEASURED, stream(seed))
    posterior = Linear.given(measured, stream(seed, "values"))
    best = float(posterior.model_means(measured).max())
    part = QUCB(n_draws=N_DRAWS, beta=BETA) if kind == "qucb" else QLogEI(n_draws=N_DRAWS)
    began = process_time()
    places = part.choose(candidates, args.designs, posterior, PendingDesigns(), best, stream(seed, "choose"))
    ours = process_time() - began
    function = botorchs(kind, posterior, candidates, best, seed)
    began = process_time()
    choices = torch.arange(args.candidates, dtype=torch.double)[:, None]
    found, _ = optimize_acqf_discrete(function, args.designs, choices, max_batch_size=args.at_once)
    theirs = process_time() - began
    batches = [candidates[i] for i in places], [candidates[int(i)] for i in found[:, 0]]
    first, second = (value(kind, posterior, batch, best) for batch in batches)
    return ours, first, theirs, second


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--candidates", type=int, default=5000)
    parser.add_argument("--designs", type=int, default=96)
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", default=["qlog-ei", "qucb"], choices=["qlog-ei", "qucb"])
    parser.add_argument("--at-once", type=int, default=64, help="candidates that BoTorch evaluates at once")
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if find_spec("botorch") is None:
        print("skipped: BoTorch is not installed; pip install 'designloop[botorch]'")
        return
    warnings.simplefilter("ignore")
    if args.smoke:
        args.candidates, args.designs = 200, 4
    compared("qucb", argparse.Namespace(candidates=50, designs=2, at_once=50), 0)  # imports are not counted
    print(f"\n{args.designs} of {args.candidates} candidates, processor seconds\n")
    print("| function | designloop | BoTorch | times as fast | value of the batch | BoTorch's |")
    print("|---|---|---|---|---|---|", flush=True)
    for kind in args.kinds:
        rows = [compared(kind, args, seed) for seed in range(args.repeats)]
        ours, first, theirs, second = (median(column) for column in zip(*rows, strict=True))
        ratio = median(row[2] / row[0] for row in rows)
        print(f"| {kind} | {ours:.2f} | {theirs:.2f} | {ratio:.1f} | {first:.4f} | {second:.4f} |", flush=True)


if __name__ == "__main__":
    main()
