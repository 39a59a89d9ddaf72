"""designloop: the simulator of the slow wet-lab loop, and the scheduler that wins inside it."""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"
_SHELVES = (
    "oracles",
    "strategies",
    "generators",
    "surrogates",
    "acquisition",
    "pending_rules",
    "scheduling",
    "language_models",
)
_PLACES = {
    "Campaign": "designloop.campaign",
    "extend": "designloop.extension",
    "Lab": "designloop.lab.lab",
    "Budget": "designloop.scheduling.base",
    "Space": "designloop.core.spaces",
    "Narrowing": "designloop.core.spaces",
    "Prior": "designloop.core.prior",
    "History": "designloop.core.history",
    "Proposal": "designloop.core.records",
    "Choice": "designloop.core.records",
    "Order": "designloop.core.records",
    "DesignloopError": "designloop.core.errors",
    "oracle": "designloop.oracles.function",
    "Alphabet": "designloop.core.alphabet",
    "DNA": "designloop.core.alphabet",
    "RNA": "designloop.core.alphabet",
    "PROTEIN": "designloop.core.alphabet",
    "states": "designloop.core.alphabet",
}
__all__ = ["__version__", *_SHELVES, *_PLACES]  # noqa: PLE0604  # every entry is a name; the tables say which


def __getattr__(name: str) -> Any:
    """Light at the door: a name is imported when it is first used."""
    if name in _SHELVES:
        return import_module(f"designloop.{name}")
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    from designloop.core.errors import did_you_mean

    raise AttributeError(f"module 'designloop' has no attribute '{name}'{did_you_mean(name, __all__)}")


def __dir__() -> list[str]:
    return sorted(__all__)
