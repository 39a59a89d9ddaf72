"""What a lab did, computed from events alone: utilisation, queues, waits, turnarounds and the bottleneck."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.operations.operations import Operations as Operations

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, {"Operations": "designloop.operations.operations:Operations"})
