"""Words of a dossier: relatives, predictions and sequences in the cells of its tables."""

from designloop.core.rows import mark_of
from designloop.inspection.liabilities.measured import Place
from designloop.live.dossier.dossier import Dossier
from designloop.live.dossier.prediction import Predicted
from designloop.live.dossier.relatives import Relative
from designloop.report.words import percent, value, with_error

SHOWN = 44
"""Letters of a sequence that a table shows."""
_FEW_EDITS = 6
NONE = "–"


def shortened(sequence: str) -> str:
    """A sequence, or both ends of a long one with its length."""
    if len(sequence) <= SHOWN:
        return sequence
    half = SHOWN // 2 - 2
    return f"{sequence[:half]}…{sequence[-half:]} ({len(sequence):,})"


def interval(its: Predicted | None) -> str:
    """`0.71 (0.50 to 0.92)`."""
    if its is None:
        return NONE
    if its.interval is None:
        return value(its.mean)
    return f"{value(its.mean)} ({value(its.interval[0])} to {value(its.interval[1])})"


def best(dossier: Dossier) -> str:
    """The highest measured value; `> 2.00` where it is a limit of detection."""
    measured, history = dossier.knowledge.measured, dossier.knowledge.history
    return f"{mark_of(int(history.sides[measured[0]]))}{value(dossier.knowledge.best)}" if measured else NONE


def share(number: float | None) -> str:
    """A share in percent; a dash where it is unknown."""
    return NONE if number is None else percent(number)


def relative(its: Relative | None) -> str:
    """`rbs_3: 1.20 ± 0.10`; the name alone without a value."""
    if its is None:
        return NONE
    if its.value is None:
        return its.name
    error = float("nan") if its.std_error is None else its.std_error
    return f"{its.name}: {with_error(its.value, error, its.side).removesuffix(' ± ?')}"


def distance(its: Relative | None) -> str:
    """How many edits; a dash without a relative."""
    return NONE if its is None else str(its.distance)


def edits(its: Relative | None) -> str:
    """All edits if there are few, else the first ones and their number."""
    if its is None:
        return NONE
    words = its.edits.split()
    if len(words) <= _FEW_EDITS:
        return its.edits or "none"
    return f"{' '.join(words[: _FEW_EDITS - 2])} … {len(words)} in all"


def places(found: tuple[Place, ...]) -> str:
    """`BsaI 12, 60; EcoRI 4`, with positions from 1."""
    named: dict[str, list[str]] = {}
    for name, at in found:
        named.setdefault(name, []).append(str(at + 1))
    return "; ".join(f"{name} {', '.join(its)}" for name, its in named.items()) or NONE
