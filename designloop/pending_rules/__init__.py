"""Pending rules assume values for designs that are still in the lab while an acquisition function is evaluated."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.pending_rules.constant_liar import ConstantLiar as ConstantLiar
    from designloop.pending_rules.fantasies import Fantasies as Fantasies
    from designloop.pending_rules.ignore import Ignore as Ignore
    from designloop.pending_rules.joint import Joint as Joint
    from designloop.pending_rules.kriging_believer import KrigingBeliever as KrigingBeliever
    from designloop.pending_rules.pessimistic import Pessimistic as Pessimistic

PARTS = {
    "ignore": "designloop.pending_rules.ignore:Ignore",
    "constant-liar": "designloop.pending_rules.constant_liar:ConstantLiar",
    "pessimistic": "designloop.pending_rules.pessimistic:Pessimistic",
    "kriging-believer": "designloop.pending_rules.kriging_believer:KrigingBeliever",
    "fantasies": "designloop.pending_rules.fantasies:Fantasies",
    "joint": "designloop.pending_rules.joint:Joint",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
