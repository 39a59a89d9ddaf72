"""`designloop replay`: what strategies would have chosen at each decision of a campaign."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from json import dumps
from pathlib import Path

from designloop.hindsight.replay import replay
from designloop.hindsight.words import headline


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
    how = ask.among, ask.designs, ask.seeds, ask.seed, ask.top
    done = replay(ask.directory, ask.strategies or None, *how, progress=not quiet)
    if json:
        print(dumps(done.as_dict(), allow_nan=False))
    else:
        print(headline(done) if quiet else done)
    if html is not None:
        print(f"wrote {done.save(html)}", file=sys.stderr)
