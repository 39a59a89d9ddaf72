"""A model from a checkpoint of `designloop pretrain`, used in a campaign without further training."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from designloop.core.cache import remembered
from designloop.core.contents import MODEL, file_digest
from designloop.core.files import FilePath, expanded, found, is_folder
from designloop.core.spaces import Space
from designloop.language_models.base import LanguageModel, SequenceModel
from designloop.language_models.formats.checkpoints import check_alphabet


class FromCheckpoint(LanguageModel):
    """A transformer that `designloop pretrain` wrote. The campaign's corpus does not train it further."""

    path: FilePath = Field(description="the checkpoint, or the output folder of `designloop pretrain`")
    device: str = Field("auto", description="`cpu`, `cuda`, or `auto`: a GPU if there is one")

    def pretrained(self, corpus: Sequence[str], space: Space) -> SequenceModel:
        """The model in the file. Raises InputError if it is truncated or its alphabet is not the space's."""
        from designloop.language_models.transformer import loaded

        path = checkpoint_at(self.path)
        model = remembered("checkpoint", f"{file_digest(path)} on {self.device}", lambda: loaded(path, self.device))
        check_alphabet(model.alphabet, space.alphabet, path)
        return model


def checkpoint_at(path: str | Path) -> Path:
    """The checkpoint file: the path itself, or the file in the folder. Raises InputError if it does not exist."""
    return found(Path(path) / MODEL if is_folder(expanded(path)) else path)
