"""Models of the transformers library, against what the library itself says of the same tokens."""

import os
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from designloop.core.alphabet import DNA, PROTEIN, RNA, Alphabet
from designloop.core.errors import ConfigError, InputError
from designloop.core.spaces import Space
from designloop.language_models import HuggingFace
from designloop.language_models.inference.causal import CausalModel
from designloop.language_models.inference.gaps import GapModel
from designloop.language_models.inference.segments import SegmentModel
from designloop.testing.subjects import chance_of

PROTEINS = Space(alphabet=PROTEIN, min_length=4, max_length=8)
SPACE = Space(alphabet=DNA, min_length=4, max_length=8)
RNAS = Space(alphabet=RNA, min_length=4, max_length=8)
Folders = dict[str, Path]


def at(folder: Path, **fields: object) -> HuggingFace:
    return HuggingFace.model_validate({"path": str(folder), **fields})


@pytest.fixture
def copied(transformers_folders: Folders, tmp_path: Path) -> Folders:
    """Folders that a test may spoil."""
    return {name: Path(shutil.copytree(folder, tmp_path / name)) for name, folder in transformers_folders.items()}


@pytest.fixture
def by_pairs(transformers_folders: Folders) -> SegmentModel:
    return at(transformers_folders["by-pairs"]).pretrained([], SPACE)


def test_a_masked_letter_has_the_models_own_probability_shared_among_the_alphabets_letters(
    transformers_folders: Folders,
):
    from transformers import EsmForMaskedLM, EsmTokenizer

    model = at(transformers_folders["esm"]).pretrained([], PROTEINS)
    assert isinstance(model, GapModel)
    tokenizer = EsmTokenizer.from_pretrained(transformers_folders["esm"])
    tokens = tokenizer("MK<mask>LT", return_tensors="pt")
    with torch.no_grad():
        logits = EsmForMaskedLM.from_pretrained(transformers_folders["esm"])(**tokens).logits[0, 3]
    wanted = torch.softmax(logits[tokenizer.convert_tokens_to_ids(list(PROTEIN.letters))].double(), 0).numpy()
    asked = np.arange(5)[None] == 2
    assert model.letter_probabilities(PROTEIN.encode(["MKALT"]), asked)[0] == pytest.approx(wanted, abs=1e-6)


def test_a_causal_likelihood_is_the_models_own_shared_among_the_alphabets_letters(transformers_folders: Folders):
    model = at(transformers_folders["by-letter"]).pretrained([], SPACE)
    assert isinstance(model, CausalModel)
    wanted = by_hand(transformers_folders["by-letter"], "GATTA", ["A", "C", "G", "T"])
    assert model.letter_log_likelihoods(["GATTA"])[0] == pytest.approx(wanted, abs=1e-5)
    assert model.log_likelihood(["GATTA"])[0] == pytest.approx(wanted.sum() + np.log(0.2), abs=0.02)  # of 5 lengths


def by_hand(folder: Path, sequence: str, texts: list[str], begin: Sequence[int] = (0,)) -> np.ndarray:
    """Log of the probability of each token of a sequence, among those that spell letters."""
    from transformers import GPT2LMHeadModel, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    among = tokenizer.convert_tokens_to_ids(texts)
    numbers = [*begin, *tokenizer.encode(sequence)]
    with torch.no_grad():
        logits = GPT2LMHeadModel.from_pretrained(folder)(torch.tensor([numbers])).logits[0].double()
    start = max(len(begin), 1)
    logs = torch.log_softmax(logits[start - 1 : -1, among], -1)
    return np.array([logs[place, among.index(number)] for place, number in enumerate(numbers[start:])])


def test_tokens_of_several_letters_are_scored_as_the_tokenizer_cuts_and_spread_over_their_letters(
    by_pairs: SegmentModel, transformers_folders: Folders
):
    texts = list(by_pairs.spelling.texts)
    assert max(map(len, texts)) > 1
    assert by_pairs.trained_on(DNA.encode(["GTACGC", "A"])).tolist() == [
        [texts.index("GT"), texts.index("ACG"), texts.index("C")],
        [texts.index("A"), -1, -1],
    ]
    logs = by_hand(transformers_folders["by-pairs"], "GTACGC", texts)
    spread = np.repeat(logs / [2, 3, 1], [2, 3, 1])
    assert by_pairs.letter_log_likelihoods(["GTACGC"])[0] == pytest.approx(spread, abs=1e-5)


def test_samples_by_tokens_come_as_often_as_all_their_spellings_say(by_pairs: SegmentModel):
    space = Space.of_length(DNA, 3)
    every = space.enumerate()
    p = dict.fromkeys(every, 0.0)
    for spelling, chance in spellings(by_pairs, 3, (), 1.0):
        p["".join(spelling)] += chance
    assert sum(p.values()) == pytest.approx(1.0)
    drawn = by_pairs.sample(3000, space, np.random.default_rng(0))
    assert chance_of(np.array([drawn.count(s) for s in every]), np.array(list(p.values()))) > 1e-3


def spellings(model: SegmentModel, left: int, told: tuple[str, ...], chance: float):
    """Every way to spell so many more letters, with its probability where no token may go beyond them."""
    if left == 0:
        yield told, chance
        return
    texts = model.spelling.texts
    letters = torch.tensor([[*map(texts.index, told), model.network.pad]])
    with torch.no_grad():
        shares = torch.softmax(model.network(letters)[0, -1].double(), 0)
    fits = [place for place, text in enumerate(texts) if len(text) <= left]
    for place in fits:
        text, share = texts[place], float(shares[place] / shares[fits].sum())
        yield from spellings(model, left - len(text), (*told, text), chance * share)


@pytest.mark.parametrize("pattern", ["CA.AC", "GTG.", "ACG."])
def test_an_infill_by_tokens_follows_the_likelihood_of_what_comes_of_it(by_pairs: SegmentModel, pattern: str):
    space = Space.of_length(DNA, len(pattern))
    codes = np.repeat(DNA.encode([pattern.replace(".", "A")]), 600, axis=0)
    missing = np.broadcast_to(np.arange(len(pattern)) == pattern.index("."), codes.shape)
    filled = DNA.decode(by_pairs.infill(codes, missing, space, np.random.default_rng(1)))
    every = [pattern.replace(".", letter) for letter in "ACGT"]
    assert set(filled) <= set(every)
    p = np.zeros(4)
    for spelling, chance in all_spellings(by_pairs, pattern):
        if (sequence := "".join(spelling)) in every:
            p[every.index(sequence)] += chance
    share = np.array([filled.count(s) for s in every]) / 600
    assert share == pytest.approx(p / p.sum(), abs=0.08)


def all_spellings(model: SegmentModel, pattern: str):
    """Every way to spell what a pattern allows, with its probability among all tokens."""
    texts = model.spelling.texts

    def further(told: tuple[str, ...], chance: float):
        done = "".join(told)
        if len(done) == len(pattern):
            yield told, chance
            return
        letters = torch.tensor([[*map(texts.index, told), model.network.pad]])
        with torch.no_grad():
            shares = torch.softmax(model.network(letters)[0, -1].double(), 0)
        for text, share in zip(texts, shares.tolist(), strict=True):
            if matches(done + text, pattern):
                yield from further((*told, text), chance * share)

    yield from further((), 1.0)


def matches(start: str, pattern: str) -> bool:
    return len(start) <= len(pattern) and all(p in (".", s) for s, p in zip(start, pattern, strict=False))


def test_samples_by_tokens_honour_fixed_and_allowed_letters_and_an_edit_budget(by_pairs: SegmentModel):
    bound = SPACE.with_(parent="ACGTAC", fixed=(0, 3), allowed={1: "CG"})
    for space in (bound, bound.with_(max_edits=2)):
        assert space.contains(by_pairs.sample(30, space, np.random.default_rng(0))).all()


def test_lengths_are_the_corpus_or_else_the_spaces(transformers_folders: Folders):
    part = at(transformers_folders["by-letter"])
    for corpus, lengths in ((["ACGTAC"] * 99, {6}), ([], {4, 5, 6, 7, 8})):
        drawn = part.pretrained(corpus, SPACE).sample(60, SPACE, np.random.default_rng(0))
        assert {len(s) for s in drawn} == lengths


def test_u_is_t_where_the_description_says_so(transformers_folders: Folders):
    for name in ("by-letter", "by-pairs"):
        with pytest.raises(InputError, match=r"no token for U of the rna alphabet.*`letters: {U: T}`"):
            at(transformers_folders[name]).pretrained([], RNAS)
        rna = at(transformers_folders[name], letters={"U": "T"}).pretrained([], RNAS)
        dna = at(transformers_folders[name]).pretrained([], SPACE)
        assert rna.log_likelihood(["GAUUACG"]) == pytest.approx(dna.log_likelihood(["GATTACG"]))
    with pytest.raises(InputError, match="`letters`: 'X' is not a letter of the rna alphabet"):
        at(transformers_folders["by-letter"], letters={"U": "T", "X": "A"}).pretrained([], RNAS)
    two = Alphabet(name="two", letters="AB")
    with pytest.raises(InputError, match=r"gives two letters of two .* the same name"):
        at(transformers_folders["by-letter"], letters={"B": "A"}).pretrained([], Space.of_length(two, 4))


def test_the_context_is_the_configs_less_what_stands_around_a_sequence(transformers_folders: Folders):
    for name, space, longest in (("esm", PROTEINS, 30), ("by-letter", SPACE, 31)):
        model = at(transformers_folders[name]).pretrained([], space)
        assert model.context == longest
        assert np.isfinite(model.log_likelihood(["A" * longest])).all()
        assert np.isfinite(model.embed(["A" * longest])).all()
        with pytest.raises(InputError, match=f"a sequence has {longest + 1} letters.*context is {longest}"):
            model.log_likelihood(["A" * (longest + 1)])
    short = at(transformers_folders["by-pairs"], context=3).pretrained([], SPACE)
    with pytest.raises(InputError, match="a sequence has 4 tokens, but the model's context is 3"):
        short.log_likelihood(["CAGA"])
    with pytest.raises(InputError, match="a sequence has 4 tokens, but the model's context is 3"):
        short.sample(50, Space.of_length(DNA, 8), np.random.default_rng(0))


def test_no_download_is_attempted(transformers_folders: Folders, monkeypatch: pytest.MonkeyPatch):
    def refused(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    before = dict(os.environ)
    with pytest.raises(
        InputError, match="is not a folder; give a local folder written by `save_pretrained`, because nothing"
    ):
        HuggingFace(path="facebook/esm2_t6_8M_UR50D").pretrained([], PROTEINS)
    at(transformers_folders["esm"], context=29).pretrained([], PROTEINS)
    assert dict(os.environ) == before


def test_weights_are_read_once_and_again_when_they_change(copied: Folders):
    part = at(copied["by-letter"])
    first = part.pretrained([], SPACE)
    assert part.pretrained(["ACGT"], SPACE).network is first.network
    shutil.copytree(copied["by-letter"], copied["by-letter"], dirs_exist_ok=True, copy_function=doubled)
    assert part.pretrained([], SPACE).network is not first.network


def doubled(source: str, _: str) -> None:
    """Rewrite a file of weights with each twice as large."""
    from safetensors.torch import load_file, save_file

    if source.endswith(".safetensors"):
        save_file({name: 2 * weight for name, weight in load_file(source).items()}, source, {"format": "pt"})


def test_pickled_weights_are_refused(copied: Folders):
    (copied["esm"] / "model.safetensors").rename(copied["esm"] / "pytorch_model.bin")
    with pytest.raises(InputError, match=r"pytorch_model.bin is pickled.*write it again with `save_pretrained`"):
        at(copied["esm"]).pretrained([], PROTEINS)


def test_a_folder_without_weights_or_with_weights_cut_short_is_refused(copied: Folders):
    weights = copied["esm"] / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"transformers \d\S* cannot read .* as a model .*copy it again"):
        at(copied["esm"]).pretrained([], PROTEINS)
    weights.unlink()
    with pytest.raises(InputError, match=r"has no model.safetensors; give a folder"):
        at(copied["esm"]).pretrained([], PROTEINS)


def test_a_model_without_its_head_is_refused(copied: Folders):
    from safetensors.torch import load_file, save_file

    weights = copied["esm"] / "model.safetensors"
    kept = {name: weight for name, weight in load_file(weights).items() if not name.startswith("lm_head")}
    save_file(kept, weights, {"format": "pt"})
    before = torch.get_rng_state()
    with pytest.raises(InputError, match=r"has no weights for lm_head.*which a masked model needs"):
        at(copied["esm"]).pretrained([], PROTEINS)
    assert torch.equal(before, torch.get_rng_state())


@pytest.fixture(scope="module")
def rotary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As ESM-2 today: positions are told by rotation."""
    pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")
    from tiny_models import esm

    return esm(tmp_path_factory.mktemp("rotary") / "esm", positions="rotary")


def with_frequencies(folder: Path, to: Path, told: dict[str, torch.Tensor]) -> Path:
    """A copy of a folder whose weights tell these rotary frequencies, and no others."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(folder, to)
    kept = {name: its for name, its in load_file(folder / "model.safetensors").items() if "inv_freq" not in name}
    save_file({**kept, **told}, to / "model.safetensors", {"format": "pt"})
    return to


FREQUENCIES = "esm.encoder.layer.*.attention.self.rotary_embeddings.inv_freq"
"""What transformers 5 calls those of all blocks."""


def test_frequencies_that_the_library_computes_are_no_weights(rotary: Path, tmp_path: Path):
    theirs = 10000.0 ** -(torch.arange(0, 8, 2) / 8)
    wanted = at(rotary).pretrained([], PROTEINS).log_likelihood(["MKLTV"])
    for name, told in (("none", {}), ("as-5-writes", {FREQUENCIES: theirs})):
        folder = with_frequencies(rotary, tmp_path / name, told)
        assert at(folder).pretrained([], PROTEINS).log_likelihood(["MKLTV"]) == pytest.approx(wanted, abs=1e-9)


def test_in_half_precision_weights_alone_are_halved(rotary: Path):
    model = at(rotary).pretrained([], PROTEINS)
    half = model.in_precision("bfloat16")
    assert {weight.dtype for weight in half.network.parameters()} == {torch.bfloat16}
    whole, halved = (dict(one.network.named_buffers()) for one in (model, half))
    assert all(halved[name].dtype == its.dtype and halved[name].equal(its) for name, its in whole.items())
    assert half.log_likelihood(["MKLTV"]) == pytest.approx(model.log_likelihood(["MKLTV"]), rel=0.05)
    assert {weight.dtype for weight in model.network.parameters()} == {torch.float32}


def test_frequencies_other_than_the_library_computes_are_refused(rotary: Path, tmp_path: Path):
    import transformers

    if int(transformers.__version__.split(".")[0]) > 4:
        pytest.skip("transformers 5 reads them")
    folder = with_frequencies(rotary, tmp_path / "others", {FREQUENCIES: 500.0 ** -(torch.arange(0, 8, 2) / 8)})
    with pytest.raises(
        InputError, match=r"inv_freq differs from what the installed transformers computes \(written by"
    ):
        at(folder).pretrained([], PROTEINS)


@pytest.mark.parametrize(
    ("written", "mend"),
    [
        ("99.1.0", r"it was written by transformers 99\.1\.0: pip install 'transformers==99\.1\.0'$"),
        (
            "4.30.1",
            r"it was written by transformers 4\.30\.1; copy it again, or name the package .* with `needs:`$",
        ),
        (None, r"copy it again, or name the package that defines it with `needs:`$"),
    ],
)
def test_a_folder_that_cannot_be_read_names_the_version_that_wrote_it(copied: Folders, written: str, mend: str):
    from tiny_models import changed_config

    folder = copied["by-letter"]
    changed_config(folder, transformers_version=written)
    changed_config(folder, "tokenizer_config.json", tokenizer_class="OfAnotherVersion", backend="other")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(InputError, match=rf"transformers \d\S* cannot read .* as a model .*; {mend}"):
        at(folder).pretrained([], SPACE)


def test_the_objective_is_the_architectures_or_the_descriptions(copied: Folders):
    from tiny_models import changed_config

    changed_config(copied["esm"], architectures=["EsmForPreTraining"])
    with pytest.raises(
        InputError, match="cannot tell from EsmForPreTraining whether the model is masked or causal; set `obj"
    ):
        at(copied["esm"]).pretrained([], PROTEINS)
    assert at(copied["esm"], objective="masked").pretrained([], PROTEINS).objective == "masked"
    with pytest.raises(InputError, match=r"cannot read .* as a masked model"):
        at(copied["by-letter"], objective="masked").pretrained([], SPACE)


def test_a_masked_model_of_tokens_of_several_letters_is_refused(tmp_path: Path):
    pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")
    from tiny_models import esm

    with pytest.raises(InputError, match=r"a masked model needs one token per letter.* 'MK'"):
        at(esm(tmp_path / "pairs", "MK")).pretrained([], PROTEINS)


def test_a_prefix_stands_before_each_sequence(transformers_folders: Folders):
    behind_t = at(transformers_folders["by-letter"], prefix="T").pretrained([], SPACE)
    told = by_hand(transformers_folders["by-letter"], "TACGT", ["A", "C", "G", "T"], [])
    assert behind_t.letter_log_likelihoods(["ACGT"])[0] == pytest.approx(told, abs=1e-5)
    with pytest.raises(InputError, match="the tokenizer has no begin token; set `prefix:`"):
        at(transformers_folders["by-letter"], prefix="").pretrained([], SPACE)


def test_a_device_that_is_not_there_is_told(transformers_folders: Folders):
    with pytest.raises(InputError, match=r"`device: cuda:99` is not available .*; use `cpu` or `auto`"):
        at(transformers_folders["by-letter"], device="cuda:99").pretrained([], SPACE)


def test_a_package_that_knows_the_architecture_is_imported_first(
    transformers_folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "knows_an_architecture.py").write_text("import os\nOFFLINE = os.environ.get('HF_HUB_OFFLINE')\n")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    at(transformers_folders["esm"], needs="knows_an_architecture").pretrained([], PROTEINS)
    package = sys.modules.pop("knows_an_architecture")
    assert (package.__file__, package.OFFLINE) == (str(tmp_path / "knows_an_architecture.py"), "1")
    with pytest.raises(ConfigError, match=r"`needs: no_such_package` cannot be imported .*; install it"):
        at(transformers_folders["esm"], needs="no_such_package").pretrained([], PROTEINS)


def test_without_the_library_the_error_names_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "model.safetensors").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ConfigError, match=r"requires an extra: pip install 'designloop\[huggingface\]'"):
        at(tmp_path).pretrained([], PROTEINS)
