"""`designloop oracle check` and `designloop oracle new`."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from json import dumps
from pathlib import Path
from typing import Any

import typer

from designloop.checking.asking import Described
from designloop.checking.check import check_oracle
from designloop.checking.starting import write_start
from designloop.core.config import Document, override, read_document, read_text
from designloop.core.errors import ConfigError

_DESIGNS, _PLATE = 960, 96


@dataclass(frozen=True, slots=True)
class Ask:
    """What to check, and how."""

    target: str
    settings: Sequence[str] = ()
    sequences: Path | None = None
    column: str | None = None
    seconds: float = 60.0


def check(ask: Ask, *, json: bool, quiet: bool) -> None:
    """Check an oracle and print the report. Ends with exit code 1 where there is a fault."""
    document = document_of(ask.target)
    override(document, ask.settings)
    with _followed(quiet=quiet or json) as follow:
        report = check_oracle(
            _oracle_in(document),
            sequences=() if ask.sequences is None else ask.sequences,
            column=ask.column,
            seconds=ask.seconds,
            designs=_whole(document.data, "budget", "designs") or _DESIGNS,
            plate=_whole(document.data, "scheduler", "batch_size") or _PLATE,
            follow=follow,
        )
    if json:
        print(dumps(report.as_dict(), allow_nan=False))
    else:
        print(report.in_short if quiet else report)
    if not report.is_sound:
        raise typer.Exit(1)


def new(name: str, alphabet: str, length: int, folder: Path) -> None:
    """Write the files of a new oracle, and say what to do with them."""
    oracle, test = write_start(name, alphabet, length, folder)
    print(f"wrote {oracle} and {test}")
    print(f"check it: designloop oracle check {oracle}:{oracle.stem}")
    print(f"test it:  pytest {test}")


def document_of(target: str) -> Document:
    """The document that holds the oracle: a campaign's file, a file of the oracle alone, or what is typed."""
    if target.endswith((".yaml", ".yml")):
        document = read_document(target)
        if "kind" in document.data and "oracle" not in document.data:
            places = {("oracle", *key): text for key, text in document.places.items()}
            return Document({"oracle": document.data}, document.name, places)
        return document
    data = read_text(f"oracle: {target}", "the command line").data
    return Document(data, "the command line")


def _oracle_in(document: Document) -> Described:
    if "oracle" not in document.data:
        if {"base", "axes"} & set(document.data):
            raise ConfigError(f"{document.name} describes a study; check each oracle of it by its kind or its file")
        raise ConfigError(f"{document.name} names no oracle; add `oracle:`, or give a kind, or path/to/file.py:name")
    places = {key: text for key, text in document.places.items() if key[:1] == ("oracle",)}
    return Described(document.data["oracle"], document.name, places)


def _whole(data: Any, *keys: str) -> int | None:
    """The positive whole number at a path of keys; None where there is none."""
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, int) and not isinstance(data, bool) and data > 0 else None


@contextmanager
def _followed(*, quiet: bool) -> Iterator[Callable[[str], None]]:
    """A function that shows the law being judged, in a terminal."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield lambda law: print(f"\r\x1b[Kchecking: {law}", end="", file=sys.stderr, flush=True)
    finally:
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
