"""A small transformer language model that is trained here: one network and three training objectives."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field, model_validator

from designloop.core.alphabet import PAD, Alphabet, Codes
from designloop.core.cache import cached, is_kept
from designloop.core.contents import FORMAT
from designloop.core.errors import InputError
from designloop.core.long_work import steps_of
from designloop.core.memory import memory_here
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel, Objective, Optimizer, Precision, SequenceModel
from designloop.language_models.formats.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from designloop.language_models.formats.keeping import model_key
from designloop.language_models.inference.causal import CausalModel
from designloop.language_models.inference.gaps import GapModel
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.inference.neural import NeuralModel
from designloop.language_models.markov import Markov

if TYPE_CHECKING:
    import torch

    from designloop.language_models.networks.transformer import Network

_MOST_WEIGHTS = 2e9
_BYTES = 3 * 4
"""Bytes per weight in training."""
_KIND = "transformer"
_N_REHEARSED = 8
"""Training steps that are timed to estimate the duration of all steps."""
_WIDTH_A_BLOCK = 32
_HEAD_WIDTH = 16


class Transformer(LanguageModel):
    """A transformer trained on natural sequences, once per campaign, on one thread. `depth` sets its size."""

    objective: Objective = Field(
        "any-order",
        description="what it predicts in training: `causal` each letter from those before it, `masked` a few letters "
        "from all the others, `any-order` any letters from any others",
    )
    direction: Literal["left-to-right", "right-to-left"] = Field(
        "left-to-right", description="reading direction of a causal model"
    )
    depth: int = Field(2, ge=1, le=256, description="transformer blocks; the default width follows from it")
    width: int | None = Field(None, ge=4, le=8_192, description="embedding dimension; none: 32 per block")
    n_heads: int | None = Field(
        None, ge=1, le=1_024, description="attention heads, which share the width; none: one per 16 of the width"
    )
    steps: int = Field(5000, ge=1, description="training steps")
    minibatch: int = Field(512, ge=1, le=10_000_000, description="letters per training step")
    learning_rate: float = Field(3e-3, gt=0, description="peak learning rate, after warm-up and before cosine decay")
    optimizer: Optimizer = Field("muon", description="`muon` is better with many steps, `adamw` with a hundred or two")
    context: int = Field(
        4096, ge=1, le=1_000_000, description="maximum sequence length in letters, in training and later"
    )
    precision: Precision = Field(
        "float32", description="precision of training; `auto`: bfloat16 if the hardware supports it"
    )
    pretrain_seed: int = Field(
        0, ge=0, description="seed of the initial weights, the order of sequences and the hidden letters"
    )
    device: str = Field("auto", description="`cpu`, `cuda`, or `auto`: a GPU if there is one")

    @model_validator(mode="after")
    def _is_consistent(self) -> "Transformer":
        if self.full_width % (2 * self.heads):
            raise ValueError(
                f"expected a width that is a multiple of 2 × n_heads = {2 * self.heads}, got {self.full_width}"
            )
        if self.n_weights > _MOST_WEIGHTS:
            raise ValueError(
                f"{self.depth} blocks of width {self.full_width} have about {self.n_weights:.1g} weights, but at most "
                f"{_MOST_WEIGHTS:.0g} can be trained here; lower depth or width"
            )
        if self.direction != "left-to-right" and self.objective != "causal":
            raise ValueError(f"direction requires objective causal, got {self.objective}; omit direction")
        return self

    @property
    def full_width(self) -> int:
        """The given width, or the default for the depth."""
        return self.width or _WIDTH_A_BLOCK * self.depth

    @property
    def heads(self) -> int:
        """The given number of attention heads, or the default for the width."""
        return self.n_heads or max(1, self.full_width // _HEAD_WIDTH)

    @property
    def n_weights(self) -> int:
        """Number of weights in all blocks."""
        return 12 * self.depth * self.full_width**2

    def least_memory(self, length: int, n_letters: int, n_natural: int) -> float:
        """Bytes of weights, gradients and one moment; 0 if there is nothing to train on, or training is on a GPU."""
        from designloop.language_models.networks.devices import device_named

        need = _BYTES * self.n_weights if n_natural else 0
        # torch is needed to find a GPU, and is not imported if the network fits into memory anyway.
        return 0 if need > memory_here() and device_named(self.device).type != "cpu" else need

    def in_bfloat16(self, device: "torch.device") -> bool:
        """Whether training on this device uses bfloat16."""
        from designloop.language_models.networks.devices import is_bfloat16

        return is_bfloat16(self.precision, device)

    def surroundings(self) -> dict[str, str]:
        """What `auto` means on this machine: the device and the precision of training."""
        from designloop.language_models.networks.devices import device_named

        device = device_named(self.device)
        return {"device": device.type, "precision": "bfloat16" if self.in_bfloat16(device) else "float32"}

    def pretrained(self, corpus: Sequence[str], space: Space) -> SequenceModel:
        """The network trained on `corpus`; without a corpus, the uniform model.

        Raises InputError for a sequence longer than the context.
        """
        if not corpus:
            return Markov(order=0).pretrained(corpus, space)

        def make() -> NeuralModel:
            from designloop.language_models.training.training import trained

            codes = self.encoded(corpus, space.alphabet)
            taken = steps_of("training the language model", self.steps)
            network = trained(self, codes, len(space.alphabet), lambda training, *_: taken(training.step))
            return self.model(network, space.alphabet, Lengths.of(codes, space))

        def load(path: Path) -> NeuralModel:
            return loaded(path, self.device)

        return cached(_KIND, self._key(corpus, space), make, self.save, load)

    def _key(self, corpus: Sequence[str], space: Space) -> str:
        return model_key(self, corpus, space, "torch", format=FORMAT, **self.surroundings())

    def rehearsed(self, corpus: Sequence[str], space: Space) -> tuple[SequenceModel, float]:
        """The cached model and 0, or else a model after a few training steps and the estimated seconds of all steps."""
        if not corpus or is_kept(_KIND, self._key(corpus, space)):
            return self.pretrained(corpus, space), 0.0
        from designloop.language_models.training.training import trained

        codes, ended_at = self.encoded(corpus, space.alphabet), [perf_counter()]
        few = self.with_(steps=_N_REHEARSED)
        network = trained(few, codes, len(space.alphabet), lambda *_: ended_at.append(perf_counter()))
        seconds = float(np.median(np.diff(ended_at)))
        return self.model(network, space.alphabet, Lengths.of(codes, space)), seconds * self.steps

    def encoded(self, corpus: Sequence[str], alphabet: Alphabet) -> Codes:
        """The corpus as codes, (n, L), in reading order."""
        check_lengths(corpus, self.context)
        codes = alphabet.encode(corpus)
        if self.direction == "left-to-right":
            return codes
        from designloop.language_models.inference.causal import turned_round

        return turned_round(codes, codes != PAD)

    def model(self, network: "Network", alphabet: Alphabet, lengths: Lengths) -> NeuralModel:
        """The model of this objective with a trained network."""
        network = network.eval().requires_grad_(False)
        if self.objective != "causal":
            return GapModel(alphabet, network, lengths, self.objective, self.context)
        return CausalModel(alphabet, network, lengths, "causal", self.context, self.direction == "right-to-left")

    def save(self, model: NeuralModel, path: Path, **notes: object) -> None:
        """Write a model of this description as a checkpoint, with `notes` in its header."""
        import torch

        tensors = {**model.network.state_dict(), "lengths": torch.from_numpy(model.lengths.counts)}
        write_checkpoint(Checkpoint(tensors, self.describe(), model.alphabet, dict(notes)), path)


def loaded(path: Path, device: str = "auto") -> NeuralModel:
    """The model in a checkpoint. Raises InputError if the file is truncated or its header does not match."""
    return model_of(read_checkpoint(path), path, device)


def model_of(checkpoint: Checkpoint, path: Path, device: str = "auto") -> NeuralModel:
    """The model in a checkpoint that was read from `path`, on `device`, not on the device of its training."""
    import torch
    from pydantic import ValidationError

    from designloop.language_models.networks.devices import device_named
    from designloop.language_models.networks.transformer import Network

    tensors = dict(checkpoint.tensors)
    if unknown := sorted(checkpoint.description.keys() - Transformer.model_fields.keys() - {"kind"}):
        raise InputError(
            f"{path} was written by a newer version of designloop (unknown in its header: "
            f"{', '.join(map(repr, unknown))}); use that version"
        )
    try:
        part = Transformer.model_validate({k: v for k, v in checkpoint.description.items() if k != "kind"})
        counts = tensors.pop("lengths").numpy()
        with torch.device("meta"):  # makes no first weights, which would draw from the global generator
            network = Network(
                len(checkpoint.alphabet), part.depth, part.full_width, part.heads, causal=part.objective == "causal"
            )
        network.load_state_dict(tensors, assign=True)
    except (ValidationError, RuntimeError, KeyError) as error:
        raise InputError(f"the weights in {path} do not match its header; write it again ({error})") from error
    return part.model(network.to(device_named(device)), checkpoint.alphabet, Lengths(counts))


def check_lengths(sequences: Sequence[str], context: int) -> None:
    """Raises InputError for a sequence longer than the model's context."""
    for place, sequence in enumerate(sequences):
        if len(sequence) > context:
            raise InputError(
                f"sequence {place + 1} has {len(sequence)} letters, but the model's context is {context}; shorten it, "
                "or train a model with a longer `context`"
            )
