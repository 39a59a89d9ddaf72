"""An entry is one command of a live campaign: who gave it, and when."""

import os
from dataclasses import dataclass
from datetime import datetime
from getpass import getuser
from typing import Any

WHO = "DESIGNLOOP_USER"
"""The environment variable with the name of the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The number of a command, from 1, its minute and moment, and the person."""

    number: int
    minute: int
    at: datetime
    by: str

    @property
    def facts(self) -> dict[str, Any]:
        """What every event of a command says of it."""
        return {"entry": self.number, "by": self.by, "at": self.at.isoformat()}


def person(given: str | None = None) -> str:
    """The name of the person: as given, by $DESIGNLOOP_USER, or that of the account."""
    try:
        return given or os.environ.get(WHO) or getuser()
    except (OSError, KeyError):  # an account without a name
        return "unknown"
