"""The contract suite of stages: what happens to a design depends on the design, the seed and the time, and no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from designloop.core.alphabet import DNA
from designloop.core.clock import DAY
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import DesignloopError
from designloop.core.parts import Part
from designloop.core.random import global_states, stream
from designloop.core.records import Batch, Design, Event
from designloop.core.spaces import Space
from designloop.lab.lab import Lab
from designloop.oracles.nk import NK
from designloop.stages.base import Stage
from designloop.stages.visit import Failed, Spend, Visit
from designloop.testing.given import described, given, require

_N = 24
_SEEDS = (0, 1)


class _Holder(Part):
    stage: Stage


@dataclass(frozen=True)
class Staged:
    """A stage as the only one of a lab without noise, and the designs that pass it."""

    stage: Stage
    space: Space

    @property
    def designs(self) -> tuple[Design, ...]:
        """Random designs of the space, in round 1."""
        sequences = self.space.sample(_N, stream(0, "stage-contract"))
        return tuple(Design(i, sequence, 1) for i, sequence in enumerate(sequences))

    def events(self, seed: int, designs: Sequence[Design]) -> list[Event]:
        """All events of two batches: the designs, and then the first of them again, as retests."""
        stage = self.stage.with_(retest_from=True)
        oracle = NK(alphabet=self.space.alphabet, length=self.space.max_length, neighbours=0)
        try:
            run = Lab(stages=(stage,)).start(oracle, seed, space=self.space)
            events = run.submit(Batch(1, tuple(designs)))
            for round_ in (1, 2):
                while not any(e.kind == "round_closed" and e.data["round"] == round_ for e in events):
                    events += run.run()
                if round_ == 1:
                    events += run.submit(Batch(2, (), tuple(sorted(designs, key=lambda d: d.id)[:6])))
        except DesignloopError as error:
            pytest.fail(str(error), pytrace=False)
        return events

    def requests(self, design: Design, seed: int) -> list[Any]:
        """What a design asks for, one after the other, if it never waits; the last is its failure, if it fails."""
        days, asked = 0.0, list[Any]()
        visit = Visit(
            design,
            is_retest=False,
            batch_size=_N,
            clock=lambda: round(days * DAY),
            streams=lambda name: stream(seed, "lab", self.stage.name, design.id, name),
        )
        try:
            for request in self.stage.process(visit):
                asked.append(request)
                days += request.days if isinstance(request, Spend) else 0
        except Failed:
            asked.append(Failed)
        return asked


class StageContract:
    """Tests of a stage. Subclass it and set `stage`: a part, a mapping, a kind, or path/to/file.py:Name.

    `stage` may be an attribute, a method or a pytest fixture; so may `space`, whose sequences have one length. A kind
    alone gets the name `stage`.
    """

    stage: Any = None
    space: Any = Space.of_length(DNA, 12)

    @pytest.fixture
    def staged(self, request: pytest.FixtureRequest) -> Staged:
        """The stage under test."""
        value = given(self, "stage", request)
        value = {"kind": value, "name": "stage"} if isinstance(value, str) else value
        return Staged(described(_Holder, "stage", value, "a stage"), given(self, "space", request))

    @pytest.mark.parametrize("seed", _SEEDS)
    def test_every_design_ends_once(self, staged: Staged, seed: int) -> None:
        ends = [e.design for e in staged.events(seed, staged.designs) if e.kind in ("observed", "failed")]
        require(len(ends) == _N + 6, f"{_N + 6} visits have {len(ends)} ends")

    def test_the_same_seed_gives_the_same_events(self, staged: Staged) -> None:
        require(
            staged.events(0, staged.designs) == staged.events(0, staged.designs),
            "the same seed gives different events; draw from `visit.stream`, and keep nothing between visits",
        )

    def test_the_order_of_submission_does_not_matter(self, staged: Staged) -> None:
        require(
            staged.events(0, staged.designs) == staged.events(0, staged.designs[::-1]),
            "events depend on the order of the designs in a batch; keep nothing between visits",
        )

    def test_a_design_does_not_depend_on_the_others(self, staged: Staged) -> None:
        alone = [staged.requests(design, 0) for design in staged.designs]
        after_others = [staged.requests(design, 0) for design in staged.designs[::-1]]
        require(
            alone == after_others[::-1],
            "what a design asks for depends on the visits before it; draw from `visit.stream`, and keep nothing",
        )

    def test_no_global_generator_is_touched(self, staged: Staged) -> None:
        staged.events(0, staged.designs)  # so that all imports are done
        before = global_states()
        staged.events(0, staged.designs)
        moved = [name for name, state in global_states().items() if state != before[name]]
        require(not moved, f"the stage uses the global generator of {' and '.join(moved)}; draw from `visit.stream`")

    def test_the_description_reads_back(self, staged: Staged) -> None:
        try:
            text = to_yaml(_Holder(stage=staged.stage).describe())
            again = build(_Holder, read_text(text, "the description")).stage
        except DesignloopError as error:
            pytest.fail(f"the stage cannot be described and read back: {error}", pytrace=False)
        require(
            again == staged.stage,
            "the description gives a different stage when it is read back; make every setting a field",
        )
