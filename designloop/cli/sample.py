"""`designloop sample`: sequences drawn from a language model, freely or like a sequence."""

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
from designloop.core.readers.sequences import FASTA, MASK, in_letters_of
from designloop.core.readers.tables import TABLES
from designloop.core.spaces import Space
from designloop.language_models.base import Precision

if TYPE_CHECKING:
    from designloop.language_models.inference.neural import NeuralModel


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sequences: their lengths, or what they are to be like."""

    length: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    like: str | None = None
    fixed: str | None = None
    max_edits: int | None = None


@dataclass(frozen=True, slots=True)
class How:
    """How they are drawn."""

    seed: int
    temperature: float
    precision: str


def sample_from(path: Path, n: int, wanted: Wanted, how: How, told: Told, out: Path | None) -> None:
    """Print `n` sequences, or write them to a file by its ending."""
    if not 0 < how.temperature < inf:
        raise ConfigError(f"--temperature {how.temperature}: it is above 0 and finite, as in 0.8")
    if how.precision not in get_args(Precision):
        raise ConfigError(f"--precision {how.precision}: it is one of {', '.join(get_args(Precision))}")
    if out is not None and (suffix(out) in TABLES or out.suffix == ".gz"):
        raise InputError(f"{out}: sequences are written as FASTA (.fasta), or a sequence a line (.txt)")
    found = opened(path, told, lambda: _alphabet(told.alphabet, wanted.like))
    precise = replace(found, model=found.model.in_precision(cast("Precision", how.precision)))
    drawn = _drawn(precise, n, wanted, stream(how.seed, "sample"), how.temperature)
    if out is None:
        print("\n".join(drawn))
    else:
        _write(drawn, out)


def _alphabet(name: str | None, like: str | None) -> Alphabet:
    """What `--alphabet` names, or else a guess by the letters of --like. Raises ConfigError where neither is given."""
    if name is None and like is None:
        raise ConfigError(
            "a folder of the transformers library does not say which letters to draw; give --alphabet: dna, rna, "
            "protein or states-N"
        )
    if name is not None or like is None:
        return alphabet_of(name, [])
    return guessed_alphabet([like.replace(MASK, "")], lambda _: "--like")


def _drawn(each: Opened, n: int, wanted: Wanted, rng: np.random.Generator, temperature: float) -> list[str]:
    model = each.model
    if wanted.like is None:
        _refuse(wanted, ("fixed", "max_edits"), "goes with --like SEQUENCE")
        space = _of_lengths(each, wanted)
        return each.of_lengths_in(space).sample(n, space, rng, temperature=temperature)
    _refuse(wanted, ("length", "min_length", "max_length"), "is not for --like: what is drawn is as long as that")
    like = _read(wanted.like, model.alphabet)
    if len(like) > each.longest:
        raise InputError(f"--like has {many(len(like), 'letter')}, and the model's context is {model.context}")
    kept = np.isin(np.arange(len(like)), _positions(wanted.fixed, len(like)))
    if wanted.max_edits is not None:
        return model.sample(n, _near(like, kept, wanted.max_edits, model.alphabet), rng, temperature=temperature)
    return _infilled(model, like, kept, n, rng, temperature)


def _infilled(
    model: "NeuralModel", like: str, kept: NDArray[np.bool_], n: int, rng: np.random.Generator, temperature: float
) -> list[str]:
    """The masked letters drawn, or all that are not kept, each given those that stay."""
    masked = np.array([letter == MASK for letter in like])
    missing = masked if masked.any() else ~kept
    if masked.any() and (masked & kept).any():
        raise InputError(f"position {int(np.argmax(masked & kept)) + 1} of --like is masked, and --fixed keeps it")
    if not masked.any() and not kept.any():
        raise ConfigError(f"--like wants letters to draw: write {MASK} for them, or give --max-edits or --fixed")
    codes = np.repeat(model.alphabet.encode([like.replace(MASK, model.alphabet.letters[0])]), n, axis=0)
    space = Space.of_length(model.alphabet, len(like))
    where = np.broadcast_to(missing, codes.shape)
    return model.alphabet.decode(model.infill(codes, where, space, rng, temperature=temperature))


def _of_lengths(each: Opened, wanted: Wanted) -> Space:
    """The space of the lengths that are wanted; of those the model was trained on where none are."""
    model = each.model
    if wanted.length is not None:
        _refuse(wanted, ("min_length", "max_length"), "says what --length says already")
    elif each.is_of_transformers and None in (wanted.min_length, wanted.max_length):
        raise ConfigError(
            "a model of the transformers library does not know how long sequences are; give --length, or --min-length "
            "and --max-length"
        )
    seen = np.flatnonzero(model.lengths.counts)
    low = wanted.length or wanted.min_length or max(1, min(int(seen[0]), wanted.max_length or int(seen[0])))
    high = wanted.length or wanted.max_length or max(low, int(seen[-1]))
    if high < low:
        raise ConfigError(f"--max-length {high} is below --min-length {low}")
    if high > each.longest:
        raise InputError(f"{many(high, 'letter')} asked for, and the model's context is {model.context}; ask for fewer")
    return Space(alphabet=model.alphabet, min_length=low, max_length=high)


def _near(like: str, kept: NDArray[np.bool_], max_edits: int, alphabet: Alphabet) -> Space:
    if MASK in like:
        raise ConfigError(f"--max-edits counts from a known sequence, and --like has a {MASK}; give one of them")
    fixed = tuple(map(int, np.flatnonzero(kept)))
    return Space.of_length(alphabet, len(like), parent=like, fixed=fixed, max_edits=max_edits)


def _read(text: str, alphabet: Alphabet) -> str:
    """The letters of --like as the alphabet writes them, and its gaps. Raises InputError naming the letter."""
    like = "".join(MASK if letter == MASK else in_letters_of(alphabet, letter) for letter in text)
    if not like:
        raise InputError(f"--like is empty; give a sequence, with {MASK} for a letter to draw")
    for position, letter in enumerate(like, start=1):
        if letter != MASK and letter not in alphabet.letters:
            raise InputError(
                f"--like has {letter!r} at position {position}, which is not in the {alphabet.name} alphabet "
                f"({alphabet.letters}); write {MASK} for a letter to draw"
            )
    return like


def _positions(text: str | None, length: int) -> list[int]:
    """Positions from 0 of `1-10,15`, which counts from 1. Raises ConfigError for what is no such list."""
    found = list[int]()
    for word in filter(None, (text or "").replace(" ", "").split(",")):
        first, _, last = word.partition("-")
        is_number = first.isdecimal() and (last or first).isdecimal()
        if not is_number or not 1 <= int(first) <= int(last or first) <= length:
            raise ConfigError(f"--fixed {text}: '{word}' is no position of 1 to {length}, as in 1-10,15")
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
        raise InputError(f"cannot write {out}: {error.strerror}; name another with --out") from error


def _fasta(sequences: Sequence[str]) -> Iterator[str]:
    for number, sequence in enumerate(sequences, start=1):
        yield f">{number}\n{sequence}"
