"""A scheduler decides when the next batch may leave and how large it is; never which designs."""

from math import inf
from typing import ClassVar

from pydantic import Field

from designloop.core.clock import WEEK, minutes
from designloop.core.history import History
from designloop.core.parts import Part
from designloop.core.records import Order, Stop, Wait


class Budget(Part):
    """What a campaign may spend; whichever ends first ends it. Designs and their price count when submitted."""

    designs: int | None = Field(None, ge=1, description="new designs")
    weeks: float | None = Field(None, gt=0, description="simulated weeks")
    cost: float | None = Field(None, gt=0, description="money, in the lab's currency")
