"""Opens the language models that the command line names, and reads the sequences that they score."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from designloop.core.alphabet import Alphabet
from designloop.core.config import Document, build, override
from designloop.core.counting import many
from designloop.core.errors import ConfigError, InputError
from designloop.core.readers.cleaning import Ambiguous
from designloop.core.readers.sequences import Entry, Reading, read_cleaned

if TYPE_CHECKING:
    from designloop.core.spaces import Space
    from designloop.language_models.base import Floats
    from designloop.language_models.inference.neural import NeuralModel

KINDS = {
    "causal": "exact",
    "masked": "a pseudo-likelihood (each letter given the others, not normalised)",
    "any-order": "exact for a mixture of four orders",
}
"""The kind of likelihood that log_likelihood returns, by the model's objective."""


def said_likelihood(model: "NeuralModel") -> str:
    """The kind of a model's likelihood, such as `exact`."""
    return "exact for the tokenizer's own split of the sequence" if model.unit == "tokens" else KINDS[model.objective]


@dataclass(frozen=True, slots=True)
class Opened:
    """A model, its path and its name."""

    path: Path
    model: "NeuralModel"
    is_of_transformers: bool = False
    """True for a model of the transformers library, which has no distribution of lengths."""

    @property
    def longest(self) -> float:
        """Maximum length of a sequence in letters; infinite for a model that counts tokens, which checks it itself."""
        return self.model.context if self.model.unit == "letters" else inf

    def log_likelihood(self, sequences: Sequence[str]) -> "Floats":
        """Natural log of each sequence's probability, (n,), given the length if the model has no lengths of its own."""
        if self.is_of_transformers:
            letters: Floats = self.model.letter_log_likelihoods(sequences).sum(axis=1)
            return letters
        return self.model.log_likelihood(sequences)

    def of_lengths_in(self, space: "Space") -> "NeuralModel":
        """The model. If it has no distribution of lengths, all lengths of the space are equally likely."""
        from designloop.language_models.inference.lengths import Lengths

        if not self.is_of_transformers:
            return self.model
        return replace(self.model, lengths=Lengths.of(self.model.alphabet.encode([]), space))

    @property
    def name(self) -> str:
        """The name of the folder, or of the file if it is not the folder's default file."""
        return self.path.parent.name if self.path.stem == "model" else self.path.stem


@dataclass(frozen=True, slots=True)
class Told:
    """What the user adds to a folder of the transformers library: its alphabet and settings."""

    alphabet: str | None = None
    settings: tuple[str, ...] = ()


def opened(path: Path, told: Told, alphabet: Callable[[], Alphabet]) -> Opened:
    """The model in a folder or a checkpoint. `alphabet` is called only for a folder of the transformers library.

    Raises InputError if there is no model, or it is truncated or lacks letters; ConfigError for an option that does not
    apply to the model.
    """
    if is_of_transformers(path):
        return opened_of_transformers(path, alphabet(), told.settings)
    for option, given in (("--alphabet", told.alphabet), ("--set", told.settings)):
        if given:
            raise ConfigError(f"{option} is only for a folder of the transformers library; omit it for this model")
    return opened_of_pretrain(path)


def opened_of_pretrain(path: Path) -> Opened:
    """The model in a folder or a checkpoint that `designloop pretrain` wrote. Raises InputError as `opened`."""
    from designloop.language_models.from_checkpoint import checkpoint_at
    from designloop.language_models.transformer import loaded

    file = checkpoint_at(path).resolve()
    return Opened(file, loaded(file))


def is_of_transformers(path: Path) -> bool:
    """True for a folder that the transformers library wrote, and not `designloop pretrain`."""
    return (path / "config.json").is_file() and not (path / "model.yaml").exists()


def opened_of_transformers(path: Path, alphabet: Alphabet, settings: Sequence[str]) -> Opened:
    """The model of the transformers library in a folder, for one alphabet. It has no distribution of lengths.

    Raises InputError if it cannot be read or lacks letters, ConfigError for an invalid setting.
    """
    from designloop.core.spaces import Space
    from designloop.language_models.huggingface import HuggingFace
    from designloop.language_models.inference.neural import NeuralModel

    document = Document({"path": str(path)}, "the command line")
    override(document, settings)
    model = build(HuggingFace, document).pretrained([], Space.of_length(alphabet, 1))
    assert isinstance(model, NeuralModel)
    return Opened(path.resolve(), model, is_of_transformers=True)


def named(models: Sequence[Opened]) -> dict[str, Opened]:
    """The models by name, or by their whole path if two have the same name."""
    names = [each.name for each in models]
    return {each.name if names.count(each.name) == 1 else str(each.path): each for each in models}


def read_for(each: Opened, file: Path, column: str | None, ambiguous: Ambiguous) -> Reading:
    """The sequences of a file, in the model's alphabet. Raises InputError with the line, and the letter or length."""
    try:
        reading = read_cleaned(file, each.model.alphabet, column=column, ambiguous=ambiguous)
    except InputError as error:
        error.add_note(f"The alphabet, {each.model.alphabet.name}, is that of {each.path}.")
        raise
    check_context(reading.entries, file, each.longest)
    return reading


def check_context(entries: Sequence[Entry], file: Path, context: float) -> None:
    """Raises InputError, with the line, for a sequence that is longer than a model's context."""
    for entry in entries:
        if len(entry.sequence) > context:
            raise InputError(
                f"{file}, {entry.place}: the sequence has {many(len(entry.sequence), 'letter')}, but the model's "
                f"context is {context}; shorten it, or train a model with a longer --context"
            )
