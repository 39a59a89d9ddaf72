"""Generators propose candidate sequences, freely or by optimising a cheap score in silico."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.generators.enumeration import Enumerate as Enumerate
    from designloop.generators.language_model import LanguageModel as LanguageModel
    from designloop.generators.mixture import Mixture as Mixture
    from designloop.generators.mutation import Mutation as Mutation

PARTS = {
    "language-model": "designloop.generators.language_model:LanguageModel",
    "mutation": "designloop.generators.mutation:Mutation",
    "enumerate": "designloop.generators.enumeration:Enumerate",
    "mixture": "designloop.generators.mixture:Mixture",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
