"""Joint: pending designs are part of the batch."""

from typing import ClassVar

from designloop.pending_rules.kriging_believer import KrigingBeliever


class Joint(KrigingBeliever):
    """Draws the values of pending designs together with those of the candidates, as X_pending in BoTorch.

    A candidate counts for what it adds to the pending designs in each draw. Acquisition functions that score candidates
    one by one use `kriging-believer` instead, and so does the search for candidates.
    """

    is_joint: ClassVar[bool] = True
