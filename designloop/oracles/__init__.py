"""Oracles hold the hidden truth: sequences in, values out. Only the lab's assay may ask them."""

from designloop.core.parts import lazy_parts

PARTS = {
    "ehrlich": "designloop.oracles.ehrlich:Ehrlich",
    "nk": "designloop.oracles.nk:NK",
    "landscape": "designloop.oracles.landscape:Landscape",
    "function": "designloop.oracles.function:FunctionOracle",
    "evolved": "designloop.oracles.evolved:Evolved",
    "expression": "designloop.oracles.expression:Expression",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
