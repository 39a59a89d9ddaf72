"""Theory checks of the lab alone: waiting for the last result, and replicates (field notes, 3.5 and 3.6)."""

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from math import log1p, sqrt
from typing import Any

import numpy as np
from lab_presets import NO_PLATES, turnaround
from numpy.typing import NDArray
from theory_rows import Row, Sizes, expected_order_statistic, near, within

from designloop.core.alphabet import DNA
from designloop.core.clock import DAY
from designloop.core.random import stream
from designloop.core.records import Batch, Design, Event
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.lab.run import LabRun
from designloop.oracles.base import Oracle

EVERY_DAY = {"workdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
PLATE = 96
WELLS = 288
CONSTRUCT = 0.6
"""Share of the error variance that belongs to the construct and not to the well, where there is such a share."""
RELIABILITIES = (0.3, 0.5, 0.7, 0.9)
REPLICATES = {  # field notes 3.6: true value of the best of 288 wells by r = 1, 2, 3, 4, in sd units
    0.3: (1.57, 1.79, 1.86, 1.90),
    0.5: (2.03, 2.15, 2.15, 2.14),
    0.7: (2.40, 2.39, 2.33),
    0.9: (2.72, 2.56, 2.44),
}
RETESTED = {0.3: 2.21, 0.5: 2.51, 0.7: 2.69}
SINGLES, LEADERS, WELLS_EACH = 240, 12, 4


class NormalHash(Oracle):
    """A standard normal value from a hash of the letters: values of distinct sequences are independent."""

    length: int = 20
    salt: int = 0

    @property
    def space(self) -> Space:
        """All DNA of one length."""
        return Space.of_length(DNA, self.length)

    @property
    def scale(self) -> Any:
        """Noise is added."""
        return "log"

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """The standard normal quantile of each sequence's hash, shape (n,)."""
        from scipy.special import ndtri

        digests = [blake2b(f"{self.salt} {s}".encode(), digest_size=8).digest() for s in sequences]
        return np.asarray(ndtri((np.array([int.from_bytes(d) for d in digests], dtype=np.float64) + 0.5) / 2.0**64))


def designs(n: int, seed: int, oracle: Oracle) -> tuple[Design, ...]:
    """n random sequences, as the first batch of a run."""
    sequences = oracle.space.sample(n, stream(seed, "designs"))
    return tuple(Design(i, sequence, 1) for i, sequence in enumerate(sequences))


def finished(run: LabRun, batch: Batch) -> list[Event]:
    """All events of a batch, to the closing of its round."""
    events, new = run.submit(batch), list[Event]()
    while not any(event.kind == "round_closed" and event.data["round"] == batch.round for event in new):
        new = run.run()
        events += new
    return events


# 5. Waiting for the last result of a plate


def waiting_for_the_last(sizes: Sizes) -> Iterator[Row]:
    """Time to 100% over time to 90% of a plate of 96, for iid log-normal leads; for presets, last over median."""
    n, source = sizes.n(400, 16), "order statistics"
    for cv in (0.2, 0.3, 0.4):
        whole, most = (np.array(sizes.each(days_to, range(n), cv, share)) for share in (1.0, 0.9))
        exact = expected_days(cv, PLATE) / expected_days(cv, 87)
        found = ratio_of_means(whole, most)
        yield near(
            f"5 wait for 100% over 90%, cv {cv:g}", f"exactly {exact:.3f} ({source})", exact, found, unit="lab runs"
        )
        yield within(
            f"5 the same, cv {cv:g}", "1.28 to 1.62 (notes 3.5)", (1.28, 1.62), found, slack=0.005, unit="lab runs"
        )
    for preset in ("good", "typical", "cellfree"):
        found = sizes.each(last_over_median, range(sizes.n(200, 8)), preset)
        bounds = (1.5, 1.8)
        yield within(
            f"5 {preset}: last over median", "1.5 to 1.8 (notes 3.5)", bounds, found, slack=0.05, unit="lab runs"
        )


def days_to(cv: float, share: float, seed: int) -> float:
    """Days until a plate's round closes at a share; the lead of each design is log-normal with median 30 days."""
    stage = {"name": "building", "days": {"lognormal": [30, cv]}}
    fields = {"plate_size": 1, "calendar": EVERY_DAY, "stages": [stage], "close_at": {"share": share}}
    lab = Lab.model_validate(fields)  # each design is read when it is ready
    oracle = NormalHash()
    run = lab.start(oracle, seed, space=oracle.space)
    return finished(run, Batch(1, designs(PLATE, seed, oracle)))[-1].minute / DAY


def expected_days(cv: float, rank: int) -> float:
    """E[rank-th of 96] of the log-normal leads of `days_to`."""
    from scipy.special import ndtri

    sd = sqrt(log1p(cv**2))
    return expected_order_statistic(rank, PLATE, lambda u: 30 * np.exp(sd * ndtri(u)))


def ratio_of_means(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number per run, with the mean and spread of the ratio mean(above) / mean(below) (delta method)."""
    ratio = above.mean() / below.mean()
    return np.asarray(ratio + (above - ratio * below) / below.mean())


def last_over_median(preset: str, seed: int) -> float:
    """Working weeks to the last of 96 results over weeks to half of them; results are released as ready."""
    weeks, _ = turnaround(_as_ready(preset), seed)
    return weeks[-1] / weeks[0]


@cache
def _as_ready(preset: str) -> Lab:
    return Lab.preset(preset, assay=dict(NO_PLATES))


# 6. Replicates


def replicates(sizes: Sizes) -> Iterator[Row]:
    """True value of the design with the highest mean of its wells, out of 288 wells; also with a retest round."""
    n = sizes.n(200, 6)
    for h2 in RELIABILITIES:
        for r, noted in enumerate(REPLICATES[h2], start=1):
            found = sizes.each(best_of_wells, range(n), h2, r, 0.0)
            exact = expected_best_of_wells(h2, r, 0.0)
            said = f"{noted:.2f} (notes 3.6; closed form {exact:.3f})"
            yield near(f"6 h2 {h2:g}, {r} replicate{'s' * (r > 1)}", said, noted, found, slack=0.01, unit="lab runs")
    for h2, noted in RETESTED.items():
        found = sizes.each(best_after_retests, range(n), h2)
        said = f"{noted:.2f} (notes 3.6)"
        yield near(f"6 h2 {h2:g}, 240 singles, then 12 × 4", said, noted, found, slack=0.02, unit="lab runs")
    for h2 in (0.3, 0.5, 0.7):
        one = np.array(sizes.each(best_of_wells, range(n), h2, 1, CONSTRUCT))
        more = [np.array(sizes.each(best_of_wells, range(n), h2, r, CONSTRUCT)) for r in (2, 4)]
        for r, found in zip((2, 4), more, strict=True):
            gain = expected_best_of_wells(h2, r, CONSTRUCT) - expected_best_of_wells(h2, 1, CONSTRUCT)
            check = f"6 h2 {h2:g}, 60% at the construct, {r} minus 1 replicate"
            said = f"{gain:+.3f}, no gain (notes 3.6; closed form)"
            yield near(check, said, gain, found - one, unit="lab runs")


def noisy_lab(h2: float, construct: float) -> Lab:
    """A lab without delay, with reliability `h2` of a single well and a share of the error at the construct."""
    noise = {"eps": sqrt(1 - construct), "design": sqrt(construct), "reliability": h2, "spread": 1.0}
    return Lab.preset("instant", assay={"noise": noise})


def best_of_wells(h2: float, r: int, construct: float, seed: int) -> float:
    """True value of the design with the highest mean, when 288 wells hold r replicates of each design."""
    oracle = NormalHash()
    run = noisy_lab(h2, construct).start(oracle, seed, space=oracle.space)
    chosen = designs(WELLS // r, seed, oracle)
    means = mean_readings(finished(run, Batch(1, chosen, (), r)), len(chosen))
    return float(oracle([chosen[int(np.nanargmax(means))].sequence])[0])


def best_after_retests(h2: float, seed: int) -> float:
    """True value of the best of 12 leaders out of 240 singles, each measured four more times."""
    oracle = NormalHash()
    run = noisy_lab(h2, 0.0).start(oracle, seed, space=oracle.space)
    chosen = designs(SINGLES, seed, oracle)
    events = finished(run, Batch(1, chosen))
    leaders = np.argsort(-mean_readings(events, SINGLES))[:LEADERS]
    events += finished(run, Batch(2, (), tuple(chosen[i] for i in leaders), WELLS_EACH))
    means = mean_readings(events, SINGLES)
    return float(oracle([chosen[max(leaders, key=lambda i: means[i])].sequence])[0])


def mean_readings(events: Sequence[Event], n: int) -> NDArray[np.float64]:
    """Mean of each design's wells, shape (n,)."""
    sums, counts = np.zeros(n), np.zeros(n)
    for event in events:
        if event.kind == "observed":
            sums[event.design] += event.data["value"]
            counts[event.design] += 1
    return sums / counts


def expected_best_of_wells(h2: float, r: int, construct: float) -> float:
    """sqrt(reliability of a mean of r) · E[max of 288 / r normal numbers]."""
    from scipy.special import ndtri

    error = (1 - h2) * (construct + (1 - construct) / r)
    n = WELLS // r
    return sqrt(h2 / (h2 + error)) * expected_order_statistic(n, n, ndtri)
