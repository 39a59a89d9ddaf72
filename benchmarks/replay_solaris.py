"""Replays a real campaign: what would strategies have chosen among the ribosome binding sites that people measured?

    python benchmarks/replay_solaris.py [--seeds 20] [--smoke] [--coverage] [--page replay.html] [--figure FILE.svg]

Zhang et al. 2022 measured 448 sites in four rounds of 178, 90, 90 and 90 new designs; a Gaussian process bandit chose
the last three (solaris_rbs.csv in $DESIGNLOOP_DATA). The rounds are imported into a live campaign, and each strategy
is asked at each decision, with what was known then. It chooses among the designs that were measured at that decision or
later (`later`), or among those of the batch (`batch`).

A value is ln signal, minus the mean of the day, minus that of the reference strain in the same round, which stood on
every plate; its standard error is that of the readings (pooled within a round). Designs that the authors do not use are
`lost`. `raw` does not subtract the reference, and `centred` subtracts the mean of each round instead, so that a later
round is not worth more than an earlier one.

With `--coverage`, only intervals are tested: how often does that of a random strategy minus a random choice exclude 0?
"""

import argparse
import csv
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import designloop as dl
from designloop.core.errors import Notice
from designloop.core.readers.tables import read_table
from designloop.hindsight.findings import BUILT, CHANCE
from designloop.hindsight.pictures import by_decision
from designloop.hindsight.replay import Replay
from designloop.hindsight.tables import interval, signed
from designloop.report.static import pictures
from designloop.report.words import value as shown

Floats = NDArray[np.float64]
REPLICATES = tuple(f"rep{n}" for n in range(1, 10))
REFERENCE = "TTTAAGAAGGAGATATACAT"
CORE = range(7, 13)
"""The positions that all rounds but the first vary alone."""
MODES: dict[str, tuple[str, int | None]] = {
    "later, all": ("later", None),
    "later, 12": ("later", 12),
    "batch, 12": ("batch", 12),
}
STRATEGIES: dict[str, str | dl.Strategy] = {
    "auto": "auto",
    "auto, greedy": dl.strategies.Auto(acquisition=dl.acquisition.Greedy()),
    "ensemble-greedy": "ensemble-greedy",
    "genetic": "genetic",
    "random": "random",
}


@dataclass(frozen=True)
class Sites:
    """The table: sequences, rounds from 0, and ln signals (n, 9), NaN where there is none that the authors use."""

    sequences: list[str]
    rounds: NDArray[np.int64]
    logs: Floats

    @classmethod
    def read(cls, folder: Path) -> "Sites":
        table = read_table(folder / "solaris_rbs.csv")
        signals = np.stack([table.numbers(name) for name in REPLICATES], axis=1)
        is_used = np.array([text == "Yes" for text in table.texts("usable")])
        with np.errstate(invalid="ignore", divide="ignore"):
            logs = np.where((signals > 0) & is_used[:, None], np.log(signals), np.nan)
        return cls(table.texts("sequence"), table.numbers("round").astype(int), logs)

    def values(self, scale: str) -> tuple[Floats, Floats]:
        """(value, standard error) of each row, NaN where there is none; `scale`: relative, raw or centred."""
        values, errors = np.full(len(self.logs), np.nan), np.full(len(self.logs), np.nan)
        is_reference = np.array([sequence == REFERENCE for sequence in self.sequences])
        for round_ in np.unique(self.rounds):
            here = np.flatnonzero(self.rounds == round_)
            within = self.logs[here][:, np.isfinite(self.logs[here]).any(axis=0)]
            here, within = here[np.isfinite(within).any(axis=1)], within[np.isfinite(within).any(axis=1)]
            within = within - np.nanmean(within - np.nanmean(within, axis=1, keepdims=True), axis=0)
            n, means = np.isfinite(within).sum(axis=1), np.nanmean(within, axis=1)
            pooled = float(np.nansum((within - means[:, None]) ** 2) / ((n - 1).sum() - within.shape[1] + 1))
            base = {"relative": means[is_reference[here]].mean(), "raw": 0.0, "centred": means.mean()}[scale]
            values[here], errors[here] = means - base, np.sqrt(pooled / n)
        return values, errors


def write_rounds(sites: Sites, scale: str, file: Path) -> None:
    """The past rounds as a table for `designloop import`; the reference is a design of the first round alone."""
    values, errors = sites.values(scale)
    seen = set[str]()
    with file.open("w", newline="", encoding="utf-8") as out:
        table = csv.writer(out)
        table.writerow(["round", "sequence", "value", "std_error", "outcome"])
        for sequence, round_, value, error in zip(sites.sequences, sites.rounds, values, errors, strict=True):
            if sequence in seen:
                continue
            seen.add(sequence)
            told = [value, error, "observed"] if np.isfinite(value) else ["", "", "lost"]
            table.writerow([round_ + 1, sequence, *told])


def campaign(sites: Sites, scale: str, folder: Path) -> dl.Live:
    """The four rounds in a live campaign, six weeks apart."""
    write_rounds(sites, scale, file := folder / f"{scale}.csv")
    fixed = [place for place in range(len(REFERENCE)) if place not in CORE]
    live = dl.Live.begin(
        dl.LiveCampaign(
            name="solaris",
            space=dl.Space(alphabet="dna", length=len(REFERENCE), parent=REFERENCE, fixed=fixed),
            lab={"preset": "live", "plate_size": 384},
            scheduler=dl.scheduling.Rounds(batch_size=90),
            budget=dl.Budget(designs=540),
        ),
        folder / scale,
        start="2020-01-06 09:00",
        by="people",
    )
    with warnings.catch_warnings(action="ignore", category=Notice):  # 42 sites of the first round vary other positions
        live.import_rounds([file], ordered="2020-01-06 10:00", every="6w")
    return live


def replayed(live: dl.Live, mode: str, n_seeds: int, names: Sequence[str] = tuple(STRATEGIES)) -> Replay:
    among, n_designs = MODES[mode]
    return dl.replay(live, {name: STRATEGIES[name] for name in names}, among, n_designs, n_seeds)


# Tables


def worth_lines(found: Replay, mode: str) -> Iterator[str]:
    numbers = ", ".join(str(one.number) for one in found.compared)
    yield f"\n**{mode}** (decisions {numbers}; {sum(one.n for one in found.compared)} choices)\n"
    yield "| chooser | mean value | minus random choice | minus as built | minus auto | hits | best |"
    yield "|---|---|---|---|---|---|---|"
    for name in found.strategies:
        hits, bests = found.hits(name), found.bests(name)[:, -1]
        minus = [signed(found.mean_gain(name, over)) if over in found.others else "" for over in (CHANCE, BUILT)]
        minus.append("" if name == "auto" else signed(found.mean_gain(name, "auto")))
        ends = f"{hits.mean():.1f} ({hits.min():.0f} to {hits.max():.0f})", f"{shown(float(bests.mean()))}"
        yield f"| {name} | {interval(found.mean(name))} | {' | '.join(minus)} | {' | '.join(ends)} |"
    for name in found.others:
        minus_chance = signed(found.mean_gain(BUILT, CHANCE)) if name == BUILT else ""
        cells = [interval(found.of(name, what)) for what in ("mean", "hits", "best")]
        yield f"| {name} | {cells[0]} | {minus_chance} |  |  | {cells[1]} | {cells[2]} |"


def noise_lines(sites: Sites) -> Iterator[str]:
    values, errors = sites.values("relative")
    is_there, is_reference = np.isfinite(values), np.array([one == REFERENCE for one in sites.sequences])
    yield "\n**Noise** (scale relative; the reference is at 0 in every round)\n"
    yield "| round | designs with a value | mean | sd | standard error of a value | sd of the reference's wells |"
    yield "|---|---|---|---|---|---|"
    for round_ in range(4):
        here = is_there & (sites.rounds == round_) & ~is_reference
        wells = values[is_there & (sites.rounds == round_) & is_reference]
        spread = f"{wells.std(ddof=1):.3f} ({len(wells)})" if len(wells) > 1 else f"– ({len(wells)})"
        numbers = " | ".join(map(shown, (values[here].mean(), values[here].std(ddof=1), errors[here].mean())))
        yield f"| {round_ + 1} | {here.sum()} | {numbers} | {spread} |"


def scale_lines(sites: Sites, folder: Path, n_seeds: int) -> Iterator[str]:
    yield "\n**Scales** (auto minus random choice)\n"
    yield "| choice | scale | mean value | share of hits | standard error by measurement |"
    yield "|---|---|---|---|---|"
    for scale in ("relative", "raw", "centred"):
        live = campaign(sites, scale, folder)
        for mode in MODES:
            found = replayed(live, mode, n_seeds, ["auto"])
            gains = signed(found.mean_gain("auto", CHANCE)), signed(found.hit_gain("auto", CHANCE))
            yield f"| {mode} | {scale} | {' | '.join(gains)} | {found.error_of_mean('auto', CHANCE):.3f} |"


def coverage_lines(live: dl.Live, n_trials: int) -> Iterator[str]:
    yield "\n**Intervals** (share of trials in which a random strategy differs from a random choice; 5% is promised)\n"
    yield "| choice | seeds | mean value | share of hits |"
    yield "|---|---|---|---|"
    for mode, (among, n_designs) in MODES.items():
        for n_seeds in (1, 5):
            trials = [dl.replay(live, "random", among, n_designs, n_seeds, n * n_seeds) for n in range(1, n_trials + 1)]
            gains = [[found.mean_gain("random", CHANCE), found.hit_gain("random", CHANCE)] for found in trials]
            shares = [np.mean([gain[at].excludes_zero for gain in gains]) for at in range(2)]
            yield f"| {mode} | {n_seeds} | {' | '.join(f'{100 * share:.1f}%' for share in shares)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("--page", type=Path)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    data = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (data / "solaris_rbs.csv").is_file():
        print(f"skipped: solaris_rbs.csv is not in {data}; set DESIGNLOOP_DATA to the folder that holds it")
        return
    sites, n_seeds = Sites.read(data), 2 if given.smoke else given.seeds
    with tempfile.TemporaryDirectory() as place:
        live = campaign(sites, "relative", Path(place))
        if given.coverage:
            print("\n".join(coverage_lines(live, 2 if given.smoke else 200)))
            return
        print("\n".join(noise_lines(sites)))
        for mode in MODES:
            found = replayed(live, mode, n_seeds, ("auto", "random") if given.smoke else tuple(STRATEGIES))
            print("\n".join(worth_lines(found, mode)), flush=True)
            if mode == "later, all":
                _draw(found, given.page, given.figure)
        if not given.smoke:
            with tempfile.TemporaryDirectory() as other:
                print("\n".join(scale_lines(sites, Path(other), n_seeds)))


def _draw(found: Replay, page: Path | None, figure: Path | None) -> None:
    if page is not None:
        print(f"wrote {found.save(page)}", file=sys.stderr)
    if figure is not None:
        figure.write_bytes(pictures(by_decision(found))["svg"])


if __name__ == "__main__":
    main()
