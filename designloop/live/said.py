"""What people say of a result file where the file does not say it itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """The plate and the round of a file, and whether its values are of further wells."""

    plate: str | None = None
    round: int | None = None
    further: bool = False
    """Values that differ from those told before are further replicates, and no corrections."""
