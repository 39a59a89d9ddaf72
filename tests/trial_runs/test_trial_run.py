"""Trial runs: batches through a lab without a campaign, by hand; what one more machine buys, and other loads."""

import json

import pytest
from lab_stubs import EVERY_DAY

from designloop.core.clock import WEEK
from designloop.core.errors import ConfigError, InputError
from designloop.lab.lab import Lab
from designloop.trial_runs.page import page_of
from designloop.trial_runs.plain import as_dict
from designloop.trial_runs.trial_run import TrialRun, trial_run
from designloop.trial_runs.words import best_in_words, lines_of

ONE_MACHINE = Lab(name="one machine", calendar=EVERY_DAY, stages=[{"name": "synthesis", "days": 1, "machines": 1}])


@pytest.fixture(scope="module")
def done() -> TrialRun:
    """Four designs a week: the machine takes a day for each, so that they are back after one to four days."""
    return trial_run(ONE_MACHINE, n_batches=20, batch_size=4)


def test_a_lab_that_keeps_up_by_hand(done: TrialRun):
    assert done.turnaround_weeks == pytest.approx({"half": 2 / 7, "80%": 4 / 7, "95%": 4 / 7, "all": 4 / 7})
    assert done.throughput == done.arrivals == 4
    assert done.keeps_up
    assert done.share_with_value == 1
    assert done.operations.use[0].utilisation == pytest.approx([4 / 7] * len(done.operations.lengths))
    assert done.operations.start == 4 * WEEK
    assert done.operations.end == 19 * WEEK


def test_what_one_more_machine_buys_by_hand(done: TrialRun):
    """Two machines return the designs after 1, 1, 2 and 2 days instead of 1, 2, 3 and 4."""
    (gain,) = done.one_more
    assert (gain.name, gain.kind, gain.number) == ("synthesis", "machine", 2)
    assert (gain.days, gain.error, gain.days_before) == (-1.0, 0.0, 2.5)
    assert (gain.before, gain.after) == (4, 4)
    assert gain.is_gain
    assert best_in_words(done) == (
        "What helps most is one more machine at synthesis (2): mean turnaround −1.0 ± 0.0 days (of 2.5), 4.0 → 4.0 "
        "values a week."
    )


def test_a_lab_that_cannot_keep_up_returns_what_its_machine_makes(done: TrialRun):
    """Eight designs a week, and the machine makes seven: with a second one, all eight come back."""
    over = done.again(batch_size=8)
    assert not over.keeps_up
    assert over.throughput == 7
    (gain,) = over.one_more
    assert (gain.before, gain.after) == (7, 8)
    assert "cannot keep up" in str(over)
    assert "it grows with every batch" in str(over)


def test_loads_around_the_most_that_the_machine_makes(done: TrialRun):
    """At 2, 4, 6 and 8 designs a week, of which it makes 7."""
    loads = done.again(n_batches=25).loads
    assert [load.arrivals for load in loads] == pytest.approx([2, 4, 6, 8])
    assert [load.keeps_up for load in loads] == [True, True, True, False]
    assert [load.throughput for load in loads] == pytest.approx([2, 4, 6, 7], abs=0.4)
    assert loads[-1].half > loads[0].half


@pytest.mark.parametrize("n_batches", [1, 4, 5, 8])
def test_a_lab_returns_no_more_than_is_submitted_however_few_batches_there_are(n_batches: int):
    """Half the rate of eight batches is that of four: they are over six days before another one would be due."""
    done = trial_run(ONE_MACHINE, n_batches=n_batches, batch_size=4)
    assert done.throughput == pytest.approx(4)
    assert done.loads[0].throughput == pytest.approx(2)


def test_one_more_person_is_tried_where_designs_wait_for_people():
    people = [{"name": "bench", "shifts": [{"hours": ["08:00", "16:00"]}]}]
    stage = {"name": "picking", "days": {"hours": 4}, "machines": 9, "people": "bench"}
    done = trial_run(Lab(calendar=EVERY_DAY, people=people, stages=[stage]), n_batches=10, batch_size=4)
    (gain,) = done.one_more
    assert (gain.name, gain.kind, gain.number, gain.is_gain) == ("bench", "person", 2, True)
    assert gain.days == pytest.approx(-(0 + 4 + 20 + 24) / 4 / 24)
    assert "one more person in bench (2)" in str(done)


def test_nothing_is_tried_where_nothing_is_waited_for():
    done = trial_run("instant", n_batches=6, batch_size=4, every_days=1)
    assert done.one_more == []
    assert "one more of anything would change nothing" in str(done)
    assert "No stage is a bottleneck" in str(done)


def test_where_designs_wait_for_a_delivery_no_machine_is_tried_and_the_key_is_named():
    kit = {"name": "kit", "price": 5, "stock": 1, "delay_days": 6}
    stage = {"name": "synthesis", "days": 1, "machines": 4, "consumables": [kit]}
    done = trial_run(Lab(calendar=EVERY_DAY, stages=[stage]), n_batches=6, batch_size=2, every_days=14)
    assert done.operations.bottleneck.name == "kit"
    assert as_dict(done)["bottleneck"] == "kit"
    assert best_in_words(done) == (
        "Designs waited for kit, and not for machines or people; order it earlier: raise `reorder_at`."
    )


def test_readers_and_places_are_tried_too():
    stages = [{"name": "cloning", "days": 3, "capacity": 2}]
    lab = Lab(calendar=EVERY_DAY, plate_size=6, stages=stages, assay={"plates_per_day": 0.25, "wait_days": 0})
    gains = trial_run(lab, n_batches=8, batch_size=6).one_more
    assert {(gain.name, gain.kind, gain.number) for gain in gains} == {("cloning", "place", 3), ("assay", "reader", 2)}
    assert gains[0].days < gains[-1].days


def test_the_same_seed_gives_the_same_trial_run_and_the_lab_alone_is_changed():
    lab = Lab.preset("typical")
    first, again = (trial_run(lab, n_batches=3, batch_size=8, seed=5) for _ in range(2))
    assert first.events == again.events
    assert trial_run(lab, n_batches=3, batch_size=8, seed=6).events != first.events


def test_every_preset_has_a_trial_run():
    from designloop.lab.starting_points import PRESETS

    for name in PRESETS:
        done = trial_run(name, n_batches=2, batch_size=10)
        assert done.turnaround_weeks["all"] >= done.turnaround_weeks["half"] >= 0
        assert 0 < done.share_with_value <= 1


def test_a_lab_from_which_nothing_returns_is_told():
    never = Lab(calendar=EVERY_DAY, stages=[{"name": "cloning", "days": 1, "failure": 1.0}])
    done = trial_run(never, n_batches=2, batch_size=3)
    assert "no design had a value" in str(done)
    assert json.loads(json.dumps(as_dict(done), allow_nan=False))["turnaround_weeks"]["half"] is None
    assert page_of(done).facts[0].value == "–"


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        ({"n_batches": 0}, "at least one batch of one design"),
        ({"batch_size": 0}, "at least one batch of one design"),
        ({"every_days": 0}, "3,650 days between batches"),
        ({"every_days": float("nan")}, "3,650 days between batches"),
        ({"n_batches": 20_000}, "more than 1,000,000 designs"),
        ({"length": 0}, "designs of 1 to 100,000 letters, got 0"),
    ],
)
def test_numbers_out_of_range_are_refused(numbers: dict[str, float], sentence: str):
    with pytest.raises(InputError, match=sentence):
        trial_run(ONE_MACHINE, **numbers)


def test_a_length_without_a_price_is_refused_with_its_key():
    lab = Lab(calendar=EVERY_DAY, stages=[{"name": "order", "days": 1}], cost={"by_length": [[300, 20]]})
    with pytest.raises(ConfigError, match="by_length"):
        trial_run(lab, n_batches=1, length=301)
    assert trial_run(lab, n_batches=1, batch_size=2, length=300).throughput == 2


def test_the_lines_name_each_result(done: TrialRun):
    said = list(lines_of(done))
    assert said[0] == "one machine: 20 batches of 4 designs, one every 7 days, seed 0"
    assert said[1] == "  turnaround   half after 0.3 weeks, 80% after 0.6, 95% after 0.6, all after 0.6"
    assert said[2] == "  throughput   4.0 designs with a value a week, of 4.0 submitted (100% of designs have a value)"
    assert said[3].startswith("  bottleneck   The bottleneck is synthesis: a design waited 1.5 days for its machine")
    assert said[4].startswith("  measured     one more machine at synthesis (2): mean turnaround −1.0 ± 0.0 days")
    assert said[5].startswith("  a week       2 submitted: ")


def test_the_page_shows_it_all(done: TrialRun, tmp_path):
    page = page_of(done)
    assert [section.name for section in page.sections] == ["flow", "turnaround", "more", "loads", "use"]
    assert [figure.name for figure in page.figures()][:4] == ["turnaround", "loads", "waits", "use-by-week"]
    written = done.save(tmp_path / "lab.html").read_text(encoding="utf-8")
    assert "lab report" in written
    assert "by simulation" in written
    assert "one more machine at synthesis" in written
    assert "http://" not in written.partition('id="plotly"')[0].replace("http://www.w3.org/2000/svg", "")
    assert "| synthesis |" in (tmp_path / "lab.md").read_text(encoding="utf-8")
