"""A campaign is one run of the loop: history → strategy → batch → lab → observations → history."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pydantic import Field, model_validator

from designloop.core.cache import beside, cache_folder
from designloop.core.config import build, changed, read_document, to_yaml
from designloop.core.faults import at_work, unblamed
from designloop.core.history import History
from designloop.core.known import Known
from designloop.core.notices import collecting
from designloop.core.paid_for import paid_for
from designloop.core.parts import Part
from designloop.core.prior import Prior
from designloop.core.random import stream
from designloop.core.records import Batch, Event, Order, Stop, Wait
from designloop.core.sources import sources_of
from designloop.core.spaces import Narrowing, Space
from designloop.lab.lab import Lab
from designloop.oracles.base import Oracle, corpus_of, scale_of, space_of
from designloop.oracles.recorded import recorded
from designloop.oracles.remarks import remarks_on
from designloop.progress.campaigns import Progress, Report, following
from designloop.scheduling.base import Budget, Limit, Scheduler
from designloop.storage.log import EventLog, MemoryLog
from designloop.storage.replay import Recorder, batch_of, proposal_in, told
from designloop.storage.result import Result, result_of
from designloop.storage.run_directory import CONFIG, RunDirectory, begun, continued
from designloop.strategies.base import Strategy, recommendations


class Campaign(Part):
    """The description of one run of the loop. `run` starts it with a seed; `resume` continues an interrupted run."""

    name: str = Field("campaign", min_length=1, description="the name of its runs")
    oracle: Oracle = Field(description="the hidden truth")
    lab: Lab = Field(description="builds and tests designs; a preset or the file of a lab, also with changes")
    strategy: Strategy = Field(Strategy._read("auto"), description="chooses which designs are next")
    scheduler: Scheduler = Field(description="decides when the next batch leaves, and its size")
    budget: Budget = Field(description="the limits of the campaign; the first one that is reached ends it")
    prior: Prior = Field(Prior(), description="what is known before the first batch")
    space: Narrowing | None = Field(None, description="restrictions of the oracle's space")
    oracle_seconds: Limit = Field(None, description="maximum seconds for one oracle call; none or .inf: no limit")
    label: str | None = Field(None, description="name of the strategy in a study; default: its kind")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if not self.budget.is_limited and self.scheduler.max_rounds is None:
            raise ValueError("this campaign never ends; set budget.designs, weeks or cost, or scheduler.max_rounds")
        self.lab.check_suits(scale_of(self.oracle), has_urgent=bool(self.scheduler.urgent))
        return self

    @property
    def whole_space(self) -> Space:
        """The oracle's space, narrowed by `space`. Raises ConfigError where its rules leave too little to draw from."""
        return (space_of(self.oracle) if self.space is None else space_of(self.oracle).narrowed(self.space)).checked()

    def known(self, seed: int = 0) -> Known:
        """Prior information. Raises InputError for a bad file, ConfigError if memory, a price, a station ... lacks."""
        self.lab.check_ready(self.oracle)
        self.scheduler.check_ready(self.lab.card)
        self.lab.quote(space := self.whole_space)  # raises where a design has no price
        return self.strategy.fitting(self.prior.known(space, corpus_of(self.oracle), seed), space)

    def run(self, seed: int = 0, store: str | Path | None = None, progress: Progress = False) -> Result:
        """Run from the start, into the directory `store` or in memory.

        A run that is finished there is only read; a Notice names code that changed since. `progress`: True shows a bar,
        a function gets new events. Raises StoreError (another campaign, an unfinished run), ContractError, OracleError.
        """
        with collecting(), cache_folder(None if store is None else beside(Path(store))):
            known = self.known(seed)  # errors in files are found before anything is written
            if store is None:
                return self._play(MemoryLog(), seed, progress, known)
            remarks = (*remarks_on(self.oracle, self.prior.corpus, known.corpus), *known.remarks, *self.lab.remarks)
            with begun(Path(store), to_yaml(self.describe()), seed, sources_of(self), remarks) as directory:
                return self.go_on(directory, progress, known)

    def resume(self, directory: str | Path, progress: Progress = False) -> Result:
        """Continue an interrupted run; the result is as without the interruption. Raises ReplayError, StoreError."""
        with continued(Path(directory), to_yaml(self.describe()), sources_of(self)) as place:
            return self.go_on(place, progress)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """The campaign in a YAML file, or in a run directory. Raises ConfigError with key, line and remedy."""
        return build(cls, read_document(place / CONFIG if (place := Path(path)).is_dir() else place))

    def go_on(self, directory: RunDirectory, progress: Progress, known: Known | None = None) -> Result:
        """Continue the run in a locked directory; a finished run returns its recorded result."""
        if directory.is_finished and directory.is_complete:
            directory.tell_code(sources_of(self))
            return result_of(directory.log, self.name, directory.path)
        began = perf_counter()
        with cache_folder(beside(directory.path)) as used, directory.noting(used):
            result = self._play(directory.log, directory.seed, progress, known, directory.path)
        directory.finish(perf_counter() - began)
        return result

    def _play(self, log: EventLog, seed: int, how: Progress, known: Known | None, place: Path | None = None) -> Result:
        with collecting(), at_work(self, place), following(how) as report:
            _Run(self, log, seed, report, known).to_the_end()
        return result_of(log, self.name, place)


class _Run:
    """The state of a campaign with one seed."""

    def __init__(self, campaign: Campaign, log: EventLog, seed: int, tell: Report | None, known: Known | None) -> None:
        self._campaign, self._seed, self._report = campaign, seed, unblamed(tell)
        self._label = campaign.label or campaign.strategy.kind
        self._recorder = Recorder(log)
        oracle, space, limit = recorded(campaign.oracle, log.truths()), campaign.whole_space, campaign.oracle_seconds
        self._lab = campaign.lab.begin(oracle, seed, campaign.prior.record, space=space, seconds=limit)
        self._open(space, known)
        if self._lab.past:
            self._record(self._lab.past)
        self._n_decisions = self._history.round

    def to_the_end(self) -> None:
        """Run every phase: the first from the campaign's description, later ones from their `extended` events."""
        with self._recorder.keeping(self._lab.truths):
            self._phase()
            while (event := self._recorder.extension()) is not None:
                self._extend(event)
                with at_work(self._campaign):
                    self._phase()

    def _phase(self) -> None:
        """The loop."""
        while not isinstance(step := self._campaign.scheduler.next(self._history), Stop):
            if isinstance(step, Order):
                batch, events = self._decide(step)
                self._record([*events, *(self._lab.submit(batch) if batch.designs or batch.retests else ())])
            else:
                self._record(self._wait(step))
        self._record([*self._recommendations(), Event(self._history.now, "closed", data={"reason": step.reason})])

    def _open(self, space: Space, known: Known | None) -> None:
        """Record the first event and begin the history. A replay measures labels again, like everything else."""
        campaign = self._campaign
        known = self._recorder.known() or known or campaign.known(self._seed)
        if campaign.prior.labels_starts:
            known = replace(known, starts=self._lab.label(known.starts))
        facts: dict[str, Any] = {"seed": self._seed, "label": self._label, "budget": campaign.budget.describe()}
        facts |= {"quote": campaign.lab.quote(space).facts(), "starts": [asdict(start) for start in known.starts]}
        facts |= {"scale": campaign.oracle.scale, "floor": campaign.oracle.floor, **campaign.lab.cost.unit}
        facts |= self._recorder.sources() or sources_of(campaign).facts()
        opened = Event(0, "opened", data=facts)
        is_new = self._recorder.record([opened], self._lab.truths(), {**known.documents, "name": campaign.name})
        self._history = History.opening(space, known, opened, campaign.lab.card)
        self._tell([opened], is_new=is_new)

    def _extend(self, event: Event) -> None:
        """Begin a later phase with the changes in its event; the history and the lab's clock continue."""
        self._campaign, self._label = changed(self._campaign, event.data["changes"]), event.data["label"]
        self._history = self._history.extended(self._campaign.whole_space, event)
        self._tell([event], is_new=not self._recorder.is_replaying)

    def _decide(self, order: Order) -> tuple[Batch, list[Event]]:
        """The next batch and its events: the recorded ones in a replay, else the strategy's."""
        history = self._history
        if self._recorder.is_replaying:
            events = self._recorder.decision()
            proposal = proposal_in(events)
        else:
            rng = stream(self._seed, "strategy", self._label, self._n_decisions)
            whole = self._campaign.strategy.answer(history, order, rng)
            proposal = paid_for(whole, order, history.quote)
            events = [*self._recommendations(), *told(whole, proposal, order, history)]
        self._n_decisions += 1
        return batch_of(proposal, history, order), events

    def _wait(self, step: Wait) -> list[Event]:
        events = self._lab.run(until=step.until)
        has_waited = self._lab.now > max((event.minute for event in events), default=self._history.now)
        return [*events, Event(self._lab.now, "waited")] if has_waited else events

    def _recommendations(self) -> list[Event]:
        """Recommendations of the strategy and the common recommender; none before the first measurement."""
        if self._recorder.is_replaying:
            return self._recorder.decision()
        rng = stream(self._seed, "recommend", self._label, self._n_decisions)
        return recommendations(self._campaign.strategy, self._history, rng)

    def _record(self, events: list[Event]) -> None:
        """Record the events and the assay's truths, update the history, and report new events."""
        is_new = self._recorder.record(events, self._lab.truths())
        self._history = self._history.after(events)
        self._tell(events, is_new=is_new)

    def _tell(self, events: Sequence[Event], *, is_new: bool) -> None:
        if is_new and self._report is not None:
            self._report(self._history, events)
