"""Runs of machines, and their downtimes, as events record them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

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
    again: tuple[int, int, int] | None = None
    """When a design failed, and from when to when its people were hands-on in second attempts."""
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
                again = tuple(data["again"]) if "again" in data else None
                self.runs[place] = replace(run, ended=event.minute, freed=freed, again=again)
            elif event.kind == "machine_down":
                self.downs.append(Down(data["stage"], data["machine"], event.minute, data["until"], data["why"]))

    def of(self, stage: str) -> list[MachineRun]:
        """The runs at a stage."""
        return [run for run in self.runs if run.stage == stage]

    def held_at(self, stage: str) -> list[Span]:
        """When machines of a stage hold designs that wait for people to be made again."""
        return [(float(run.again[0]), float(run.again[1])) for run in self.of(stage) if run.again]

    def others_at(self, stage: str, end: int) -> list[Span]:
        """When machines of a stage run without a design, for other people alone, and are not down."""
        spans = list[Span]()
        for run in (run for run in self.of(stage) if not run.designs):
            up = float(run.began)
            for start, stop in self._within(run, end):
                spans.append((up, start))
                up = stop
            spans.append((up, _end(run, end)))
        return spans

    def down_at(self, stage: str, end: int) -> tuple[list[Span], list[Span]]:
        """The downtimes at a stage until the end of the record: within runs, and after a run that one has ended."""
        within = [span for run in self.of(stage) for span in self._within(run, end)]
        after = list[Span]()
        for (name, machine), downs in self._down.items():
            if name == stage:
                busy = [(float(run.began), _end(run, end)) for run in self.of(stage) if run.machine == machine]
                after += [span for down in downs for span in _without(down, busy, end)]
        return within, after

    def _within(self, run: MachineRun, end: int) -> Iterator[Span]:
        """The downtimes within a run, in order."""
        first, last = float(run.began), _end(run, end)
        for start, stop in self._down.get((run.stage, run.machine), ()):
            if start < last and stop > first:
                yield max(start, first), min(stop, last)

    @cached_property
    def _down(self) -> Mapping[tuple[str, int], list[Span]]:
        """(stage, machine) -> its downtimes in order; those that overlap are one."""
        merged: dict[tuple[str, int], list[Span]] = {}
        for down in sorted(self.downs, key=lambda down: down.began):
            spans = merged.setdefault((down.stage, down.machine), [])
            if spans and down.began <= spans[-1][1]:
                spans[-1] = spans[-1][0], max(spans[-1][1], float(down.until))
            else:
                spans.append((float(down.began), float(down.until)))
        return merged


def _end(run: MachineRun, end: int) -> float:
    return float(end if run.ended is None else run.ended)


def _without(span: Span, others: Iterable[Span], end: int) -> Iterator[Span]:
    """The parts of a span, until the end of the record, in which none of the others is; those are in order."""
    left, last = span[0], min(span[1], float(end))
    for start, stop in others:
        if stop > left and start < last:
            if start > left:
                yield left, start
            left = stop
    if left < last:
        yield left, last
