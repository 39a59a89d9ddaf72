"""Storage keeps the events of campaigns, and beside them the sealed truths. SQLite by default, any SQLAlchemy URL."""

from designloop.core.parts import lazy_parts

_NAMES = {
    "store": "designloop.storage.store:Store",
    "log": "designloop.storage.log:EventLog",
    "memory": "designloop.storage.log:MemoryLog",
    "summary": "designloop.storage.summary:Summary",
}
__getattr__, __dir__ = lazy_parts(__name__, _NAMES)
