"""The transformer's laws, on networks of a few steps; one of a few hundred learns a rule it must learn."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.stats import chisquare

from designloop.core import cache
from designloop.core.alphabet import DNA, PAD
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.language_models import Transformer
from designloop.language_models.formats.checkpoints import read_checkpoint
from designloop.language_models.inference.gaps import GapModel, turns_of
from designloop.language_models.markov import MarkovModel
from designloop.language_models.networks.letter_network import letters_of
from designloop.language_models.networks.transformer import new_network
from designloop.language_models.training.objectives import hide, losses, question

TINY = Transformer(depth=2, width=16, n_heads=2, steps=5, minibatch=64, device="cpu")
SPACE = Space(alphabet=DNA, min_length=4, max_length=8)
CORPUS = ["ACGTACGT", "ACGTAC", "CGTACGTA", "GTACG", "TACGTACG", "ACGT", "CGTACG", "GTACGTAC"]


@pytest.fixture(autouse=True)
def empty_memory(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cache, "_memory", {})
    monkeypatch.delenv("DESIGNLOOP_CACHE", raising=False)


@pytest.fixture(scope="module")
def cyclic() -> GapModel:
    """Trained long enough to know that after A comes C, then G, then T."""
    return Transformer(width=32, n_heads=2, steps=400, minibatch=128, learning_rate=1e-2).pretrained(CORPUS, SPACE)


def tiny(**changes: object) -> GapModel:
    return TINY.with_(**changes).pretrained(CORPUS, SPACE)


def weights(model: GapModel) -> bytes:
    return b"".join(weight.numpy().tobytes() for weight in model.network.state_dict().values())


def test_it_learns_what_comes_after_what(cyclic: GapModel):
    codes = DNA.encode(["ACGTACGT"] * 50)
    missing = np.random.default_rng(0).random(codes.shape).argsort(axis=1) < 3
    for passes in (1, None):
        filled = cyclic.infill(codes, missing, SPACE, np.random.default_rng(1), passes=passes)
        assert (filled == codes).all(axis=1).mean() > 0.9
    natural, not_natural = cyclic.log_likelihood(["ACGTAC", "AACCGT"])
    assert natural > not_natural + 5
    sampled = DNA.encode(cyclic.sample(50, SPACE, np.random.default_rng(2)))
    follows = (np.diff(sampled.astype(int), axis=1) % 4 == 1)[sampled[:, 1:] != PAD]
    assert follows.mean() > 0.6  # by chance: 0.25


def test_each_sequence_of_a_short_length_has_a_probability_and_they_sum_to_one(cyclic: GapModel):
    space = Space.of_length(DNA, 4)
    every = space.enumerate()
    rng = np.random.default_rng(3)
    # One order for all: the same keys for each sequence, as a chain of conditionals that must be normalised.
    log_p = np.zeros(len(every))
    codes, order = DNA.encode(every), rng.permutation(4)
    for turn, position in enumerate(order):
        hidden = np.zeros(codes.shape, dtype=bool)
        hidden[:, order[turn:]] = True
        read = np.zeros(codes.shape, dtype=bool)
        read[:, position] = True
        log_p += cyclic._log_p(codes, hidden, read).sum(axis=1)
    assert np.exp(log_p).sum() == pytest.approx(1.0, abs=1e-5)


def test_the_order_likelihood_prefers_the_natural(cyclic: GapModel):
    natural, not_natural = cyclic.order_log_likelihood(["ACGTAC", "AACCGT"], np.random.default_rng(0).random(6))
    assert natural > not_natural + 5


def test_infill_leaves_the_other_letters_and_the_padding_alone():
    codes = DNA.encode(["ACGTACGT", "ACGT", "TTTTT"])
    missing = np.zeros(codes.shape, dtype=bool)
    missing[0, :] = missing[1, 1] = True
    filled = tiny().infill(codes, missing, SPACE, np.random.default_rng(0))
    assert (filled[~missing] == codes[~missing]).all()
    assert (filled[0] >= 0).all()
    assert filled.dtype == np.int16


def test_what_stood_at_a_missing_place_changes_nothing():
    model = tiny()
    codes = DNA.encode(["ACGTACGT"])
    other = DNA.encode(["TTTTACGT"])
    missing = np.arange(8)[None, :] < 4
    drawn = [model.infill(c, missing, SPACE, np.random.default_rng(0)) for c in (codes, other)]
    assert (drawn[0] == drawn[1]).all()


def test_samples_fit_the_space_and_come_again_from_the_same_seed():
    space = Space(alphabet=DNA, min_length=3, max_length=9, parent="ACGT", fixed=(0,), allowed={1: "CG", 4: "A"})
    samples = [tiny().sample(60, space, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert samples[0] == samples[1] != samples[2]
    assert space.contains(samples[0]).all()
    assert len({len(s) for s in samples[0]}) > 2


def test_a_cold_infill_is_the_likeliest_letter(cyclic: GapModel):
    codes = DNA.encode(["ACGTACGT"] * 20)
    missing = np.broadcast_to(np.arange(8) == 3, codes.shape)
    cold = cyclic.infill(codes, missing, SPACE, np.random.default_rng(0), temperature=1e-3)
    assert (cold == codes).all()


def test_chunks_change_no_result(monkeypatch: pytest.MonkeyPatch):
    model = tiny()
    codes = np.random.default_rng(0).integers(0, 4, size=(50, 8)).astype(np.int16)
    missing = np.random.default_rng(1).random(codes.shape) < 0.4
    sequences = DNA.decode(codes)
    found = []
    for chunk in (56, 8000):
        monkeypatch.setattr("designloop.language_models.inference.neural.CHUNK_LETTERS", chunk)
        found.append((model.infill(codes, missing, SPACE, np.random.default_rng(2)), model.log_likelihood(sequences)))
    assert (found[0][0] == found[1][0]).all()
    assert found[0][1] == pytest.approx(found[1][1], abs=1e-4)


def test_company_changes_no_likelihood():
    model = tiny()
    together = model.log_likelihood(["ACGT", "ACGTACGT", "TTTTT"])
    alone = [model.log_likelihood([s])[0] for s in ("ACGT", "ACGTACGT", "TTTTT")]
    assert together == pytest.approx(alone, abs=1e-4)
    assert model.log_likelihood([]).shape == (0,)


def test_letters_add_up_to_the_sequence():
    model = tiny()
    masked = replace(model, objective="masked")
    letters = masked.letter_log_likelihoods(["ACG", "ACGTA"])
    assert (letters[0, 3:] == 0).all()
    lengths = model.lengths.log_probability(np.array([3, 5]))
    assert letters.sum(axis=1) + lengths == pytest.approx(masked.log_likelihood(["ACG", "ACGTA"]), abs=1e-4)


def test_passes_share_the_missing_letters_out():
    missing = np.array([[True] * 4 + [False], [True, False, True, False, False]])
    keys = np.array([[0.4, 0.3, 0.2, 0.1, 0.0], [0.1, 0.0, 0.2, 0.0, 0.0]])
    assert turns_of(missing, keys, None).tolist() == [[3, 2, 1, 0, -1], [0, -1, 1, -1, -1]]
    assert turns_of(missing, keys, 2).tolist() == [[1, 1, 0, 0, -1], [0, -1, 1, -1, -1]]
    assert turns_of(missing, keys, 1).max() == 0


def test_the_same_description_gives_the_same_network_and_another_seed_another():
    first = weights(tiny())
    cache._memory.clear()
    assert weights(tiny()) == first
    assert weights(tiny(pretrain_seed=1)) != first


def test_a_kept_network_is_loaded_and_not_trained_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with cache.cache_folder(tmp_path) as used:
        first = tiny()
    assert list(used) == ["transformer"]
    files = list(tmp_path.iterdir())
    assert len(files) == 1
    assert "embedding.weight" in read_checkpoint(files[0]).tensors
    cache._memory.clear()
    monkeypatch.setattr("designloop.language_models.training.training.trained", None)  # would raise, were it called
    with cache.cache_folder(tmp_path):
        again = tiny()
    assert again is not first
    assert weights(again) == weights(first)
    sequences = ["ACGT", "ACGTACGT"]
    assert (again.log_likelihood(sequences) == first.log_likelihood(sequences)).all()


def test_a_network_of_another_precision_is_not_taken_for_what_auto_comes_to_here(monkeypatch: pytest.MonkeyPatch):
    keys = []
    for has_it in (True, False, False):
        monkeypatch.setattr("designloop.language_models.networks.devices.has_bfloat16", lambda _, has_it=has_it: has_it)
        with cache.cache_folder(None) as used:
            tiny(precision="auto")
        keys.append(used["transformer"])
    assert keys[0] != keys[1] == keys[2]


@pytest.mark.parametrize("device", ["cuda:99", "abacus"])
def test_a_device_that_is_not_here_is_named_before_anything_is_trained(device: str):
    with pytest.raises(InputError, match=rf"`device: {device}` is not available .*; use `cpu` or `auto`"):
        tiny(device=device)


def test_a_training_that_breaks_off_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("designloop.language_models.transformer.write_checkpoint", broken)
    with cache.cache_folder(tmp_path), pytest.raises(KeyboardInterrupt):
        tiny()
    assert list(tmp_path.iterdir()) == []


def test_nothing_global_is_touched():
    torch_state, numpy_state = torch.get_rng_state(), np.random.get_state()  # noqa: NPY002 - to see it untouched
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        model = tiny()
        model.sample(3, SPACE, np.random.default_rng(0))
        model.log_likelihood(["ACGT"])
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert torch.equal(torch_state, torch.get_rng_state())
    after = np.random.get_state()  # noqa: NPY002
    assert (numpy_state[1] == after[1]).all()
    assert numpy_state[2] == after[2]


def test_no_corpus_gives_the_uniform_model():
    model = TINY.pretrained([], SPACE)
    assert isinstance(model, MarkovModel)
    assert np.ptp(model.log_likelihood(SPACE.with_(max_length=4).enumerate())) == pytest.approx(0.0)
    assert len(model.sample(3, SPACE, np.random.default_rng(0))) == 3


def test_an_untrained_network_finds_every_letter_as_likely_as_another():
    generator = torch.Generator().manual_seed(0)
    network = new_network(4, 2, 16, 2, generator)
    letters = letters_of(DNA.encode(CORPUS), network)
    asked = question("any-order", letters, network, generator)
    assert (losses(network, letters, asked)[0] * asked.weights).sum().item() == pytest.approx(np.log(4))


def test_one_to_all_letters_are_hidden_each_number_as_often():
    is_letter = torch.arange(6)[None, :] < torch.tensor([6, 3] * 600)[:, None]
    hidden = hide(is_letter, torch.Generator().manual_seed(0))
    assert not bool((hidden & ~is_letter).any())
    counts = np.bincount(hidden.sum(dim=1).numpy()[::2], minlength=7)
    assert counts[0] == 0
    assert np.abs(counts[1:] / 600 - 1 / 6).max() < 0.05
    assert np.bincount(hidden.sum(dim=1).numpy()[1::2])[1:] / 600 == pytest.approx([1 / 3] * 3, abs=0.06)


def test_the_last_block_gives_the_same_where_it_is_asked_for_a_few_positions():
    network = tiny().network
    letters = letters_of(DNA.encode(CORPUS), network)
    at = torch.tensor([[3, 0]]).expand(len(CORPUS), 2)
    assert torch.allclose(network(letters, at), network(letters)[:, [3, 0]], atol=1e-6)


def test_a_width_the_heads_cannot_share_is_refused():
    with pytest.raises(ValidationError, match="a multiple of 2 × n_heads = 8, got 20"):
        Transformer(width=20, n_heads=4)


def test_a_cooled_causal_model_draws_the_same_law_whether_anything_is_known_or_not():
    """Each letter to the power 1/t, renormalised; what is known behind a gap weighs its tries by the same law."""
    space = Space.of_length(DNA, 2)
    model = tiny(objective="causal", steps=20)
    logs = model.letter_log_likelihoods(space.enumerate()).reshape(4, 4, 2)
    first, second = np.exp(2 * logs[:, 0, 0]), np.exp(2 * logs[:, :, 1])
    first, second = first / first.sum(), second / second.sum(axis=1, keepdims=True)
    n = 1200
    known = np.tile(DNA.encode(["AG"]), (n, 1))
    for missing, law in (
        ([True, False], first * second[:, 2] / (first @ second[:, 2])),
        ([True, True], first),
    ):
        drawn = model.infill(known, np.tile(missing, (n, 1)), space, np.random.default_rng(0), temperature=0.5)
        assert chisquare(np.bincount(drawn[:, 0], minlength=4), n * law).pvalue > 0.001
