"""A lab that could not work is refused before anything runs, with the key and the mend."""

import pytest

from designloop.core.config import build, read_text
from designloop.core.errors import ConfigError
from designloop.lab.lab import Lab
from designloop.oracles.nk import NK

STAGE = "stages: [{{name: a, machines: 1, days: 1, {}}}]"
PEOPLE = "{{people: [{{name: x, {}}}], stages: [{{name: a, machines: 1, days: 1, people: x, {}}}]}}"


def refused(text: str) -> str:
    """The error of a lab, as the command line prints it, read and made ready for an oracle."""
    with pytest.raises(ConfigError) as raised:
        build(Lab, read_text(text, "lab.yaml")).check_ready(NK())
    return str(raised.value)


def stage(text: str) -> str:
    return STAGE.format(text)


def people(of_people: str, of_stage: str = "load: 1") -> str:
    return PEOPLE.format(of_people, of_stage)


@pytest.mark.parametrize(
    ("text", "key", "mend"),
    [
        # the calendar
        ("calendar: {closures: ['2025-01-01/9999-12-31']}", "lab.calendar", "shorten `closures`"),
        ("calendar: {closures: ['2030-01-01/9999-12-31']}", "lab.calendar", "in the year from 2030-01-01; shorten"),
        ("calendar: {closures: ['01-02/12-31']}", "lab.calendar", "shorten `closures`"),
        ("calendar: {country: XX}", "lab.calendar", "give another `country` (a two-letter code such as DE)"),
        ("calendar: {country: DE, subdivision: ZZ}", "lab.calendar", "give another `country`"),
        ("calendar: {subdivision: BY}", "lab.calendar", "name the `country` too"),
        ("calendar: {start: 9999-12-30}", "calendar.start", "expected a date from 1900-01-01 to 9000-01-01"),
        ("calendar: {workdays: []}", "calendar.workdays", "expected a list with something in it"),
        # people
        (stage("people: bench"), "stage 'a'", "there are no people 'bench'; add it to `lab.people`"),
        (people("number: 0"), "people.0.number", "expected at least 1, got 0"),
        (people("number: true"), "people.0.number", "expected a number, got True"),
        (people("shifts: []"), "people.0.shifts", "expected a list with something in it"),
        (people("shifts: [{days: [sat]}]"), "people 'x' are never on shift", "change them, or the calendar"),
        (people("shifts: [{hours: ['08:00', '08:00']}]"), "people.0.shifts.0", "split it at midnight"),
        (people("shifts: [{hours: ['22:00', '06:00']}]"), "people.0.shifts.0", "split it at midnight"),
        (people("shifts: [{hours: ['8', '9']}]"), "people.0.shifts.0", "expected a time of day, such as '09:30'"),
        (people("number: 1", "n_people: 2"), "stage 'a'", "change `n_people` or `number`"),
        (people("shifts: [{days: [mon]}]", "start_days: [tue]"), "stage 'a'", "not on shift at its `start_days`"),
        (people("shifts: [{hours: ['08:00', '09:00']}]", "start_times: ['12:00']"), "stage 'a'", "change one of them"),
        (people("shifts: [{hours: ['08:00', '08:01']}]"), "stage 'a'", "shorten `hands_on`, or lengthen `shifts`"),
        (people("number: 1", "hands_on: 3"), "stage 'a'", "`hands_on` for longer than a run takes; shorten it"),
        # machines
        (stage("load: 0"), "stages.0.load", "expected at least 1, got 0"),
        (stage("load: true"), "stages.0.load", "expected a number, got True"),
        (stage("min_fill: -0.1"), "stages.0.min_fill", "expected at least 0"),
        (stage("wait_days: true"), "stages.0.wait_days", "expected a number, got True"),
        ("stages: [{name: a, machines: 0, days: 1}]", "stages.0.machines", "expected at least 1"),
        ("stages: [{name: a, machines: 1000000000, days: 1}]", "stages.0.machines", "expected at most 10000"),
        ("stages: [{name: a, load: 4, days: 1}]", "stage 'a'", "`load` needs `machines`"),
        (stage("start_days: [sun]"), "stage 'a'", "none of `start_days` is a workday of the lab; change them"),
        (
            "{calendar: {closures: ['01-04/12-31']}, stages: [{name: a, days: 1, start_days: [mon]}]}",
            "stage 'a'",
            "the lab is closed on all of its `start_days`; change them",
        ),
        # downtimes
        (stage("breakdown: {between: 10}"), "stages.0.breakdown.repair", "this key is required"),
        (stage("breakdown: {between: 10, repair: .inf}"), "stages.0.breakdown.repair", "0 to 36,500 days, got inf"),
        (stage("breakdown: {between: 0, repair: 1}"), "stages.0.breakdown", "between: expected more than 0 days"),
        (stage("breakdown: {between: {uniform: [0, 0]}, repair: 1}"), "breakdown", "expected more than 0 days"),
        (stage("breakdown: {between: 0.5, repair: 36500}"), "stage 'a'", "0.00% of the time, by `breakdown`; make"),
        (
            stage("breakdown: {between: {exponential: 0.05}, repair: 1, work: restarted}"),
            "stage 'a'",
            "raise `breakdown.between`, or set `work: kept`",
        ),
        (
            stage("breakdown: {between: {lognormal: [0.5, 0.1]}, repair: 1, work: lost}"),
            "stage 'a'",
            "all work is lost",
        ),
        (stage("maintenance: {every: 30, days: 30}"), "stages.0.maintenance", "shorten it, or raise `every`"),
        (stage("maintenance: {every: 30, days: {exponential: 40}}"), "stages.0.maintenance", "raise `every`"),
        (stage("maintenance: {every: 0.0001, days: 0}"), "maintenance.every", "expected at least 0.01"),
        (
            stage("maintenance: {every: 2, days: 1.99}, breakdown: {between: 1, repair: 1}"),
            "stage 'a'",
            "by `breakdown` and `maintenance`; make downtimes shorter, or rarer",
        ),
        # rework
        (stage("failure: 0.5, rework: {to: b}"), "stage 'a': rework.to is 'b'", "known: a"),
        (stage("failure: 0.5, rework: {to: a, times: .inf}"), "rework.times", "expected a finite number, got inf"),
        (stage("failure: 0.5, rework: {to: a, times: 1000000}"), "rework.times", "expected at most 1000"),
        (stage("failure: 0.5, rework: {to: a, days: 1}"), "stages.0.rework", "give either `days`"),
        # durations
        (stage("setup: x"), "stages.0.setup", "expected a number of days, or one of {fixed: ...}"),
        (stage("setup: {uniform: [1, true]}"), "stages.0.setup", "expected a number, got True"),
        (stage("setup: {exponential: many}"), "stages.0.setup", "expected a number, got 'many'"),
        (stage("setup: {mixture: [3]}"), "stages.0.setup", "expected [weight, duration], got 3"),
        (stage("setup: {by_size: 3}"), "stages.0.setup", "expected a list of [designs, days], got 3"),
        # the assay
        ("assay: {normalise: []}", "lab.assay.normalise", "write false for none"),
        ("assay: {layout: []}", "lab.assay.layout", "write [one.csv, two.csv], or null"),
        ("assay: {layout: [3]}", "lab.assay.layout", "expected a file, or a list of files, got [3]"),
        ("assay: {controls: [{name: s, value: 1.0e-300, n: 1}]}", "controls.0.value", "use another unit"),
        ("assay: {plates_per_day: 0}", "assay.plates_per_day", "expected at least"),
        ("assay: {upper: -1}", "lab.assay.upper is -1", "give `lower` and `upper` in the oracle's units"),
        ("assay: {lower: 2}", "lab.assay.lower is 2", "give `lower` and `upper` in the oracle's units"),
        # money, and rounds
        ("cost: {per_bp: -1}", "cost.per_bp", "expected at least 0, got -1"),
        ("cost: {per_week: .nan}", "cost.per_week", "expected a finite number, got nan"),
        ("cost: {per_week: true}", "cost.per_week", "expected a number, got True"),
        ("cost: {by_length: [[10, 3], [9, 4]]}", "cost.by_length", "points with increasing lengths"),
        (
            "{stages: [{name: a, days: 9}], close_at: {days: 2}}",
            "close_at.days",
            "raise it, or close rounds at a `share`",
        ),
        ("wip_limit: 0", "lab.wip_limit", "expected at least 1"),
        ("stages: [{name: a, days: 1, outcome: fine}]", "stages.0.outcome", "expected 'observed', 'below_detection'"),
    ],
)
def test_a_lab_that_could_not_work_is_refused_with_its_key_and_the_mend(text, key, mend):
    said = refused(text)
    assert key.removeprefix("lab.") in said
    assert mend in said
    assert "\n" not in said  # one mistake, one sentence


def test_extreme_labs_that_could_work_are_allowed():
    """Rare, slow and lossy, but each design ends."""
    for text in (
        stage("breakdown: {between: {exponential: 0.5}, repair: 1, work: restarted}"),
        stage("maintenance: {every: 0.01, days: 0}"),
        stage("failure: 1, rework: {days: 1}"),
        stage("failure: 0.999, rework: {to: a, times: 1000}"),
        people("shifts: [{days: [mon], hours: ['23:59', '24:00']}]", "hands_on: {hours: 0.5}"),
        "calendar: {closures: ['01-05/06-30', '07-05/12-31']}",
        "{stages: [{name: a, days: 2}], close_at: {days: 2}}",
    ):
        build(Lab, read_text(text, "lab.yaml")).check_ready(NK())
