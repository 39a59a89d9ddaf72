"""Training: hide some letters of natural sequences, and learn to tell them from the rest."""

import logging
import math
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812 - as everyone writes it
from torch import Tensor

from designloop.core.alphabet import PAD, Codes
from designloop.language_models.network import Network, new_network

if TYPE_CHECKING:
    from designloop.language_models.transformer import Transformer

log = logging.getLogger(__name__)
_WARM_UP = 0.05
_LAST_RATE = 0.02
_LOG_EVERY = 100


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch on one thread within the block, so that the machine's size changes no result."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def device_named(name: str) -> torch.device:
    """The device called `name`; `auto` is the first GPU, or else the processor."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def trained(description: "Transformer", codes: Codes, n_letters: int) -> Network:
    """A network trained on encoded natural sequences, (n, L); one thread, and a generator of its own."""
    generator = torch.Generator().manual_seed(description.pretrain_seed)
    with one_thread():
        network = new_network(n_letters, description.depth, description.width, description.n_heads, generator)
        network = network.to(device_named(description.device))
        _train(network, description, letters_of(codes, network), generator)
    return network.eval().requires_grad_(False)


def letters_of(codes: Codes, network: Network) -> Tensor:
    """Codes (n, L) as the network's letters, (n, L) int64, its own padding in the place of PAD."""
    letters = torch.from_numpy(codes.astype("int64"))
    return letters.masked_fill(letters == PAD, network.pad)


def _train(network: Network, description: "Transformer", letters: Tensor, generator: torch.Generator) -> None:
    device = network.head.weight.device
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=description.learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    began = perf_counter()
    minibatches = _minibatches(letters, description.minibatch, network.pad, generator)
    for step in range(description.steps):
        minibatch = next(minibatches)
        hidden = hide(minibatch != network.pad, generator)
        for group in optimizer.param_groups:
            group["lr"] = description.learning_rate * _schedule(step / description.steps)
        loss = any_order_loss(network, minibatch.to(device), hidden.to(device))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if (step + 1) % _LOG_EVERY == 0:
            seconds = perf_counter() - began
            log.info(
                "step %d of %d, loss %.3f nats a letter, %.0f s", step + 1, description.steps, loss.item(), seconds
            )


def _minibatches(letters: Tensor, size: int, pad: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Minibatches for ever, (B, L of its longest): the corpus in a new order each time round."""
    while True:
        order = torch.randperm(len(letters), generator=generator)
        for rows in torch.split(order, size):
            if len(rows) == min(size, len(letters)):
                minibatch = letters[rows]
                yield minibatch[:, : int((minibatch != pad).sum(dim=1).max())]


def hide(is_letter: Tensor, generator: torch.Generator) -> Tensor:
    """Which letters to hide, (B, L): of each sequence a number uniform in 1 to its length.

    The numbers are spread evenly over the minibatch, which makes its loss less noisy.
    """
    n, _ = is_letter.shape
    share = (torch.randperm(n, generator=generator) + torch.rand(n, generator=generator)) / n
    lengths = is_letter.sum(dim=1)
    n_hidden = (share * lengths).floor().clamp(max=lengths - 1) + 1
    keys = torch.rand(is_letter.shape, generator=generator).masked_fill(~is_letter, 2.0)
    ranks = keys.argsort(dim=1).argsort(dim=1)
    return (ranks < n_hidden[:, None]) & is_letter


def any_order_loss(network: Network, letters: Tensor, hidden: Tensor) -> Tensor:
    """Nats a letter of the any-order likelihood: the mean over hidden letters, then over sequences.

    Hoogeboom et al. 2022 (ARDM), eq. 5, divided by the length.
    """
    logits = network(letters.masked_fill(hidden, network.gap))  # (B, L, letters)
    losses = F.cross_entropy(logits[hidden], letters[hidden], reduction="none")
    weights = (1.0 / hidden.sum(dim=1, keepdim=True)).expand(hidden.shape)[hidden]
    return (losses * weights).sum() / len(letters)


def _schedule(share: float) -> float:
    """The learning rate, over its largest, after this share of the steps: a linear rise, then a cosine fall."""
    if share < _WARM_UP:
        return (share + 1e-3) / _WARM_UP
    fallen = (1 + math.cos(math.pi * (share - _WARM_UP) / (1 - _WARM_UP))) / 2
    return _LAST_RATE + (1 - _LAST_RATE) * fallen
