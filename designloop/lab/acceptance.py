"""Acceptance: plates whose controls are too close together are not accepted."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from designloop.core.errors import ConfigError
from designloop.core.plate_quality import FEWEST_WELLS, z_prime
from designloop.core.plates import Templates


def quality_of(controls: Iterable[Mapping[str, Any]]) -> float | None:
    """Z′ of the controls of a plate, as in their events."""
    read: dict[str, list[float]] = {}
    for control in controls:
        read.setdefault(control["control"], []).append(control["value"])
    return z_prime(read)


def check_quality_is_known(templates: Templates, unread: Collection[str] = ()) -> None:
    """Raise ConfigError where a plate has no two controls in two wells each; those of `unread` have no reading."""
    for template in templates:
        n = Counter(name for _, name in template.named) + Counter(dict(template.drawn))
        usable = sorted(name for name, wells in n.items() if wells >= FEWEST_WELLS and name not in unread)
        if len(usable) < 2:
            here = f"only '{usable[0]}' is" if usable else "none is"
            said = f" ('{', '.join(unread)}' has no reading on this scale)" if unread else ""
            raise ConfigError(
                f"`min_z_prime` compares two controls in at least two wells each, and {here}{said}; add "
                "`controls`, or remove `min_z_prime`"
            )
