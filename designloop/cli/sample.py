"""`designloop sample`: samples sequences from a language model, or variants of a given sequence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

import numpy as np
from numpy.typing import NDArray

from designloop.cli.shared.opened_models import Opened, Told, opened
from designloop.cli.shared.sequence_groups import alphabet_of
from designloop.core.alphabet import Alphabet
from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError
from designloop.core.files import suffix
from designloop.core.random import stream
from designloop.core.readers.alphabets import guessed_alphabet
from designloop.core.readers.cleaning import in_letters_of
from designloop.core.readers.formats import FASTA
from designloop.core.readers.sequences import MASK
from designloop.core.readers.tables import TABLES
from designloop.core.spaces import Space
from designloop.language_models.base import Precision

if TYPE_CHECKING:
    from designloop.language_models.inference.neural import NeuralModel


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sequences to draw: their lengths, or the sequence to vary."""

    length: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    like: str | None = None
    fixed: str | None = None
    max_edits: int | None = None


@dataclass(frozen=True, slots=True)
class How:
    """How to draw them."""

    seed: int
    temperature: float
    precision: str


def sample_from(path: Path, n: int, wanted: Wanted, how: How, told: Told, out: Path | None) -> None:
    """Print `n` sequences, or write them to a file in the format of its suffix."""
    if not 0 < how.temperature < inf:
        raise ConfigError(f"--temperature {how.temperature}: expected a finite number above 0, such as 0.8")
    if how.precision not in get_args(Precision):
        raise ConfigError(f"--precision {how.precision}: expected one of {', '.join(get_args(Precision))}")
    if out is not None and (suffix(out) in TABLES or out.suffix == ".gz"):
        raise InputError(f"{out}: unsupported format; write FASTA (.fasta) or one sequence per line (.txt)")
    found = opened(path, told, lambda: _alphabet(told.alphabet, wanted.like))
    precise = replace(found, model=found.model.in_precision(cast("Precision", how.precision)))
    drawn = _drawn(precise, n, wanted, stream(how.seed, "sample"), how.temperature)
    if out is None:
        print("\n".join(drawn))
    else:
        _write(drawn, out)


def _alphabet(name: str | None, like: str | None) -> Alphabet:
    """The alphabet of `--alphabet`, or else a guess from the letters of --like. Raises ConfigError without either."""
    if name is None and like is None:
        raise ConfigError(
            "a folder of the transformers library does not name its alphabet; give --alphabet: dna, rna, protein or "
            "states-N"
        )
    if name is not None or like is None:
        return alphabet_of(name, [])
    return guessed_alphabet([like.replace(MASK, "")], lambda _: "--like")


def _drawn(each: Opened, n: int, wanted: Wanted, rng: np.random.Generator, temperature: float) -> list[str]:
    model = each.model
    if wanted.like is None:
        _refuse(wanted, ("fixed", "max_edits"), "requires --like SEQUENCE")
        space = _of_lengths(each, wanted)
        return each.of_lengths_in(space).sample(n, space, rng, temperature=temperature)
    _refuse(wanted, ("length", "min_length", "max_length"), "cannot be combined with --like, which sets the length")
    like = _read(wanted.like, model.alphabet)
    if len(like) > each.longest:
        raise InputError(f"--like has {many(len(like), 'letter')}, but the model's context is {model.context}")
    kept = np.isin(np.arange(len(like)), _positions(wanted.fixed, len(like)))
    if wanted.max_edits is not None:
        return model.sample(n, _near(like, kept, wanted.max_edits, model.alphabet), rng, temperature=temperature)
    return _infilled(model, like, kept, n, rng, temperature)


def _infilled(
    model: "NeuralModel", like: str, kept: NDArray[np.bool_], n: int, rng: np.random.Generator, temperature: float
) -> list[str]:
    """Sequences with the masked letters drawn, or all letters that are not kept, given the others."""
    masked = np.array([letter == MASK for letter in like])
    missing = masked if masked.any() else ~kept
    if masked.any() and (masked & kept).any():
        raise InputError(f"position {int(np.argmax(masked & kept)) + 1} of --like is masked, but --fixed keeps it")
    if not masked.any() and not kept.any():
        raise ConfigError(f"--like has no letters to draw: write {MASK} for them, or give --max-edits or --fixed")
    codes = np.repeat(model.alphabet.encode([like.replace(MASK, model.alphabet.letters[0])]), n, axis=0)
    space = Space.of_length(model.alphabet, len(like))
    where = np.broadcast_to(missing, codes.shape)
    return model.alphabet.decode(model.infill(codes, where, space, rng, temperature=temperature))


def _of_lengths(each: Opened, wanted: Wanted) -> Space:
    """The space of the requested lengths, or of the lengths in training if none are requested."""
    model = each.model
    if wanted.length is not None:
        _refuse(wanted, ("min_length", "max_length"), "cannot be combined with --length")
    elif each.is_of_transformers and None in (wanted.min_length, wanted.max_length):
        raise ConfigError(
            "a model of the transformers library has no distribution of lengths; give --length, or --min-length and "
            "--max-length"
        )
    seen = np.flatnonzero(model.lengths.counts)
    low = wanted.length or wanted.min_length or max(1, min(int(seen[0]), wanted.max_length or int(seen[0])))
    high = wanted.length or wanted.max_length or max(low, int(seen[-1]))
    if high < low:
        raise ConfigError(f"--max-length {high} is below --min-length {low}")
    if high > each.longest:
        raise InputError(f"{many(high, 'letter')} requested, but the model's context is {model.context}; request fewer")
    return Space(alphabet=model.alphabet, min_length=low, max_length=high)


def _near(like: str, kept: NDArray[np.bool_], max_edits: int, alphabet: Alphabet) -> Space:
    if MASK in like:
        raise ConfigError(f"--max-edits requires a --like without masked letters ({MASK})")
    fixed = tuple(map(int, np.flatnonzero(kept)))
    return Space.of_length(alphabet, len(like), parent=like, fixed=fixed, max_edits=max_edits)


def _read(text: str, alphabet: Alphabet) -> str:
    """The letters of --like as the alphabet writes them, and masked ones. Raises InputError for a wrong letter."""
    like = "".join(MASK if letter == MASK else in_letters_of(alphabet, letter) for letter in text)
    if not like:
        raise InputError(f"--like is empty; give a sequence, with {MASK} for each letter to draw")
    for position, letter in enumerate(like, start=1):
        if letter != MASK and letter not in alphabet.letters:
            raise InputError(
                f"--like: {letter!r} at position {position} is not in the {alphabet.name} alphabet "
                f"({alphabet.letters}); write {MASK} for a letter to draw"
            )
    return like


def _positions(text: str | None, length: int) -> list[int]:
    """Positions, from 0, of a list such as `1-10,15`, which counts from 1. Raises ConfigError for an invalid list."""
    found = list[int]()
    for word in filter(None, (text or "").replace(" ", "").split(",")):
        first, _, last = word.partition("-")
        is_number = first.isdecimal() and (last or first).isdecimal()
        if not is_number or not 1 <= int(first) <= int(last or first) <= length:
            raise ConfigError(f"--fixed {text}: expected positions from 1 to {length}, as in 1-10,15; got '{word}'")
        found += range(int(first) - 1, int(last or first))
    return found


def _refuse(wanted: Wanted, names: Sequence[str], why: str) -> None:
    for name in names:
        if getattr(wanted, name) is not None:
            raise ConfigError(f"--{name.replace('_', '-')} {why}")


def _write(sequences: Sequence[str], out: Path) -> None:
    lines = _fasta(sequences) if suffix(out) in FASTA else sequences
    try:
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot write {out}: {error.strerror}; choose another file with --out") from error


def _fasta(sequences: Sequence[str]) -> Iterator[str]:
    for number, sequence in enumerate(sequences, start=1):
        yield f">{number}\n{sequence}"
