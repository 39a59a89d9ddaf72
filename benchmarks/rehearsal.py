"""Whether a rehearsal's forecast is right: the same campaigns are rehearsed, and continued on the true landscape.

    python benchmarks/rehearsal.py [--instances 10] [--surrogate KIND] [--smoke]

Each instance is a live campaign with 40 measured sequences of two wells, one round of 12 back and one in the lab. It
is rehearsed 20 times, with two arms, for the three rounds that its budget leaves. Then it is continued from the same
record on the true landscape, four times for each arm. Landscapes: letters alone; letters and neighbouring pairs, half
of the variance each; NK with three neighbours.
"""

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import designloop as dl
from designloop.core.errors import Notice
from designloop.core.random import stream
from designloop.rehearsal.outcome import Spread
from designloop.rehearsal.rehearse import Rehearsal
from designloop.rehearsal.skill import Skill

LENGTH, SD = 12, 0.15
LETTERS = "ACGT"
LAB = dl.Lab.preset("good", assay={"lost_plates": 0.0})
TODAY = "2026-04-20 09:00"
PLANNED = {"kind": "model-guided", "surrogate": "bayesian-linear", "generator": "mutation"}
FUTURES = 4


class Pairs(dl.Oracle):
    """Letters by position, and neighbouring pairs with a share of the variance; total variance one."""

    seed: int = 0
    epistasis: float = 0.0

    @property
    def space(self) -> dl.Space:
        """DNA of one length."""
        return dl.Space.of_length(dl.DNA, LENGTH)

    @cached_property
    def _weights(self) -> tuple[np.ndarray, np.ndarray]:
        rng = stream(self.seed, "weights")
        letters = rng.normal(size=(LENGTH, 4)) * ((1 - self.epistasis) / LENGTH) ** 0.5
        return letters, rng.normal(size=(LENGTH - 1, 16)) * (self.epistasis / (LENGTH - 1)) ** 0.5

    def __call__(self, sequences: Any) -> np.ndarray:
        """Values (n,)."""
        letters, pairs = self._weights
        codes = np.array([[LETTERS.index(letter) for letter in sequence] for sequence in sequences], dtype=int)
        of_pairs = pairs[np.arange(LENGTH - 1), 4 * codes[:, :-1] + codes[:, 1:]].sum(axis=1)
        return np.asarray(3.0 + letters[np.arange(LENGTH), codes].sum(axis=1) + of_pairs)


class Scaled(dl.Oracle):
    """An NK landscape with a variance of about one."""

    seed: int = 0

    @property
    def space(self) -> dl.Space:
        """DNA of one length."""
        return dl.Space.of_length(dl.DNA, LENGTH)

    @cached_property
    def _nk(self) -> dl.Oracle:
        return dl.oracles.NK(alphabet="dna", length=LENGTH, neighbours=3, seed=self.seed)

    def __call__(self, sequences: Any) -> np.ndarray:
        """Values (n,)."""
        return np.asarray(3.0 + (self._nk(sequences) - 0.5) * 12.0)


LANDSCAPES = {
    "letters": lambda seed: Pairs(seed=seed),
    "letters and pairs": lambda seed: Pairs(seed=seed, epistasis=0.5),
    "NK, three neighbours": lambda seed: Scaled(seed=seed),
}


@dataclass(frozen=True)
class Compared:
    """A quantity that was forecast, and what it was in the real futures of the instance."""

    forecast: Spread
    real: list[float]

    @property
    def n_inside(self) -> int:
        """Futures within the forecast's range of 8 in 10."""
        return sum(self.forecast.low <= value <= self.forecast.high for value in self.real)


def main() -> None:
    """Print a row for each landscape."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--instances", type=int, default=10, help="campaigns on each landscape")
    parser.add_argument("--surrogate", help="the model of the truths; default: that of rehearsals")
    parser.add_argument("--landscape", choices=LANDSCAPES, help="only this landscape")
    parser.add_argument("--smoke", action="store_true", help="one campaign, rehearsed twice")
    asked = parser.parse_args()
    warnings.simplefilter("ignore", Notice)
    n, repeats = (1, 2) if asked.smoke else (asked.instances, 20)
    print(f"{'landscape':22} arm          skill   no skill   value inside   too high by     weeks inside")
    for name in [asked.landscape] if asked.landscape else LANDSCAPES:
        found = [instance(name, seed, repeats, asked.surrogate) for seed in range(n)]
        for label in ("as planned", "genetic"):
            print(f"{name:22} {label:12} {row([its[label] for its in found])}", flush=True)


def row(found: list[tuple[Skill, Compared, Compared]]) -> str:
    """The skill, how many forecasts say that they have none, the share inside, and the mean error of the forecast.

    The last column is the share inside of weeks.
    """
    values, weeks = [its[1] for its in found], [its[2] for its in found]
    errors = np.array([its.forecast.mean.value - float(np.mean(its.real)) for its in values])
    n = FUTURES * len(found)
    se = errors.std(ddof=1) / len(errors) ** 0.5 if len(errors) > 1 else float("nan")
    inside = [f"{sum(its.n_inside for its in all_)} of {n}" for all_ in (values, weeks)]
    ranks = [its[0].error.rank_correlation for its in found if its[0].error is not None]
    n_warned = f"{sum(not its[0].is_shown for its in found)} of {len(found)}"
    errors_in_words = f"{errors.mean():+.2f} ± {se:.2f}"
    return f"{np.mean(ranks):5.2f}   {n_warned:8}   {inside[0]:12}   {errors_in_words:13}   {inside[1]}"


def instance(name: str, seed: int, repeats: int, surrogate: str | None) -> dict[str, tuple[Skill, Compared, Compared]]:
    """Arm -> the skill of the truths, values at the end, and weeks."""
    truth = LANDSCAPES[name](seed)
    with tempfile.TemporaryDirectory() as folder:
        live = begun(Path(folder), truth, seed)
        done = dl.rehearse(
            live.path, lab=LAB, strategies=["genetic"], surrogate=surrogate, repeats=repeats, at=TODAY, workers=0
        )
        futures = {label: list(continued(done, label, truth, seed)) for label in ("as planned", "genetic")}
        return {
            arm.label: (
                done.plan.skill,
                Compared(arm.final["recommended"], [value for value, _ in futures[arm.label]]),
                Compared(arm.weeks, [weeks for _, weeks in futures[arm.label]]),
            )
            for arm in done.outcome.arms
        }


def begun(folder: Path, truth: dl.Oracle, seed: int) -> dl.Live:
    """The live campaign: measured sequences, a round that is back, and a round in the lab."""
    rng = stream(seed, "measured")
    known = ["".join(rng.choice(list(LETTERS), LENGTH)) for _ in range(40)]
    starts = [f"{s},{v + rng.normal(0.0, SD)}" for s, v in zip(known, truth(known), strict=True) for _ in range(2)]
    (folder / "earlier.csv").write_text("\n".join(["sequence,value", *starts]) + "\n", encoding="utf-8")
    campaign = dl.LiveCampaign(
        name="rehearsed", space=truth.space, strategy=PLANNED, prior={"starts": str(folder / "earlier.csv")},
        scheduler={"kind": "rounds", "batch_size": 12}, budget={"designs": 60},
    )  # fmt: skip
    live = dl.Live.begin(campaign, folder / "live", seed=seed, start="2026-03-02 09:00", by="benchmark")
    live.ask(at="2026-03-02 10:00")
    built = {key: pending.design.sequence for key, pending in live.history.waiting.items()}
    told = [f"{key},{float(truth([s])[0]) + rng.normal(0.0, SD)}" for key, s in built.items()]
    (folder / "round-1.csv").write_text("\n".join(["design,value", *told]) + "\n", encoding="utf-8")
    live.tell(folder / "round-1.csv", at="2026-04-13 10:00")
    live.ask(at="2026-04-13 11:00")
    return live


def continued(done: Rehearsal, label: str, truth: dl.Oracle, ordinal: int) -> Iterator[tuple[float, float]]:
    """(value at the end, weeks from now) of the same record, continued on the true landscape."""
    base: dict[str, Any] = {**done.plan.study.base, "oracle": truth.describe()}  # type: ignore[dict-item]
    base |= done.plan.arms[label]
    if label != "as planned":
        base["label"] = label
    for seed in range(1_000 + FUTURES * ordinal, 1_000 + FUTURES * (ordinal + 1)):
        result = dl.Campaign.model_validate({**base, "oracle": truth}).run(seed=seed)
        assert result.recommended is not None
        assert done.plan.in_hand is not None
        in_hand = float(truth([done.plan.in_hand.sequence])[0])
        yield max(float(result.recommended.value or np.nan), in_hand), result.weeks - done.plan.today


if __name__ == "__main__":
    main()
