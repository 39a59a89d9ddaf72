"""A network asked about sequences of one length: what hangs on a letter and its place alone is looked up.

Embedding, and the first block's queries, keys and values, are a third of the cost of a small network; the answers are
the same as its own.
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor

from designloop.core.cache import remembered_of
from designloop.language_models.network import Network, norm

if TYPE_CHECKING:
    from designloop.language_models.letter_network import LetterNetwork
    from designloop.language_models.network import Block

_MOST_ROWS = 2**13
"""Of a table; more would cost more than they save."""
_MOST_LENGTHS = 4


def logits_of(network: "LetterNetwork", letters: Tensor, at: Tensor) -> Tensor:
    """What the network makes of letters (B, L) at the places `at`, (B, M), in a block where its weights do not change.

    Shapes alone decide whether it is looked up, so that the same question has the same answer always.
    """
    if not _is_looked_up(network, letters):
        logits: Tensor = network(letters, at)
        return logits
    length = letters.shape[1]
    assert isinstance(network, Network)
    return remembered_of(network, "looked up", str(length), lambda: LookedUp(network, length), most=_MOST_LENGTHS)(
        letters, at
    )


def _is_looked_up(network: "LetterNetwork", letters: Tensor) -> bool:
    if not isinstance(network, Network) or network.causal or len(network.blocks) < 2:
        return False
    n_rows = network.embedding.num_embeddings * (letters.shape[1] + 2)
    return n_rows <= _MOST_ROWS and bool((letters != network.pad).all())


class LookedUp:
    """A network of two blocks or more, and its table for sequences of L letters, which stand between two edges."""

    def __init__(self, network: Network, length: int) -> None:
        self._network, self._n_places = network, length + 2
        n_tokens, device = network.embedding.num_embeddings, network.device
        self._places = torch.arange(self._n_places, device=device)
        tokens = torch.arange(n_tokens, device=device)[:, None].expand(-1, self._n_places)
        closing = torch.full((n_tokens, 1), length + 1, device=device)
        x = network.read(tokens, self._places[None], closing)
        self._turns = network.turns(self._places[None])
        first: Block = network.blocks[0]  # type: ignore[assignment]
        self._table = torch.cat([x, *first.before_looking(x, self._turns)], -1).flatten(0, 1)  # (tokens · T, 4 C)

    def __call__(self, letters: Tensor, at: Tensor) -> Tensor:
        """Logits (B, M, letters)."""
        network = self._network
        tokens = F.pad(letters, (1, 1), value=network.edge)
        rows = self._table[(tokens * self._n_places + self._places).flatten()]
        x, *found = rows.view(*tokens.shape, -1).chunk(4, dim=-1)
        first, *middle, last = network.blocks
        x = first.finished(x, *(first.by_head(each) for each in found), None)  # type: ignore[operator]
        for block in middle:
            x = block(x, self._turns, None)
        logits: Tensor = network.head(norm(last(x, self._turns, None, at + 1)))
        return logits
