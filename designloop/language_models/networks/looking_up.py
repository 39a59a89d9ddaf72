"""A network asked about sequences of one length: what hangs on a letter and its place alone is looked up.

Embedding, and the first block's queries, keys and values, are a third of the cost of a small network. What is left is
computed in place where it can be. The answers are the same as its own but for last bits.
"""

from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor

from designloop.core.cache import remembered_of
from designloop.language_models.networks.transformer import Network, norm

if TYPE_CHECKING:
    from designloop.language_models.networks.letter_network import LetterNetwork
    from designloop.language_models.networks.transformer import Block

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
    """A network of two blocks or more, and its tables for sequences of L letters, which stand between two edges.

    T tokens with the edges, R = B · T. Heads stand apart in the tables, so that they are multiplied as they are found;
    of a few dozen tokens that is quicker than the kernels of attention, which are made for many.
    """

    def __init__(self, network: Network, length: int) -> None:
        self._network = network
        n_tokens, n_places, device = network.embedding.num_embeddings, length + 2, network.device
        self._places = torch.arange(n_places, device=device)
        tokens = torch.arange(n_tokens, device=device)[:, None].expand(-1, n_places)
        x = network.read(tokens, self._places[None], torch.full((n_tokens, 1), length + 1, device=device))
        self._turns = network.turns(self._places[None])
        self._x = x.flatten(0, 1)  # (tokens · T, C)
        first: Block = network.blocks[0]  # type: ignore[assignment]
        normed = norm(x)
        found = _scaled(first.queries(normed, self._turns)), *first.keys_values(normed, self._turns)
        self._found = [each.transpose(0, 1).flatten(0, 2) for each in found]  # (H · tokens · T, D) each
        self._heads = torch.arange(network.n_heads, device=device)[:, None] * len(self._x)

    def __call__(self, letters: Tensor, at: Tensor) -> Tensor:
        """Logits (B, M, letters)."""
        network, (first, *middle, last) = self._network, self._network.blocks
        x = self._first(first, F.pad(letters, (1, 1), value=network.edge))  # type: ignore[arg-type]
        for block in middle:
            x = block(x, self._turns, None)
        logits: Tensor = network.head(norm(self._last(last, x, at + 1)))  # type: ignore[arg-type]
        return logits

    def _first(self, block: "Block", tokens: Tensor) -> Tensor:
        """What the first block makes of tokens (B, T): (B, T, C)."""
        rows = tokens * len(self._places) + self._places
        by_head = (rows[:, None] + self._heads).flatten()  # (B · H · T,)
        queries, keys, values = (
            table.index_select(0, by_head).view(-1, tokens.shape[1], block.head_width) for table in self._found
        )
        x = self._x.index_select(0, rows.flatten()).view(*rows.shape, self._x.shape[-1])
        return _added(block, x, _seen(queries, keys, values))

    def _last(self, block: "Block", x: Tensor, at: Tensor) -> Tensor:
        """What the last block makes of x, (B, T, C), at the tokens `at`, (B, M), alone: (B, M, C)."""
        normed, width = norm(x), x.shape[-1]
        keys, values = (each.flatten(0, 1) for each in block.keys_values(normed, self._turns))
        rows = (at + torch.arange(len(x), device=x.device)[:, None] * x.shape[1]).flatten()
        x, normed = (each.flatten(0, 1).index_select(0, rows).view(*at.shape, width) for each in (x, normed))
        queries = _scaled(block.queries(normed, self._turns.at(at)))
        return _added(block, x, _seen(queries.flatten(0, 1), keys, values))


def _scaled(queries: Tensor) -> Tensor:
    scale: float = queries.shape[-1] ** -0.5
    return queries * scale


def _seen(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """What scaled queries, (B · H, M, D), find among keys and values, (B · H, T, D), where all may look at all."""
    return torch.bmm(torch.bmm(queries, keys.transpose(1, 2)).softmax(-1), values)


def _added(block: "Block", x: Tensor, seen: Tensor) -> Tensor:
    """What becomes of x, (B, M, C), by what its heads saw, (B · H, M, D). The memory of x is used again."""
    rows = x.view(-1, x.shape[-1])
    seen = seen.view(len(x), block.n_heads, x.shape[1], block.head_width).transpose(1, 2).reshape(rows.shape)
    rows.addmm_(seen, block.mix.weight.t())
    inner = F.relu_(block.up(norm(rows)))
    inner *= inner
    rows.addmm_(inner, block.down.weight.t()).add_(block.down.bias)
    return x
