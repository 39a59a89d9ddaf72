"""Fast evaluation of a network on sequences of one length, with tables for all that depends on one letter only.

The embedding and the first block's queries, keys and values are a third of the cost of a small network. The rest is
arranged for a CPU: each step is one product or one pass over memory, and the last block is computed only for
letters that are read. The results equal those of the network except for the last bits.
"""

from dataclasses import dataclass
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
"""Maximum rows of a table. Larger tables cost more than they save."""
_MOST_LENGTHS = 4
_EPSILON = 1e-5
"""Added to a variance, as `norm` does."""


def logits_of(network: "LetterNetwork", letters: Tensor, read: Tensor) -> Tensor:
    """Logits of the network for letters (B, L) at the positions `read`, (B, L): (number read, letters), row by row.

    The weights must not change meanwhile. Only shapes decide whether tables are used, so results are reproducible.
    """
    if not _is_looked_up(network, letters):
        asked = Asked.of(read)
        at = letters.new_zeros(len(letters) * asked.most)
        at[asked.slots] = asked.columns
        logits: Tensor = network(letters, at.view(len(letters), asked.most))  # (B, M, letters)
        return logits.flatten(0, 1)[asked.slots]
    length = letters.shape[1]
    assert isinstance(network, Network)
    looked_up = remembered_of(network, "looked up", str(length), lambda: LookedUp(network, length), most=_MOST_LENGTHS)
    return looked_up(letters, Asked.of(read))


def _is_looked_up(network: "LetterNetwork", letters: Tensor) -> bool:
    if not isinstance(network, Network) or network.causal or len(network.blocks) < 2:
        return False
    n_rows = network.embedding.num_embeddings * (letters.shape[1] + 2)
    return n_rows <= _MOST_ROWS and bool((letters != network.pad).all())


@dataclass(frozen=True)
class Asked:
    """Which letters are read, n of them, row by row. A padded array has `most` places in each of B rows, or M."""

    rows: Tensor
    """(n,), of sequences, and the columns of letters."""
    columns: Tensor
    slots: Tensor
    """(n,), where they stand in a padded array, (B · M)."""
    most: int

    @classmethod
    def of(cls, read: Tensor) -> "Asked":
        """Those of a mask (B, L)."""
        rows, columns = read.nonzero(as_tuple=True)
        counts = read.sum(dim=1)
        most = max(int(counts.max()), 1) if len(counts) else 1
        before = counts.cumsum(0) - counts
        return cls(rows, columns, torch.arange(len(rows), device=read.device) + (rows * most - before[rows]), most)


class LookedUp:
    """A network of two blocks or more, and its tables for sequences of L letters, which stand between two edges.

    T tokens with the edges, R = B · T rows of tokens, n rows of letters that are read. Attention is multiplied out: of
    a few dozen tokens that is quicker than the kernels made for many.
    """

    def __init__(self, network: Network, length: int) -> None:
        self._edge, self._n_heads, self._width = network.edge, network.n_heads, network.width
        self._head = network.head.weight.t()
        self._first, *self._others = remembered_of(network, "frozen", "", lambda: _frozen(network), most=1)
        n_tokens, n_places, device = network.embedding.num_embeddings, length + 2, network.device
        self._places = torch.arange(n_places, device=device)
        tokens = torch.arange(n_tokens, device=device)[:, None].expand(-1, n_places)
        x = network.read(tokens, self._places[None], torch.full((n_tokens, 1), length + 1, device=device))
        turns = network.turns(self._places[None])
        self._x = _centred(x.flatten(0, 1))  # (tokens · T, C)
        first: Block = network.blocks[0]  # type: ignore[assignment]
        normed = norm(x)
        found = first.queries(normed, turns) * self._head_width**-0.5, *first.keys_values(normed, turns)
        self._found = torch.cat(found, -1).transpose(1, 2).flatten(0, 2)  # (tokens · T · H, 3 D)
        self._turn = torch.complex(turns.cosines[0].float(), turns.sines[0].float())  # (T, 1, D / 2)

    @property
    def _head_width(self) -> int:
        return self._width // self._n_heads

    def __call__(self, letters: Tensor, asked: Asked) -> Tensor:
        """Logits of the letters that are asked, (n, letters)."""
        x = self._by_tables(F.pad(letters, (1, 1), value=self._edge))
        for block in self._others[:-1]:
            x = self._by(block, x, self._whole(len(letters), letters.device))
        return _unit(self._by(self._others[-1], x, asked)) @ self._head

    def _whole(self, n: int, device: torch.device) -> Asked:
        """All tokens of n sequences."""
        rows = torch.arange(n * len(self._places), device=device)
        return Asked(rows // len(self._places), rows % len(self._places) - 1, rows, len(self._places))

    def _by_tables(self, tokens: Tensor) -> Tensor:
        """What the first block makes of tokens (B, T): (R, C)."""
        rows, heads = tokens * len(self._places) + self._places, torch.arange(self._n_heads, device=tokens.device)
        by_head = (rows[:, None] * self._n_heads + heads[:, None]).flatten()  # (B · H · T,)
        found = self._found.index_select(0, by_head).view(-1, tokens.shape[1], 3 * self._head_width)
        seen = self._together(_seen(*found.chunk(3, dim=-1)))
        return self._first.added(self._x.index_select(0, rows.flatten()), seen)

    def _by(self, block: "_Frozen", x: Tensor, asked: Asked) -> Tensor:
        """What a later block makes of all tokens' x, (R, C), for those that are asked alone: (n, C)."""
        normed, n_tokens = _unit(x), len(self._places)
        keys_values = (normed @ block.key_value).view(-1, n_tokens, 2, self._n_heads, self._head_width)
        keys = self._turned(keys_values[:, :, 0], self._turn).transpose(1, 2).flatten(0, 1)  # (B · H, T, D)
        values = keys_values[:, :, 1].transpose(1, 2).flatten(0, 1)
        places = asked.columns + 1
        rows = asked.rows * n_tokens + places
        queries = (normed.index_select(0, rows) @ block.query).view(-1, self._n_heads, self._head_width)
        padded = x.new_zeros(len(x) // n_tokens * asked.most, *queries.shape[1:])  # (B · M, H, D)
        padded.index_copy_(0, asked.slots, self._turned(queries, self._turn.index_select(0, places)))
        padded = padded.view(-1, asked.most, *queries.shape[1:]).transpose(1, 2).flatten(0, 1)  # (B · H, M, D)
        seen = self._together(_seen(padded, keys, values)).index_select(0, asked.slots)
        return block.added(x.index_select(0, rows), seen)

    def _turned(self, x: Tensor, turn: Tensor) -> Tensor:
        """Pairs of numbers, (..., T, H, D), turned: one product of complex numbers."""
        pairs = torch.view_as_complex(x.float().view(*x.shape[:-1], x.shape[-1] // 2, 2))
        return torch.view_as_real(pairs * turn).flatten(-2).to(x.dtype)

    def _together(self, seen: Tensor) -> Tensor:
        """What each head saw, (B · H, M, D), side by side: (B · M, C)."""
        return seen.view(-1, self._n_heads, *seen.shape[1:]).transpose(1, 2).reshape(-1, self._width)


@dataclass(frozen=True)
class _Frozen:
    """The weights of a block as they are multiplied, (in, out).

    What is added to x has mean 0 over x's numbers, so that x has too, and needs no mean taken from it to be normed. The
    two numbers of a pair that is turned stand side by side. Queries are scaled.
    """

    query: Tensor
    key_value: Tensor
    mix: Tensor
    up: Tensor
    up_bias: Tensor
    down: Tensor
    down_bias: Tensor

    def added(self, x: Tensor, seen: Tensor) -> Tensor:
        """What becomes of x, (n, C), by what its heads saw, (n, C). The memory of x is used again."""
        x.addmm_(seen, self.mix)
        inner = F.relu_(torch.addmm(self.up_bias, _unit(x), self.up))
        inner *= inner
        return x.addmm_(inner, self.down).add_(self.down_bias)


def _frozen(network: Network) -> list[_Frozen]:
    return [_frozen_block(block) for block in network.blocks]  # type: ignore[arg-type]


def _frozen_block(block: "Block") -> _Frozen:
    width = block.head_width
    pairs = torch.arange(width).view(2, -1).t().flatten()  # 0, D / 2, 1, D / 2 + 1, ...
    paired = (torch.arange(block.n_heads)[:, None] * width + pairs).flatten().to(block.mix.weight.device)
    keys, values = block.key_value.weight.chunk(2)
    return _Frozen(
        query=(block.query.weight[paired] * width**-0.5).t().contiguous(),
        key_value=torch.cat([keys[paired], values]).t().contiguous(),
        mix=_centred(block.mix.weight.t()),
        up=block.up.weight.t(),
        up_bias=block.up.bias,
        down=_centred(block.down.weight.t()),
        down_bias=_centred(block.down.bias),
    )


def _centred(x: Tensor) -> Tensor:
    """To mean 0 over the last axis."""
    return x - x.mean(dim=-1, keepdim=True)


def _unit(x: Tensor) -> Tensor:
    """Rows, (n, C), of mean 0 to variance 1: what `norm` makes of them, in half its time."""
    variances = torch.mv(x * x, x.new_full(x.shape[1:], 1.0 / x.shape[1]))
    return x * variances.add_(_EPSILON).rsqrt_()[:, None]


def _seen(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """What scaled queries, (B · H, M, D), find among keys and values, (B · H, T, D), where all may look at all."""
    return torch.bmm(torch.bmm(queries, keys.transpose(1, 2)).softmax(-1), values)
