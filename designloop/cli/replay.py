"""`designloop replay`: what strategies would have chosen at each decision of a campaign."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path

from designloop.hindsight.asking import Report
from designloop.hindsight.replay import replay
from designloop.hindsight.words import headline
from designloop.progress.bars import bar_on


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked: a campaign, the strategies, and how they choose."""

    directory: Path
    strategies: Sequence[str]
    among: str
    designs: int | None
    seeds: int | None
    seed: int | None
    top: float


def replay_campaign(ask: Ask, html: Path | None, *, json: bool, quiet: bool) -> None:
    """Print the findings; as one JSON object with `json`; one line with `quiet`."""
    with _progress(quiet=quiet) as report:
        done = replay(
            ask.directory, ask.strategies or None, ask.among, ask.designs, ask.seeds, ask.seed, ask.top, report
        )
    if json:
        print(dumps(done.as_dict(), allow_nan=False))
    else:
        print(headline(done) if quiet else done)
    if html is not None:
        print(f"wrote {done.save(html)}", file=sys.stderr)


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Report | None]:
    """A bar on a terminal."""
    bars = None if quiet else bar_on(sys.stderr)
    if bars is None:
        yield None
        return
    with bars as bar:
        yield bar.update
