"""Muon or AdamW? Compares held-out loss after equal steps, and the cost of a step.

    DESIGNLOOP_DATA=path/to/data python benchmarks/optimizers.py sites
    DESIGNLOOP_DATA=path/to/data python benchmarks/optimizers.py rna --depth 3 --minibatch 2048

The corpora and their held-out parts are those of objectives.py. Both optimizers run with each learning rate; no rate
is chosen on held-out data.
"""

import argparse
import os
from functools import partial
from time import process_time

from objectives import OBJECTIVES, Data, rna, sites

from designloop.language_models import Transformer
from designloop.language_models.base import Optimizer
from designloop.language_models.networks.devices import one_thread
from designloop.language_models.training.training import Training

OPTIMIZERS: tuple[Optimizer, ...] = ("adamw", "muon")


def learnt(part: Transformer, data: Data, steps: list[int]) -> tuple[list[float], float]:
    """(held-out nats a letter after each of `steps`; processor seconds of training)."""
    alphabet = data.space.alphabet
    codes, held_out = part.encoded(data.train, alphabet), part.encoded(data.held_out, alphabet)
    losses: list[float] = []
    asking = 0.0

    def watch(training: Training, _loss: float, _n: int) -> None:
        nonlocal asking
        if training.step in steps:
            began = process_time()
            losses.append(training.held_out_loss(held_out))
            asking += process_time() - began

    with one_thread():
        began = process_time()
        Training.begun(part, len(alphabet)).run(codes, watch)
        spent = process_time() - began
    return losses, spent - asking


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["rna", "sites"], nargs="?", default="sites")
    parser.add_argument("--depth", type=int, default=2)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--minibatch", type=int, default=512, help="letters in a minibatch")
    parser.add_argument("--learning-rates", type=float, nargs="+", default=[1.5e-3, 3e-3])
    parser.add_argument("--smoke", action="store_true")
    args = parser.parse_args()
    if "DESIGNLOOP_DATA" not in os.environ:
        print("skipped: DESIGNLOOP_DATA is not set, and the sequences are not part of this project")
        return
    if args.smoke:
        args.steps, args.depth, args.learning_rates = 8, 1, [3e-3]
    data = (partial(sites, 0.1) if args.what == "sites" else partial(rna, 0.1, 500, None))()
    base = Transformer(depth=args.depth, steps=args.steps, minibatch=args.minibatch, device="cpu")
    steps = [args.steps * quarter // 4 for quarter in (1, 2, 3, 4)]
    print(f"\nheld-out nats a letter, {len(data.held_out)} sequences, {args}\n")
    heads = " | ".join(f"{step} steps" for step in steps)
    print(f"| objective, optimizer, learning rate | {heads} | CPU seconds |\n|---|---|---|---|---|---|")
    for name, fields in OBJECTIVES.items():
        for rate in args.learning_rates:
            for kind in OPTIMIZERS:
                losses, spent = learnt(base.with_(**fields, learning_rate=rate, optimizer=kind), data, steps)
                row = " | ".join(f"{loss:.4f}" for loss in losses)
                print(f"| {name}, {kind}, {rate:g} | {row} | {spent:.0f} |", flush=True)


if __name__ == "__main__":
    main()
