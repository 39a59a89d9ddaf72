"""The network: what is read letter by letter comes to what is read at once, in either precision."""

from math import inf

import numpy as np
import pytest
import torch
from torch import Tensor

from designloop.core.alphabet import DNA
from designloop.core.spaces import Space
from designloop.language_models import Transformer
from designloop.language_models.base import Objective
from designloop.language_models.inference.neural import NeuralModel
from designloop.language_models.networks.looking_up import Asked, LookedUp, logits_of
from designloop.language_models.networks.transformer import Network, attention, new_network


@pytest.fixture
def network() -> Network:
    generator = torch.Generator().manual_seed(0)
    made = new_network(4, 2, 16, 2, generator, causal=True).eval().requires_grad_(False)
    for weight in made.parameters():
        weight.normal_(0.0, 0.3, generator=generator)
    return made


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-5), (torch.bfloat16, 0.1)])
def test_what_is_looked_up_is_what_the_network_says(depth: int, dtype: torch.dtype, atol: float):
    """Of sequences of one length, gaps among them; those of several lengths are asked of the network itself."""
    generator = torch.Generator().manual_seed(0)
    network = new_network(4, depth, 16, 2, generator).eval().requires_grad_(False)
    for weight in network.parameters():
        weight.normal_(0.0, 0.3, generator=generator)
    network.to(dtype)
    letters = torch.randint(0, 5, (9, 12), generator=generator)  # 4 is a gap
    letters[letters == 4] = network.gap
    read = torch.rand(9, 12, generator=generator) < 0.3  # more letters of one than of another, and of the first none
    read[0], read[1] = False, True
    with torch.inference_mode():
        found, expected = LookedUp(network, 12)(letters, Asked.of(read)), network(letters)[read]
        torch.testing.assert_close(found, expected, atol=atol, rtol=atol)
        torch.testing.assert_close(logits_of(network, letters, read), found)
        assert logits_of(network, letters[:1], read[:1]).shape == (0, 4)
        letters[:, 8:], read[:, 8:] = network.pad, False
        torch.testing.assert_close(logits_of(network, letters, read), network(letters)[read], atol=atol, rtol=atol)


def read_step_by_step(network: Network, letters: Tensor, lengths: Tensor) -> Tensor:
    """Logits (B, L, letters), 0 behind the end, of sequences that stand longest first."""
    cache = network.begin(lengths)
    told = torch.zeros(*letters.shape, network.n_letters)
    for place in range(letters.shape[1]):
        n = int((lengths > place).sum())
        if place:
            cache.keep(n)
            network.step(letters[:n, place - 1], cache)
        told[:n, place] = cache.logits[:n].float()
    return told


@pytest.mark.parametrize(
    ("dtype", "packs", "atol"),
    [(torch.float32, True, 1e-5), (torch.float32, False, 1e-5), (torch.bfloat16, True, 0.15)],
)
def test_letters_read_one_by_one_are_told_as_those_read_at_once(
    network: Network, dtype: torch.dtype, packs: bool, atol: float, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("designloop.language_models.networks.transformer._LEAST_PRODUCT", 0 if packs else inf)
    lengths = torch.tensor([70, 70, 40, 33, 16, 15, 1])  # over several pages of the cache, and at their edges
    letters = torch.randint(4, (7, 70), generator=torch.Generator().manual_seed(1))
    is_letter = torch.arange(70) < lengths[:, None]
    at_once = network(letters.where(is_letter, torch.tensor(network.pad))) * is_letter[:, :, None]
    assert torch.allclose(read_step_by_step(network.to(dtype), letters, lengths), at_once, atol=atol)


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("n_tokens", [9, 40])
def test_attention_in_bfloat16_finds_what_it_finds_in_float32(causal: bool, masked: bool, n_tokens: int):
    if causal and masked:
        pytest.skip("a causal network needs no mask")
    queries, keys, values = torch.randn(3, 2, 4, n_tokens, 8, generator=torch.Generator().manual_seed(0))
    mask = (torch.arange(n_tokens) < torch.tensor([n_tokens, 5])[:, None])[:, None, None] if masked else None
    in_full = attention(queries, keys, values, mask, causal=causal)
    with torch.autocast("cpu", torch.bfloat16):
        in_half = attention(queries.bfloat16(), keys.bfloat16(), values.bfloat16(), mask, causal=causal)
    assert in_half.dtype == torch.bfloat16
    assert torch.allclose(in_half.float(), in_full, atol=0.05)


@pytest.mark.parametrize("objective", ["causal", "any-order"])
def test_a_model_in_bfloat16_is_another_that_says_about_the_same(objective: Objective):
    space = Space.of_length(DNA, 6)
    model = Transformer(objective=objective, steps=30, depth=1, device="cpu").pretrained(["ACGTAC", "AAGTAC"], space)
    assert isinstance(model, NeuralModel)
    in_half = model.in_precision("bfloat16")
    assert model.in_precision("float32") is model
    assert isinstance(in_half, NeuralModel)
    assert in_half.network.head.weight.dtype == torch.bfloat16
    asked = ["ACGTAC", "GGGTTT"]
    assert np.allclose(in_half.log_likelihood(asked), model.log_likelihood(asked), rtol=0.05)
    assert len(in_half.sample(3, space, np.random.default_rng(0))) == 3
    assert model.network.head.weight.dtype == torch.float32
