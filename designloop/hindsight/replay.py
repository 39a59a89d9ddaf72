"""The replay of a campaign: each strategy answers each of its decisions again."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from designloop.core.cache import beside, cache_folder
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.notices import collecting
from designloop.hindsight.among import Among
from designloop.hindsight.asking import Asking, Report
from designloop.hindsight.findings import Findings
from designloop.hindsight.given import Given, named
from designloop.hindsight.plain import as_dict
from designloop.hindsight.recorded import Recorded
from designloop.hindsight.replayed import Replayed
from designloop.hindsight.reservations import reservations
from designloop.hindsight.words import lines_of
from designloop.live.directory import Live
from designloop.progress.bars import bar_on

_MOST_DESIGNS = 10_000
_USUAL_SEEDS = {Among.SPACE: 1, Among.LATER: 5, Among.BATCH: 5}


@dataclass(frozen=True, eq=False)
class Replay(Findings):
    """What `replay` returns: findings that can be printed, and written as a page."""

    def as_dict(self) -> dict[str, Any]:
        """Everything as JSON values; numbers that do not exist are None."""
        return as_dict(self)

    def save(self, path: str | Path) -> Path:
        """Write the page (HTML), and a Markdown summary beside it. Returns the path. Raises StoreError."""
        from designloop.hindsight.page import page_of
        from designloop.report.writing import write

        write(page_of(self), Path(path))
        return Path(path)

    def __str__(self) -> str:
        return "\n".join(lines_of(self))


def replay(
    directory: str | Path | Live,
    strategies: Iterable[Given] | Mapping[str, Given] | Given | None = None,
    among: str = "space",
    n_designs: int | None = None,
    n_seeds: int | None = None,
    seed: int | None = None,
    top: float = 0.1,
    progress: bool | Report = False,
) -> Replay:
    """What strategies would have chosen at each decision of the campaign in a directory, simulated or live.

    `strategies`: names, files or parts, or {name: ...}; `own` (the default) is the campaign's. `among`: the whole
    `space`; only designs that were measured at the decision or `later`; or those of the `batch` itself. `n_designs`:
    how many to choose, instead of as many as the batch has. `n_seeds`: random streams of each strategy, from `seed`
    on, which is that of the campaign by default. `top`: the share of the measured designs that count as hits.
    `progress`: True shows a bar, a function gets words and the numbers of answers, so far and in all. Nothing is
    recorded. Raises StoreError, ConfigError and InputError.
    """
    place = directory.path if isinstance(directory, Live) else Path(directory)
    how = _among(among)
    if n_designs is not None and not 1 <= n_designs <= _MOST_DESIGNS:
        raise InputError(f"n_designs (--designs) must be 1 to {_MOST_DESIGNS:,} at each decision, got {n_designs:,}")
    if how is Among.BATCH and n_designs is None:
        raise InputError("among `batch`, give the number of designs to choose of each batch (`n_designs`, --designs)")
    if not 0 < top < 1:
        raise InputError(f"top must be between 0 and 1, such as 0.1 for the best tenth; got {top}")
    count = _USUAL_SEEDS[how] if n_seeds is None else n_seeds
    if count < 1:
        raise InputError(f"n_seeds must be at least 1, got {count}")
    with collecting() as said, cache_folder(beside(place)):
        record, given = Recorded.read(place), named(strategies)
        first = record.seed if seed is None else seed
        asking = Asking(record, given, how, n_designs, tuple(range(first, first + count)))
        asking.check()
        with _following(progress) as report:
            done = tuple(asking.at(decision, report) for decision in record.decisions)
        _check_choice(how, n_designs, done)
        remarks = (*reservations(record, how), *(sentence for sentence, _ in said.take()))
    return Replay(
        name=record.name,
        own=record.first.strategy.kind,
        among=how,
        seeds=asking.seeds,
        n_designs=n_designs,
        top=top,
        measured=record.measured,
        decisions=done,
        strategies=tuple(given),
        remarks=remarks,
    )


def _check_choice(among: Among, n_designs: int | None, done: Sequence[Replayed]) -> None:
    """Raise InputError where so many designs are chosen among the measured ones that no decision leaves one out."""
    most = max((len(one.candidates) for one in done), default=0)
    if among is not Among.SPACE and n_designs is not None and 0 < most <= n_designs:
        raise InputError(
            f"{n_designs:,} designs are to be chosen (`n_designs`, --designs), but no decision has more than "
            f"{many(most, 'candidate')}; give a lower number, so that something can be left out"
        )


@contextmanager
def _following(progress: bool | Report) -> Iterator[Report | None]:
    """The function that is told of each answer; a bar on standard error, where there is a terminal."""
    if not isinstance(progress, bool):
        yield progress
    elif progress and (bars := bar_on(sys.stderr)) is not None:
        with bars as bar:
            yield bar.update
    else:
        yield None


def _among(given: str) -> Among:
    try:
        return Among(given)
    except ValueError:
        raise InputError(f"expected space, later or batch for `among`, got '{given}'") from None
