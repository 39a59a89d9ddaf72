"""Every language model passes the contract suite; and what each likelihood is, is shown by going through everything."""

from dataclasses import replace
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from designloop.core.alphabet import DNA, PROTEIN, Alphabet
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.language_models import FromCheckpoint, HuggingFace, Markov, Transformer
from designloop.language_models.base import Adaptation, LanguageModel
from designloop.language_models.formats.checkpoints import read_checkpoint, write_checkpoint
from designloop.language_models.inference.gaps import GapModel
from designloop.language_models.inference.neural import NeuralModel
from designloop.testing import LanguageModelContract
from designloop.testing.subjects import chance_of

TINY = Transformer(width=16, n_heads=2, steps=40, minibatch=64, learning_rate=1e-2, device="cpu")
CAUSAL = TINY.with_(objective="causal")
BACKWARDS = CAUSAL.with_(direction="right-to-left")
QUICK = Adaptation(steps=15, learning_rate=3e-3, kl=0.01)
CORPUS = ["ACGTACGT", "ACGTAC", "CGTACGTA", "GTACG", "TACGTACG", "ACGT", "CGTACG", "GTACGTAC"] * 3
SPACE = Space(alphabet=DNA, min_length=4, max_length=8)
TWO = Alphabet(name="two", letters="ab")
TRIPLES = Space.of_length(TWO, 3)
NATURAL = ["aab", "aab", "aab", "bba", "bab", "aab"]
EVERY_OBJECTIVE = [CAUSAL, BACKWARDS, TINY.with_(objective="masked"), TINY]
DIRECTIONS = pytest.mark.parametrize("part", [CAUSAL, BACKWARDS], ids=["left-to-right", "right-to-left"])


class OnDNA(LanguageModelContract):
    corpus = CORPUS
    adaptation = QUICK


class TestComposition(OnDNA):
    model = Markov(order=0)
    is_exact = True


class TestBigram(OnDNA):
    model = "markov"
    is_exact = True


class TestTrigram(OnDNA):
    model = Markov(order=2)
    is_exact = True


class TestLeftToRight(OnDNA):
    model = CAUSAL
    is_exact = True


class TestRightToLeft(OnDNA):
    model = BACKWARDS
    is_exact = True


class TestMasked(OnDNA):
    model = TINY.with_(objective="masked")


class TestAnyOrder(OnDNA):
    model = TINY


class TestCheckpoint(OnDNA):
    is_exact = True

    @pytest.fixture
    def model(self, tmp_path: Path) -> LanguageModel:
        return FromCheckpoint(path=str(saved(CAUSAL, tmp_path / "model.safetensors")))


class TestHuggingFaceMasked(LanguageModelContract):
    space = Space(alphabet=PROTEIN, min_length=4, max_length=8)
    adaptation = QUICK

    @pytest.fixture
    def model(self, transformers_folders: dict[str, Path]) -> LanguageModel:
        return HuggingFace(path=str(transformers_folders["esm"]))


class TestHuggingFaceCausal(OnDNA):
    is_exact = True

    @pytest.fixture
    def model(self, transformers_folders: dict[str, Path]) -> LanguageModel:
        return HuggingFace(path=str(transformers_folders["by-letter"]))


class TestHuggingFaceByPairs(OnDNA):
    @pytest.fixture
    def model(self, transformers_folders: dict[str, Path]) -> LanguageModel:
        return HuggingFace(path=str(transformers_folders["by-pairs"]))


def saved(part: Transformer, path: Path, corpus: list[str] = CORPUS, space: Space = SPACE) -> Path:
    part.save(part.pretrained(corpus, space), path)
    return path


@pytest.fixture(scope="module")
def of_triples() -> GapModel:
    """An any-order model that has learnt which triples of two letters there are."""
    return TINY.with_(steps=200).pretrained(NATURAL, TRIPLES)


def of_length(model: NeuralModel, length: int) -> float:
    return float(np.exp(model.lengths.log_probability(np.array([length])))[0])


def test_any_order_probabilities_sum_to_one_for_every_order_and_in_their_mean(of_triples: GapModel):
    every = TRIPLES.enumerate()
    assert len(every) == 8
    by_order = np.array([np.exp(of_triples.order_log_likelihood(every, np.array(keys))) for keys in EVERY_ORDER])
    assert by_order.shape == (6, 8)
    assert by_order.sum(axis=1) == pytest.approx(np.full(6, of_length(of_triples, 3)), abs=1e-6)
    assert by_order.mean(axis=0).sum() == pytest.approx(of_length(of_triples, 3), abs=1e-6)
    assert np.ptp(by_order, axis=0).max() > 1e-3  # orders do differ
    assert np.exp(of_triples.log_likelihood(every)).sum() == pytest.approx(of_length(of_triples, 3), abs=1e-6)


EVERY_ORDER = list(permutations((0.1, 0.2, 0.3)))


def test_any_order_samples_come_as_often_as_the_mean_over_all_orders_says(of_triples: GapModel):
    every = TRIPLES.enumerate()
    logs = [of_triples.order_log_likelihood(every, np.array(keys)) for keys in EVERY_ORDER]
    drawn = of_triples.sample(4000, TRIPLES, np.random.default_rng(0))
    assert chance_of(counted(drawn, every), np.exp(logs).mean(axis=0)) > 1e-3
    alike = np.ones(8)
    assert chance_of(counted(drawn, every), alike) < 1e-12  # it could have failed


def counted(drawn: list[str], every: list[str]) -> np.ndarray:
    return np.array([drawn.count(sequence) for sequence in every])


@DIRECTIONS
def test_causal_samples_follow_their_likelihood_also_under_fixed_letters(part: Transformer):
    space = Space.of_length(DNA, 4, parent="ACGT", fixed=(0,), allowed={1: "CG", 2: "ACG"})
    model = part.pretrained(CORPUS, SPACE)
    every = space.enumerate()
    drawn = model.sample(1000, space, np.random.default_rng(3))
    share, p = counted(drawn, every) / 1000, np.exp(model.log_likelihood(every))
    assert np.abs(share - p / p.sum()).sum() / 2 < 0.06
    assert chance_of(counted(drawn, every), p) > 1e-3  # exact but for the finite number of tries


@DIRECTIONS
def test_a_causal_infill_of_one_letter_approaches_its_probability_given_all_others(part: Transformer):
    model = part.pretrained(CORPUS, SPACE)
    codes = np.repeat(DNA.encode(["ACGTAC"]), 1000, axis=0)
    missing = np.broadcast_to(np.arange(6) == 2, codes.shape)
    p = model.letter_probabilities(codes[:1], missing[:1])[0]
    away = []
    for passes in (1, None):  # 4 tries, then 32
        filled = model.infill(codes, missing, SPACE, np.random.default_rng(1), passes=passes)
        away.append(np.abs(np.bincount(filled[:, 2], minlength=4) / 1000 - p).max())
    assert away[1] < 0.04
    assert away[1] < away[0] + 0.01


@pytest.mark.parametrize("part", EVERY_OBJECTIVE, ids=lambda part: f"{part.objective}-{part.direction}")
def test_batch_size_changes_no_sample_and_no_likelihood(part: Transformer, monkeypatch: pytest.MonkeyPatch):
    model = part.pretrained(CORPUS, SPACE)
    found = []
    for letters, numbers in ((40, 3 * model.network.width), (4096, 2**16)):
        monkeypatch.setattr("designloop.language_models.inference.neural.CHUNK_LETTERS", letters)
        monkeypatch.setattr("designloop.language_models.inference.causal._NUMBERS_AT_ONCE", numbers)
        found.append((model.sample(40, SPACE, np.random.default_rng(2)), model.log_likelihood(CORPUS)))
    assert found[0][0] == found[1][0]
    assert found[0][1] == pytest.approx(found[1][1], abs=1e-4)


def test_a_truncated_checkpoint_is_refused(tmp_path: Path):
    path = saved(CAUSAL, tmp_path / "model.safetensors")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"not a valid checkpoint.*copy it again"):
        FromCheckpoint(path=str(path)).pretrained([], SPACE)


def test_a_checkpoint_is_used_on_the_device_that_is_asked_for_and_not_on_that_of_its_training(tmp_path: Path):
    path = saved(CAUSAL, tmp_path / "model.safetensors")
    whole = read_checkpoint(path)
    write_checkpoint(replace(whole, description={**whole.description, "device": "cuda"}), path)
    model = FromCheckpoint(path=str(path), device="cpu").pretrained([], SPACE)
    assert np.isfinite(model.log_likelihood(["ACGT"])).all()
    with pytest.raises(InputError, match=r"`device: cuda:99` is not available .*; use `cpu` or `auto`"):
        FromCheckpoint(path=str(path), device="cuda:99").pretrained([], SPACE)


def test_a_folder_of_a_checkpoint_may_be_named_by_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    saved(CAUSAL, tmp_path / "model.safetensors")
    monkeypatch.setenv("MODELS", str(tmp_path))
    assert FromCheckpoint(path="$MODELS").pretrained([], SPACE).alphabet == DNA


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ([1, 2], r"header of .* cannot be read \(description: expected a mapping, got \[1, 2\]\); write the"),
        (
            {**CAUSAL.describe(), "experts": 4},
            r"was written by a newer version of designloop \(unknown in its header: 'experts'\); use",
        ),
    ],
)
def test_a_header_that_is_not_understood_is_told(tmp_path: Path, description: object, told: str):
    path = saved(CAUSAL, tmp_path / "model.safetensors")
    write_checkpoint(replace(read_checkpoint(path), description=description), path)
    with pytest.raises(InputError, match=told):
        FromCheckpoint(path=str(path)).pretrained([], SPACE)


def test_a_checkpoint_of_another_format_is_told_to_be_of_another_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("designloop.language_models.formats.checkpoints.FORMAT", "designloop language model, 99")
    path = saved(CAUSAL, tmp_path / "model.safetensors")
    monkeypatch.undo()
    with pytest.raises(
        InputError,
        match=r"was written by another version of designloop \(expected format .*, got .*model, 99",
    ):
        FromCheckpoint(path=str(path)).pretrained([], SPACE)


def test_a_checkpoint_of_another_alphabet_is_refused(tmp_path: Path):
    path = saved(CAUSAL, tmp_path / "model.safetensors")
    with pytest.raises(InputError, match=r"was trained on the alphabet dna \(ACGT\), but the sequences are protein"):
        FromCheckpoint(path=str(path)).pretrained([], Space.of_length(PROTEIN, 5))


@pytest.mark.parametrize("part", EVERY_OBJECTIVE, ids=lambda part: f"{part.objective}-{part.direction}")
def test_a_sequence_longer_than_the_context_is_refused_by_every_question(part: Transformer):
    short = part.with_(context=8)
    with pytest.raises(InputError, match="sequence 2 has 9 letters, but the model's context is 8"):
        short.pretrained(["ACGT", "ACGTACGTA"], SPACE)
    model = short.pretrained(CORPUS, SPACE)
    codes = DNA.encode(["ACGTACGTA"])
    missing = np.ones(codes.shape, dtype=bool)
    rng = np.random.default_rng(0)
    long = Space.of_length(DNA, 9)
    for ask in (
        lambda: model.log_likelihood(["ACGTACGTA"]),
        lambda: model.letter_log_likelihoods(["ACGTACGTA"]),
        lambda: model.letter_probabilities(codes, missing),
        lambda: model.embed(["ACGTACGTA"]),
        lambda: model.infill(codes, missing, long, rng),
        lambda: model.sample(1, long, rng),
        lambda: model.adapt(["ACGTACGTA"], np.ones(1), QUICK, rng),
    ):
        with pytest.raises(InputError, match="a sequence has 9 letters, but the model's context is 8"):
            ask()


@pytest.mark.parametrize("part", [*EVERY_OBJECTIVE, Markov(order=1)], ids=lambda part: part.kind)
def test_no_letter_is_told_behind_a_sequences_end_and_the_empty_sequence_is_impossible(part: LanguageModel):
    model = part.pretrained(CORPUS, SPACE)
    asked = np.array([[True, False, False], [False, True, False]])
    with pytest.raises(InputError, match=r"position 2 of sequence 2 is after its end: it has 1 letter$"):
        model.letter_probabilities(DNA.encode(["ACG", "A"]), asked)
    assert model.log_likelihood([""]).tolist() == [-np.inf]
    assert model.log_likelihood([]).shape == (0,)


@pytest.mark.parametrize("part", EVERY_OBJECTIVE, ids=lambda part: f"{part.objective}-{part.direction}")
def test_a_space_may_outgrow_the_context_where_natural_sequences_do_not(part: Transformer):
    model = part.with_(context=8).pretrained(["ACGTACGT"] * 4, SPACE)
    wide = Space(alphabet=DNA, min_length=4, max_length=400)
    assert {len(s) for s in model.sample(5, wide, np.random.default_rng(0))} == {8}


def test_a_causal_embedding_reads_every_letter_whichever_way_it_reads():
    for part in (CAUSAL, BACKWARDS):
        first, last, both = part.pretrained(CORPUS, SPACE).embed(["CCGTACGT", "ACGTACGA", "ACGTACGT"])
        assert np.abs(first - both).max() > 1e-3
        assert np.abs(last - both).max() > 1e-3
