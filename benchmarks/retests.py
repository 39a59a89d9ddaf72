"""Are retests worth their wells? The recommended design without retests, with a fixed number, and with `auto`.

    python benchmarks/retests.py                                     # genetic, 60 instances
    python benchmarks/retests.py --strategy model-guided --instances 20 --reliability .1 .3
    python benchmarks/retests.py --smoke

NK landscapes (length 20, K = 2) in the lab `good`, 6 batches of 48 wells. Every arm has the same wells, landscapes,
delays and failures; the instance is the unit. `reliability` is the share of the variance of single wells that is
between natural designs; 1 is an exact assay.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

import designloop as dl

WELLS, ROUNDS, SPREAD = 48, 6, 0.065
FIXED = 6
ARMS: dict[str, dict[str, Any]] = {
    "none": {"batch_size": WELLS},
    f"{FIXED} in each batch": {"batch_size": WELLS - FIXED, "n_retests": FIXED},
    "auto": {"batch_size": WELLS, "n_retests": "auto"},
}


def campaign(strategy: str, reliability: float, seed: int, arm: dict[str, Any]) -> dl.Campaign:
    return dl.Campaign(
        oracle=dl.oracles.NK(length=20, neighbours=2, seed=seed),
        lab=dl.Lab.preset("good", assay={"noise": {"reliability": reliability, "spread": SPREAD}}),
        strategy=strategy,
        scheduler=dl.scheduling.Rounds(max_rounds=ROUNDS, **arm),
        budget=dl.Budget(),
    )


def reached(strategy: str, reliability: float, seeds: Sequence[int], arm: dict[str, Any]) -> tuple[Any, float]:
    """(true value of the recommended design of each instance, mean number of retests)."""
    results = [campaign(strategy, reliability, seed, arm).run(seed=seed) for seed in seeds]
    values = [its.recommended.value if its.recommended else np.nan for its in results]
    return np.array(values, dtype=float), float(np.mean([its.n_retests for its in results]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strategy", default="genetic")
    parser.add_argument("--instances", type=int, default=60)
    parser.add_argument("--reliability", type=float, nargs="+", default=[0.1, 0.3, 0.6, 1.0])
    parser.add_argument("--smoke", action="store_true")
    given = parser.parse_args()
    seeds = range(2 if given.smoke else given.instances)
    print("| reliability | retests | spent | recommended, true value | difference from none |\n|---|---|---|---|---|")
    for reliability in given.reliability[:1] if given.smoke else given.reliability:
        base, _ = reached(given.strategy, reliability, seeds, ARMS["none"])
        for name, arm in ARMS.items():
            values, n_retests = reached(given.strategy, reliability, seeds, arm) if name != "none" else (base, 0.0)
            gain = values - base
            error = gain.std(ddof=1) / np.sqrt(len(gain))
            told = "" if name == "none" else f"{gain.mean():+.3f} ± {error:.3f}"
            print(f"| {reliability} | {name} | {n_retests:.0f} | {values.mean():.3f} | {told} |", flush=True)


if __name__ == "__main__":
    main()
