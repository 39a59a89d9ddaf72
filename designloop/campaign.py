"""A campaign is one run of the loop: history → strategy → batch → lab → observations → history. Nothing else."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any, Self

from pydantic import Field, model_validator

from designloop.core.cache import beside, cache_folder
from designloop.core.config import build, changed, read_document, to_yaml
from designloop.core.contracts import shortfall
from designloop.core.faults import at_work, unblamed
from designloop.core.history import History, Known
from designloop.core.money import cut, paid_for
from designloop.core.parts import Part
from designloop.core.prior import Prior
from designloop.core.random import stream
from designloop.core.records import Batch, Event, Order, Stop, Wait
from designloop.core.sources import sources_of
from designloop.core.spaces import Narrowing, Space
from designloop.lab.lab import Lab
from designloop.oracles.base import Oracle, corpus_of, scale_of, space_of
from designloop.oracles.recorded import RecordedOracle
from designloop.progress.campaigns import Progress, Report, following
from designloop.scheduling.base import Budget, Limit, Scheduler
from designloop.storage.log import EventLog, MemoryLog
from designloop.storage.replay import Recorder, batch_of, proposal_in, told
from designloop.storage.result import Result, result_of
from designloop.storage.run_directory import CONFIG, RunDirectory, begun, continued
from designloop.strategies.base import Strategy, recommendations


class Campaign(Part):
    """One run of the loop, described. `run` starts it under a seed; `resume` goes on with one that was interrupted."""

    name: str = Field("campaign", min_length=1, description="what its runs are called")
    oracle: Oracle = Field(description="the hidden truth")
    lab: Lab = Field(description="what builds and tests designs; a preset's name, or a preset with changes")
    strategy: Strategy = Field(description="chooses which designs are next")
    scheduler: Scheduler = Field(description="decides when the next batch leaves, and its size")
    budget: Budget = Field(description="what may be spent; whichever ends first ends the campaign")
    prior: Prior = Field(Prior(), description="what is known before the first batch")
    space: Narrowing | None = Field(None, description="what the oracle's space is narrowed to")
    oracle_seconds: Limit = Field(None, description="wall seconds for one call of the oracle; none or .inf: any")
    label: str | None = Field(None, description="what the strategy is called in a study; default: its kind")

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if not self.budget.is_limited and self.scheduler.max_rounds is None:
            raise ValueError("nothing ends this campaign; give budget.designs, weeks or cost, or scheduler.max_rounds")
        self.lab.assay.noise.terms(scale_of(self.oracle))  # raises where they are more than numbers hold
        return self

    @property
    def whole_space(self) -> Space:
        """The oracle's space, as far as the campaign narrows it."""
        return space_of(self.oracle) if self.space is None else space_of(self.oracle).narrowed(self.space)

    def known(self, seed: int = 0) -> Known:
        """What is known before the first batch. Raises InputError for a wrong file, ConfigError for little memory."""
        return self.strategy.fitting(self.prior.known(space := self.whole_space, corpus_of(self.oracle), seed), space)

    def run(self, seed: int = 0, store: str | Path | None = None, progress: Progress = False) -> Result:
        """Run from the start, into the directory `store` or in memory.

        A directory where this very run is finished gives its recorded result. `progress`: True shows a bar, a function
        is told of each event batch that is new. Raises StoreError where the directory holds another campaign or this
        one unfinished, ContractError or OracleError where a part fails: what came before is kept.
        """
        with cache_folder(None if store is None else beside(Path(store))):
            known = self.known(seed)  # a mistake in a file is found before anything is written
            if store is None:
                return self._play(MemoryLog(), seed, progress, known)
        with begun(Path(store), to_yaml(self.describe()), seed, sources_of(self)) as directory:
            return self.go_on(directory, progress, known)

    def resume(self, directory: str | Path, progress: Progress = False) -> Result:
        """Go on with an interrupted run, exactly as if it had not been. Raises ReplayError, StoreError."""
        with continued(Path(directory), to_yaml(self.describe()), sources_of(self)) as place:
            return self.go_on(place, progress)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """The campaign in a YAML file, or in a run directory. Raises ConfigError: key, line and mend."""
        place = Path(path)
        return build(cls, read_document(place / CONFIG if place.is_dir() else place))

    def go_on(self, directory: RunDirectory, progress: Progress, known: Known | None = None) -> Result:
        """Play what a directory that is held lacks; its recorded result where that is nothing."""
        if directory.is_finished and directory.is_complete:
            return result_of(directory.log, self.name, directory.path)
        began = perf_counter()
        with cache_folder(beside(directory.path)) as used, directory.noting(used):
            result = self._play(directory.log, directory.seed, progress, known, directory.path)
        directory.finish(perf_counter() - began)
        return result

    def _play(
        self, log: EventLog, seed: int, progress: Progress, known: Known | None, place: Path | None = None
    ) -> Result:
        with at_work(self), following(progress) as report:
            _Run(self, log, seed, report, known).to_the_end()
        return result_of(log, self.name, place)


class _Run:
    """The state of a campaign under one seed."""

    def __init__(
        self, campaign: Campaign, log: EventLog, seed: int, report: Report | None, known: Known | None
    ) -> None:
        self._campaign, self._seed, self._report = campaign, seed, unblamed(report)
        self._label = campaign.label or campaign.strategy.kind
        self._recorder = Recorder(log)
        answers = {truth.sequence: truth.value for truth in log.truths()}
        oracle = RecordedOracle(oracle=campaign.oracle, answers=answers) if answers else campaign.oracle
        self._lab = campaign.lab.start(oracle, seed, space=campaign.whole_space, seconds=campaign.oracle_seconds)
        self._n_decisions = 0
        self._open(campaign.whole_space, known)

    def to_the_end(self) -> None:
        """Every phase of the run: the first as the campaign describes it, later ones as their `extended` events do."""
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
        """The first event, and the history it gives. Labels are measured again in a replay, as all else is."""
        campaign = self._campaign
        known = self._recorder.known() or known or campaign.known(self._seed)
        if campaign.prior.labels_starts:
            known = replace(known, starts=self._lab.label(known.starts))
        facts: dict[str, Any] = {"seed": self._seed, "label": self._label, "budget": campaign.budget.describe()}
        facts |= {"quote": asdict(campaign.lab.quote(space)), "starts": [asdict(start) for start in known.starts]}
        facts |= {"scale": campaign.oracle.scale, "floor": campaign.oracle.floor, **campaign.lab.cost.unit}
        facts |= self._recorder.sources() or sources_of(campaign).facts()
        opened = Event(0, "opened", data=facts)
        documents = {"corpus": "\n".join(known.corpus), "name": campaign.name}
        is_new = self._recorder.record([opened], self._lab.truths(), documents)
        self._history = History.opening(space, known, opened)
        self._tell([opened], is_new=is_new)

    def _extend(self, event: Event) -> None:
        """A later phase: what its event names changes, and everything else goes on, the lab's clock among it."""
        self._campaign, self._label = changed(self._campaign, event.data["changes"]), event.data["label"]
        self._history = self._history.extended(self._campaign.whole_space, event)
        self._tell([event], is_new=not self._recorder.is_replaying)

    def _decide(self, order: Order) -> tuple[Batch, list[Event]]:
        """The next batch and the events that tell of it: the recorded ones in a replay, else the strategy's."""
        history, round_ = self._history, self._history.round + 1
        if self._recorder.is_replaying:
            events = self._recorder.decision()
            proposal = proposal_in(events)
        else:
            rng = stream(self._seed, "strategy", self._label, self._n_decisions)
            whole = self._campaign.strategy.answer(history, order, rng)
            proposal = paid_for(whole, order, history.quote)
            events = [*self._recommendations(), *told(proposal, history.now, round_, history.n_designs)]
            events += shortfall(whole, order, history.now, round_)
            events += cut(whole, proposal, order.money, history.now, round_)
        self._n_decisions += 1
        return batch_of(proposal, history, order.replicates), events

    def _wait(self, step: Wait) -> list[Event]:
        events = self._lab.run(until=step.until)
        has_waited = self._lab.now > max((event.minute for event in events), default=self._history.now)
        return [*events, Event(self._lab.now, "waited")] if has_waited else events

    def _recommendations(self) -> list[Event]:
        """What the strategy, and what the common recommender, would name now; nothing while nothing is measured."""
        if self._recorder.is_replaying:
            return self._recorder.decision()
        rng = stream(self._seed, "recommend", self._label, self._n_decisions)
        return recommendations(self._campaign.strategy, self._history, rng)

    def _record(self, events: list[Event]) -> None:
        """Keep the events and the assay's truths, learn from the events, tell of what is new."""
        is_new = self._recorder.record(events, self._lab.truths())
        self._history = self._history.after(events)
        self._tell(events, is_new=is_new)

    def _tell(self, events: Sequence[Event], *, is_new: bool) -> None:
        if is_new and self._report is not None:
            self._report(self._history, events)
