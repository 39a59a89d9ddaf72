"""Ignore: pending designs have no effect. The baseline of every other rule."""

from typing import ClassVar

from designloop.pending_rules.base import PendingRule


class Ignore(PendingRule):
    """Assumes nothing about pending designs; only new results make batches different (Riegler et al. 2026)."""

    believes: ClassVar[bool] = False
