"""The predictions in `designloop inspect`: likelihoods per letter, and masked letters by models and neighbours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.table import Table

from designloop.cli.shared.opened_models import (
    Opened,
    check_context,
    is_of_transformers,
    named,
    opened_of_pretrain,
    opened_of_transformers,
)
from designloop.cli.shared.sequence_groups import Ask, Group, read
from designloop.cli.shared.terminal_tables import table_of, to_the_right
from designloop.core.alphabet import Alphabet
from designloop.core.errors import ConfigError, InputError
from designloop.core.readers.sequences import MASK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from designloop.inspection.masked import MaskedLetter

_LETTERS_SHOWN = 6
"""How many letters are shown, the most probable first, if the alphabet has more."""


@dataclass(frozen=True, slots=True)
class Likelihood:
    """The log-likelihood of one sequence under one model, in nats per letter, and of each of its letters."""

    row: int
    model: str
    nats_per_letter: float
    letters: tuple[float, ...]
    """Log-likelihood of each letter."""

    @property
    def least(self) -> int:
        """The position of the least likely letter, from 0."""
        return self.letters.index(min(self.letters))


@dataclass(frozen=True, slots=True)
class Asked:
    """The answers of models and neighbours."""

    group: Group
    corpus: Group | None
    likelihoods: list[Likelihood]
    masked: list["MaskedLetter"]

    def tables(self, top: int) -> Iterator[Table]:
        """Tables: the likelihoods of the first `top` sequences, and one table per masked letter."""
        if self.likelihoods and top:
            yield self._likely([each for each in self.likelihoods if each.row < top])
        yield from map(self._masked, self.masked)

    def as_dict(self) -> dict[str, Any]:
        """The answers for JSON, with a key for each kind that is present. Positions and records count from 1."""
        told: dict[str, Any] = {}
        if self.likelihoods:
            told["likelihoods"] = [self._likelihood(each) for each in self.likelihoods]
        if self.masked:
            told["masked"] = [self._letter(each) for each in self.masked]
        return told

    def _likely(self, likelihoods: list[Likelihood]) -> Table:
        table = table_of("Log-likelihoods", "record", "model", "nats/letter", "least likely letter")
        for each in likelihoods:
            letter = self.group.entries[each.row].sequence[each.least]
            least = f"{letter}{each.least + 1} ({each.letters[each.least]:.2f})"
            table.add_row(self.group.named(each.row), each.model, f"{each.nats_per_letter:.3f}", least)
        return table

    def _likelihood(self, each: Likelihood) -> dict[str, Any]:
        return {
            "record": each.row + 1,
            "model": each.model,
            "nats_per_letter": each.nats_per_letter,
            "least_likely_position": each.least + 1,
            "letters": each.letters,
        }

    def _masked(self, each: "MaskedLetter") -> Table:
        title = f"Position {each.position + 1} of record {self.group.named(each.row)}"
        few = len(self.alphabet) <= _LETTERS_SHOWN
        table = table_of(title, "source", *(self.alphabet.letters if few else ["shares"]), "letter", "remark")
        for who, shares, says, about in self._answers(each):
            cells = _cells(shares, self.alphabet) if few else [_likeliest(shares, self.alphabet)]
            table.add_row(who, *cells, says, about)
        return to_the_right(table) if few else table

    def _answers(self, each: "MaskedLetter") -> Iterator[tuple[str, "NDArray[np.float64] | None", str, str]]:
        """(source, shares of the letters, predicted letter, remark) of each row."""
        for name, shares in each.by_model.items():
            said = "" if shares is None else self.alphabet.letters[int(shares.argmax())]
            yield name, shares, said, "too many masked letters for this model" if shares is None else ""
        nearest = each.nearest()
        if nearest is None or self.corpus is None:
            if self.corpus is not None:
                yield "nearest", None, "", "no neighbours are left"
            return
        about = f"{self.corpus.named(nearest.index)}, identity {nearest.identity:.1%}"
        yield "nearest", None, nearest.letter or "gap", about
        n = sum(voter.letter is not None for voter in each.voters)
        alike = [voter.identity for voter in each.voters]
        about = f"{n} of {len(alike)} have a letter; identity {min(alike):.1%} to {max(alike):.1%}"
        yield f"{len(each.voters)} nearest", each.votes(self.alphabet), each.majority(self.alphabet) or "gap", about
        weighted = each.votes(self.alphabet, weighted=True), each.majority(self.alphabet, weighted=True) or "gap"
        yield f"{len(each.voters)} weighted", *weighted, "by identity"

    def _letter(self, each: "MaskedLetter") -> dict[str, Any]:
        nearest, letters = each.nearest(), self.alphabet.letters
        its = {
            "record": each.row + 1,
            "position": each.position + 1,
            "models": {
                name: None if shares is None else dict(zip(letters, map(float, shares), strict=True))
                for name, shares in each.by_model.items()
            },
        }
        if nearest is None:
            return its
        votes = {
            key: dict(zip(letters, map(float, each.votes(self.alphabet, weighted=weighted)), strict=True))
            for key, weighted in (("votes", False), ("weighted_votes", True))
        }
        record = {"record": nearest.index + 1, "identity": nearest.identity, "letter": nearest.letter}
        return {**its, "nearest": record, "n_voters": len(each.voters), **votes}

    @property
    def alphabet(self) -> Alphabet:
        return self.group.alphabet


def read_and_opened(ask: Ask) -> tuple[list[Group], bool, dict[str, Opened]]:
    """As `read`, and the models by name. Models of `designloop pretrain` determine the alphabet.

    Raises InputError if two have different alphabets, ConfigError if there are settings without a model for them.
    """
    if ask.settings and not any(map(is_of_transformers, ask.models)):
        raise ConfigError("--set requires a --model of the transformers library; give one, or omit --set")
    own = {path: opened_of_pretrain(path) for path in ask.models if not is_of_transformers(path)}
    groups, is_guessed = read(ask, _alphabet(list(own.values())))
    alphabet = groups[0].alphabet
    found = [own.get(path) or opened_of_transformers(path, alphabet, ask.settings) for path in ask.models]
    return groups, is_guessed, named(found)


def _alphabet(models: list[Opened]) -> Alphabet | None:
    """The alphabet of all models; None without models. Raises InputError if they differ."""
    if not models:
        return None
    from designloop.language_models.formats.checkpoints import check_alphabet

    alphabet = models[0].model.alphabet
    for each in models[1:]:
        check_alphabet(each.model.alphabet, alphabet, each.path)
    return alphabet


def asked_of(ask: Ask, groups: list[Group], models: Mapping[str, Opened]) -> Asked:
    """The answers of the models and, with `--mask`, of the neighbours. Invalid requests raise before any work."""
    group, corpus = groups[0], groups[1] if len(groups) > 1 else None
    _check(ask, group, models)
    if not ask.mask:
        return Asked(group, corpus, list(_likelihoods(group, models)), [])
    from designloop.inspection.masked import masked_letters

    natural = corpus.sequences if corpus else []
    asked = {name: each.model for name, each in models.items()}
    masked = masked_letters(group.sequences, group.alphabet, asked, natural, leave_out=ask.leave_out)
    return Asked(group, corpus, [], masked)


def _check(ask: Ask, group: Group, models: Mapping[str, Opened]) -> None:
    from designloop.language_models.formats.checkpoints import check_alphabet

    if ask.leave_out is not None and not (ask.mask and ask.corpus):
        raise ConfigError("--leave-out requires --mask and --corpus")
    if ask.mask and not models and ask.corpus is None:
        raise ConfigError("--mask requires a --corpus or a --model")
    if ask.mask and not any(MASK in sequence for sequence in group.sequences):
        raise InputError(f"{group.file} has no masked letters; write {MASK} for each letter to predict")
    for name, each in models.items():
        check_alphabet(each.model.alphabet, group.alphabet, name)
        check_context(group.entries, group.file, each.longest)


def _likelihoods(group: Group, models: Mapping[str, Opened]) -> Iterator[Likelihood]:
    """The likelihood of each sequence without masked letters, under each model."""
    from designloop.language_models.base import per_letter

    rows = [row for row, sequence in enumerate(group.sequences) if MASK not in sequence]
    sequences = [group.sequences[row] for row in rows]
    told = {}
    for name, each in models.items():
        whole = per_letter(each.log_likelihood(sequences), sequences)
        told[name] = whole, each.model.letter_log_likelihoods(sequences)
    for place, row in enumerate(rows):
        for name, (whole, letters) in told.items():
            nats = letters[place, : len(sequences[place])]
            yield Likelihood(row, name, float(whole[place]), tuple(map(float, nats)))


def _cells(shares: "NDArray[np.float64] | None", alphabet: Alphabet) -> list[str]:
    return ["" for _ in alphabet.letters] if shares is None else [f"{share:.3f}" for share in shares]


def _likeliest(shares: "NDArray[np.float64] | None", alphabet: Alphabet) -> str:
    if shares is None:
        return ""
    order = np.argsort(-shares, kind="stable")[:_LETTERS_SHOWN]
    return " ".join(f"{alphabet.letters[i]} {shares[i]:.3f}" for i in order)
