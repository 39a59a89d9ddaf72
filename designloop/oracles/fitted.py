"""A fitted landscape: a surrogate, fitted to a measured table, is the truth, and says how far it is from the table."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.cache import content_key, remembered
from designloop.core.contents import file_digest
from designloop.core.errors import ConfigError, explained_by
from designloop.core.files import found
from designloop.core.spaces import Space
from designloop.core.threads import one_thread
from designloop.oracles.base import Oracle, Scale
from designloop.oracles.held_out import Fit, fit_of, space_around
from designloop.oracles.landscape import Landscape
from designloop.surrogates.base import Surrogate

if TYPE_CHECKING:
    from designloop.surrogates.base import Posterior

_BLOCK = 64


class Fitted(Oracle):
    """A surrogate fitted to a measured table, as the truth of every sequence of the table's alphabet and lengths.

    The table itself is only its training data: a campaign on this landscape shows how strategies search a smooth model
    of the table, and not what they would find in the lab. Its error on rows held out is printed by `validate` and `run`
    and is in `held_out`. It is fitted anew to all rows afterwards. A fit that is no better than the mean is refused.
    """

    table: Landscape = Field(description="the measured table, described as for `kind: landscape`, without its kind")
    surrogate: Surrogate = Field("dense-ensemble", description="the model; its mean is the value")  # type: ignore[assignment]
    held_out_share: float = Field(0.2, gt=0, le=0.5, description="share of the rows on which its error is measured")
    max_rows: int = Field(
        2000, ge=50, le=1_000_000, description="rows to use, drawn at random from a larger table, so that fits are fast"
    )

    @model_validator(mode="before")
    @classmethod
    def _table_has_no_kind(cls, value: object) -> object:
        """A table may be written as `{kind: landscape, ...}`, or as the oracle itself."""
        table = value.get("table") if isinstance(value, dict) else None
        if isinstance(table, dict) and table.get("kind") == "landscape":
            return {**value, "table": {key: one for key, one in table.items() if key != "kind"}}  # type: ignore[dict-item]
        return value

    @property
    def scale(self) -> Scale:
        """The scale of the table."""
        return self.table.scale

    @property
    def floor(self) -> float | None:
        """The floor of the table."""
        return self.table.floor

    @cached_property
    def space(self) -> Space:
        """Every sequence of the table's alphabet and lengths. Raises ConfigError if the fit is no better than the mean.

        The surrogate is fitted here, so that a poor fit ends before any work.
        """
        error = self.fit.held_out
        if not error.r2 > 0:
            raise ConfigError(
                f"the surrogate '{self.surrogate.known_as}', fitted to {self.table.path}, predicts rows that were held "
                f"out no better than their mean (R2 {error.r2:.2f}, rank correlation {error.rank_correlation:.2f}), so "
                "it is no landscape of the table; use another surrogate, more rows, or `kind: landscape`"
            )
        return space_around(self.table)

    @property
    def fit(self) -> Fit:
        """The fit and its errors, made once in a process as long as the file is the same."""
        key = content_key(description=self.describe(), file=file_digest(found(self.table.path)))
        return remembered("fitted", key, self._fitted)

    def _fitted(self) -> Fit:
        with one_thread(), explained_by(self.table.remarks):
            return fit_of(self.table, self.surrogate, self.held_out_share, self.max_rows)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the table's reader remarked, and how far the model is from the table."""
        return (*self.table.remarks, *self.fit.sentences(self.surrogate.known_as))

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Predicted means in the table's units, shape (n,). Raises InputError for a letter outside the alphabet."""
        self.space.alphabet.encode(sequences)
        distinct = list(dict.fromkeys(sequences))
        with one_thread():
            values = [_means(self.fit.posterior, distinct[i : i + _BLOCK]) for i in range(0, len(distinct), _BLOCK)]
        value = dict(zip(distinct, np.concatenate([np.zeros(0), *values]), strict=True))
        return np.array([value[sequence] for sequence in sequences], dtype=np.float64)


def _means(posterior: "Posterior", sequences: list[str]) -> NDArray[np.float64]:
    """Means of a block, (n,). Blocks have one size, so that the last digits do not depend on the other sequences."""
    block = [*sequences, *sequences[:1] * (_BLOCK - len(sequences))]
    return posterior.moments(block)[0][: len(sequences)]
