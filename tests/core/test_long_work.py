"""Long work is told to whoever follows it, and to no one else."""

import pytest

from designloop.core.long_work import Progress, followed, steps_of


def test_each_step_is_told_within_the_block_alone():
    told: list[Progress] = []
    with followed(told.append):
        taken = steps_of("training", 3)
        for step in (1, 2, 3):
            taken(step)
    steps_of("training", 3)(1)
    assert [(work.what, work.step, work.steps) for work in told] == [
        ("training", 1, 3),
        ("training", 2, 3),
        ("training", 3, 3),
    ]
    assert told[-1].seconds_left == 0


def test_what_is_left_goes_on_at_the_pace_so_far():
    assert Progress("training", 20, 100, 5.0).seconds_left == pytest.approx(20.0)
