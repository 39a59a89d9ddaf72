"""The strategies that a replay is given: names, files, parts, or the campaign's own."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import Field

from designloop.core.config import Document, build, read_document
from designloop.core.errors import InputError
from designloop.core.parts import Part
from designloop.hindsight.findings import BUILT, CHANCE
from designloop.strategies.base import Strategy

OWN = "own"
"""The name of the campaign's own strategy."""
Given = Strategy | str | Path


class _Asked(Part):
    strategy: Strategy = Field(description="the strategy to replay")


def named(given: Iterable[Given] | Mapping[str, Given] | Given | None) -> dict[str, Strategy | None]:
    """Name -> strategy, with None for the campaign's own. Raises ConfigError for what is no strategy, InputError."""
    found: dict[str, Strategy | None] = {}
    for own_name, one in _pairs(OWN if given is None else given):
        strategy = None if isinstance(one, str) and one == OWN else _strategy(one)
        name = own_name or (OWN if strategy is None else _name(one, strategy))
        if name in (BUILT, CHANCE):
            raise InputError(f"no strategy can have the name '{name}', which stands for something else; rename it")
        if name in found:
            raise InputError(f"two strategies have the name '{name}'; name them, as in {{'first': ..., 'second': ...}}")
        found[name] = strategy
    if not found:
        raise InputError("no strategy is given; give a name, as in 'auto', or leave the strategies out")
    return found


def _pairs(given: Iterable[Given] | Mapping[str, Given] | Given) -> Iterator[tuple[str, Given]]:
    """(name, strategy) of each; the name is empty where it has none."""
    if isinstance(given, Mapping):
        yield from given.items()
    else:
        yield from (("", one) for one in ([given] if isinstance(given, Strategy | str | Path) else given))


def _name(given: Given, strategy: Strategy) -> str:
    return Path(given).stem if isinstance(given, str | Path) and _is_file(given) else strategy.kind


def _strategy(given: Given) -> Strategy:
    if isinstance(given, Strategy):
        return given
    if not _is_file(given):
        return build(_Asked, Document({"strategy": given}, f"--strategy {given}")).strategy
    document = read_document(given)
    if "strategy" not in document.data:
        return build(_Asked, Document({"strategy": document.data}, document.name)).strategy
    places = {place: line for place, line in document.places.items() if place[:1] == ("strategy",)}
    return build(_Asked, Document({"strategy": document.data["strategy"]}, document.name, places)).strategy


def _is_file(given: str | Path) -> bool:
    return isinstance(given, Path) or given.endswith((".yaml", ".yml"))
