"""Language models of sequences: pretrained on natural ones, they sample, infill, and say how natural a sequence is."""

from designloop.core.parts import lazy_parts

PARTS = {
    "markov": "designloop.language_models.markov:Markov",
    "transformer": "designloop.language_models.transformer:Transformer",
    "checkpoint": "designloop.language_models.from_checkpoint:FromCheckpoint",
    "huggingface": "designloop.language_models.huggingface:HuggingFace",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
