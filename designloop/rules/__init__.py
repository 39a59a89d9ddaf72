"""Rules are demands on the whole sequence, which every design obeys."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.rules.codons import Codons as Codons
    from designloop.rules.gc import GC as GC
    from designloop.rules.homopolymers import Homopolymers as Homopolymers
    from designloop.rules.motifs import ForbiddenMotifs as ForbiddenMotifs
    from designloop.rules.sites import RestrictionSites as RestrictionSites
    from designloop.rules.translation import TranslatesTo as TranslatesTo

PARTS = {
    "forbidden-motifs": "designloop.rules.motifs:ForbiddenMotifs",
    "restriction-sites": "designloop.rules.sites:RestrictionSites",
    "homopolymers": "designloop.rules.homopolymers:Homopolymers",
    "gc": "designloop.rules.gc:GC",
    "codons": "designloop.rules.codons:Codons",
    "translates-to": "designloop.rules.translation:TranslatesTo",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
