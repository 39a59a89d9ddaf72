"""Turns a prefix, the text before each sequence, into tokens. Unknown words raise an error and are never dropped."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from designloop.core.errors import InputError, did_you_mean

_WORD = re.compile(r"\[[^\[\]\s]+\]|<[^<>\s]+>|[^\s\[<]+|\s+|.")
"""A tag in brackets, such as [HEAVY] or <|endoftext|>; a run of other characters; or whitespace."""
_TAGS = re.compile(r"(\[[^\[\]\s]+\]|<[^<>\s]+>)+")
Numbers = tuple[int, ...]


def prefix_tokens(tokenizer: Any, prefix: str) -> Numbers:
    """The token ids of `prefix`. A word that is a token of the vocabulary becomes that token.

    The tokenizer reads the rest. Raises InputError with the word that it does not know.
    """
    vocabulary: Mapping[str, int] = tokenizer.get_vocab()
    for word in prefix.split():
        _check_tags(word, vocabulary)
    numbers = _read(tokenizer, prefix)
    words = _WORD.findall(prefix)
    if numbers is not None and not any(_is_cut(tokenizer, word, vocabulary) for word in words):
        return numbers
    return tuple(number for word in words for number in _of_word(tokenizer, word, vocabulary))


def _check_tags(word: str, vocabulary: Mapping[str, int]) -> None:
    """Raises InputError for a word made of tags if one of them is not a token."""
    for tag in _tags(word):
        if tag not in vocabulary:
            tags = [token for token in vocabulary if _TAGS.fullmatch(token)]
            near = get_close_matches(tag, tags, n=3) or sorted(tags)[:8]
            raise InputError(f"`prefix`: {tag!r} is not in the tokenizer's vocabulary{did_you_mean(tag, near)}")


def _tags(word: str) -> Iterator[str]:
    if _TAGS.fullmatch(word):
        yield from _WORD.findall(word)


def _is_cut(tokenizer: Any, word: str, vocabulary: Mapping[str, int]) -> bool:
    """True for a token of the vocabulary that the tokenizer would split into several tokens or drop."""
    return word in vocabulary and len(tokenizer.encode(word, add_special_tokens=False)) != 1


def _of_word(tokenizer: Any, word: str, vocabulary: Mapping[str, int]) -> Numbers:
    if word in vocabulary:
        return (vocabulary[word],)
    numbers = _read(tokenizer, word)
    if numbers is not None:
        return numbers
    if word.isspace():  # it only separates two words
        return ()
    cut = tokenizer.convert_ids_to_tokens(tokenizer.encode(word, add_special_tokens=False))
    raise InputError(f"`prefix`: the tokenizer does not know {word!r} and reads {cut[:8]}; use words of its vocabulary")


def _read(tokenizer: Any, text: str) -> Numbers | None:
    """The token ids of a text; None if they do not spell it, because a part is unknown or dropped."""
    numbers = tuple(tokenizer.encode(text, add_special_tokens=False))
    spelt = tokenizer.decode(numbers, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    is_whole = bool(numbers) and "".join(spelt.split()) == "".join(text.split())
    return numbers if is_whole or not text else None
