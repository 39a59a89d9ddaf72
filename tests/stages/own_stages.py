"""Stages of one's own: a sound one, and others with one fault each."""

import random
from collections.abc import Iterator, Mapping
from typing import ClassVar

import designloop as dl


class Dialysis(dl.Stage):
    """Dialysis in one of a few cassettes. Some leak, and the sample is dialysed once more."""

    cassettes: int = 3
    leaks: float = 0.2

    @property
    def shortest_days(self) -> float:
        return 1

    @property
    def resources(self) -> Mapping[str, int]:
        return {"cassette": self.cassettes}

    def process(self, visit: dl.Visit) -> Iterator[object]:
        yield visit.seize("cassette")
        yield visit.work(1)
        if visit.stream("leak").random() < self.leaks:
            yield visit.work(1)
        if visit.design.sequence.startswith("CC"):
            visit.fail()


class Hurried(Dialysis):
    """Forgets to yield."""

    def process(self, visit: dl.Visit) -> Iterator[object]:
        yield visit.seize("cassette")
        visit.work(1)


class Remembering(Dialysis):
    """Keeps something between visits."""

    seen: ClassVar[list[int]] = []

    def process(self, visit: dl.Visit) -> Iterator[object]:
        self.seen.append(visit.design.id)
        yield visit.work(1 + len(self.seen) % 7)


class Gambling(Dialysis):
    """Draws from a global generator."""

    def process(self, visit: dl.Visit) -> Iterator[object]:
        yield visit.work(1 + random.random())


class Settled(Dialysis):
    """Has a setting that is no field."""

    def process(self, visit: dl.Visit) -> Iterator[object]:
        yield visit.work(1)

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = Dialysis.__hash__


def breaking(*requests: object, **fields: object) -> dl.Stage:
    """A stage whose visits yield these requests; a callable gets the visit."""

    class Breaking(Dialysis):
        def process(self, visit: dl.Visit) -> Iterator[object]:
            for request in requests:
                yield request(visit) if callable(request) else request

    return Breaking(name="breaking", **fields)
