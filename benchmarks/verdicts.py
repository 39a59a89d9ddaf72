"""Measures the error rates of verdicts on studies whose true answer is known.

    python benchmarks/verdicts.py [--studies 200] [--workers 2]

No difference: contestants are copies of one strategy under different labels. The probability of any false call in a
study should be at most 5%, and the raw p-values of a pair should be uniform (Kolmogorov-Smirnov test, one pair of each
study). If values have only a few levels, differences tie and an exact test is conservative: its p-values may lie above
those of a uniform distribution, never below (the one-sided test). They should be uniform after noise of a millionth has
broken the ties. Planted difference: one contestant is ahead by a number of standard deviations of the units'
differences, and should be found as often as promised.

Simulated cells have an effect of their instance, one that cells of the same seed share, and one of their own, on one of
three scales: normal, skewed (log-normal), and levels (the products that an Ehrlich function has, often 0). Real cells
are campaigns of `random` in an instant lab of reliability .5: on a rugged landscape without levels, and on small
Ehrlich functions with six. A line holds if the 95% binomial interval of the observed rate reaches the promised rate,
and no p-value of uniformity is below .01.
"""

import argparse
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np

import designloop as dl
from designloop.core.alphabet import DNA
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle
from designloop.study.comparisons import ALPHA, detectable_effect, power, sign_flip_p
from designloop.study.look import Look
from designloop.study.pairs import MIN_UNITS, Pair, pairs_of
from designloop.study.results import CellResult, StudyResults, Trace
from designloop.study.units import Setting, common_places, settings_of, unit_means

SHAPES = ("normal", "skewed", "levels")
LEVELS = np.unique(np.outer(*[np.arange(5) / 4] * 2).ravel())
"""Values of an Ehrlich function with two motifs and four levels each."""
SHARED_SD, OWN_SD, INSTANCE_SD = 0.5, 1.0, 1.0
QUICK = Look(n_resamples=10)
"""Intervals are not used here."""
REAL_INSTANCES = 40


class Plan(NamedTuple):
    """Studies of one kind; the first contestant is ahead by `planted` standard deviations."""

    shape: str
    contestants: int
    units: int
    seeds: int
    planted: float = 0.0


def cell(label: str, instance: int, seed: int, values: Sequence[float]) -> CellResult:
    """A campaign with the given value after each of its batches of 10 designs."""
    designs = 10.0 * np.arange(1, len(values) + 1)
    trace = Trace(weeks=designs / 2, designs=designs, cost=100 * designs, values=np.array(values, dtype=np.float64))
    end = {"designs": int(designs[-1]), "weeks": float(designs[-1] / 2), "cost": float(100 * designs[-1])}
    labels = {"strategies": label}
    return CellResult(f"{label}-{instance}-{seed}", labels, instance, seed, 0.0, traces={"recommended": trace}, **end)


def study(cells: Sequence[CellResult], labels: Sequence[str], plan: Plan) -> StudyResults:
    """A study with these cells."""
    planned = {"instances": plan.units, "seeds": plan.seeds}
    return StudyResults("known", {"strategies": tuple(labels)}, "strategies", None, None, {}, tuple(cells), planned)


def shaped(shape: str, latent: np.ndarray) -> np.ndarray:
    """Transform latent normal effects to the scale of values."""
    if shape == "normal":
        return latent
    if shape == "skewed":
        return np.exp(latent)
    share = 1 / (1 + np.exp(-1.2 * latent))
    return LEVELS[np.minimum((share * len(LEVELS)).astype(int), len(LEVELS) - 1)]


def drawn(shape: str, n_units: int, n_seeds: int, k: int, rng: np.random.Generator) -> np.ndarray:
    """Values of k equal contestants, shape (n_units, n_seeds, k)."""
    instance = INSTANCE_SD * rng.normal(size=(n_units, 1, 1))
    shared = SHARED_SD * rng.normal(size=(n_units, n_seeds, 1))
    return shaped(shape, instance + shared + OWN_SD * rng.normal(size=(n_units, n_seeds, k)))


def spread(shape: str, n_seeds: int) -> float:
    """Standard deviation of the units' differences, from 200,000 units."""
    values = drawn(shape, 200_000, n_seeds, 2, stream(0, "spread", shape, n_seeds)).mean(axis=1)
    return float((values[:, 0] - values[:, 1]).std())


def invented(plan: Plan, sd: float, number: int) -> StudyResults:
    """Study `number` of a plan."""
    rng = stream(number, "invented", *map(str, plan))
    values = drawn(plan.shape, plan.units, plan.seeds, plan.contestants, rng)
    values[:, :, 0] += plan.planted * sd
    labels = [f"copy {k}" for k in range(plan.contestants)]
    cells = [
        cell(label, i, j, [values[i, j, k] - 1, values[i, j, k]])
        for k, label in enumerate(labels)
        for i in range(plan.units)
        for j in range(plan.seeds)
    ]
    return study(cells, labels, plan)


def real(plan: Plan, number: int) -> StudyResults:
    """Study `number` of real campaigns: its seeds are not shared, and its instances are drawn from a pool."""
    instances = stream(number, "instances").permutation(REAL_INSTANCES)[: plan.units]
    labels = [f"copy {k}" for k in range(plan.contestants)]
    seeds = range(number * plan.seeds, (number + 1) * plan.seeds)
    cells = [played(plan.shape, label, int(i), seed) for label in labels for i in instances for seed in seeds]
    return study(cells, labels, plan)


class Rugged(Oracle):
    """Random effects of neighbouring letters at each position: values without levels, standard deviation 1."""

    instance: int

    @property
    def space(self) -> Space:
        return Space.of_length(DNA, 8)

    def __call__(self, sequences: Sequence[str]) -> np.ndarray:
        worth = stream(self.instance, "worth").normal(size=(7, 4, 4)) / 7**0.5
        letters = np.array([["ACGT".index(letter) for letter in s] for s in sequences], dtype=int).reshape(-1, 8)
        return worth[np.arange(7), letters[:, :-1], letters[:, 1:]].sum(axis=1)


def landscape(shape: str, instance: int) -> Oracle:
    """The landscape of the real campaigns."""
    if shape == "real, rugged":
        return Rugged(instance=instance)
    return dl.oracles.Ehrlich(num_states=5, length=8, num_motifs=2, motif_length=3, quantization=3, seed=instance)


def played(shape: str, label: str, instance: int, seed: int) -> CellResult:
    """A campaign of `random` under a label."""
    spread = 1.0 if shape == "real, rugged" else 0.2
    campaign = dl.Campaign(
        oracle=landscape(shape, instance),
        lab={"preset": "instant", "assay": {"noise": {"reliability": 0.5, "spread": spread}}},
        strategy="random",
        scheduler={"kind": "rounds", "batch_size": 8},
        budget={"designs": 16},
        prior={"corpus": None},
        label=label,
    )
    done = campaign.run(seed=seed)
    rows = [(p.week, p.n_submitted, p.cost, p.value) for p in done.recommended_trace]
    trace = Trace(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)
    end = {"designs": done.designs, "weeks": done.weeks, "cost": done.cost}
    labels = {"strategies": label}
    return CellResult(f"{label}-{instance}-{seed}", labels, instance, seed, 0.0, traces={"recommended": trace}, **end)


class Seen(NamedTuple):
    """The verdict of one study."""

    any_false: bool
    found: tuple[bool, ...]
    p: float
    p_untied: float
    correlation: float
    luck: float | None


def judged(pairs: Sequence[Pair], plan: Plan, p_untied: float = 1.0) -> Seen:
    """The verdict on the pairs of a study. Only pairs with the first contestant differ, if a difference was planted."""
    first = pairs[0]
    assert first.p is not None, f"{first.n_units} units are too few for a verdict; plan {MIN_UNITS}"
    called = [(pair, plan.planted > 0 and pair.a == "copy 0") for pair in pairs]
    return Seen(
        any_false=any(pair.is_called and (not is_true or pair.ahead != "copy 0") for pair, is_true in called),
        found=tuple(pair.ahead == "copy 0" for pair, is_true in called if is_true),
        p=first.p,
        p_untied=p_untied,
        correlation=first.correlation or 0.0,
        luck=first.luck,
    )


def one(plan: Plan, sd: float, number: int) -> Seen:
    """Make a study, and compare its pairs as a verdict does."""
    setting = settings_of(real(plan, number) if plan.shape.startswith("real") else invented(plan, sd, number))[0]
    return judged(pairs_of(setting, QUICK, has_verdict=True), plan, untied(setting, number))


def untied(setting: Setting, number: int) -> float:
    """The raw p-value of the first pair, with a millionth of noise on its units' differences."""
    places, at = common_places(setting, "copy 0", "copy 1"), QUICK.points(setting)["designs"]
    mine, theirs = (setting.values(setting.at(f"copy {k}", places), QUICK.trace, QUICK.axis, at) for k in (0, 1))
    differences = unit_means(places, mine - theirs, setting)
    return sign_flip_p(differences + 1e-6 * stream(number, "ties").normal(size=len(differences)))


def seen(plan: Plan, n_studies: int, pool: ProcessPoolExecutor | None = None) -> list[Seen]:
    """The verdicts of `n_studies` independent studies."""
    sd = spread(plan.shape, plan.seeds) if plan.planted else 0.0
    each = (pool.map if pool else map)(partial(one, plan, sd), range(n_studies))
    return list(each)


Judge = Callable[[Plan, Sequence[Seen]], tuple[dict[str, str], bool]]
"""The line of a plan, and whether it holds."""


def interval(k: int, n: int) -> tuple[float, float]:
    """The exact 95% confidence interval of a share."""
    from scipy.stats import binomtest

    found = binomtest(k, n).proportion_ci()
    return float(found.low), float(found.high)


def nothing_planted(plan: Plan, studies: Sequence[Seen]) -> tuple[dict[str, str], bool]:
    """The line of a plan without a difference, and whether it holds."""
    from scipy.stats import kstest

    k, n = sum(study.any_false for study in studies), len(studies)
    low, high = interval(k, n)
    ps = [study.p for study in studies]
    uniform, untied = (float(kstest(x, "uniform").pvalue) for x in (ps, [study.p_untied for study in studies]))
    not_below = float(kstest(ps, "uniform", alternative="greater").pvalue)
    has_levels = plan.shape in ("levels", "real, levels")
    holds = low <= ALPHA and min(not_below, untied, 1.0 if has_levels else uniform) > 0.01
    line = {
        "cells": plan.shape,
        "contestants": str(plan.contestants),
        "units × seeds": f"{plan.units} × {plan.seeds}",
        "studies": str(n),
        "with a false call": f"{k / n:.1%} ({low:.1%} to {high:.1%})",
        "uniform p (KS test)": f"{uniform:.2f}",
        "not below uniform": f"{not_below:.2f}",
        "ties broken": f"{untied:.2f}",
        "correlation of units": f"{np.mean([study.correlation for study in studies]):.2f}",
        "correlation within instances": f"{np.mean(lucks):.2f}"
        if (lucks := [s.luck for s in studies if s.luck is not None])
        else "–",
        "holds": "yes" if holds else "NO",
    }
    return line, holds


def planted(plan: Plan, studies: Sequence[Seen]) -> tuple[dict[str, str], bool]:
    """The line of a plan with a difference, and whether it holds.

    The promised power is that of a t-test at the first level of Holm's method. It is met by two contestants with normal
    differences. It is exceeded if Holm reaches later levels, or if a long tail makes the standard deviation larger than
    most differences of units.
    """
    n, k_false = len(studies), sum(study.any_false for study in studies)
    n_pairs = plan.contestants * (plan.contestants - 1) // 2
    promised = power(plan.planted, plan.units, n_pairs)
    k = sum(study.found[0] for study in studies)
    low, high = interval(k, n)
    is_exact = n_pairs == 1 and plan.shape == "normal"
    holds = high >= promised and (low <= promised or not is_exact) and interval(k_false, n)[0] <= ALPHA
    line = {
        "cells": plan.shape,
        "contestants": str(plan.contestants),
        "units × seeds": f"{plan.units} × {plan.seeds}",
        "studies": str(n),
        "planted": f"{plan.planted:.2f} sd",
        "promised": f"{promised:.1%}" if is_exact else f"at least {promised:.1%}",
        "found": f"{k / n:.1%} ({low:.1%} to {high:.1%})",
        "with a false call": f"{k_false / n:.1%}",
        "holds": "yes" if holds else "NO",
    }
    return line, holds


def show(title: str, plans: Sequence[Plan], line_of: Judge, n_studies: int, pool: ProcessPoolExecutor) -> bool:
    """Print a table, each line as soon as it is known; returns whether all lines hold."""
    all_hold = True
    for number, plan in enumerate(plans):
        line, holds = line_of(plan, seen(plan, n_studies, pool))
        if number == 0:
            print(f"\n**{title}**\n\n| {' | '.join(line)} |\n|{'---|' * len(line)}")
        print(f"| {' | '.join(line.values())} |", flush=True)
        all_hold = all_hold and holds
    return all_hold


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200, help="studies of each kind")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--smoke", action="store_true", help="run two studies of each kind")
    given = parser.parse_args()
    n = 2 if given.smoke else given.studies
    smallest = detectable_effect(20) or 0.0
    same = [Plan(shape, k, 20, s) for shape in SHAPES for k, s in ((2, 1), (4, 2))]
    same += [Plan("real, rugged", 3, 20, 1), Plan("real, levels", 2, 20, 1)]
    ahead = [Plan(shape, k, 34, 2, 0.5) for shape in SHAPES for k in (2, 4)] + [Plan("normal", 2, 20, 1, smallest)]
    with ProcessPoolExecutor(given.workers) as pool:
        all_hold = [
            show("No difference", same, nothing_planted, n, pool),
            show("A planted difference", ahead, planted, n, pool),
        ]
    return 0 if given.smoke or all(all_hold) else 1


if __name__ == "__main__":
    raise SystemExit(main())
