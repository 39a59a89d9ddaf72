"""The speed of an oracle, from the calls of its check, and the time that it adds to a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from designloop.core.counting import many


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of a call are `call` + `each` for every sequence; the first call may take longer."""

    first: float
    call: float
    each: float

    @classmethod
    def of(cls, calls: Sequence[tuple[int, float]]) -> "Speed | None":
        """From (sequences, seconds) of each call, the first one first; None if no call had a sequence."""
        calls = [one for one in calls if one[0]]
        if not calls:
            return None
        later = calls[1:] or calls
        few, most = min(n for n, _ in later), max(n for n, _ in later)
        short, long = (median(s for n, s in later if n == size) for size in (few, most))
        each = max(long - short, 0.0) / (most - few) if most > few else short / few
        return cls(calls[0][1], max(short - few * each, 0.0), each)

    def of_campaign(self, designs: int, plate: int) -> float:
        """Seconds for all designs of a campaign, in plates of `plate`."""
        return ceil(designs / plate) * self.call + designs * self.each

    def sentence(self, designs: int, plate: int) -> str:
        """The speed in words."""
        own = f"{duration(self.call)} a call and {duration(self.each)} a sequence"
        time = duration(self.of_campaign(designs, plate))
        whole = f"{time} for a campaign of {many(designs, 'design')} in batches of {plate}"
        load = f"; the first call took {duration(self.first)}" if self.first > 1 + 3 * self.call else ""
        return f"{own}; {whole}{load}"


def duration(seconds: float) -> str:
    """`3 µs`, `12 ms`, `4.1 s`, `7 min`, `3.2 h`."""
    for factor, unit in ((1e-3, "µs"), (1.0, "ms"), (60.0, "s"), (3600.0, "min")):
        if seconds < factor:
            return f"{_short(seconds / _UNITS[unit])} {unit}"
    return f"{_short(seconds / 3600)} h"


_UNITS = {"µs": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0}


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"
