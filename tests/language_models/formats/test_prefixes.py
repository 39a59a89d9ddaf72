"""A prefix is read as tokens of the vocabulary, and no word of it as unknown."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA, PROTEIN
from designloop.core.errors import InputError
from designloop.core.spaces import Space
from designloop.language_models.formats.prefixes import prefix_tokens

pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As IgLM: its tags are tokens, which the tokenizer cuts into letters, most of them unknown."""
    from tiny_models import gpt2_by_letter

    folder = tmp_path_factory.mktemp("tagged") / "model"
    return gpt2_by_letter(folder, "[HUMAN]", "[HEAVY]", "light", letters=PROTEIN.letters)


@pytest.fixture(scope="module")
def tokenizer(tagged: Path) -> Any:
    return read(tagged)


def read(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


@pytest.mark.parametrize(
    ("prefix", "tokens"),
    [
        ("[HEAVY]", ["[HEAVY]"]),
        ("[HEAVY][HUMAN]", ["[HEAVY]", "[HUMAN]"]),
        (" [HEAVY]\n[HUMAN]\n", ["[HEAVY]", "[HUMAN]"]),
        ("<|endoftext|>[HEAVY]MK", ["<|endoftext|>", "[HEAVY]", "M", "K"]),
        ("light", ["light"]),
        ("MK", ["M", "K"]),
        ("<unk>", ["<unk>"]),
        ("", []),
    ],
)
def test_a_word_of_a_prefix_that_is_a_token_is_that_token(tokenizer: Any, prefix: str, tokens: list[str]):
    assert tokenizer.encode("[HEAVY]", add_special_tokens=False).count(tokenizer.unk_token_id) == 2
    assert tokenizer.convert_ids_to_tokens(prefix_tokens(tokenizer, prefix)) == tokens


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("[HEAVI][HUMAN]", r"'\[HEAVI\]' is not in the tokenizer's vocabulary. Did you mean '\[HEAVY\]'"),
        ("[HEAVY]banana", r"the tokenizer does not know 'banana' and reads \['<unk>', '<unk>'"),
        ("MK [", r"the tokenizer does not know '\['"),
        ("<sep>", r"'<sep>' is not in the tokenizer's vocabulary"),
    ],
)
def test_a_word_of_a_prefix_that_no_tokens_spell_is_named(tokenizer: Any, prefix: str, message: str):
    with pytest.raises(InputError, match=message):
        prefix_tokens(tokenizer, prefix)


def test_text_that_the_tokenizer_spells_is_read_as_the_tokenizer_reads_it(transformers_folders: dict[str, Path]):
    by_pairs = read(transformers_folders["by-pairs"])
    for text in ("GTACG", "<|endoftext|>", "<|endoftext|>GT"):
        assert prefix_tokens(by_pairs, text) == tuple(by_pairs.encode(text, add_special_tokens=False))
    with pytest.raises(InputError, match=r"the tokenizer does not know 'X'"):  # it would be left out
        prefix_tokens(by_pairs, "GT X")


def test_a_likelihood_behind_tags_is_the_models_own_behind_their_tokens(tagged: Path, tokenizer: Any):
    from test_huggingface import at, by_hand

    model = at(tagged, prefix="[HEAVY][HUMAN]").pretrained([], Space(alphabet=PROTEIN, min_length=4, max_length=8))
    begin = tokenizer.convert_tokens_to_ids(["[HEAVY]", "[HUMAN]"])
    wanted = by_hand(tagged, "MKLV", list(PROTEIN.letters), begin)
    assert model.letter_log_likelihoods(["MKLV"])[0] == pytest.approx(wanted, abs=1e-5)


def test_an_unknown_prefix_names_the_folder(transformers_folders: dict[str, Path]):
    from test_huggingface import at

    with pytest.raises(InputError, match=r"by-letter: `prefix`: the tokenizer does not know 'banana'"):
        at(transformers_folders["by-letter"], prefix="banana").pretrained([], Space.of_length(DNA, 4))


def test_what_stands_around_a_sequence_is_found_where_a_letter_alone_is_another_token():
    """As SentencePiece, which marks a word's beginning."""
    from designloop.language_models.formats.spelling import spelling_of

    class Marking:
        all_special_ids, mask_token_id, pad_token_id = (0, 1), None, None

        def get_vocab(self) -> dict[str, int]:
            return {"<s>": 0, "</s>": 1, **{letter: 2 + place for place, letter in enumerate("ACGT_")}}

        def encode(self, text: str, *, add_special_tokens: bool = True) -> list[int]:
            return [0, 6, 1] if add_special_tokens else [6]

    spelling = spelling_of(Marking(), DNA, {}, None, None)
    assert (spelling.before, spelling.after, spelling.ids) == ((0,), (1,), tuple(np.arange(2, 6)))
