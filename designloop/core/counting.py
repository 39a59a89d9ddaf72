"""Formats counts with nouns and verbs in the right number."""

from collections.abc import Iterable

_SINGULAR = {"are": "is", "were": "was", "have": "has", "do": "does"}


def many(n: int, thing: str, verb: str = "") -> str:
    """`1 design`, `1,000 batches`: `thing` in the singular; a verb in the plural: `1 row has`, `2 rows have`."""
    counted = f"{n:,} {thing if n == 1 else _plural(thing)}"
    return f"{counted} {verb if n != 1 else _SINGULAR.get(verb) or _plural(verb)}" if verb else counted


def numbered(thing: str, numbers: Iterable[int]) -> str:
    """`round 3`, `rounds 3, 4 and 5`: the things with these numbers, at least one."""
    *first, last = map(str, sorted(numbers))
    return f"{_plural(thing)} {', '.join(first)} and {last}" if first else f"{thing} {last}"


def _plural(thing: str) -> str:
    """The plural of a noun, formed in the same way as the third person of a verb."""
    if thing.endswith(("s", "x", "ch", "sh")):
        return f"{thing}es"
    if thing.endswith("y") and thing[-2:-1] not in "aeiou":
        return f"{thing[:-1]}ies"
    return f"{thing}s"
