"""The one network of every neural language model here: a small transformer that reads letters and gaps alike.

Pre-norm blocks, rotary positions (absolute ones would have to learn each motif anew at each place), attention in both
directions. Each sequence stands between two edges, from which a letter knows how far it is from the ends.
Shapes: B sequences, T tokens (L letters and two edges), M positions read out, C width, H heads of D = C / H.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor, nn


class Network(nn.Module):
    """(B, L) letters, gaps and padding -> the logits of each letter at the positions asked for."""

    def __init__(self, n_letters: int, depth: int, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_letters = n_letters
        self.gap, self.edge, self.pad = n_letters, n_letters + 1, n_letters + 2
        self.embedding = nn.Embedding(n_letters + 3, width)
        self.blocks = nn.ModuleList(Block(width, n_heads) for _ in range(depth))
        self.head = nn.Linear(width, n_letters, bias=False)

    def forward(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """Logits (B, M, letters) at the positions `at`, (B, M), of `letters`, (B, L); without `at`, at all L."""
        tokens = self._between_edges(letters)  # (B, T)
        mask = self._attended(tokens)
        x = _norm(self.embedding(tokens))  # (B, T, C)
        rotation = rotations(tokens.shape[1], self.blocks[0].head_width, x.device)  # type: ignore[arg-type]
        for block in self.blocks[:-1]:
            x = block(x, rotation, mask)
        # The last block is only worth computing where its output is read.
        if at is None:
            at = torch.arange(letters.shape[1], device=letters.device).expand(letters.shape)
        x = self.blocks[-1](x, rotation, mask, at + 1)  # (B, M, C)
        logits: Tensor = self.head(_norm(x))
        return logits

    def _between_edges(self, letters: Tensor) -> Tensor:
        """An edge before the first letter and one behind the last: where the padding begins."""
        tokens = F.pad(letters, (1, 1), value=self.pad)
        tokens[:, 0] = self.edge
        ends = (letters != self.pad).sum(dim=1, keepdim=True) + 1
        return tokens.scatter(1, ends, self.edge)

    def _attended(self, tokens: Tensor) -> Tensor | None:
        """True where a token may be looked at, (B, 1, 1, T); None where all may, which is quicker."""
        attended = tokens != self.pad
        return None if bool(attended.all()) else attended[:, None, None, :]


class Block(nn.Module):
    """Attention, then a two-layer perceptron, each added to what came in."""

    def __init__(self, width: int, n_heads: int) -> None:
        super().__init__()
        self.n_heads, self.head_width = n_heads, width // n_heads
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(width, 2 * width, bias=False)
        self.mix = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, 4 * width)
        self.down = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, rotation: Tensor, mask: Tensor | None, at: Tensor | None = None) -> Tensor:
        """From x (B, T, C) to (B, T, C), or (B, M, C) at the tokens `at`, (B, M), alone."""
        normed = _norm(x)
        heads = (self.n_heads, self.head_width)
        keys, values = self.key_value(normed).unflatten(-1, (2, *heads)).unbind(-3)  # (B, T, H, D)
        if at is not None:
            x, normed = _gather(x, at), _gather(normed, at)
        turns = rotation if at is None else rotation[at]  # (T, D/2) or (B, M, D/2)
        queries = _rotate(self.query(normed).unflatten(-1, heads), turns)
        keys = _rotate(keys, rotation)
        seen = F.scaled_dot_product_attention(
            queries.transpose(1, 2), keys.transpose(1, 2), values.transpose(1, 2), attn_mask=mask
        )
        x = x + self.mix(seen.transpose(1, 2).flatten(2))
        out: Tensor = x + self.down(F.relu(self.up(_norm(x))).square())
        return out


def _norm(x: Tensor) -> Tensor:
    return F.layer_norm(x, (x.shape[-1],))


def _gather(x: Tensor, at: Tensor) -> Tensor:
    """(B, T, C) at the tokens (B, M) -> (B, M, C)."""
    return x.gather(1, at[:, :, None].expand(-1, -1, x.shape[-1]))


def rotations(n: int, head_width: int, device: torch.device) -> Tensor:
    """The turn of each token's pairs of numbers, as complex units (T, D/2). Su et al. 2021, eq. 34."""
    rates = 100.0 ** (-torch.arange(0, head_width, 2, device=device) / head_width)
    angles = torch.arange(n, device=device)[:, None] * rates
    return torch.polar(torch.ones_like(angles), angles)


def _rotate(x: Tensor, turns: Tensor) -> Tensor:
    """Each pair of numbers of x, (B, T, H, D), turned by its token's angles, (T, D/2) or (B, T, D/2)."""
    pairs = torch.view_as_complex(x.reshape(*x.shape[:-1], -1, 2))
    return torch.view_as_real(pairs * turns.unsqueeze(-2)).flatten(-2)


def new_network(n_letters: int, depth: int, width: int, n_heads: int, generator: torch.Generator) -> Network:
    """A network with random weights from `generator` alone; the global generator is left untouched."""
    with torch.device("meta"):  # the layers' own initialisation would draw from the global generator
        network = Network(n_letters, depth, width, n_heads)
    network = network.to_empty(device="cpu")
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.ndim < 2 or name.endswith(("mix.weight", "down.weight", "head.weight")):
                weight.zero_()  # each block begins as nothing added, each letter as likely as another
            else:
                std = 1.0 if name.startswith("embedding") else weight.shape[1] ** -0.5
                weight.normal_(0.0, std, generator=generator)
    return network
