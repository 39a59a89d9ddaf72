"""A small transformer language model: any letters given any others, in any order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.cache import cached
from designloop.core.space import Space
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.language_models.keeping import load_arrays, model_key, save_arrays
from designloop.language_models.lengths import Lengths, allowed_letters, template
from designloop.language_models.markov import Markov, pick

if TYPE_CHECKING:
    from designloop.language_models.network import Network

_CHUNK = 128
"""Sequences in one pass of the network: more no longer fit the processor's cache, and are slower."""


class Transformer(LanguageModel):
    """A transformer that learns to fill in natural sequences; pretrained once, on one thread."""

    objective: Literal["any-order"] = Field(
        "any-order", description="what is hidden in training, and so what it can do"
    )
    depth: int = Field(2, ge=1, description="blocks of attention and perceptron")
    width: int = Field(64, ge=4, description="numbers that stand for one letter")
    n_heads: int = Field(4, ge=1, description="heads of attention; they share the width")
    steps: int = Field(5000, ge=1, description="steps of training")
    minibatch: int = Field(16, ge=1, description="sequences in one step of training")
    learning_rate: float = Field(3e-3, gt=0, description="largest step size, after warm-up and before its cosine fall")
    pretrain_seed: int = Field(0, ge=0, description="seed of first weights, order of sequences and hidden letters")
    device: str = Field("auto", description="`cpu`, `cuda`, or `auto`: a GPU where there is one")

    @model_validator(mode="after")
    def _heads_share_the_width(self) -> "Transformer":
        if self.width % (2 * self.n_heads):
            raise ValueError(
                f"width {self.width} must be a multiple of twice n_heads {self.n_heads}: rotary positions turn pairs"
            )
        return self

    def pretrained(self, corpus: Sequence[str], space: Space) -> SequenceModel:
        """The network trained on `corpus`; from no corpus, the uniform model."""
        if not corpus:
            return Markov(order=0).pretrained(corpus, space)

        def make() -> TransformerModel:
            from designloop.language_models.training import trained

            codes = space.alphabet.encode(corpus)
            return TransformerModel(space.alphabet, trained(self, codes, len(space.alphabet)), Lengths.of(codes, space))

        def load(path: Path) -> TransformerModel:
            return _load(path, self, space.alphabet)

        return cached("transformer", model_key(self, corpus, space, "torch"), make, _save, load)


def _save(model: "TransformerModel", path: Path) -> None:
    weights = {name: weight.cpu().numpy() for name, weight in model.network.state_dict().items()}
    save_arrays({"lengths": model.lengths.counts, **weights}, path)


def _load(path: Path, description: Transformer, alphabet: Alphabet) -> "TransformerModel":
    import torch

    from designloop.language_models.network import Network
    from designloop.language_models.training import device_named

    arrays = load_arrays(path)
    lengths = Lengths(arrays.pop("lengths"))
    with torch.device("meta"):  # makes no first weights, which would draw from the global generator
        network = Network(len(alphabet), description.depth, description.width, description.n_heads)
    network.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()}, assign=True)
    network = network.to(device_named(description.device)).eval().requires_grad_(False)
    return TransformerModel(alphabet, network, lengths)


@dataclass(frozen=True)
class TransformerModel:
    """A trained transformer.

    Samples and infills are drawn in a random order, each letter given those already there; temperature t draws each
    letter from its probability to the power 1/t. `log_likelihood` is an estimate: the masked pseudo-likelihood.
    """

    alphabet: Alphabet
    network: "Network"
    lengths: Lengths

    def sample(
        self,
        n: int,
        space: Space,
        rng: np.random.Generator,
        *,
        temperature: float = 1.0,
        passes: int | None = None,
    ) -> list[str]:
        """`n` sequences of the space's lengths and allowed letters: lengths first, then letters given the length."""
        codes, missing = template(self.lengths.sample(n, space, rng), space.max_length)
        filled = self.infill(codes, missing, space, rng, temperature=temperature, passes=passes)
        return self.alphabet.decode(filled)

    def infill(
        self,
        codes: Codes,
        missing: NDArray[np.bool_],
        space: Space,
        rng: np.random.Generator,
        *,
        temperature: float = 1.0,
        passes: int | None = None,
    ) -> Codes:
        """`codes` with the letters at `missing`, (n, L), drawn given all the others, in a random order.

        One pass of the network for each letter of a sequence, unless `passes` says how many at most: letters drawn in
        one pass do not see each other. Quickest, and good where few letters are missing: `passes=1`.
        """
        missing = np.asarray(missing, dtype=bool)
        filled = np.where(missing, 0, codes).astype(np.int16)
        keys, uniforms = rng.random(codes.shape), rng.random(codes.shape)  # by row: chunks change no draw
        turns = _turns(missing, keys, passes)
        allowed = allowed_letters(space, codes.shape[1])
        for chunk in _chunks(len(codes)):
            _fill(self.network, filled[chunk], turns[chunk], uniforms[chunk], allowed, temperature)
        return filled

    def log_likelihood(self, sequences: Sequence[str], *, passes: int = 4) -> NDArray[np.float64]:
        """Natural log of each sequence's masked pseudo-likelihood, an estimate without chance, shape (n,).

        The sum of the letters' at that many `passes` (more, and each sees more of the others), plus the log probability
        of the length.
        """
        n_letters = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
        letters = self.letter_log_likelihoods(sequences, passes=passes).sum(axis=1)
        return np.asarray(letters + self.lengths.log_probability(n_letters))

    def letter_log_likelihoods(self, sequences: Sequence[str], *, passes: int = 2) -> NDArray[np.float64]:
        """Natural log of each letter's probability given the others, shape (n, longest), 0 behind the end.

        Hides every `passes`-th letter at once, in that many passes. With as many passes as letters, each is given all
        the others: the pseudo-log-likelihood of Salazar et al. 2020.
        """
        codes = self.alphabet.encode(sequences)
        log_p = np.zeros(codes.shape)
        for offset in range(min(passes, codes.shape[1])):
            hidden = (codes != PAD) & (np.arange(codes.shape[1]) % passes == offset)
            log_p += self._log_p(codes, hidden, hidden)
        return log_p

    def order_log_likelihood(
        self, sequences: Sequence[str], rng: np.random.Generator, *, orders: int = 1
    ) -> NDArray[np.float64]:
        """Letter by letter, log P(sequence), a mean over random orders: expected below the log likelihood, (n,).

        Exact for one order; one pass for each letter. Hoogeboom et al. 2022, eq. 3.
        """
        codes = self.alphabet.encode(sequences)
        is_letter = codes != PAD
        total = np.zeros(len(codes))
        for _ in range(orders):
            turns = _turns(is_letter, rng.random(codes.shape), None)
            for turn in range(codes.shape[1]):
                total += self._log_p(codes, turns >= turn, turns == turn).sum(axis=1)
        return np.asarray(total / orders + self.lengths.log_probability(is_letter.sum(axis=1)))

    def _log_p(self, codes: Codes, hidden: NDArray[np.bool_], read: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Where `read`, log P(the letter there | the letters that are not `hidden`), else 0; shape (n, L)."""
        found = np.zeros(codes.shape)
        for chunk in _chunks(len(codes)):
            log_p = _log_probabilities(self.network, codes[chunk], hidden[chunk], read[chunk])
            letters = codes[chunk][read[chunk]]
            found[chunk][read[chunk]] = log_p[np.arange(len(letters)), letters]
        return found


def _chunks(n: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, n, _CHUNK))


def _turns(missing: NDArray[np.bool_], keys: NDArray[np.float64], passes: int | None) -> NDArray[np.int64]:
    """In which pass each missing letter is drawn, by the rank of its key in its row, (n, L); -1 elsewhere."""
    ranks = np.where(missing, keys, 2.0).argsort(axis=1).argsort(axis=1)
    if passes is not None:
        counts = missing.sum(axis=1, keepdims=True)
        ranks = np.where(counts > passes, ranks * passes // np.maximum(counts, 1), ranks)
    return np.where(missing, ranks, -1)


def _fill(
    network: "Network",
    codes: Codes,
    turns: NDArray[np.int64],
    uniforms: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    temperature: float,
) -> None:
    """Draw the missing letters of one chunk into `codes`, pass by pass."""
    for turn in range(int(turns.max(initial=-1)) + 1):
        rows = np.flatnonzero((turns == turn).any(axis=1))
        here = turns[rows] == turn
        log_p = _log_probabilities(network, codes[rows], turns[rows] >= turn, here)
        places, columns = np.nonzero(here)
        scores = np.where(allowed[columns], log_p / temperature, -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        codes[rows[places], columns] = pick(weights, uniforms[rows[places], columns])


def _log_probabilities(
    network: "Network", codes: Codes, hidden: NDArray[np.bool_], read: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Natural log of P(letter | letters not hidden) where `read`, in row-major order: (number read, letters)."""
    import torch

    from designloop.language_models.training import letters_of, one_thread

    counts = read.sum(axis=1)
    at = np.argsort(~read, axis=1, kind="stable")[:, : max(int(counts.max(initial=0)), 1)]  # (B, M), those read first
    wanted = np.arange(at.shape[1]) < counts[:, None]
    with torch.inference_mode(), one_thread():
        letters = letters_of(codes, network)
        letters[torch.from_numpy(hidden)] = network.gap
        device = network.head.weight.device
        logits = network(letters.to(device), torch.from_numpy(at).to(device))
        chosen = logits.cpu()[torch.from_numpy(wanted)].double()
        return np.asarray(torch.log_softmax(chosen, dim=1).numpy())
