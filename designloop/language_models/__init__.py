"""Language models of sequences: pretrained on natural sequences, they sample, infill and compute likelihoods."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.language_models.from_checkpoint import FromCheckpoint as FromCheckpoint
    from designloop.language_models.huggingface import HuggingFace as HuggingFace
    from designloop.language_models.markov import Markov as Markov
    from designloop.language_models.transformer import Transformer as Transformer

PARTS = {
    "markov": "designloop.language_models.markov:Markov",
    "transformer": "designloop.language_models.transformer:Transformer",
    "checkpoint": "designloop.language_models.from_checkpoint:FromCheckpoint",
    "huggingface": "designloop.language_models.huggingface:HuggingFace",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
