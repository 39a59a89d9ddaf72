"""Refusing: what of a file contradicts the record, and every way to go on."""

from collections.abc import Callable, Iterator

from designloop.core.counting import many
from designloop.live.judging import Verdict

_SHOWN = 10


def contradictions(verdict: Verdict, where: Callable[[int], str], *, is_import: bool = False) -> str:
    """What contradicts the record, with places, and the mend: of a file that was told, or of past rounds."""
    shown = [f"{where(row)}: {sentence}" for row, sentence in verdict.contradictions[:_SHOWN]]
    n_more = len(verdict.contradictions) - len(shown)
    mends = _mends_of_an_import(verdict) if is_import else _mends(verdict)
    more = [f"and {many(n_more, 'more contradiction')}"] if n_more else []
    return "\n".join([*shown, *more, f"nothing was recorded. {'. '.join(mends)}"])


def _mends(verdict: Verdict) -> Iterator[str]:
    """Every way to go on, one sentence each."""
    if verdict.may_be_further:
        yield "If these are further replicates, say so (`--further`), or number them in a column `replicate`"
    if verdict.has_too_many:
        yield (
            "If a mean is among the values of a design, remove its row. If more wells were measured than ordered, say "
            "so (`--further`), or number them in a column `replicate`"
        )
    if verdict.is_at_odds:
        yield "If the file is right, undo the entry (`designloop live undo DIR N`) and tell the file again"
        yield "If these are of another round, number it in a column `round`"
    elif not verdict.has_too_many:
        yield "Rows of the file contradict each other; correct it"


def _mends_of_an_import(verdict: Verdict) -> Iterator[str]:
    if verdict.is_at_odds:
        yield "If the file is right, undo the entry (`designloop live undo DIR N`) and import the file again"
    else:
        yield "Rows of the file contradict each other; correct it"
