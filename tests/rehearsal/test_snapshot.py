"""A snapshot says what the record says, also of what was vetoed, lost, undone, told in part and extended."""

from dataclasses import fields
from pathlib import Path

from rehearsal_stubs import live

from designloop.core.history import History
from designloop.core.past import read_past
from designloop.rehearsal.snapshot import past_of

_OF_THE_BUDGET = {"left", "label"}
"""Each arm has its own."""


def test_the_history_of_a_past_is_that_of_the_record(tmp_path: Path) -> None:
    its = live(tmp_path, scheduler={"kind": "rounds", "batch_size": 6, "n_retests": 2})
    its.veto(7, at="2026-04-13 12:00")
    (tmp_path / "some.csv").write_text("design,value\n6,2.5\n8,2.25\n")
    its.tell(tmp_path / "some.csv", at="2026-04-20 10:00")
    its.lost([9], outcome="synthesis_failed", at="2026-04-20 11:00")
    its.undo(6, at="2026-04-20 12:00")
    its.lost([10], outcome="not_expressed", at="2026-04-20 12:00")
    its.extend({"budget.designs": 60}, at="2026-04-20 13:00")
    record = its.record
    past = past_of(record, record.minute)
    past.write(tmp_path / "past.json")
    assert read_past(str(tmp_path / "past.json")) == past
    found, known = past.history(record.history.space, record.history.lab), record.history
    names = {field.name for field in fields(History)} - _OF_THE_BUDGET
    assert {name: getattr(found, name) for name in names} == {name: getattr(known, name) for name in names}
    assert {one.design for one in past.in_lab} == set(known.waiting) | set(known.retesting)
    assert [(minute, batch.round) for minute, batch in past.batches] == [(known.submitted_at[2], 2)]
