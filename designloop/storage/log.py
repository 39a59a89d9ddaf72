"""An event log holds one campaign: its events, its sealed truths, its documents, and a hash over the first two."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from json import JSONEncoder
from typing import Any

from designloop.core.errors import ContractError
from designloop.core.records import Event, Truth

START = sha256(b"designloop").hexdigest()
"""The hash of an empty chain."""


def canonical(record: Event | Truth) -> str:
    """A record as one line of JSON, the same for equal records. Raises ContractError for what JSON cannot hold."""
    if isinstance(record, Truth):
        return as_json([record.minute, record.sequence, record.value], record)
    return _line(record, as_json(record.data, record))


def _line(event: Event, data: str) -> str:
    """An event as one line of JSON, its data being JSON already: writing that twice is what a long run would feel."""
    design = "null" if event.design is None else event.design
    return f'[{event.minute},"{event.kind}",{design},{data}]'


def as_json(facts: Any, record: Event | Truth) -> str:
    """`facts` as canonical JSON: keys sorted, no spaces, NaN refused."""
    try:
        return _ENCODER.encode(facts)
    except (TypeError, ValueError) as error:
        raise ContractError(
            f"{record} cannot be recorded: {error}; events hold JSON values only, None for NaN"
        ) from error


def _plain(value: Any) -> Any:
    """Scalars of numpy, and mappings that are not dicts, as JSON has them."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} is not a JSON value")


_ENCODER = JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain: how many records it has, and the hash that each of them went into."""

    n: int = 0
    hash: str = START

    def after(self, lines: Iterable[str]) -> "Head":
        """The head once these canonical lines were added."""
        n, digest = self.n, self.hash
        for line in lines:
            n, digest = n + 1, sha256(f"{digest}{line}".encode()).hexdigest()
        return Head(n, digest)


@dataclass(frozen=True, slots=True)
class Transaction:
    """What is kept together: records, each event's data as canonical JSON, and where the chains end after them."""

    events: Sequence[Event]
    data: Sequence[str]
    truths: Sequence[Truth]
    documents: Mapping[str, str]
    heads: tuple[Head, Head]


class EventLog(ABC):
    """What a campaign writes to. `append` is one transaction: all of it is kept, or nothing.

    Events and truths have a chain each, so that the hash does not depend on how they were grouped into transactions.
    """

    def __init__(self, heads: tuple[Head, Head] = (Head(), Head())) -> None:
        self._heads = heads

    def append(
        self, events: Sequence[Event], truths: Sequence[Truth] = (), documents: Mapping[str, str] | None = None
    ) -> None:
        """Keep events, truths and documents (name -> text), in one transaction: all, or on a StoreError nothing."""
        data = [as_json(event.data, event) for event in events]
        heads = (self._heads[0].after(map(_line, events, data)), self._heads[1].after(map(canonical, truths)))
        self._write(Transaction(events, data, truths, documents or {}, heads))
        self._heads = heads

    def hash(self) -> str:
        """SHA-256 over everything appended, in its order."""
        return sha256("".join(head.hash for head in self._heads).encode()).hexdigest()

    @abstractmethod
    def events(self) -> list[Event]:
        """All events, in their order."""

    @abstractmethod
    def truths(self) -> list[Truth]:
        """All truths, in their order. For reports and studies; no fold reads them."""

    @abstractmethod
    def documents(self) -> dict[str, str]:
        """Texts kept beside the events, by name."""

    @abstractmethod
    def _write(self, new: Transaction) -> None:
        """Keep all of it, or nothing."""


class MemoryLog(EventLog):
    """A log that lives as long as the program: what a campaign writes to when it is given no store."""

    def __init__(self) -> None:
        super().__init__()
        self._events: list[Event] = []
        self._truths: list[Truth] = []
        self._documents: dict[str, str] = {}

    def events(self) -> list[Event]:
        """All events, in their order."""
        return list(self._events)

    def truths(self) -> list[Truth]:
        """All truths, in their order."""
        return list(self._truths)

    def documents(self) -> dict[str, str]:
        """Texts kept beside the events, by name."""
        return dict(self._documents)

    def _write(self, new: Transaction) -> None:
        self._events += new.events
        self._truths += new.truths
        self._documents.update(new.documents)
