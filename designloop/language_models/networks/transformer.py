"""The network of all neural language models trained here: a small transformer over letters, gaps and two edges.

It has pre-norm blocks and rotary positions (with absolute positions only, a motif must be learnt at each position).
Each sequence is between two edge tokens, and each token knows its distance to both: natural families are similar
position by position, and are learnt faster this way. Objectives differ in attention: all tokens attend to all, or, in a
causal network, each letter attends to both edges and to the letters before it.
Shapes: B sequences, T tokens (L letters and two edges), M positions read out, C width, H heads of D = C / H.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor, nn

from designloop.language_models.networks.devices import has_bfloat16
from designloop.language_models.networks.letter_network import LetterNetwork, gathered

_HAS_PACKED = (
    torch.backends.mkl.is_available()  # type: ignore[no-untyped-call]
    and torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
)
"""Whether torch has the private functions that its compiler uses for products with frozen weights."""
_LEAST_PRODUCT = 2**22
"""Least number of multiply-adds for which packed weights are faster. With few rows, packing costs more time."""
_N_RATES, _LONGEST_WAVE = 32, 500.0
"""Sinusoidal encoding of the distance to an edge: the number of wavelengths, and the longest over two pi."""
_PAGE_BYTES, _PAGES_BYTES = 4096, 2**18
"""Least size of a page of the cache for one head of one sequence, and for all of them."""


class Network(LetterNetwork):
    """(B, L) letters, gaps and padding -> logits of each letter at the requested positions."""

    def __init__(self, n_letters: int, depth: int, width: int, n_heads: int, *, causal: bool = False) -> None:
        super().__init__(n_letters, width)
        self.causal, self.n_heads = causal, n_heads
        self.embedding = nn.Embedding(n_letters + 3, width)
        self.ends = nn.Linear(4 * _N_RATES, width, bias=False)
        self.blocks = nn.ModuleList(Block(width, n_heads) for _ in range(depth))
        self.head = nn.Linear(width, n_letters, bias=False)

    def forward(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """Logits (B, M, letters), as in every letter network."""
        logits: Tensor = self.head(self.hidden(letters, at))
        return logits

    def hidden(self, letters: Tensor, at: Tensor | None = None) -> Tensor:
        """The input of the output layer, (B, M, C), for the arguments of `forward`."""
        closing = (letters != self.pad).sum(dim=1, keepdim=True) + 1  # the places of the closing edges, (B, 1)
        tokens, places = self._between_edges(letters, closing)  # (B, T), (B or 1, T)
        mask = None if self.causal else _attended(tokens, self.pad)
        x = self.read(tokens, places, closing)  # (B, T, C)
        turns = self.turns(places)
        for block in self.blocks[:-1]:
            x = block(x, turns, mask, causal=self.causal)
        last: Block = self.blocks[-1]  # type: ignore[assignment]
        # The last block is only worth computing where its output is read: one token behind the edge before the letter.
        if self.causal:
            x = last(x, turns, mask, causal=True)[:, 1 : letters.shape[1] + 1]
            return norm(x if at is None else gathered(x, at))
        if at is None:
            at = torch.arange(letters.shape[1], device=letters.device).expand(letters.shape)
        return norm(last(x, turns, mask, at + 1))

    def _between_edges(self, letters: Tensor, closing: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens (B, T), and the place of each along its sequence, (B or 1, T): edge 0, letters from 1, edge L + 1.

        A causal network reads the closing edge first, at its place: so each letter knows the length, and what it may
        look at is all that came before it. The last letter is read by none.
        """
        tokens = F.pad(letters, (1, 1), value=self.pad)
        tokens[:, 0] = self.edge
        along = torch.arange(tokens.shape[1], device=letters.device)[None]
        if not self.causal:
            return tokens.scatter(1, closing, self.edge), along
        first = torch.full_like(closing, self.edge)
        return torch.cat([first, tokens[:, :-2]], 1), torch.cat([closing, along[:, :-2].expand(len(tokens), -1)], 1)

    def read(self, tokens: Tensor, places: Tensor, last: Tensor) -> Tensor:
        """Tokens (B, T) at `places`, (B or 1, T), of sequences whose closing edges are at `last`, (B, 1): (B, T, C)."""
        far = torch.stack([places.expand(tokens.shape), (last - places).clamp(min=0)], -1)  # (B, T, 2)
        rates = _LONGEST_WAVE ** (-torch.arange(_N_RATES, device=far.device) / _N_RATES)
        angles = (far[..., None] * rates).flatten(2)
        waves = torch.cat([angles.sin(), angles.cos()], -1).to(self.ends.weight.dtype)
        return norm(self.embedding(tokens) + self.ends(waves))

    def turns(self, places: Tensor) -> "Turns":
        """How the pairs of numbers at these places, (B or 1, T), are turned."""
        block: Block = self.blocks[0]  # type: ignore[assignment]
        return turns(places, block.head_width, self.head.weight.dtype)

    def begin(self, lengths: Tensor) -> "Cache":
        """The state of a causal network before the first letter, when it has read the edges of these lengths, (B,)."""
        distinct, which = torch.unique(lengths, return_inverse=True)
        n_tokens = int(lengths.max()) + 2
        n_bytes = self.width * self.head.weight.element_size()
        least = max(_PAGE_BYTES * self.n_heads, _PAGES_BYTES // max(1, len(lengths))) // n_bytes
        cache = Cache([Seen(n_tokens, least) for _ in self.blocks], Products(self.blocks, len(lengths)), distinct + 1)
        edges = torch.full_like(distinct, self.edge)
        for places in (distinct + 1, torch.zeros_like(distinct)):
            self._step(edges, places, cache)
        cache.take(which)
        return cache

    def step(self, letters: Tensor, memory: "Cache") -> None:
        """Read one more letter of each sequence, (B,), and update the logits of the next letter, (B, letters)."""
        self._step(letters, torch.full((1,), memory.n_read - 1, device=letters.device), memory)

    def _step(self, tokens: Tensor, places: Tensor, cache: "Cache") -> None:
        """One more token of each sequence, (B,), at its place, (B or 1,)."""
        x = self.read(tokens[:, None], places[:, None], cache.last[:, None])[:, 0]
        turns = self.turns(places[:, None])
        for block, seen in zip(self.blocks, cache.seen, strict=True):
            x = block.step(x, turns, seen, cache)  # type: ignore[operator]
        cache.n_read += 1
        cache.logits = self.head(norm(x))


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

    def forward(
        self, x: Tensor, turns: "Turns", mask: Tensor | None, at: Tensor | None = None, *, causal: bool = False
    ) -> Tensor:
        """From x (B, T, C) to (B, T, C), or (B, M, C) at the tokens `at`, (B, M), alone."""
        normed = norm(x)
        keys, values = self.keys_values(normed, turns)
        if at is not None:
            x, normed, turns = gathered(x, at), gathered(normed, at), turns.at(at)
        seen = attention(self.queries(normed, turns), keys, values, mask, causal=causal)
        x = x + self.mix(seen.transpose(1, 2).flatten(2))
        out: Tensor = x + self.down(squared_relu(self.up(norm(x))))
        return out

    def queries(self, normed: Tensor, turns: "Turns") -> Tensor:
        """Of tokens (B, T, C) that were normed: (B, H, T, D)."""
        return self._queries(self.query(normed), turns)

    def keys_values(self, normed: Tensor, turns: "Turns") -> tuple[Tensor, Tensor]:
        """Of tokens (B, T, C) that were normed: (B, H, T, D) each."""
        return self._keys_values(self.key_value(normed), turns)

    def step(self, x: Tensor, turns: "Turns", seen: "Seen", cache: "Cache") -> Tensor:
        """From x (B, C) of the token that is read now to (B, C); `seen` then knows this one too."""
        times, n_read = cache.products, cache.n_read
        normed = norm(x)[:, None]
        queries = self._queries(times(self.query, normed), turns).flatten(0, 1)  # (B · H, 1, D)
        new = self._keys_values(times(self.key_value, normed), turns)
        seen.put(n_read, *(each.flatten(0, 1) for each in new))
        # A query at a time is quicker multiplied out than by the kernels that are made for many.
        queries = queries * self.head_width**-0.5
        scores = torch.cat([torch.bmm(queries, keys.transpose(1, 2)) for keys in seen.keys], -1)
        scores[:, :, n_read + 1 :] = -torch.inf
        weights = torch.split(scores.softmax(-1), [keys.shape[1] for keys in seen.keys], -1)
        found = [torch.bmm(weight.contiguous(), values) for weight, values in zip(weights, seen.values, strict=True)]
        x = x + times(self.mix, sum(found[1:], found[0]).view(x.shape))
        return x + times(self.down, squared_relu(times(self.up, norm(x))))

    def _queries(self, queries: Tensor, turns: "Turns") -> Tensor:
        return turns(self._heads(queries)).transpose(1, 2)

    def _keys_values(self, keys_values: Tensor, turns: "Turns") -> tuple[Tensor, Tensor]:
        keys, values = keys_values.chunk(2, dim=-1)
        return turns(self._heads(keys)).transpose(1, 2), self._heads(values).transpose(1, 2)

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:-1], self.n_heads, self.head_width)  # (B, T, H, D)


@dataclass
class Seen:
    """Keys and values of the tokens that one block has read, in pages of (B · H, tokens, D), 0 where none is yet.

    A page is multiplied whole, and never moved: a product with a part of a tensor is several times slower, and a tensor
    that grows is new memory each time. Later pages are longer, so that long sequences are not in many.
    """

    n_tokens: int
    """Of the longest sequence, edges included."""
    least: int
    """Tokens of the first page."""
    keys: list[Tensor] = field(default_factory=list)
    values: list[Tensor] = field(default_factory=list)
    n_full: int = 0
    """Tokens on the pages before the last."""

    def put(self, place: int, keys: Tensor, values: Tensor) -> None:
        """Remember one more token of each sequence, (B · H, 1, D)."""
        if not self.keys or place == self.n_full + self.keys[-1].shape[1]:
            self.n_full = place
            size = -(-min(max(self.least, place // 4), self.n_tokens - place) // 8) * 8
            for pages, new in ((self.keys, keys), (self.values, values)):
                pages.append(new.new_zeros(len(new), size, new.shape[2]))
        self.keys[-1][:, place - self.n_full] = keys[:, 0]
        self.values[-1][:, place - self.n_full] = values[:, 0]


class Products:
    """The linear layers of a network whose weights do not change meanwhile, on a processor as its kernels read them.

    Left as they are, they are put into that order anew in each product: a tenth of its time.
    """

    def __init__(self, layers: nn.Module, n_rows: int) -> None:
        self._packed: dict[nn.Module, Tensor] = {}
        if _is_packed_quicker(next(layers.parameters()), n_rows):
            for layer in layers.modules():
                if isinstance(layer, nn.Linear):
                    self._packed[layer] = torch.ops.mkldnn._reorder_linear_weight(layer.weight, None)

    def __call__(self, layer: nn.Linear, x: Tensor) -> Tensor:
        """What the layer makes of x."""
        packed = self._packed.get(layer)
        if packed is None:
            return layer(x)  # type: ignore[no-any-return]
        return torch.ops.mkldnn._linear_pointwise(x, packed, layer.bias, "none", [], "")  # type: ignore[no-any-return]


@dataclass
class Cache:
    """The state of a causal network while it reads B sequences: the keys and values of each block."""

    seen: list[Seen]
    products: Products
    last: Tensor
    """The place of each sequence's closing edge, (B,)."""
    n_read: int = 0
    logits: Tensor = field(default_factory=lambda: torch.empty(0))
    """Of the next letter, (B, letters)."""

    def keep(self, n: int) -> None:
        """Keep only the first n sequences."""
        if n < len(self.logits):
            self._each(lambda rows: rows[:n])

    def take(self, rows: Tensor) -> None:
        """Keep these sequences, (B',), each as often as it occurs."""
        self._each(lambda values: values[rows])

    def _each(self, change: Callable[[Tensor], Tensor]) -> None:
        n_now = len(self.logits)
        self.logits, self.last = change(self.logits), change(self.last)
        for seen in self.seen:
            for pages in (seen.keys, seen.values):
                pages[:] = [change(page.view(n_now, -1, *page.shape[1:])).flatten(0, 1) for page in pages]


@dataclass(frozen=True)
class Turns:
    """Rotary positions: the two halves of a head's numbers are turned against each other. Su et al. 2021, eq. 34."""

    cosines: Tensor
    """(B or 1, T, 1, D / 2), and the sines."""
    sines: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """X, (B, T, H, D), turned."""
        left, right = x.chunk(2, dim=-1)
        cosines, sines = self.cosines.to(x.dtype), self.sines.to(x.dtype)
        return torch.cat([left * cosines - right * sines, left * sines + right * cosines], dim=-1)

    def at(self, tokens: Tensor) -> "Turns":
        """The turns at these tokens, (B, M), where all sequences share theirs."""
        return Turns(self.cosines[0, tokens], self.sines[0, tokens])


def turns(places: Tensor, head_width: int, dtype: torch.dtype) -> Turns:
    """The turn at each place, (B or 1, T)."""
    rates = 100.0 ** (-torch.arange(0, head_width, 2, device=places.device) / head_width)
    angles = (places[..., None] * rates)[:, :, None]
    return Turns(angles.cos().to(dtype), angles.sin().to(dtype))


def attention(queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, *, causal: bool) -> Tensor:
    """Attention output of each query, (B, H, M, D): over `mask`, over all tokens, or over those up to its own."""
    n_seen, head_width = keys.shape[-2:]
    if queries.dtype != torch.bfloat16 or queries.device.type != "cpu":
        return F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=causal)
    if n_seen > 4 * head_width:  # backward, the processor's kernel is up to five times slower in bfloat16
        with torch.autocast("cpu", enabled=False):  # or it would be asked in bfloat16 after all
            q, k, v = queries.float(), keys.float(), values.float()
            return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal).to(queries.dtype)
    # With so few tokens, either kernel is several times slower than explicit products.
    scores = torch.matmul(queries * queries.shape[-1] ** -0.5, keys.transpose(-1, -2))
    if causal:  # and then there is no mask
        mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return torch.matmul(scores.softmax(-1), values)


def _is_packed_quicker(weights: Tensor, n_rows: int) -> bool:
    if not _HAS_PACKED or weights.device.type != "cpu" or n_rows * weights.numel() < _LEAST_PRODUCT:
        return False
    return weights.dtype == torch.float32 or (weights.dtype == torch.bfloat16 and has_bfloat16(weights.device))


def squared_relu(x: Tensor) -> Tensor:
    """So et al. 2021; x itself is overwritten."""
    return F.relu_(x).square()


def norm(x: Tensor) -> Tensor:
    """To mean 0 and variance 1 over the last axis."""
    return F.layer_norm(x, (x.shape[-1],))


def _attended(tokens: Tensor, pad: int) -> Tensor | None:
    """True where a token may be looked at, (B, 1, 1, T); None where all may, which is quicker."""
    attended = tokens != pad
    return None if bool(attended.all()) else attended[:, None, None, :]


def new_network(
    n_letters: int, depth: int, width: int, n_heads: int, generator: torch.Generator, *, causal: bool = False
) -> Network:
    """A network with random weights from `generator` alone; the global generator is left untouched."""
    with torch.device("meta"):  # the layers' own initialisation would draw from the global generator
        network = Network(n_letters, depth, width, n_heads, causal=causal)
    network = network.to_empty(device="cpu")
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.ndim < 2 or name.endswith(("mix.weight", "down.weight", "head.weight")):
                weight.zero_()  # each block starts as the identity, and all letters are equally likely
            else:
                std = 1.0 if name.startswith("embedding") else weight.shape[1] ** -0.5
                weight.normal_(0.0, std, generator=generator)
    return network
