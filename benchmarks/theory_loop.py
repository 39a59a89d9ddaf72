"""Theory checks of the whole loop: random search, depth, pending designs, rounds (field notes, 3.1 to 3.4)."""

import os
from collections.abc import Iterator, Sequence
from functools import cache
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from theory_lab import EVERY_DAY, NormalHash
from theory_rows import Row, Sizes, expected_best, near, within

from designloop.campaign import Campaign
from designloop.core.alphabet import DNA, PROTEIN
from designloop.core.clock import WEEK
from designloop.core.random import stream
from designloop.core.records import Event
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle
from designloop.oracles.landscape import Landscape

Floats = NDArray[np.float64]
GB1 = "gb1_wu2016.csv.gz"
GUIDED = {"kind": "model-guided", "generator": "enumerate", "acquisition": "thompson", "viability_weight": 0}


class Epistatic(Oracle):
    """Effects of single letters, and of pairs of neighbours, drawn by instance; log scale, about unit variance."""

    letters: str = "dna"
    length: int = 6
    instance: int = 0
    pairs: float = 0.3
    """Share of the variance that single letters do not explain."""

    @property
    def space(self) -> Space:
        """All sequences of one length."""
        return Space.of_length(PROTEIN if self.letters == "protein" else DNA, self.length)

    @property
    def scale(self) -> Any:
        """Noise is added."""
        return "log"

    def __call__(self, sequences: Sequence[str]) -> Floats:
        """Values, shape (n,)."""
        alphabet = self.space.alphabet
        codes, k = alphabet.encode(sequences).astype(int), len(alphabet)
        rng = stream(self.instance, "epistatic")
        single, pair = rng.standard_normal((self.length, k)), rng.standard_normal((self.length - 1, k, k))
        places = np.arange(self.length)
        additive = single[places, codes].sum(axis=1) * np.sqrt((1 - self.pairs) / self.length)
        epistatic = pair[places[:-1], codes[:, :-1], codes[:, 1:]].sum(axis=1)
        return np.asarray(additive + epistatic * np.sqrt(self.pairs / (self.length - 1)))


class Pool(NormalHash):
    """A closed pool of 4,096 sequences with independent values, from which no model can learn."""

    length: int = 6


@cache
def gb1() -> Landscape | None:
    """The measured table, or None if it is missing."""
    file = Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[2] / "shared" / "data")) / GB1
    return Landscape(path=str(file), format="gb1") if file.is_file() else None


@cache
def pool_values(oracle: Oracle) -> Floats:
    """True values of all sequences of a closed pool."""
    return oracle(oracle.space.enumerate())


def described(oracle: Oracle, lab: Any, strategy: Any, scheduler: Any, **budget: Any) -> Campaign:
    fields = {"oracle": oracle, "lab": lab, "strategy": strategy, "scheduler": scheduler, "budget": budget}
    return Campaign.model_validate(fields)


def events_of(campaign: Campaign, seed: int) -> list[Event]:
    """Everything that happens in a campaign."""
    events: list[Event] = []
    campaign.run(seed=seed, progress=lambda _, batch: events.extend(batch))
    return events


def tested(events: Sequence[Event]) -> list[tuple[int, str]]:
    """(minute of the first value, sequence) of each design with a value, in order of that minute."""
    sequences = {event.design: event.data["sequence"] for event in events if event.kind == "chosen"}
    first: dict[Any, int] = {}
    for event in events:
        if event.kind == "observed":
            first.setdefault(event.design, event.minute)
    return [(minute, sequences[design]) for design, minute in first.items()]


# 1. Random search: delay matters only through the number of results


LABS: dict[str, tuple[Any, Any, dict[str, Any]]] = {
    "no delay, rounds of 96": ("instant", {"kind": "rounds", "batch_size": 96}, {"designs": 480}),
    "`typical` lab, 3 in flight": (
        "typical",
        {"kind": "overlapping", "batch_size": 48, "in_flight": 3, "gap_days": 14},
        {"designs": 480, "weeks": 30},
    ),
}


def random_search(sizes: Sizes) -> Iterator[Row]:
    """Best true value after n designs against E[max of n]; under delay, at week t, against E[max of n(t)]."""
    pools: dict[str, Oracle] = {"pool of 4,096": Pool()}
    if (table := gb1()) is not None:
        pools["GB1"] = table
    for name, oracle in pools.items():
        n = sizes.n(200, 4)
        scale = pool_values(oracle).max() if name == "GB1" else 1.0
        found = np.array(sizes.each(best_after, range(n), oracle, "no delay, rounds of 96", (96, 480), ()))
        noted = {96: " (.312: notes 3.1)", 480: " (.504: notes 3.1)"} if name == "GB1" else {96: "", 480: ""}
        for column, k in enumerate((96, 480)):
            exact = expected_best(pool_values(oracle), k) / scale
            said = f"{exact:.3f} = E[max of {k}]{noted[k]}"
            yield near(f"1 {name}, {k} random designs", said, exact, found[:, column, 0] / scale)
        weeks = (10, 20, 30)
        found = np.array(sizes.each(best_after, range(n), oracle, "`typical` lab, 3 in flight", (), weeks))
        for column, week in enumerate(weeks):
            best, expected = found[:, column].T / scale
            results = f"week {week}, `typical`, 3 in flight"
            said = "0 = best - E[max of n(t)] (notes 3.1)"
            yield near(f"1 {name}, {results}", said, 0.0, best - expected)


def best_after(
    oracle: Oracle, setting: str, n_results: Sequence[int], weeks: Sequence[int], seed: int
) -> list[tuple[float, float]]:
    """(best true value, its expectation) after each number of results, and by each week."""
    lab, scheduler, budget = LABS[setting]
    tests = tested(events_of(described(oracle, lab, "random", scheduler, **budget), seed))
    values = oracle([sequence for _, sequence in tests])
    counts = [*n_results, *(sum(minute <= week * WEEK for minute, _ in tests) for week in weeks)]
    return [(float(values[:k].max()), _expected(oracle, k)) for k in counts]


@cache
def _expected(oracle: Oracle, n: int) -> float:
    """E[max of n] in a pool."""
    return expected_best(pool_values(oracle), n)


# 2. Depth: the longest chain of dependent decisions

LEAD_DAYS, HORIZON = 28, 50
SCHEDULES: dict[str, Any] = {
    "rounds": {"kind": "rounds"},
    "2 in flight": {"kind": "overlapping", "in_flight": 2, "gap_days": LEAD_DAYS / 2},
    "4 in flight": {"kind": "overlapping", "in_flight": 4, "gap_days": LEAD_DAYS / 4},
    "every week": {"kind": "weekly", "every_weeks": 1},
}


def depth(sizes: Sizes) -> Iterator[Row]:
    """The longest chain of decisions, each of which used results of the one before, in 50 weeks at a lead of 4."""
    n = sizes.n(5, 2)
    exact = floor(HORIZON * 7 / LEAD_DAYS)
    for name in SCHEDULES:
        found = sizes.each(chain_at_fixed_lead, range(n), name)
        depths, widths = (np.array(column, dtype=float) for column in zip(*found, strict=True))
        said = f"{exact} = floor({HORIZON}·7/{LEAD_DAYS}) (notes 3.2)"
        yield near(f"2 {name}: depth ({widths.mean():.0f} designs)", said, exact, depths, digits=1)
    for name in ("good", "typical"):
        found = np.array(sizes.each(chain_in_a_lab, range(n), name))
        said = "at most floor(H / shortest lead) (notes 3.2)"
        yield within(f"2 `{name}`, 3 in flight: depth / bound", said, (0.0, 1.0), found)


def chain_at_fixed_lead(name: str, seed: int) -> tuple[int, int]:
    """(longest chain, designs measured) within the horizon, in a lab where everything takes 4 weeks."""
    lab = {"calendar": EVERY_DAY, "stages": [{"name": "all", "days": LEAD_DAYS}]}
    campaign = described(Pool(), lab, "random", {**SCHEDULES[name], "batch_size": 8}, weeks=HORIZON)
    events = events_of(campaign, seed)
    return longest_chain(events), len(tested(events))


def chain_in_a_lab(name: str, seed: int) -> float:
    """The longest chain within a year, over the bound given by the shortest lead of any result."""
    schedule = {"kind": "overlapping", "in_flight": 3, "gap_days": 7, "batch_size": 24}
    events = events_of(described(Pool(), name, "random", schedule, weeks=52), seed)
    sent = {e.data["round"]: e.minute for e in events if e.kind == "submitted"}
    leads = [e.minute - sent[e.data["round"]] for e in events if e.kind == "observed"]
    return longest_chain(events) / floor(52 * WEEK / min(leads))


def longest_chain(events: Sequence[Event]) -> int:
    """The longest chain of batches with results, each chosen when a result of the one before was back.

    The depth of a batch is 1 + the greatest depth of the batches with a result at the time when it was chosen.
    """
    depths: dict[int, int] = {}
    deepest_back = 0
    for event in events:
        if event.kind == "chosen":
            depths.setdefault(event.data["round"], deepest_back + 1)
        elif event.kind == "observed":
            deepest_back = max(deepest_back, depths[event.data["round"]])
    return deepest_back


# 3. The cost of pending designs, in assays

PENDING = (0, 15, 31)
MOST_DESIGNS = 600
TAU = 32
"""Days from submission to result."""


class Reached(Exception):
    """The campaign chose one of the best designs."""


def price_of_pending(sizes: Sizes) -> Iterator[Row]:
    """Assays to the top .1% by Thompson sampling, one design at a time with d pending: T(d) = T(0) + c·d."""
    n = sizes.n(60, 4)
    pending = PENDING if not sizes.smoke else (PENDING[0], PENDING[-1])
    assays = {d: np.array(sizes.each(assays_to_top, range(n), d)) for d in pending}
    alone = assays[0]
    for d in pending[1:]:
        counts = f"{alone.mean():.0f} assays with 0, {assays[d].mean():.0f} with {d}"
        said = f"at most about 1 (Joulani 2013; notes 3.3); {counts}"
        check = f"3 {d} pending: extra assays per pending design, c"
        yield within(check, said, (0.0, 1.0), (assays[d] - alone) / d, slack=0.2, digits=2)
    if not sizes.smoke:
        far, middle = PENDING[-1], PENDING[-2]
        bend = (assays[far] - assays[middle]) / (far - middle) - (assays[middle] - alone) / middle
        said = "0: additive, a straight line (notes 3.3)"
        yield within("3 c from 15 to 31 pending minus c up to 15", said, (0.0, 0.0), bend, slack=0.2, digits=2)


def assays_to_top(n_pending: int, seed: int) -> float:
    """Ordinal of the first design in the top .1%, each chosen with `n_pending` pending; NaN if there is none."""
    oracle, in_flight = Epistatic(instance=seed), n_pending + 1
    top = np.sort(pool_values(oracle))[-4]
    noise = {"eps": 1, "reliability": 0.8, "spread": 1.0}
    lab = {"calendar": EVERY_DAY, "stages": [{"name": "all", "days": TAU}], "assay": {"noise": noise}}
    schedule = {"kind": "overlapping", "in_flight": in_flight, "gap_days": TAU / in_flight, "batch_size": 1}

    def watch(_: Any, events: Sequence[Event]) -> None:
        for event in events:
            if event.kind == "chosen" and oracle([event.data["sequence"]])[0] >= top:
                raise Reached(event.design)

    try:
        described(oracle, lab, GUIDED, schedule, designs=MOST_DESIGNS).run(seed=seed, progress=watch)
    except Reached as reached:
        return float(reached.args[0] + 1)
    return float("nan")


# 4. More rounds with the same number of assays

N_ASSAYS = {"GB1": 480, "epistatic, 20^3": 120}
BATCHES = (2, 3, 5, 10)
"""Numbers of equal batches, the first chosen without data: 1+1 to 1+9 rounds."""


def rounds(sizes: Sizes) -> Iterator[Row]:
    """Best true value of the same assays in 2 to 10 batches: rising up to 1+4, then nearly flat."""
    pools: dict[str, tuple[Oracle | None, int]] = {"epistatic, 20^3": (None, sizes.n(60, 6))}
    if gb1() is not None and not sizes.smoke:
        pools["GB1"] = (gb1(), 20)
    for name, (oracle, n) in pools.items():
        best = {k: np.array(sizes.each(best_in_batches, range(n), oracle, N_ASSAYS[name], k)) for k in BATCHES}
        means = ", ".join(f"1+{k - 1}: {best[k].mean():.3f}" for k in BATCHES)
        said = f"rising (notes 3.4; ALDE on GB1: .731 to .893); {means}"
        check, must_show = f"4 {name}, {N_ASSAYS[name]} assays", not sizes.smoke
        yield within(f"{check}: 1+4 minus 1+1", said, (0.0, np.inf), best[5] - best[2], must_show=must_show)
        said = "flat after about 1+4 (Gao 2019; notes 3.4)"
        yield within(f"{check}: 1+9 minus 1+4", said, (0.0, 0.0), best[10] - best[5], slack=0.03)


def best_in_batches(oracle: Oracle | None, n_assays: int, n_batches: int, seed: int) -> float:
    """Best true value over the highest of the landscape, by a fast model-guided strategy without noise or delay."""
    oracle = oracle or Epistatic(letters="protein", length=3, instance=seed, pairs=0.5)
    schedule = {"kind": "rounds", "batch_size": n_assays // n_batches}
    result = described(oracle, "instant", GUIDED, schedule, designs=n_assays).run(seed=seed)
    return result.best.value / float(pool_values(oracle).max())
