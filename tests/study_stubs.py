"""A study of a second, and an engine that plays its cells in this process."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from designloop.study.cell import Outcome, Task, play
from designloop.study.description import Study

BASE: dict[str, Any] = {
    "name": "small",
    "oracle": "stubs:CountingOracle",
    "lab": {"preset": "good", "plate_size": 24},
    "strategy": "stubs:Scripted",
    "scheduler": {"kind": "rounds", "batch_size": 6},
    "budget": {"designs": 12},
}


def small_study(**changes: Any) -> Study:
    """Two strategies, two batch sizes, three seeds: twelve cells."""
    fields: dict[str, Any] = {
        "name": "small",
        "base": BASE,
        "axes": {
            "strategies": {"a": "random", "b": {"kind": "stubs:Scripted"}},
            "scheduler.batch_size": [4, 6],
        },
        "seeds": 3,
        "floor": "a",
    }
    return Study(**{**fields, **changes})


class Here:
    """Plays in this process, in the order `shuffle` gives; at the cell `stops_at` it is interrupted."""

    def __init__(
        self, stops_at: int | None = None, shuffle: Callable[[list[Task]], Sequence[Task]] = lambda tasks: tasks
    ) -> None:
        self.stops_at, self.shuffle = stops_at, shuffle
        self.played: list[str] = []

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[tuple[Task, Outcome]]:
        for ordinal, task in enumerate(self.shuffle(list(tasks))):
            if ordinal == self.stops_at:
                raise KeyboardInterrupt
            self.played.append(task.key)
            yield task, play(task)
