"""Shelves are the folders of interchangeable parts, and what messages call a part of each."""

from collections.abc import Mapping

SHELVES: Mapping[str, str] = {
    "oracles": "oracle",
    "rules": "rule",
    "language_models": "language model",
    "scheduling": "scheduler",
    "generators": "generator",
    "surrogates": "surrogate",
    "pending_rules": "pending rule",
    "acquisition": "acquisition function",
    "strategies": "strategy",
    "stages": "stage",
}
"""Shelf -> what messages call one of its parts."""


def one_of(shelf: str | None) -> str:
    """`an oracle`, `a strategy`: one part of a shelf."""
    what = SHELVES.get(str(shelf), "part")
    return f"an {what}" if what.startswith(tuple("aeio")) else f"a {what}"
