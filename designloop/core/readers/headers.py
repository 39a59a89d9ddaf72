"""The header of a table: its columns are found by name, also in other case and spacing."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BeforeValidator

from designloop.core.errors import InputError, near_word

_NAMES_SHOWN = 30


def _as_text(name: Any) -> Any:
    return str(name) if isinstance(name, int) and not isinstance(name, bool) else name


Column = Annotated[str, BeforeValidator(_as_text)]
"""The name of a column. YAML reads a name such as `2500`, a concentration, as a number; it is converted to text."""


def folded(name: str) -> str:
    """The name in lower case, with every run of blanks, `_` and `-` as one blank: `Std_Error ` is `std error`."""
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())


def places_of(name: str, names: Sequence[str]) -> list[int]:
    """The places of the columns called `name`; if there are none, of those that differ in case or spacing only.

    Raises InputError where columns of different names fit.
    """
    if exact := [place for place, its in enumerate(names) if its == name]:
        return exact
    wanted = folded(name)
    near = [place for place, its in enumerate(names) if folded(its) == wanted and wanted]
    if len(spellings := sorted({names[place] for place in near})) > 1:
        fitting = " and ".join(f"'{spelling}'" for spelling in spellings)
        raise InputError(f"column '{name}' may be {fitting}; give the exact name")
    return near


def no_column(name: str, names: Sequence[str]) -> str:
    """`has no column 'x' (columns: ...)`, with the nearest name."""
    more = f", and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    begins = [its for its in names if re.match(rf"{re.escape(folded(name))}\W", folded(its)) and folded(name)]
    near = near_word(begins[0] if begins else name, begins or names) or near_word(folded(name), map(folded, names))
    shown = ", ".join(its or "''" for its in names[:_NAMES_SHOWN])
    return f"has no column '{name}' (columns: {shown}{more}){near}"
