"""Stages are the steps of a lab before the assay."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.stages.station import Station as Station

PARTS = {
    "station": "designloop.stages.station:Station",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, PARTS)
