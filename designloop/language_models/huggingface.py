"""Local models of the `transformers` library, such as ESM-2, RiNALMo and ProtGPT2."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import Field

from designloop.core.alphabet import Alphabet
from designloop.core.cache import content_key, remembered
from designloop.core.contents import folder_digest
from designloop.core.errors import InputError
from designloop.core.files import FilePath
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.language_models.formats.huggingface_folder import Kind, check_weights, folder_at, library, reading
from designloop.language_models.formats.keeping import versions
from designloop.language_models.formats.spelling import Spelling, spelling_of
from designloop.language_models.inference.causal import CausalModel
from designloop.language_models.inference.gaps import GapModel
from designloop.language_models.inference.lengths import Lengths
from designloop.language_models.inference.segments import SegmentModel

if TYPE_CHECKING:
    from designloop.language_models.networks.letter_network import LetterNetwork


class Found(NamedTuple):
    """The contents of a model folder."""

    network: "LetterNetwork"
    spelling: Spelling
    objective: Kind
    context: int


class HuggingFace(LanguageModel):
    """A masked or causal model of `transformers`, with its tokenizer, from a folder. Nothing is downloaded.

    If each letter is one token, the model works letter by letter, and probabilities are renormalised over the alphabet.
    A causal model whose tokens spell several letters works token by token. The distribution of lengths comes from the
    corpus, or from the space if there is no corpus. The corpus is used for nothing else.
    """

    path: FilePath = Field(description="folder written by `save_pretrained`: model.safetensors, config, tokenizer")
    objective: Literal["auto", "masked", "causal"] = Field(
        "auto", description="training objective; `auto`: from the architecture in its config"
    )
    letters: dict[str, str] = Field(
        {}, description="letters of the alphabet that its tokenizer writes differently, such as {U: T}"
    )
    prefix: str | None = Field(
        None,
        description="text before each sequence, in tokens of its vocabulary, such as [HEAVY][HUMAN]; none: as its "
        "tokenizer does, or its begin token",
    )
    context: int | None = Field(
        None, ge=1, le=1_000_000, description="maximum sequence length in letters (or tokens); none: from its config"
    )
    needs: str | None = Field(
        None,
        description="package to import first, if it defines the architecture, such as `multimolecule` for RiNALMo",
    )
    device: str = Field("auto", description="`cpu`, `cuda`, or `auto`: a GPU if there is one")

    def pretrained(self, corpus: Sequence[str], space: Space) -> SequenceModel:
        """The model in the folder. Raises InputError if there is none, or it lacks letters of the space."""
        folder = folder_at(self.path)
        key = content_key(
            description=self.describe(),
            files=folder_digest(folder),
            letters=space.alphabet.letters,
            versions=versions("designloop", "torch", "transformers"),
        )
        found = remembered("huggingface", key, lambda: self._load(folder, space.alphabet))
        lengths = Lengths.of(space.alphabet.encode(corpus), space)
        shared = (space.alphabet, found.network, lengths, found.objective, found.context)
        if found.objective == "masked":
            return GapModel(*shared)
        if found.spelling.is_by_letter:
            return CausalModel(*shared)
        return SegmentModel(*shared, spelling=found.spelling)

    def _load(self, folder: Path, alphabet: Alphabet) -> Found:
        from designloop.language_models.networks.devices import device_named

        objective, model, tokenizer = self._opened(folder)
        begin = _beginning(model, tokenizer) if objective == "causal" else None
        try:
            spelling = spelling_of(tokenizer, alphabet, self.letters, self.prefix, begin)
        except InputError as error:
            raise InputError(f"{folder}: {error}") from error
        _check_spelling(spelling, objective, folder)
        n_around = len(spelling.before) + (len(spelling.after) if objective == "masked" else 0)
        context = self.context or _positions(model, folder) - n_around
        network = _network(objective, model, spelling).to(device_named(self.device))
        return Found(network.eval().requires_grad_(False), spelling, objective, context)

    def _opened(self, folder: Path) -> tuple[Kind, Any, Any]:
        """(objective, model, tokenizer) as the library reads them."""
        transformers = library(self.needs)
        what = "a model" if self.objective == "auto" else f"a {self.objective} model"
        with reading(folder, what, transformers.__version__):
            config = transformers.AutoConfig.from_pretrained(folder, **_LOCALLY)
            objective = self._objective(config, folder)
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **_LOCALLY)
            model, report = _CLASS[objective](transformers).from_pretrained(
                folder, config=config, use_safetensors=True, output_loading_info=True, **_LOCALLY
            )
        check_weights(model, report["missing_keys"], objective, folder)
        return objective, model.float(), tokenizer

    def _objective(self, config: Any, folder: Path) -> Kind:
        if self.objective != "auto":
            return self.objective
        names = config.architectures or []
        for name in names:
            if name.endswith("ForMaskedLM"):
                return "masked"
            if name.endswith(("ForCausalLM", "LMHeadModel")):
                return "causal"
        raise InputError(
            f"{folder}: cannot tell from {' and '.join(names) or 'the config'} whether the model is masked or causal; "
            "set `objective: masked` or `objective: causal`"
        )


_LOCALLY: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
_CLASS = {
    "masked": lambda library: library.AutoModelForMaskedLM,
    "causal": lambda library: library.AutoModelForCausalLM,
}


def _check_spelling(spelling: Spelling, objective: Kind, folder: Path) -> None:
    if objective == "masked" and not spelling.is_by_letter:
        raise InputError(
            f"{folder}: a masked model needs one token per letter, but this tokenizer has tokens such as "
            f"{spelling.texts[0]!r}; use a causal model, or one with single-letter tokens"
        )
    if objective == "masked" and spelling.mask is None:
        raise InputError(f"{folder}: the tokenizer has no mask token; set `objective: causal` if the model is causal")
    if objective == "causal" and not spelling.before:
        raise InputError(f"{folder}: the tokenizer has no begin token; set `prefix:` to the text before a sequence")


def _network(objective: Kind, model: Any, spelling: Spelling) -> "LetterNetwork":
    from designloop.language_models.networks.huggingface import CausalNetwork, MaskedNetwork

    return MaskedNetwork(model, spelling) if objective == "masked" else CausalNetwork(model, spelling)


def _positions(model: Any, folder: Path) -> int:
    """Number of token positions of the model."""
    n_positions = getattr(model.config, "max_position_embeddings", None)
    if n_positions is None:
        raise InputError(f"{folder}: its config has no maximum length; set `context:`, in letters")
    tables = (getattr(module, "position_embeddings", None) for module in model.modules())
    paddings = (getattr(table, "padding_idx", None) for table in tables)
    # RoBERTa, and therefore ESM, counts positions from the one after the padding position.
    taken = [padding + 1 for padding in paddings if padding is not None]
    return int(n_positions - max(taken, default=0))


def _beginning(model: Any, tokenizer: Any) -> int | None:
    """The begin token of a sequence, or else the end token of the previous one."""
    numbers = (tokenizer.bos_token_id, getattr(model.config, "bos_token_id", None), tokenizer.eos_token_id)
    return next((number for number in numbers if number is not None), None)
