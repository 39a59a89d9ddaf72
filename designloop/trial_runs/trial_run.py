"""The trial run of a lab: batches go through it without a campaign."""

from dataclasses import dataclass
from pathlib import Path

from designloop.core.errors import InputError
from designloop.lab.lab import Lab
from designloop.trial_runs.batches import LENGTH, MOST_LETTERS
from designloop.trial_runs.findings import Findings
from designloop.trial_runs.page import page_of
from designloop.trial_runs.words import lines_of

MOST_DESIGNS = 1_000_000


@dataclass(frozen=True)
class TrialRun(Findings):
    """Findings that can be printed, and written as a page."""

    def save(self, path: str | Path) -> Path:
        """Write the page (HTML), and a Markdown summary beside it. Returns the path. Raises StoreError."""
        from designloop.report.writing import write

        write(page_of(self), Path(path))
        return Path(path)

    def __str__(self) -> str:
        return "\n".join(lines_of(self))


def trial_run(
    lab: Lab | str,
    n_batches: int = 200,
    batch_size: int = 96,
    every_days: float = 7.0,
    seed: int = 0,
    length: int = LENGTH,
) -> TrialRun:
    """Put `n_batches` batches through a lab, one every `every_days` days, of viable designs of `length` letters.

    Raises InputError for numbers that are out of range, ConfigError where the lab has no price for such a design.
    """
    lab = Lab.preset(lab) if isinstance(lab, str) else lab
    if n_batches < 1 or batch_size < 1 or not 0 < every_days <= 3_650:
        raise InputError("a trial run needs at least one batch of one design, and 0 to 3,650 days between batches")
    if not 1 <= length <= MOST_LETTERS:
        raise InputError(f"expected designs of 1 to {MOST_LETTERS:,} letters, got {length:,}")
    if n_batches * batch_size > MOST_DESIGNS:
        raise InputError(f"{n_batches:,} batches of {batch_size:,} are more than {MOST_DESIGNS:,} designs; give fewer")
    return TrialRun(lab, length, n_batches, batch_size, every_days, seed, ()).again()
