"""Reservations: what a reader must know of the record itself, a sentence each."""

from collections.abc import Iterator

import numpy as np

from designloop.core.counting import many
from designloop.hindsight.among import Among
from designloop.hindsight.recorded import Recorded


def reservations(record: Recorded, among: Among) -> Iterator[str]:
    """Which designs are no candidates, which values are limits, and whether results are to come."""
    final = record.final
    if record.is_interrupted:
        yield "the run has not ended: its decisions so far are replayed"
    if n := len(final.waiting):
        yield f"{many(n, 'design', 'are')} still in the lab: only what was measured by now is known"
    if among is Among.SPACE:
        return
    if left_out := list(_no_candidates(record)):
        yield f"no candidates: {', '.join(left_out)}"
    if n_limits := int(np.count_nonzero(final.sides[final.ids >= 0])):
        yield f"{many(n_limits, 'value')} beyond a limit of detection: the limit is taken"


def _no_candidates(record: Recorded) -> Iterator[str]:
    final = record.final
    built = dict.fromkeys(sequence for decision in record.decisions for sequence in decision.built)
    if n := sum(sequence not in record.measured and sequence not in final.pending_sequences for sequence in built):
        yield f"{many(n, 'design')} without a value (failed or lost)"
    listed = [sequence for sequence in built if sequence in record.measured]
    if n := int((~final.space.contains(listed)).sum()):
        yield f"{many(n, 'measured design')} outside the space"
