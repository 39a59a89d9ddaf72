"""The preset labs are as slow, as lossy and as dear as their sources say."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from lab_stubs import DAY, designs, start
from pydantic import ValidationError

from designloop.core.alphabet import PROTEIN
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import ConfigError
from designloop.core.records import Batch
from designloop.core.spaces import Space
from designloop.lab import lab as lab_module
from designloop.lab.lab import Lab
from designloop.lab.starting_points import PRESETS
from designloop.oracles.nk import NK

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))
import lab_presets

REAL_KINDS = ("academic", "biofoundry", "cloud", "cro", "antibody")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_written_in_full_and_reads_back(name):
    lab = Lab.preset(name)
    assert lab.name == name
    text = to_yaml(lab.describe())
    again = build(Lab, read_text(text, "a file"))
    assert again == lab
    assert to_yaml(again.describe()) == text  # by which a run knows its own description again


@pytest.mark.parametrize(("preset", "plates", "assay", "reference"), lab_presets.SETTINGS)
def test_results_come_back_as_in_the_field_notes(preset, plates, assay, reference):
    """Few seeds, so to a quarter of a week; the benchmark has 200. 88-well plates start their last one early here."""
    found = lab_presets.mean_turnaround(preset, assay, range(8))
    n_quantiles = 4 if plates == "as ready" else 2
    assert found[:n_quantiles] == pytest.approx(reference[:n_quantiles], abs=0.3)
    assert found[4] == pytest.approx(reference[4], abs=0.035)


def test_half_of_a_cell_free_round_is_back_near_three_weeks():
    weeks = [lab_presets.turnaround(Lab.preset("cellfree"), seed)[0][0] for seed in range(8)]
    assert 7 * np.mean(weeks) == pytest.approx(21, abs=3)  # days from sequence to data, Adaptyv


def header(preset):
    """The comments at the top of a preset, as lines."""
    text = (Path(lab_module.__file__).parent / "presets" / f"{preset}.yaml").read_text(encoding="utf-8")
    return [line.removeprefix("#").strip() for line in text.splitlines() if line.startswith("#")]


def guide_row(preset):
    """Weeks to 50, 80, 95 and 100%, the share without a value and the bill, as the manual prints them."""
    guide = (Path(lab_module.__file__).parents[1] / "guide" / "labs.md").read_text(encoding="utf-8")
    cells = re.search(rf"^\| `{preset}` \| (.*) \|$", guide, re.MULTILINE)[1].split(" | ")
    weeks, lost, bill = cells[0].split(" / "), cells[1].rstrip("%"), cells[2].removesuffix(" USD").replace(",", "")
    return [*map(float, weeks), float(lost) / 100, float(bill)]


@pytest.mark.parametrize("preset", lab_presets.KINDS)
def test_the_manual_prints_the_turnaround_and_the_bill_of_each_kind_of_lab(preset):
    """The manual's means are over 100 seeds; these are over 8."""
    found, printed = lab_presets.mean_turnaround(preset, {}, range(8)), guide_row(preset)
    assert found[:2] == pytest.approx(printed[:2], abs=0.5)
    assert found[2:4] == pytest.approx(printed[2:4], abs=1)
    assert found[4] == pytest.approx(printed[4], abs=0.05)
    assert found[5] == pytest.approx(printed[5], rel=0.05)


@pytest.mark.parametrize("preset", REAL_KINDS)
def test_a_kind_of_lab_says_where_each_of_its_numbers_comes_from(preset):
    text, lab, row = "\n".join(header(preset)), Lab.preset(preset), guide_row(preset)
    parts = [stage.name for stage in lab.stages] + ["assay", "noise", "cost"]
    parts += ["people"] * bool(lab.people) + ["calendar"] * bool(lab.calendar.closures)
    parts += ["background"] * bool(lab.background)
    for part in parts:
        assert re.search(rf"^{part}: (\[[SJ]\]|computed) ", text, re.MULTILINE), part
    stated = [float(number) for number in re.findall(r"after ([\d.]+) weeks|all after ([\d.]+)", text)[0] if number]
    assert set(stated) <= {row[0], row[3]}
    assert f"; {row[4]:.0%} of designs have no value" in " ".join(header(preset))


def test_ten_batches_at_once_wait_for_the_hands_of_a_group_but_not_at_a_contractor():
    def median(preset, n):
        return lab_presets.turnaround(Lab.preset(preset), 0, n)[0][0]

    assert median("academic", 960) > 2 * median("academic", 48)
    assert median("cro", 960) <= median("cro", 48)


def test_limits_of_detection_in_another_unit_are_refused():
    with pytest.raises(ConfigError, match=r"lab\.assay\.lower is 5, but the highest value of the oracle is 1"):
        Lab.preset("antibody").check_ready(NK())
    Lab.preset("antibody", assay={"lower": None, "upper": None}).check_ready(NK())
    Lab.preset("antibody", assay={"lower": 1}).check_ready(NK())


def test_a_preset_is_changed_key_by_key():
    lab = Lab.preset("typical", plate_size=48, assay={"noise": {"eps": 0.3}}, stages={"cloning": {"failure": 0.5}})
    typical = Lab.preset("typical")
    assert lab.assay.noise == typical.assay.noise.with_(eps=0.3)
    assert lab.assay.days == typical.assay.days
    assert [stage.failure for stage in lab.stages] == [0.0, 0.05, 0.0, 0.5, 0.2]
    assert build(Lab, read_text("preset: good\nplate_size: 48", "a file")) == Lab.preset("good", plate_size=48)
    assert Lab.model_validate("good") == Lab.preset("good")
    assert Lab.model_json_schema()["anyOf"][0]["enum"] == list(PRESETS)


@pytest.mark.parametrize("days", [{"uniform": [1, 3]}, {"triangular": [1, 2, 4]}, 2])
def test_a_duration_replaces_that_of_a_preset(days):
    assert Lab.preset("good", assay={"days": days}) == Lab.preset("good", assay={}).with_(
        assay=Lab.preset("good").assay.with_(days=days)
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("preset: good\nassay: {days: {triangel: [1, 2, 3]}}", "Did you mean 'triangular'"),
        ("preset: goood", "Did you mean 'good'"),
        (
            "preset: good\nplate_sise: 48",
            r"unknown key 'plate_sise' \(plate_sise, line 2.*\. Did you mean 'plate_size'\?",
        ),
        ("preset: good\nstages: {clonning: {failure: 0}}", "Did you mean 'cloning'"),
        (
            "stages: [{name: a, days: {triangel: [1, 2, 3]}}]",
            r"\(stages\.0\.days, line 1.*\. Did you mean 'triangular'",
        ),
        ("stages: [{name: a, days: 1}, {name: a, days: 1}]", "must have different names, got a, a, assay"),
        ("stages: [{name: a, days: 1, expresses: true}]", "`expresses: true` requires `outcome: not_expressed`"),
        ("stages: [{name: a, days: 1, outcome: observed}]", "'observed' is not the outcome of a failure"),
        ("stages: [{name: a, days: 1, start_days: [sun]}]", "none of `start_days` is a workday"),
        ("stages: [{name: a, days: 1, rework: {days: 1}}]", "`rework` requires `failure`"),
        ("assay: {lower: 3, upper: 2}", "not below the upper limit"),
    ],
)
def test_a_wrong_lab_says_where_and_what_to_mend(text, sentence):
    with pytest.raises(ConfigError, match=sentence):
        build(Lab, read_text(text, "a file"))


def test_only_one_stage_takes_retests():
    stage = {"days": 1, "retest_from": True}
    with pytest.raises(ValidationError, match="only one stage may have `retest_from: true`"):
        Lab.model_validate({"stages": [{"name": "a", **stage}, {"name": "b", **stage}]})


# -- prices


def charged(lab, batch, weeks=0):
    run = start(lab)
    events = run.submit(batch)
    if weeks:
        while run.now < weeks * 7 * DAY:
            events += run.run(until=weeks * 7 * DAY)
    return [(event.minute // (7 * DAY), dict(event.data)) for event in events if event.kind == "charged"]


def test_a_batch_is_charged_what_was_quoted():
    lab = Lab.preset("good")
    quote = lab.quote(Space.of_length(PROTEIN, 200))
    fixed = 1500 + 15 + 35 + 25  # a round, a well, a design's stages
    assert quote.price([200]) == pytest.approx(fixed + 0.09 * 600)
    assert quote.price([50]) == pytest.approx(fixed + 0.09 * 300)
    assert quote.per_retest == 25
    items = charged(lab, Batch(1, designs(10), designs(2, first=10), 3))[0][1]
    assert items == pytest.approx({"round": 1500, "designs": 870, "retests": 50, "replicates": 540})
    assert sum(items.values()) == lab.quote(Space.of_length(PROTEIN, 8)).price([8] * 10, 2, 3)


def test_rent_is_charged_when_time_passes_the_start_of_a_week():
    lab = Lab.preset("good", cost={"per_round": 0, "per_replicate": 0, "per_bp": 0})
    rent = [(week, items) for week, items in charged(lab, Batch(1, designs(1)), weeks=3) if "rent" in items]
    assert rent == [(0, {"rent": 6000}), (1, {"rent": 6000}), (2, {"rent": 6000})]  # the fourth has not begun
    assert charged(Lab.preset("instant", cost={"per_week": 1}), Batch(1, designs(1))) == []


def test_a_larger_batch_of_strains_costs_more_and_takes_longer():
    """As a step function 24 designs would cost less than 23; anchored at the brackets' middles the total grows."""
    lab, rng = Lab.preset("strain"), np.random.default_rng(0)
    quote = lab.quote(Space.of_length(PROTEIN, 8))
    prices = [quote.price([8] * n) for n in range(1, 2000)]
    days = [lab.stages[0].days.draw(rng, n) for n in range(1, 2000)]
    assert (np.diff(prices) > 0).all()
    assert (np.diff(days) >= 0).all()
    assert quote.price_per_design(48) == pytest.approx(640)
    assert lab.stages[0].days.draw(rng, 48) == pytest.approx(9.6 * 5)
