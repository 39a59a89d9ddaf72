"""A spelling says how a tokenizer writes sequences: with one token per letter, or per group of letters."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.errors import InputError, did_you_mean
from designloop.language_models.formats.prefixes import prefix_tokens


@dataclass(frozen=True, eq=False)
class Spelling:
    """The tokens that spell letters of an alphabet, and the special tokens around a sequence."""

    alphabet: Alphabet
    tokenizer: Any
    texts: tuple[str, ...]
    """The letters of each token: in the order of the alphabet, or longest first if some tokens spell several."""
    ids: tuple[int, ...]
    """The tokenizer's id of each token."""
    before: tuple[int, ...]
    """Ids of the special tokens before a sequence."""
    after: tuple[int, ...]
    names: Mapping[str, str]
    """Letter -> what the tokenizer calls it, if that is different."""

    @property
    def is_by_letter(self) -> bool:
        """True if each token is one letter."""
        return len(self.texts) == len(self.alphabet)

    @property
    def mask(self) -> int | None:
        """The id of the mask token, or None."""
        return self.tokenizer.mask_token_id  # type: ignore[no-any-return]

    @property
    def pad(self) -> int:
        """The id of the padding token, which is never attended to."""
        return int(self.tokenizer.pad_token_id or 0)

    @cached_property
    def spelt(self) -> Codes:
        """Codes of each token's letters, (tokens, longest), padded with PAD."""
        return self.alphabet.encode(self.texts)

    @cached_property
    def n_letters(self) -> NDArray[np.int64]:
        """Number of letters of each token, (tokens,)."""
        return np.asarray((self.spelt != PAD).sum(axis=1))

    def tokens(self, codes: Codes) -> NDArray[np.int32]:
        """Sequences as tokens: the index of each token in `texts`, (n, longest), padded with PAD."""
        place = {number: place for place, number in enumerate(self.ids)}
        table = str.maketrans(dict(self.names))
        rows = []
        for sequence in self.alphabet.decode(codes):
            # One at a time: the tokenizer would distribute a list over all cores.
            numbers = self.tokenizer.encode(sequence.translate(table), add_special_tokens=False, verbose=False)
            row = [place.get(number, PAD) for number in numbers]
            if PAD in row or "".join(self.texts[token] for token in row) != sequence:
                raise InputError(
                    f"the tokenizer cuts {_short(sequence)} into {self.tokenizer.convert_ids_to_tokens(numbers)[:8]}, "
                    f"which do not spell it in {self.alphabet.name} letters ({self.alphabet.letters}); use a model of "
                    "this alphabet"
                )
            rows.append(row)
        found = np.full((len(rows), max(map(len, rows), default=0)), PAD, dtype=np.int32)
        for tokens, row in zip(found, rows, strict=True):
            tokens[: len(row)] = row
        return found


def spelling_of(
    tokenizer: Any, alphabet: Alphabet, names: Mapping[str, str], prefix: str | None, begin: int | None
) -> Spelling:
    """The spelling of `tokenizer`. `names` maps letters to what it calls them.

    A sequence begins with `prefix`, or with what the tokenizer puts there, or with the token `begin`. Raises InputError
    for letters that have no token of their own.
    """
    letter_of = {names.get(letter, letter): letter for letter in alphabet.letters}
    known = {
        text: number
        for text, number in tokenizer.get_vocab().items()
        if text and set(text) <= letter_of.keys() and number not in tokenizer.all_special_ids
    }
    if strange := names.keys() - set(alphabet.letters):
        raise InputError(
            f"`letters`: {min(strange)!r} is not a letter of the {alphabet.name} alphabet ({alphabet.letters})"
        )
    _check_letters(known, letter_of, alphabet)
    is_by_letter = max(map(len, known)) == 1
    texts = list(letter_of) if is_by_letter else sorted(known, key=lambda text: (-len(text), text))
    before, after = _around(tokenizer, texts[-1])
    if prefix is not None:
        before = prefix_tokens(tokenizer, prefix)
    elif not before and begin is not None:
        before = (begin,)
    spelt = tuple("".join(letter_of[c] for c in text) for text in texts)
    return Spelling(alphabet, tokenizer, spelt, tuple(known[text] for text in texts), before, after, dict(names))


def _check_letters(known: Mapping[str, int], letter_of: Mapping[str, str], alphabet: Alphabet) -> None:
    if len(letter_of) < len(alphabet):
        raise InputError(f"`letters` gives two letters of {alphabet.name} ({alphabet.letters}) the same name")
    if lacking := [letter for name, letter in letter_of.items() if name not in known]:
        near = {"U": "T", "T": "U"}.get(lacking[0], "X")
        single = [text for text in known if len(text) == 1]
        raise InputError(
            f"the tokenizer has no token for {', '.join(lacking)} of the {alphabet.name} alphabet ({alphabet.letters})"
            f"{did_you_mean('', single)}; name its token, as in `letters: {{{lacking[0]}: {near}}}`, or use a model of "
            "this alphabet"
        )


def _around(tokenizer: Any, letter: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The special tokens that the tokenizer puts before and after one letter."""
    whole, bare = tuple(tokenizer.encode(letter)), tuple(tokenizer.encode(letter, add_special_tokens=False))
    # A tokenizer such as SentencePiece may read a single letter as another token than within a sequence.
    for place in range(len(whole) - len(bare) + 1):
        if whole[place : place + len(bare)] == bare:
            return whole[:place], whole[place + len(bare) :]
    return (), ()


def _short(sequence: str) -> str:
    return repr(sequence if len(sequence) < 20 else f"{sequence[:16]}...")
