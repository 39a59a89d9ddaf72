"""Ignore: designs in the lab might as well not be there. What every other rule must beat."""

from typing import ClassVar

from designloop.pending_rules.base import PendingRule


class Ignore(PendingRule):
    """Believes nothing of pending designs; new results alone keep choices apart (Riegler et al. 2026)."""

    believes: ClassVar[bool] = False
