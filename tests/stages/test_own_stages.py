"""A stage of one's own: its visits one by one, its contract, and what is wrong with it in words."""

import pytest
from lab_stubs import DAY, EVERY_DAY, designs, finish, log, start, whole
from own_stages import Dialysis, Gambling, Hurried, Remembering, Settled, breaking

import designloop as dl
from designloop.core.errors import ConfigError, ContractError, DesignloopError, PartError
from designloop.core.records import Batch
from designloop.lab.lab import Lab
from designloop.testing import StageContract
from designloop.testing.stages import Staged


def lab(stage, **changes):
    return Lab.model_validate({"calendar": EVERY_DAY, "stages": [stage], **changes})


def test_the_whole_log_of_three_designs_with_two_cassettes():
    entries = log(whole(lab(Dialysis(name="dialysis", cassettes=2, leaks=0)), 3))
    assert [entry for entry in entries if entry[1] in ("left", "failed")] == [
        (1, "left", 0),
        (1, "left", 1),
        (2, "left", 2),
    ]
    assert [entry for entry in entries if entry[1] == "dialysis"] == [(0, "dialysis", i) for i in range(3)]


def test_a_visit_may_fail_with_the_stages_outcome():
    failing = breaking(lambda visit: visit.work(1), lambda visit: visit.fail(), outcome="synthesis_failed")
    failed = whole(lab(failing), 1)[2]
    assert (failed.minute, failed.kind, failed.data["outcome"]) == (DAY, "failed", "synthesis_failed")


def test_a_visit_sees_its_design_and_the_time_and_streams_go_on():
    seen = []

    def look(visit):
        draws = [visit.stream("a").random(), visit.stream("a").random(), visit.stream("b").random()]
        seen.append((visit.now, visit.design.id, visit.is_retest, visit.batch_size, draws))
        return visit.wait(1)

    whole(lab(breaking(lambda visit: visit.work(2), look)), 2)
    assert [one[:4] for one in seen] == [(2, 0, False, 2), (2, 1, False, 2)]
    assert len({draw for one in seen for draw in one[4]}) == 6


def test_working_days_wait_for_monday_and_calendar_days_do_not():
    on_friday = [{"name": "order", "days": 4}, breaking(lambda visit: visit.work(2), lambda visit: visit.wait(1))]
    events = whole(Lab.model_validate({"stages": on_friday}), 1)
    assert [e.minute / DAY for e in events if e.kind == "left"] == [4, 9]  # Friday and Monday; Tuesday's work ends it


def test_machines_are_free_again_after_a_release_a_failure_and_a_closed_round():
    seize = lambda visit: visit.seize("cassette")  # noqa: E731
    early = breaking(seize, lambda visit: visit.release("cassette"), lambda visit: visit.work(5), cassettes=1)
    assert {e.minute for e in whole(lab(early), 5) if e.kind == "left"} == {5 * DAY}
    failing = breaking(seize, lambda visit: visit.work(1), lambda visit: visit.fail(), cassettes=1)
    assert [e.minute / DAY for e in whole(lab(failing), 3) if e.kind == "failed"] == [1, 2, 3]
    run = start(lab(breaking(seize, lambda visit: visit.work(3), cassettes=1), close_at={"days": 4}))
    run.submit(Batch(1, designs(3)))
    assert [e.kind for e in finish(run)][-2:] == ["failed", "round_closed"]
    run.submit(Batch(2, designs(1, first=3, round=2)))
    assert log(finish(run))[0] == (4, "breaking", 3)
    assert run.now == 8 * DAY  # the round closes before the cassette of day 6 and three more days


def test_designs_that_are_not_viable_fail_where_the_stage_expresses():
    stage = Dialysis(name="d", leaks=0, expresses=True, outcome="not_expressed")
    run = start(lab(stage))
    run.submit(Batch(1, (*designs(1), *designs(1, first=1, letter="T"))))
    assert [(e.design, e.data["outcome"]) for e in finish(run) if e.kind == "failed"] == [(1, "not_expressed")]


BREACHES = {
    "in the middle": (Hurried(name="h"), r"before its `shortest_days` of 1; `yield` each request"),
    "what is no request": (breaking(3), r"yielded 3; yield a request of the visit"),
    "nothing": (breaking(None), r"yielded None; yield a request"),
    "unknown machine": (breaking(lambda v: v.seize("casette")), "Did you mean 'cassette'"),
    "twice": (breaking(lambda v: v.seize("cassette"), lambda v: v.seize("cassette")), "twice; release it first"),
    "not held": (breaking(lambda v: v.release("cassette")), "released 'cassette', which it does not hold"),
}


@pytest.mark.parametrize(("stage", "sentence"), BREACHES.values(), ids=BREACHES)
def test_a_breach_of_the_contract_names_the_stage_and_the_mend(stage, sentence):
    with pytest.raises(ContractError, match=rf"stage '.*' \('(h|breaking)'\) .*{sentence}"):
        whole(lab(stage), 1)


def test_an_error_of_its_code_names_the_line():
    with pytest.raises(PartError, match=r"ValueError: expected 0 to 36,500 days, got -1 .*own_stages.py"):
        whole(lab(breaking(lambda visit: visit.work(-1))), 1)


def test_a_process_that_is_no_generator_is_told():
    class Plain(Dialysis):
        def process(self, visit):
            visit.work(1)

    with pytest.raises(ContractError, match="returned no generator"):
        whole(lab(Plain(name="plain")), 1)


def test_designs_that_wait_for_one_another_are_told_with_their_stage():
    class Crossed(Dialysis):
        @property
        def resources(self):
            return {"a": 1, "b": 1}

        def process(self, visit):
            names = ("a", "b") if visit.design.id else ("b", "a")
            for name in names:
                yield visit.seize(name)
                yield visit.work(1)

    with pytest.raises(DesignloopError, match="wait for one another at 'crossed'"):
        whole(lab(Crossed(name="crossed")), 2)


@pytest.mark.parametrize(
    ("names", "value", "sentence"),
    [
        ("shortest_days", -1, "`shortest_days` is -1; return 0 to 36,500 days"),
        ("shortest_days", None, "`shortest_days` is None"),
        ("resources", {"a": 0}, r"`resources` is \{'a': 0\}; return"),
        ("resources", ["a"], r"`resources` is \['a'\]; return"),
    ],
)
def test_promises_are_checked_before_anything_runs(names, value, sentence):
    promising = type("Promising", (Dialysis,), {names: property(lambda _: value)})
    with pytest.raises(ValueError, match=sentence):
        lab(promising(name="p"))


def test_what_a_promise_raises_names_the_line():
    raising = type("Raising", (Dialysis,), {"resources": property(lambda _: 1 / 0)})
    with pytest.raises(ConfigError, match=r"`resources` raised ZeroDivisionError.*test_own_stages.py"):
        lab(raising(name="r"))


def test_a_class_without_its_promises_is_refused():
    class Half(dl.Stage):
        pass

    with pytest.raises(ValueError, match="does not define shortest_days and process"):
        lab(Half(name="half"))


def test_a_stage_of_a_preset_may_be_replaced_by_ones_own():
    kind = f"{__file__.replace('test_own_stages', 'own_stages')}:Dialysis"
    changed = Lab.preset("good", stages={"cloning": {"kind": kind, "leaks": 0}})
    assert [stage.name for stage in changed.stages] == [stage.name for stage in Lab.preset("good").stages]
    assert changed.stages[3].leaks == 0 or "Dialysis" in [type(s).__name__ for s in changed.stages]


class TestDialysis(StageContract):
    stage = Dialysis(name="dialysis")


class TestBuiltIn(StageContract):
    """The built-in kind under the same laws, except those that drive its process."""

    stage = {"name": "cloning", "days": {"uniform": [1, 3]}, "capacity": 3, "failure": 0.3}  # noqa: RUF012
    test_a_design_does_not_depend_on_the_others = None


FAULTS = {
    "test_the_same_seed_gives_the_same_events": (Remembering, "keep nothing between visits"),
    "test_a_design_does_not_depend_on_the_others": (Remembering, "depends on the visits before it"),
    "test_no_global_generator_is_touched": (Gambling, "the global generator of random; draw from `visit.stream`"),
    "test_the_description_reads_back": (Settled, "make every setting a field"),
}


@pytest.mark.parametrize("law", FAULTS)
def test_a_fault_fails_its_law_with_the_mend(law):
    stage, sentence = FAULTS[law]
    with pytest.raises(pytest.fail.Exception, match=sentence):
        getattr(StageContract(), law)(Staged(stage(name="s"), StageContract.space))


def test_a_breach_fails_the_law_that_every_design_ends():
    with pytest.raises(pytest.fail.Exception, match="`shortest_days`"):
        StageContract().test_every_design_ends_once(Staged(Hurried(name="h"), StageContract.space), 0)
