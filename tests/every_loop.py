"""Every strategy under two schedulers, and every scheduler under two strategies, in small."""

import numpy as np
from histories import STRATEGIES
from stubs import CountingOracle, small

import designloop as dl
from designloop.core.kinds import short_names
from designloop.core.spaces import Space


class Natural(CountingOracle):
    """A small oracle that has natural sequences."""

    length: int = 5

    def corpus(self, n: int, rng: np.random.Generator) -> list[str]:
        return Space.of_length(dl.DNA, self.length).sample(min(n, 60), rng)


SCHEDULERS = {
    "rounds": dl.scheduling.Rounds(batch_size=4, n_retests=1),
    "overlapping": dl.scheduling.Overlapping(batch_size=4, in_flight=2, gap_days=5),
    "weekly": dl.scheduling.Weekly(batch_size=4, every_weeks=2),
    "when-idle": dl.scheduling.WhenIdle(batch_size=4, station="cloning"),
    "fill": dl.scheduling.Fill(loads=1, station="cloning"),
    "value-of-waiting": dl.scheduling.ValueOfWaiting(batch_size=4, n_retests=1),
}
LAB = dl.Lab.preset("good", plate_size=24, stages={"cloning": {"machines": 1, "load": 4, "rework": None}})
assert SCHEDULERS.keys() == short_names("scheduling").keys()
EVERY = {
    f"{strategy} × {scheduler}": small(
        oracle=Natural(),
        lab=LAB,
        strategy=STRATEGIES[strategy],
        scheduler=SCHEDULERS[scheduler],
        budget={"designs": 12},
    )
    for strategy in short_names("strategies")
    for scheduler in SCHEDULERS
    if strategy in ("random", "model-guided") or scheduler in ("rounds", "overlapping")
}
