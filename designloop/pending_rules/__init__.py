"""Pending rules say what is believed of designs in the lab while an acquisition looks at candidates."""

from designloop.core.parts import lazy_parts

PARTS = {
    "ignore": "designloop.pending_rules.ignore:Ignore",
    "constant-liar": "designloop.pending_rules.constant_liar:ConstantLiar",
    "pessimistic": "designloop.pending_rules.pessimistic:Pessimistic",
    "kriging-believer": "designloop.pending_rules.kriging_believer:KrigingBeliever",
    "fantasies": "designloop.pending_rules.fantasies:Fantasies",
}
__getattr__, __dir__ = lazy_parts(__name__, PARTS)
