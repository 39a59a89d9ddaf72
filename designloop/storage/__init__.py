"""Storage keeps the events of campaigns and the sealed truths: in SQLite by default, or at any SQLAlchemy URL."""

from typing import TYPE_CHECKING

from designloop.core.parts import lazy_parts

if TYPE_CHECKING:
    from designloop.storage.log import EventLog as EventLog
    from designloop.storage.log import MemoryLog as MemoryLog
    from designloop.storage.store import Store as Store
    from designloop.storage.summary import Summary as Summary

_NAMES = {
    "store": "designloop.storage.store:Store",
    "log": "designloop.storage.log:EventLog",
    "memory": "designloop.storage.log:MemoryLog",
    "summary": "designloop.storage.summary:Summary",
}
if not TYPE_CHECKING:
    __getattr__, __dir__ = lazy_parts(__name__, _NAMES)
