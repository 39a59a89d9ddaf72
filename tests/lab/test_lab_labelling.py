"""Labelling: what the assay says of starting sequences before week 0."""

import numpy as np
import pytest
from lab_stubs import Counting, designs

from designloop.core.records import Batch, Outcome, Start
from designloop.lab.lab import Lab
from designloop.lab.noise import Noise
from designloop.lab.run import LabRun


def lab_of(oracle=None, seed: int = 0, **assay) -> LabRun:
    lab = Lab.preset("good", plate_size=24, **({"assay": assay} if assay else {}))
    oracle = oracle or Counting()
    return lab.start(oracle, seed, space=oracle.space)


def starts_of(*sequences: str) -> list[Start]:
    return [Start(sequence) for sequence in sequences]


QUIET = {"noise": Noise(), "lost_wells": 0.0}


def test_each_start_has_its_value_or_the_reason_why_not():
    """Two As are worth 3; T is not viable, G is not in the table."""
    labelled = lab_of(**QUIET).label(starts_of("AACCCCCC", "TACCCCCC", "GACCCCCC"))
    assert [start.sequence for start in labelled] == ["AACCCCCC", "TACCCCCC", "GACCCCCC"]
    assert [start.outcome for start in labelled] == [Outcome.OBSERVED, Outcome.NOT_EXPRESSED, Outcome.UNMEASURED]
    assert [start.value for start in labelled] == [pytest.approx(3.0), None, None]
    assert {start.plate for start in labelled} == {"0-1-1"}


def test_starts_are_read_a_plate_at_a_time_and_their_truths_are_written():
    lab = lab_of(**QUIET)
    sequences = [f"AC{i:06b}".replace("0", "A").replace("1", "C") for i in range(40)]
    labelled = lab.label(starts_of(*sequences))
    places = Lab.preset("good", plate_size=24).assay.n_places(24)
    assert len({start.plate for start in labelled}) == -(-40 // places)
    assert [truth.sequence for truth in lab.truths()] == sequences
    assert lab.now == 0


def test_starts_are_measured_with_the_noise_of_the_assay():
    """Errors of about their stated size, other ones under another seed, the same under the same."""
    noise = {"noise": Noise(eps=0.2), "lost_wells": 0.0, "normalise": False, "wells_per_control": None}
    sequences = [f"CC{i:06b}".replace("0", "A").replace("1", "C") for i in range(60)]
    truth = np.array([1.0 + s.count("A") for s in sequences])
    one, again, other = (lab_of(seed=seed, **noise).label(starts_of(*sequences)) for seed in (0, 0, 1))
    assert one == again != other
    logs = np.log([start.value for start in one] / truth)
    assert 0.14 < logs.std() < 0.26
    np.testing.assert_allclose([start.std_error for start in one], [0.2 * start.value for start in one], rtol=1e-9)


def test_a_lost_well_is_a_start_without_a_value():
    labelled = lab_of(lost_wells=1.0).label(starts_of("AACCCCCC", "TACCCCCC"))
    assert [start.outcome for start in labelled] == [Outcome.LOST, Outcome.NOT_EXPRESSED]


def test_labelling_changes_nothing_of_what_comes_after():
    """Nothing is submitted, charged or drawn from the streams of a design."""
    plain, labelled = lab_of(), lab_of()
    labelled.label(starts_of("AACCCCCC", "CACCCCCC"))
    assert plain.submit(Batch(1, designs(4))) == labelled.submit(Batch(1, designs(4)))
    assert plain.run() == labelled.run()
