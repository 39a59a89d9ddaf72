"""A model from a checkpoint: pretrained before, with `designloop pretrain`, and used in a campaign as it is."""

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

    path: FilePath = Field(description="the checkpoint, or the folder that `designloop pretrain --out` named")
    device: str = Field("auto", description="`cpu`, `cuda`, or `auto`: a GPU where there is one")

    def pretrained(self, corpus: Sequence[str], space: Space) -> SequenceModel:
        """The model in the file. Raises InputError where it is cut short, or of another alphabet than the space's."""
        from designloop.language_models.transformer import loaded

        path = checkpoint_at(self.path)
        model = remembered("checkpoint", f"{file_digest(path)} on {self.device}", lambda: loaded(path, self.device))
        check_alphabet(model.alphabet, space.alphabet, path)
        return model


def checkpoint_at(path: str | Path) -> Path:
    """The checkpoint's file: the path itself, or the one in the folder it names. Raises InputError where it is not."""
    return found(Path(path) / MODEL if is_folder(expanded(path)) else path)
