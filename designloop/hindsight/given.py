"""The strategies that a replay is given: names, files, parts, or the campaign's own."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from pydantic import Field

from designloop.core.config import Document, build, read_document
from designloop.core.errors import InputError
from designloop.core.parts import Part
from designloop.strategies.base import Strategy

OWN = "own"
"""The name of the campaign's own strategy."""
Given = Strategy | str | Path


class _Asked(Part):
    strategy: Strategy = Field(description="the strategy to replay")


def named(given: Iterable[Given] | Mapping[str, Given] | Given | None) -> dict[str, Strategy | None]:
    """Name -> strategy, with None for the campaign's own. Raises ConfigError for what is no strategy."""
    if given is None:
        return {OWN: None}
    if isinstance(given, Mapping):
        return {name: _strategy(one) for name, one in given.items()}
    found: dict[str, Strategy | None] = {}
    for one in [given] if isinstance(given, Strategy | str | Path) else given:
        strategy = _strategy(one)
        name = _name(one, strategy)
        if name in found:
            raise InputError(f"two strategies have the name '{name}'; name them, as in {{'first': ..., 'second': ...}}")
        found[name] = strategy
    if not found:
        raise InputError("no strategy is given; give a name, as in 'auto', or leave the strategies out")
    return found


def _name(given: Given, strategy: Strategy | None) -> str:
    if strategy is None:
        return OWN
    return Path(given).stem if isinstance(given, str | Path) and _is_file(given) else strategy.kind


def _strategy(given: Given) -> Strategy | None:
    if isinstance(given, Strategy) or given == OWN:
        return None if given == OWN else given  # type: ignore[return-value]  # a text is `own`
    if _is_file(given):
        document = read_document(given)
        if "strategy" not in document.data:
            return build(_Asked, Document({"strategy": document.data}, document.name)).strategy
        data = {"strategy": document.data["strategy"]}
        places = {place: line for place, line in document.places.items() if place[:1] == ("strategy",)}
        return build(_Asked, Document(data, document.name, places)).strategy
    return build(_Asked, Document({"strategy": given}, f"--strategy {given}")).strategy


def _is_file(given: str | Path) -> bool:
    return isinstance(given, Path) or given.endswith((".yaml", ".yml"))
