"""Fates: the random draws of designs at a station."""

from designloop.core.clock import DAY, minutes
from designloop.core.random import Streams, stream
from designloop.lab.floor import Run
from designloop.lab.ledger import Round, Ticket
from designloop.stages.station import Station

Fate = tuple[int, int, bool, bool]
"""Minutes of the first and the second attempt of a design at a station, and whether each fails."""


class Fates:
    """The draws of a station under one seed, the same in every run of the lab."""

    def __init__(self, stage: Station, seed: int) -> None:
        self._stage, self._seed, self._name = stage, seed, stage.name
        self._streams = Streams(seed, "lab", stage.name)
        self._days, self._failure = stage.days, stage.failure
        self._rework = None if stage.back_to is not None else stage.rework
        self._is_per_run, self._is_common = stage.load > 1, stage.per == "batch"
        self._is_own = not (self._is_per_run or self._is_common)
        self._is_shared = stage.run_failure > 0 or stage.batch_failure > 0
        self._is_certain = self._rework is None and not (stage.failure or self._is_shared)

    def of(self, ticket: Ticket, run: Run | None) -> Fate:
        """The fate of a design, with the time of its run, if it has one."""
        time, is_drawn = 0 if run is None else run.minutes, self._is_own
        if not is_drawn:
            if self._is_common and not ticket.n_again:
                time += self._common(ticket.round)
            else:
                is_drawn = not self._is_per_run
            if self._is_certain and not is_drawn:  # nothing to draw: save a stream
                return time, 0, False, True
        rng, size = self._streams.named(ticket.end_of_name), ticket.round.size
        fails = self._failure > 0 and rng.random() < self._failure
        if self._is_shared and not fails:
            fails = self._fails_with_others(ticket, run)
        if is_drawn:
            time += round(self._days.draw(rng, size) * DAY)
        if self._rework is None:
            return time, 0, fails, True
        fails_again = rng.random() < self._rework.failure
        if self._rework.days is None or not (fails or self._stage.expresses):
            return time, 0, fails, fails_again
        return time, round(self._rework.days.draw(rng, size) * DAY), fails, fails_again

    def _fails_with_others(self, ticket: Ticket, run: Run | None) -> bool:
        """Whether the whole run, or the whole batch, fails."""
        if ticket.n_again or not self._stage.batch_failure:
            return run is not None and run.fails
        draw = stream(self._seed, "lab", self._name, "batch failure", ticket.round.number).random()
        return draw < self._stage.batch_failure or (run is not None and run.fails)

    def _common(self, round_: Round) -> int:
        """Minutes that are drawn once for a batch."""
        if self._name not in round_.common:
            rng = self._streams.brief("batch", round_.number)
            round_.common[self._name] = minutes(days=self._days.draw(rng, round_.size))
        return round_.common[self._name]
