"""Likelihoods under a masked model: the numbers that the transformers library itself gives, one pass at a time."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from designloop.core.errors import ConfigError, InputError
from designloop.oracles import Likelihood
from designloop.testing import OracleContract

transformers = pytest.importorskip("transformers", reason="transformers is not installed")
torch = pytest.importorskip("torch")
import tiny_models  # noqa: E402 - it needs torch

PARENT = "MKTAYIAK"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> str:
    return str(tiny_models.esm(tmp_path_factory.mktemp("models") / "esm"))


class TestMarginal(OracleContract):
    @pytest.fixture
    def oracle(self, folder) -> Likelihood:
        return Likelihood(path=folder, parent=PARENT)


class TestPseudoLikelihood(OracleContract):
    """With fewer sequences, each of which needs a pass a letter. It is loaded as the marginal is in other processes."""

    @pytest.fixture
    def oracle(self, folder, monkeypatch) -> Likelihood:
        monkeypatch.setattr("designloop.checking.trial.N_WIDE", 100)
        monkeypatch.setattr("designloop.checking.asking.Here.elsewhere", lambda *_, **__: None)
        return Likelihood(path=folder, score="pseudo-likelihood", min_length=3, max_length=7)


class Reference:
    """The model as the library reads it, with its own tokenizer; one sequence at a time, without padding."""

    def __init__(self, folder: str) -> None:
        self.model = transformers.AutoModelForMaskedLM.from_pretrained(folder).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.ids = self.tokenizer.convert_tokens_to_ids(list("ACDEFGHIKLMNPQRSTVWY"))

    @torch.no_grad()
    def logs(self, sequence: str, masked: int | None) -> dict[str, np.ndarray]:
        """Log P of the 20 amino acids at each position, with one position masked."""
        tokens = self.tokenizer(sequence, return_tensors="pt")
        if masked is not None:
            tokens["input_ids"][0, masked + 1] = self.tokenizer.mask_token_id
        logits = self.model(**tokens).logits[0, 1 : len(sequence) + 1, self.ids].double()
        return torch.log_softmax(logits, dim=-1).numpy()


def at(letter: str) -> int:
    return "ACDEFGHIKLMNPQRSTVWY".index(letter)


def test_masked_marginals_are_those_of_the_library(folder):
    """Of one, two and no substitutions; each position is masked in the parent, not in the mutant."""
    reference, oracle = Reference(folder), Likelihood(path=folder, parent=PARENT)
    mutants = ["MKTAYIAK", "MKTAWIAK", "CKTAWIAK"]
    logs = [reference.logs(PARENT, masked=i)[i] for i in range(8)]
    expected = [sum(logs[i][at(m[i])] - logs[i][at(PARENT[i])] for i in range(8)) for m in mutants]
    np.testing.assert_allclose(oracle(mutants), expected, atol=1e-5)
    assert expected[0] == 0.0 != expected[1]


def test_wild_type_marginals_are_those_of_one_pass_without_a_mask(folder):
    reference = Reference(folder)
    oracle = Likelihood(path=folder, parent=PARENT, score="wild-type-marginal")
    mutants = ["MKTAYIAK", "MKTAWIAK", "CKTAWIAK"]
    logs = reference.logs(PARENT, masked=None)
    expected = [sum(logs[i][at(m[i])] - logs[i][at(PARENT[i])] for i in range(8)) for m in mutants]
    np.testing.assert_allclose(oracle(mutants), expected, atol=1e-5)
    assert not np.allclose(expected, Likelihood(path=folder, parent=PARENT)(mutants), atol=1e-3)


def test_the_pseudo_likelihood_masks_each_letter_in_turn(folder):
    """Of sequences of several lengths, which are never padded."""
    reference = Reference(folder)
    oracle = Likelihood(path=folder, score="pseudo-likelihood", min_length=3, max_length=12)
    sequences = ["MKT", "MKTAYIAKQRQI", "WWWWWW"]
    expected = [np.mean([reference.logs(s, masked=i)[i][at(c)] for i, c in enumerate(s)]) for s in sequences]
    np.testing.assert_allclose(oracle(sequences), expected, atol=1e-5)


@pytest.mark.parametrize("score", ["masked-marginal", "wild-type-marginal"])
def test_the_optimum_of_a_marginal_is_exact(folder, score):
    """No single substitution improves the best sequence, and letters add up, so nothing is better."""
    oracle = Likelihood(path=folder, parent=PARENT, score=score)
    best = oracle.optimal_solution()
    near = [best[:i] + c + best[i + 1 :] for i in range(8) for c in "ACDEFGHIKLMNPQRSTVWY"]
    assert oracle(near).max() == oracle([best])[0] == pytest.approx(oracle.optimum)
    assert oracle.optimum > 0
    assert Likelihood(path=folder, score="pseudo-likelihood", min_length=3, max_length=9).optimum is None


@pytest.mark.parametrize("wrong", ["MKTJJIAK", "MKTAY*AK", "mktayiak", "MKT<mask>K"])
def test_unknown_letters_are_errors(folder, wrong):
    """ESM's own tokenizer reads JJ as one token, and lower case as a single unknown one, without a word."""
    with pytest.raises(InputError, match="sequence 2"):
        Likelihood(path=folder, parent=PARENT)(["MKTAYIAK", wrong])
    with pytest.raises(InputError, match="the parent, sequence 1"):
        _ = Likelihood(path=folder, parent=wrong.replace("mktayiak", "MKT1YIAK")).space


def test_other_lengths_are_errors(folder):
    with pytest.raises(InputError, match="sequence 2: expected 8 letters, got 7"):
        Likelihood(path=folder, parent=PARENT)(["MKTAYIAK", "MKTAYIA"])
    oracle = Likelihood(path=folder, score="pseudo-likelihood", min_length=3, max_length=9)
    with pytest.raises(InputError, match="sequence 1: expected 3 to 9 letters, got 2"):
        oracle(["MK"])
    with pytest.raises(InputError, match="a sequence has 40 letters, but the model's context is 30; shorten it"):
        _ = Likelihood(path=folder, score="pseudo-likelihood", min_length=3, max_length=40).space


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "`score: masked-marginal` requires `parent`"),
        ({"parent": "MKT", "max_length": 5}, "requires `parent`, and no `min_length` or `max_length`"),
        ({"score": "pseudo-likelihood", "parent": "MKT"}, "requires `min_length` and `max_length`, and no `parent`"),
        ({"score": "pseudo-likelihood", "min_length": 9, "max_length": 5}, "min_length 9 is above max_length 5"),
    ],
)
def test_what_is_missing_is_told(folder, fields, sentence):
    with pytest.raises(ValidationError, match=sentence):
        Likelihood(path=folder, **fields)


def test_a_causal_model_is_refused_before_any_work(tmp_path):
    causal = tiny_models.gpt2_by_letter(tmp_path / "gpt2", letters="ACGT")
    with pytest.raises(ConfigError, match=r"requires a masked model, .* this one is causal; use"):
        _ = Likelihood(path=str(causal), alphabet="dna", parent="ACGTACGT").space


def test_a_missing_folder_is_told(tmp_path: Path):
    with pytest.raises(InputError, match=r"is not a folder; give a local folder written by `save_pretrained`"):
        _ = Likelihood(path=str(tmp_path / "esm2"), parent=PARENT).space


def test_what_the_values_are_is_said(folder):
    remark = "values are log-likelihoods under the model in esm, not measurements"
    assert Likelihood(path=folder, parent=PARENT).remarks == (remark,)
