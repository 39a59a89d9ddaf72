"""Generators propose candidate sequences, freely or by climbing a cheap in-silico function."""

from designloop.core.parts import lazy_parts

PARTS = {
    "language-model": "designloop.generators.language_model:LanguageModel",
    "mutation": "designloop.generators.mutation:Mutation",
    "enumerate": "designloop.generators.enumeration:Enumerate",
    "mixture": "designloop.generators.mixture:Mixture",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
