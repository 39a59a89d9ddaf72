"""What surely does not fit into the machine's memory is refused at its start; sizes are those of the networks made."""

import os
from typing import Any

import numpy as np
import pytest

from designloop.campaign import Campaign
from designloop.core import memory
from designloop.core.errors import ConfigError
from designloop.core.parts import Part
from designloop.language_models import Transformer, transformer
from designloop.surrogates import DeepEnsemble, DenseEnsemble

NETWORK = {"kind": "transformer", "depth": 2, "device": "cpu"}
"""2 blocks of width 64: 12 * 2 * 64² = 98,304 weights of 12 bytes, 1,179,648 bytes."""


def campaign(model: dict[str, Any], **fields: Any) -> Campaign:
    return Campaign.model_validate(
        {
            "oracle": {"kind": "ehrlich", "num_states": 4, "length": 8, "num_motifs": 1, "motif_length": 2},
            "lab": "instant",
            "strategy": {"kind": "model-guided", "generator": {"kind": "language-model", "model": model}},
            "scheduler": {"kind": "rounds", "batch_size": 4},
            "budget": {"designs": 8},
            **fields,
        }
    )


@pytest.fixture
def of_a_megabyte(monkeypatch) -> None:
    """A machine that holds 1.1 MB."""
    for module in (memory, transformer):
        monkeypatch.setattr(module, "memory_here", lambda: 1.1e6)


def test_a_network_larger_than_the_machine_is_refused_before_anything_is_written(of_a_megabyte, tmp_path):
    sentence = "'transformer' needs at least 0.00118 GB of memory, and this machine has 0.0011 GB"
    with pytest.raises(ConfigError, match=sentence):
        campaign(NETWORK).known()
    with pytest.raises(ConfigError, match=sentence):
        campaign(NETWORK).run(store=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_smaller_one_is_not_and_none_that_has_nothing_to_be_trained_on(of_a_megabyte):
    assert campaign({**NETWORK, "width": 60, "n_heads": 3}).known().corpus
    assert not campaign(NETWORK, prior={"corpus": None}).known().corpus


def test_the_machine_says_what_it_has():
    assert os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") <= memory.memory_here() < 2**50


def test_a_machine_that_does_not_say_refuses_nothing(monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert memory.memory_here() == float("inf")


def n_bytes(part: Part) -> float:
    return part.least_memory(10, 4, 1)


def test_an_ensemble_holds_no_more_than_it_says_it_does_not():
    """Four numbers for each weight, of those that `_first_weights` makes."""
    from designloop.surrogates import deep_ensemble, dense_ensemble

    dense, deep, rng = DenseEnsemble(hidden=(500, 300)), DeepEnsemble(hidden=400), np.random.default_rng(0)
    of_dense = sum(weight.nbytes for weight in dense_ensemble._first_weights(dense, 40, rng))
    of_deep = sum(weight.nbytes for weight in deep_ensemble._first_weights(deep, 10, 4, rng))
    assert 0.98 * 4 * of_dense < n_bytes(dense) <= 4 * of_dense
    assert 0.98 * 4 * of_deep < n_bytes(deep) <= 4 * of_deep


def test_a_transformer_holds_its_blocks():
    from designloop.language_models.networks.transformer import Network

    part = Transformer(depth=4, device="cpu")
    network = Network(4, part.depth, part.full_width, part.heads)
    held = 12 * sum(weights.numel() for weights in network.parameters())
    assert n_bytes(part) <= held < 1.05 * n_bytes(part)
    assert part.least_memory(10, 4, 0) == 0
