"""Value per money: do batches that weigh prices reach better designs for the same budget?

    python benchmarks/value_per_money.py
    python benchmarks/value_per_money.py --landscape start --seeds 3

A pool of 3,000 constructs of 10 to 100 letters of DNA, at 1 a base pair and 4 a design, so that a design costs 14 to
104, in the lab `good`. On the landscape `start`, the first ten letters and pairs of neighbours among them have effects,
and the rest has none. On `longer`, the length has one too: the longest gain 8, where the sd of the others is 4. Every
arm has the same money, landscape, delays and failures, and the seed is the unit. The score is expected improvement of
a random forest, divided by a power of the price. Differences from `cost_weight: 0` are paired, ± standard error.
"""

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

import designloop as dl

BUDGET, BATCH, WEIGHTS = 10_000.0, 24, (0.0, 0.5, 1.0)
MONEY = (2_500, 5_000, 10_000)
LONGER = {"start": 0.0, "longer": 8.0}
FREE = {"per_round": 0, "per_week": 0, "per_replicate": 0}


def constructs(rng: np.random.Generator) -> dl.Space:
    lengths, letters = rng.integers(10, 101, size=3000), np.array(list("ACGT"))
    return dl.Space.of_pool(dl.DNA, ["".join(letters[rng.integers(4, size=n)]) for n in lengths])


def landscape(rng: np.random.Generator, longer: float) -> Callable[[Sequence[str]], NDArray[np.float64]]:
    """Effects of the first ten letters and of pairs of neighbours among them, and of the length."""
    single, pairs = rng.normal(size=(10, 4)), rng.normal(size=(9, 4, 4))

    def values(sequences: Sequence[str]) -> NDArray[np.float64]:
        codes = np.array([["ACGT".index(letter) for letter in one[:10]] for one in sequences])
        effects = single[np.arange(10), codes].sum(axis=1) + pairs[np.arange(9), codes[:, :-1], codes[:, 1:]].sum(
            axis=1
        )
        return effects + longer * np.array([len(one) / 100 for one in sequences])

    return values


def campaign(name: str, seed: int, weight: float) -> dl.Campaign:
    rng = np.random.default_rng(seed)
    function = landscape(rng, LONGER[name])
    lab: dict[str, Any] = {"cost": {"per_bp": 1, "min_bp": 0, "per_design": 4, **FREE}}
    lab["stages"] = {"cloning": {"cost": 0}, "expression": {"cost": 0}}
    return dl.Campaign(
        oracle=dl.oracles.FunctionOracle(function=function, space=constructs(rng), scale="log"),
        lab=dl.Lab.preset("good", assay={"noise": {"eps": 0.3}}, **lab),
        strategy=dl.strategies.ModelGuided(
            generator=dl.generators.Enumerate(),
            surrogate=dl.surrogates.RandomForest(),
            acquisition=dl.acquisition.LogEI(cost_weight=weight),
        ),
        scheduler=dl.scheduling.Rounds(batch_size=BATCH),
        budget=dl.Budget(cost=BUDGET),
    )


def reached(name: str, seed: int, weight: float) -> list[float]:
    """The true value of the recommended design for each amount of money, and the number of designs."""
    result = campaign(name, seed, weight).run(seed=seed)
    best = [max((p.value or 0.0 for p in result.recommended_trace if p.cost <= money), default=0.0) for money in MONEY]
    return [*best, result.designs]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--landscape", choices=LONGER, nargs="+", default=list(LONGER))
    given = parser.parse_args()
    print(f"| landscape | cost_weight | designs | {' | '.join(f'value at {money:,}' for money in MONEY)} |")
    print(f"|---|---|---|{'---|' * len(MONEY)}")
    for name in given.landscape:
        base = None
        for weight in WEIGHTS:
            values = np.array([reached(name, seed, weight) for seed in range(given.seeds)])
            base = values if base is None else base
            gains = (values - base).T
            told = [f"{g.mean():+.2f} ± {g.std(ddof=1) / np.sqrt(len(g)):.2f}" if weight else "" for g in gains]
            cells = " | ".join(f"{v:.2f} {one}".strip() for v, one in zip(values.mean(axis=0)[:-1], told, strict=False))
            print(f"| {name} | {weight} | {values[:, -1].mean():.0f} | {cells} |", flush=True)


if __name__ == "__main__":
    main()
