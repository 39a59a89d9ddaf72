"""The result of a run, with its record: as numbers, tables and figures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from designloop.core.counting import many
from designloop.core.pictures import Picture, picture_of
from designloop.core.records import Event, Level, Truth
from designloop.core.standing import standing
from designloop.storage.export import COLUMNS, observations
from designloop.storage.log import EventLog
from designloop.storage.named import Point
from designloop.storage.summary import Summary, summarise

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, repr=False)
class Result(Summary):
    """What `Campaign.run`, `extend` and `load` return. Two results are equal if their summaries are.

    The fields are the numbers of `designloop show`. `observations` are the measurements, `traces` the values over the
    run, and `plot` draws a figure of the report. A notebook shows a result as a table.
    """

    events: tuple[Event, ...] = field(kw_only=True, compare=False)
    """All events, in order, without those that people undid."""
    truths: tuple[Truth, ...] = field(kw_only=True, compare=False)
    """The answers of the oracle, which only a simulation knows."""
    documents: Mapping[str, str] = field(kw_only=True, compare=False)
    """Texts of the record by name, such as `corpus`: natural sequences, one on each line."""
    directory: Path | None = field(default=None, kw_only=True, compare=False)
    """The run directory; None for a run in memory."""

    def observations(self) -> "polars.DataFrame":
        """A row for each well that was read and each design that failed, in order of arrival.

        The columns are those of `observations.csv`: values and errors in the assay's units, `week` since the start.
        There are no true values. `.to_pandas()` converts it to a pandas data frame (needs the extra [pandas]).
        """
        import polars

        return polars.DataFrame(list(observations(self.events)), schema=COLUMNS)

    def traces(self) -> "polars.DataFrame":
        """True values over the run, a row for each point: trace, week, designs, measured, cost, value.

        `trace` is `true` (best measured so far), `recommended` (the strategy's recommendation) or `common` (that of one
        recommender for all). A value holds until the next row of its trace; it is null if the truth is unknown.
        """
        import polars

        return polars.DataFrame(list(self._points()), schema=_TRACE)

    def plot(self, name: str | None = None) -> Picture:
        """A figure of the report: `value-by-week` by default, or another by its name (`predictions`, `logo`, ...).

        Raises InputError if the run has no such figure, with the names of its figures.
        """
        return picture_of(self, name)

    def as_dict(self) -> dict[str, Any]:
        """The summary as JSON values, the headline first, without the record."""
        return Summary(**{its.name: getattr(self, its.name) for its in fields(Summary)}).as_dict()

    def _points(self) -> Iterator[dict[str, Any]]:
        traces: dict[str, tuple[Point, ...]] = {
            "true": self.true_trace,
            "recommended": self.recommended_trace,
            "common": self.common_trace,
        }
        for trace, points in traces.items():
            for point in points:
                spent = {"week": point.week, "designs": point.n_submitted, "measured": point.n_measured}
                yield {"trace": trace, **spent, "cost": point.cost, "value": point.value}

    def __repr__(self) -> str:
        """`<Result quickstart, seed 0: 96 designs, 12.3 weeks; recommended: Design 31 · value 0.42 · week 8.2>`."""
        spent = f"{many(self.designs, 'design')}, {self.weeks:.1f} weeks"
        return f"<Result {self.name}, seed {self.seed}: {spent}; recommended: {self.recommended or 'nothing measured'}>"

    def _repr_html_(self) -> str:
        rows = "".join(
            f'<tr><th style="text-align:left">{escape(name)}</th><td style="text-align:left">{escape(told)}</td></tr>'
            for name, told in self._told()
        )
        return f"<table>{rows}</table>"

    def _told(self) -> Iterator[tuple[str, str]]:
        yield "campaign", f"{self.name} · {self.label} · seed {self.seed}"
        for level in (Level.UNRELIABLE, Level.WARNING):
            yield from ((level, sentence) for sentence in self.said(level))
        yield "ended", self.stop or "not finished"
        spent = f"{many(self.designs, 'design')} in {many(self.rounds, 'round')}"
        yield "spent", f"{spent}, {self.weeks:.1f} weeks, {self.cost_in_words}"
        yield "outcomes", self.outcomes_in_words or "none yet"
        for name, named in (("recommended", self.recommended), ("true best", self.best)):
            if named is not None:
                measured = f"measured {named.measured_in_words}" if named.measured_in_words else "not measured"
                yield name, f"{named} · {measured} · {named.sequence}"
        if self.stagnation is not None:
            yield "stagnation", self.stagnation_in_words


_TRACE = {"trace": str, "week": float, "designs": int, "measured": int, "cost": float, "value": float}


def result_of(log: EventLog, name: str = "campaign", directory: Path | None = None) -> Result:
    """The result of a log, finished or not."""
    return Result(
        **vars(summarise(log, name)),
        events=tuple(standing(log.events())),
        truths=tuple(log.truths()),
        documents=log.documents(),
        directory=directory,
    )
