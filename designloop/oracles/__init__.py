"""Oracles hold the hidden truth: sequences in, values out. Only the lab's assay may call them."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.oracles.command import Command as Command
    from designloop.oracles.ehrlich import Ehrlich as Ehrlich
    from designloop.oracles.evolved import Evolved as Evolved
    from designloop.oracles.expression import Expression as Expression
    from designloop.oracles.fitted import Fitted as Fitted
    from designloop.oracles.function import FunctionOracle as FunctionOracle
    from designloop.oracles.landscape import Landscape as Landscape
    from designloop.oracles.likelihood import Likelihood as Likelihood
    from designloop.oracles.nk import NK as NK
    from designloop.oracles.parallel import Parallel as Parallel
    from designloop.oracles.posterior_draw import PosteriorDraw as PosteriorDraw
    from designloop.oracles.python import Python as Python
    from designloop.oracles.rna_folding import RnaFolding as RnaFolding
    from designloop.oracles.rough_mt_fuji import RoughMtFuji as RoughMtFuji

PARTS = {
    "ehrlich": "designloop.oracles.ehrlich:Ehrlich",
    "nk": "designloop.oracles.nk:NK",
    "rough-mt-fuji": "designloop.oracles.rough_mt_fuji:RoughMtFuji",
    "likelihood": "designloop.oracles.likelihood:Likelihood",
    "rna-folding": "designloop.oracles.rna_folding:RnaFolding",
    "landscape": "designloop.oracles.landscape:Landscape",
    "fitted": "designloop.oracles.fitted:Fitted",
    "posterior-draw": "designloop.oracles.posterior_draw:PosteriorDraw",
    "function": "designloop.oracles.function:FunctionOracle",
    "command": "designloop.oracles.command:Command",
    "python": "designloop.oracles.python:Python",
    "parallel": "designloop.oracles.parallel:Parallel",
    "evolved": "designloop.oracles.evolved:Evolved",
    "expression": "designloop.oracles.expression:Expression",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
