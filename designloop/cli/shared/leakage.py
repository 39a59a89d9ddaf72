"""Tells the user how much of a measured landscape a corpus holds, where both are given."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.core.prior import CorpusFile

if TYPE_CHECKING:
    from designloop.campaign import Campaign
    from designloop.oracles.base import Oracle
    from designloop.oracles.landscape import Landscape


def leakage_in(campaign: "Campaign", corpus: Sequence[str] | None = None) -> list[str]:
    """A sentence on the corpus file of a campaign and its measured landscape; nothing where it lacks one of them.

    `corpus`: its sequences, if they have been read. Raises InputError with file and line for an invalid file.
    """
    file, landscape = campaign.prior.corpus, _landscape(campaign.oracle)
    if not isinstance(file, CorpusFile) or landscape is None:
        return []
    return [_said(landscape, file.read(landscape.space.alphabet).sequences if corpus is None else corpus)]


def leakage_of_file(table: Path, corpus: Sequence[str]) -> str:
    """A sentence on a corpus and the measured table in a file. Raises InputError with file, line and column."""
    from designloop.core.config import Document, build
    from designloop.oracles.landscape import Landscape

    return _said(build(Landscape, Document({"path": str(table)}, "--landscape")), corpus)


def _said(landscape: "Landscape", corpus: Sequence[str]) -> str:
    from designloop.inspection.leakage import leakage

    truth = landscape.truth
    return str(leakage(truth.table.sequences, truth.measured, corpus))


def _landscape(oracle: "Oracle") -> "Landscape | None":
    """The measured landscape that an oracle is, or wraps."""
    from designloop.oracles.landscape import Landscape
    from designloop.oracles.wrapper import Wrapper

    while isinstance(oracle, Wrapper):
        oracle = oracle.oracle
    return oracle if isinstance(oracle, Landscape) else None
