"""What is remarked on an oracle and a corpus: what reading a table changed, and how much of it the corpus holds."""

from collections.abc import Sequence

from designloop.core.faults import asked_first
from designloop.core.readers.sequence_file import SequenceFile
from designloop.inspection.leakage import leakage
from designloop.oracles.base import Oracle
from designloop.oracles.fitted import Fitted
from designloop.oracles.landscape import Landscape
from designloop.oracles.wrapper import Wrapper


def remarks_on(oracle: Oracle, file: object, corpus: Sequence[str] | None = None) -> tuple[str, ...]:
    """What an oracle remarks on its files, and how much of a measured landscape the `file` of a corpus holds.

    `corpus`: its sequences, if they have been read. A corpus that is no file comes from the oracle. Raises InputError
    for an invalid file, ConfigError where the oracle's own code raises.
    """
    with asked_first(oracle, "remarks"):
        its = tuple(oracle.remarks)
    landscape = measured_landscape(oracle)
    if landscape is None or not isinstance(file, SequenceFile):
        return its
    natural = file.read(landscape.space.alphabet).sequences if corpus is None else corpus
    return (*its, leakage_of(landscape, natural))


def measured_landscape(oracle: Oracle) -> Landscape | None:
    """The measured landscape that an oracle is, wraps, or is fitted to; None for any other oracle."""
    while isinstance(oracle, Wrapper):
        oracle = oracle.oracle
    oracle = oracle.table if isinstance(oracle, Fitted) else oracle
    return oracle if isinstance(oracle, Landscape) else None


def leakage_of(landscape: Landscape, corpus: Sequence[str]) -> str:
    """A sentence on a measured landscape and a corpus. Raises InputError with file, line and column."""
    truth = landscape.truth
    return str(leakage(truth.table.sequences, truth.measured, corpus))
