"""Frozen: a part whose attributes cannot be assigned, and the message that says what to do instead."""

from threading import get_ident
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from designloop.core.errors import PartError
from designloop.core.places import is_own, place_now

_LONGEST = 40
"""Characters of a value to quote."""


class FrozenError(PartError, ValueError):
    """An attribute of a part was assigned."""


class Frozen(BaseModel):
    """The base of every part."""

    if not TYPE_CHECKING:  # so that type checkers report an assignment

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                super().__setattr__(name, value)
            except ValidationError:
                raise FrozenError(_sentence(self, name, value)) from None


def _sentence(part: Frozen, name: str, value: Any) -> str:
    """What to do instead of the assignment, and the line of the user's code that made it."""
    place = place_now(get_ident())
    where = f" ({place})" if place is not None and is_own(place.file) else ""
    if name in type(part).model_fields:
        return f"parts are frozen: copy this one with a change, as in part.with_({name}=...){where}"
    kept = "keep nothing on self between calls"
    if type(value) in (bool, int, float, str) and len(repr(value)) < _LONGEST:
        return f"parts are frozen: declare `{name}: {type(value).__name__} = {value!r}` as a field, and {kept}{where}"
    return f"parts are frozen: `{name}` cannot be kept; declare settings as fields, and {kept}{where}"
