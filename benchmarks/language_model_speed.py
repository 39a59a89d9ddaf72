"""Compares the sampling and training speed of the transformer with the same architecture in the transformers library.

    python benchmarks/language_model_speed.py
    python benchmarks/language_model_speed.py sampling training     # some parts; the others are losses and passes

One thread; 4 blocks, width 256, 32 letters, batch 256, length 64, 3.2 million parameters. The library's model is GPT-2
of that size with its key-value cache. Each number is the best of a few repetitions. The models take turns, so that
other load on the machine affects both. Any-order sampling takes far longer and is timed once, on a quarter of the
batch. The ceiling is the speed of a bare matrix multiplication of these shapes, divided by the multiplications that a
sequence needs. bfloat16 is measured if the machine has it in hardware, or with --bfloat16. Both models train with
AdamW; ours is also trained with Muon, which needs more arithmetic a step.
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, get_args

import numpy as np
import torch

from designloop.core.alphabet import states
from designloop.core.spaces import Space
from designloop.language_models import Transformer
from designloop.language_models.base import Objective, Optimizer
from designloop.language_models.inference.causal import CausalModel
from designloop.language_models.inference.gaps import GapModel
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.networks.devices import has_bfloat16
from designloop.language_models.networks.transformer import Network, new_network
from designloop.language_models.training.objectives import losses, question
from designloop.language_models.training.optimizers import optimizer_of
from designloop.language_models.training.training import Training
from designloop.oracles import Ehrlich

DEPTH, WIDTH, HEADS, LETTERS, LENGTH = 4, 256, 4, 32, 64
PARTS = ["sampling", "training", "losses", "passes"]
SAMPLED, TRAINED = 256, 64
PRODUCTS = DEPTH * 12 * WIDTH**2  # forward multiply-adds of one letter, without head and attention
OBJECTIVES: tuple[Objective, ...] = get_args(Objective)
SPACE = Space.of_length(states(LETTERS), LENGTH)


def seconds(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def taken(tasks: dict[Any, Callable[[], object]], repeats: int) -> dict[Any, float]:
    """The least seconds of each task over the repeats. Tasks take turns; a first, warm-up run is not counted."""
    for work in tasks.values():
        work()
    return {
        name: min(times)
        for name, times in zip(
            tasks,
            zip(*([seconds(work) for work in tasks.values()] for _ in range(repeats)), strict=True),
            strict=True,
        )
    }


def ceiling(dtype: torch.dtype, rows: int) -> float:
    """GFLOP/s of the first matrix product of the feed-forward layer."""
    left, right = torch.randn(rows, WIDTH).to(dtype), torch.randn(WIDTH, 4 * WIDTH).to(dtype)
    n = 50 if dtype == torch.float32 or has_bfloat16(torch.device("cpu")) else 2
    least = min(seconds(lambda: [left @ right for _ in range(n)]) for _ in range(5))
    return n * 2 * rows * WIDTH * 4 * WIDTH / least / 1e9


def network(*, causal: bool, dtype: torch.dtype = torch.float32) -> Network:
    """A network whose weights are all non-zero, like those of a trained one."""
    generator = torch.Generator().manual_seed(0)
    made = new_network(LETTERS, DEPTH, WIDTH, HEADS, generator, causal=causal)
    with torch.no_grad():
        for weight in made.parameters():
            weight.normal_(0.0, 0.02, generator=generator)
    return made.to(dtype)


def theirs(dtype: torch.dtype = torch.float32) -> torch.nn.Module:
    from transformers import GPT2Config, GPT2LMHeadModel

    config = GPT2Config(
        vocab_size=LETTERS + 3,
        n_positions=LENGTH + 2,
        n_embd=WIDTH,
        n_layer=DEPTH,
        n_head=HEADS,
        bos_token_id=LETTERS,
        eos_token_id=None,
        pad_token_id=LETTERS + 1,
    )
    return GPT2LMHeadModel(config).to(dtype).eval()


def sampling(repeats: int, n: int, *, bfloat16: bool) -> None:
    """Time all samplers in turn, so that each compares with the library in its own precision and in float32."""
    precisions = [torch.float32, torch.bfloat16] if bfloat16 else [torch.float32]
    few = max(1, n // 4)  # for the slow ones, which read that many at once
    tasks = {(dtype, name): work for dtype in precisions for name, work in samplers(dtype, n, few).items()}
    slow = {key: tasks.pop(key) for key in [*tasks] if "passes" in key[1]}
    rate = {key: n / least for key, least in taken(tasks, repeats).items()}
    rate |= {key: few / seconds(work) for key, work in slow.items()}  # once: they take up to fifty times as long
    base = rate[torch.float32, "transformers, generate"]
    for dtype in precisions:
        most = ceiling(dtype, n) * 1e9 / (2 * PRODUCTS * LENGTH)
        print(f"\nsampling, {str(dtype).removeprefix('torch.')}: ceiling {most:.0f} sequences/s at one letter a pass")
        print("\n| sampler | sequences/s | over transformers | over its float32 | share of the ceiling |")
        print("|---" * 5 + "|")
        theirs = rate[dtype, "transformers, generate"]
        for name, value in ((name, value) for (its, name), value in rate.items() if its == dtype):
            print(f"| {name} | {value:.1f} | {value / theirs:.2f} | {value / base:.2f} | {value / most:.0%} |")


def samplers(dtype: torch.dtype, n: int, few: int) -> dict[str, Callable[[], object]]:
    lengths = Lengths(np.eye(1, LENGTH + 1, LENGTH)[0])
    frozen = {causal: network(causal=causal, dtype=dtype).eval().requires_grad_(False) for causal in (True, False)}
    causal = CausalModel(SPACE.alphabet, frozen[True], lengths, "causal", LENGTH)
    gaps = GapModel(SPACE.alphabet, frozen[False], lengths, "any-order", LENGTH)
    other = theirs(dtype)
    start = torch.full((n, 1), LETTERS)

    def generate() -> None:
        with torch.inference_mode():
            other.generate(start, do_sample=True, top_k=0, max_new_tokens=LENGTH, min_new_tokens=LENGTH, use_cache=True)

    def filled(passes: int) -> None:
        missing = np.ones((few, LENGTH), dtype=bool)
        gaps.infill(np.zeros((few, LENGTH), np.int16), missing, SPACE, np.random.default_rng(0), passes=passes)

    return {
        "transformers, generate": generate,
        "causal": lambda: causal.sample(n, SPACE, np.random.default_rng(0)),
        **{f"any-order, {passes} passes": partial(filled, passes) for passes in (8, 16, 64)},
    }


def training(repeats: int, n: int, *, bfloat16: bool) -> None:
    other = theirs().train()
    mine = {objective: network(causal=objective == "causal") for objective in OBJECTIVES}
    letters = torch.randint(LETTERS, (n, LENGTH), generator=torch.Generator().manual_seed(0))
    precisions = ["float32", "bfloat16"] if bfloat16 else ["float32"]

    def step(
        model: torch.nn.Module, loss: Callable[[], torch.Tensor], precision: str, kind: Optimizer = "adamw"
    ) -> Callable[[], object]:
        optimizer = optimizer_of(kind, model, 1e-4, getattr(torch, precision))

        def taken_step() -> None:
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                lost = loss()
            optimizer.zero_grad(set_to_none=True)
            lost.backward()
            optimizer.step()

        return taken_step

    def mine_loss(objective: Objective) -> torch.Tensor:
        asked = question(objective, letters, mine[objective], torch.Generator().manual_seed(1))
        return (losses(mine[objective], letters, asked)[0] * asked.weights).sum()

    tasks = {}
    for precision in precisions:
        tasks[f"transformers, {precision}"] = step(
            other, lambda: other(input_ids=letters, labels=letters).loss, precision
        )
        for objective, model in mine.items():
            tasks[f"{objective}, {precision}"] = step(model, partial(mine_loss, objective), precision)
        tasks[f"masked by Muon, {precision}"] = step(mine["masked"], partial(mine_loss, "masked"), precision, "muon")
    rate = {name: 1 / least for name, least in taken(tasks, repeats).items()}
    most = ceiling(torch.float32, n * LENGTH) * 1e9 / (6 * PRODUCTS * n * LENGTH)
    print(f"\ntraining, batch {n}: ceiling {most:.2f} steps/s in float32")
    print("\n| model | steps/s | over transformers in float32 | share of the float32 ceiling |\n|---|---|---|---|")
    for name, value in rate.items():
        print(f"| {name} | {value:.2f} | {value / rate['transformers, float32']:.2f} | {value / most:.0%} |")


def natural(states: int, length: int) -> tuple[list[str], list[str], Space]:
    """2,000 training sequences of a Markov chain, 200 held-out ones, and their space."""
    oracle = Ehrlich(num_states=states, length=length, num_motifs=2, motif_length=4)
    corpus = oracle.corpus(2200, np.random.default_rng(0))
    return corpus[:2000], corpus[2000:], oracle.space


def cost_of_passes() -> None:
    """The likelihood lost by filling several letters in one pass."""
    train, held_out, space = natural(20, 20)
    model = Transformer(steps=2000, optimizer="adamw", device="cpu").pretrained(train, space)
    keys = [np.random.default_rng(order).random(20) for order in range(4)]
    print("\n| letters a pass | held-out nats a letter, mean of 4 orders |\n|---|---|")
    for passes in (20, 10, 5, 2):
        found = [model.order_log_likelihood(held_out, order, passes=passes).mean() / 20 for order in keys]
        print(f"| {math.ceil(20 / passes)} | {-np.mean(found):.3f} |")


def loss_by_precision(steps: int) -> None:
    """Held-out loss after the same steps in float32 and bfloat16, from the same weights and minibatches."""
    train, held_out, space = natural(LETTERS, LENGTH)
    print(f"\nheld-out nats a letter after {steps} steps\n\n| precision | " + " | ".join(OBJECTIVES) + " |")
    print("|---" * (len(OBJECTIVES) + 1) + "|")
    for precision in ("float32", "bfloat16"):
        lost = []
        for objective in OBJECTIVES:
            part = Transformer(objective=objective, depth=DEPTH, width=WIDTH, n_heads=HEADS, steps=steps, device="cpu")
            part = part.with_(minibatch=1024, learning_rate=1e-3, optimizer="adamw")
            training = Training.begun(part.with_(precision=precision), LETTERS)
            training.run(part.encoded(train, space.alphabet))
            training.description = part  # evaluated in float32
            lost.append(training.held_out_loss(part.encoded(held_out, space.alphabet)))
        print(f"| {precision} | " + " | ".join(f"{loss:.4f}" for loss in lost) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one or more of {', '.join(PARTS)}; default: all")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--bfloat16", action="store_true", help="measure bfloat16 even without hardware support (slow)")
    parser.add_argument("--smoke", action="store_true", help="run a few sequences once")
    args = parser.parse_args()
    if unknown := [name for name in args.parts if name not in PARTS]:
        parser.error(f"unknown part {unknown[0]!r}; expected one of {', '.join(PARTS)}")
    asked = args.parts or PARTS
    try:
        import transformers
    except ImportError:
        print("skipped: the transformers library is not installed (pip install 'designloop[huggingface]')")
        return
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(1)
    bfloat16 = args.bfloat16 or has_bfloat16(torch.device("cpu"))
    repeats, sampled, trained = (1, 8, 4) if args.smoke else (args.repeats, SAMPLED, TRAINED)
    if "sampling" in asked:
        sampling(repeats, sampled, bfloat16=bfloat16)
    if "training" in asked:
        training(repeats, trained, bfloat16=bfloat16)
    if "losses" in asked and bfloat16:
        loss_by_precision(2 if args.smoke else 300)
    if "passes" in asked and not args.smoke:
        cost_of_passes()
    if not bfloat16:
        print("\nskipped bfloat16: this machine does not have it in hardware (--bfloat16 measures it anyway)")


if __name__ == "__main__":
    main()
