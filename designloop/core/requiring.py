"""Parts that require something of the space or of this machine, which is checked before any work."""

from typing import Protocol, runtime_checkable

from designloop.core.known import Known
from designloop.core.spaces import Space


@runtime_checkable
class Requiring(Protocol):
    """A part that may not work in every space, or without a package."""

    def check_before_run(self, space: Space, known: Known) -> None:
        """Raise ConfigError or InputError where a campaign in this space would fail."""
        ...
