"""Runs of machines, and their downtimes, as events record them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from designloop.core.counting import many
from designloop.core.records import Event

Span = tuple[float, float]
"""(beginning, end) in minutes."""


@dataclass(frozen=True, slots=True)
class MachineRun:
    """One run of a machine. Minutes."""

    stage: str
    machine: int
    ordinal: int
    designs: tuple[int, ...]
    began: int
    ended: int | None = None
    """None while it goes on."""
    freed: int | None = None
    """The minute at which its people were free; None without people, or while it goes on."""
    again: tuple[int, int] | None = None
    """The minutes from which to which its people were hands-on in second attempts."""
    n_others: int = 0
    """Items of other people's work in it."""

    @property
    def n_items(self) -> int:
        """What it holds: designs, and items of other people's work."""
        return len(self.designs) + self.n_others

    @property
    def in_words(self) -> str:
        """What it holds: `3 designs and 2 of others`."""
        others = f" and {self.n_others} of others" if self.n_others else ""
        return f"{many(len(self.designs), 'design')}{others}"


@dataclass(frozen=True, slots=True)
class Down:
    """A downtime of a machine, by a breakdown or maintenance, that met a run. Minutes."""

    stage: str
    machine: int
    began: int
    until: int
    why: str


class Runs:
    """All runs and downtimes of a record of events, in order of their beginning."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.runs: list[MachineRun] = []
        self.downs: list[Down] = []
        there: dict[tuple[str, int], int] = {}
        for event in events:
            data = event.data
            if event.kind == "run_started":
                there[data["stage"], data["run"]] = len(self.runs)
                what = data["stage"], data["machine"], data["run"], tuple(data["designs"])
                n_others = sum(data.get("background", {}).values())
                self.runs.append(MachineRun(*what, event.minute, n_others=n_others))
            elif event.kind == "run_ended":
                run = self.runs[place := there.pop((data["stage"], data["run"]))]
                freed = max(data["freed"], run.began) if "freed" in data else None  # it may be before week 0
                again = (data["again"][0], data["again"][1]) if "again" in data else None
                self.runs[place] = replace(run, ended=event.minute, freed=freed, again=again)
            elif event.kind == "machine_down":
                self.downs.append(Down(data["stage"], data["machine"], event.minute, data["until"], data["why"]))

    def of(self, stage: str) -> list[MachineRun]:
        """The runs at a stage."""
        return [run for run in self.runs if run.stage == stage]

    def down_at(self, stage: str, end: int) -> tuple[list[Span], list[Span]]:
        """The downtimes at a stage until the end of the record: within runs, and after a run that one has ended."""
        within, after = list[Span](), list[Span]()
        for down in (down for down in self.downs if down.stage == stage):
            left = float(down.began)
            for start, stop in self._met(down, end):
                within.append((start, stop))
                left = max(left, stop)
            if left < min(down.until, end):
                after.append((left, float(min(down.until, end))))
        return within, after

    def _met(self, down: Down, end: int) -> Iterator[Span]:
        """The times at which a downtime meets runs of its machine."""
        for run in self.runs:
            if run.stage == down.stage and run.machine == down.machine:
                start, stop = max(run.began, down.began), min(end if run.ended is None else run.ended, down.until)
                if start < stop:
                    yield float(start), float(stop)
