"""An event log holds one campaign: events, sealed truths, documents and remarks, and a hash over the first three."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from json import JSONEncoder
from typing import Any

from designloop.core.errors import ContractError
from designloop.core.records import Event, Remark, Truth

START = sha256(b"designloop").hexdigest()
"""The hash of an empty chain."""


def canonical(record: Event | Truth) -> str:
    """A record as one line of JSON, the same for equal records. Raises ContractError for values that JSON lacks."""
    if isinstance(record, Truth):
        return as_json([record.minute, record.sequence, record.value], record)
    return line(record.minute, record.kind, record.design, as_json(record.data, record))


def line(minute: int, kind: str, design: int | None, data: str) -> str:
    """An event as one line of JSON; `data` is JSON already, since encoding it twice would slow down a long run."""
    return f'[{minute},"{kind}",{"null" if design is None else design},{data}]'


def as_json(facts: Any, record: Event | Truth | str) -> str:
    """`facts` as canonical JSON: sorted keys, no spaces, no NaN."""
    try:
        return _ENCODER.encode(facts)
    except (TypeError, ValueError) as error:
        raise ContractError(
            f"{record} cannot be recorded: {error}; event data must be JSON values, with None for NaN"
        ) from error


def _plain(value: Any) -> Any:
    """NumPy scalars, and mappings that are not dicts, as JSON values."""
    if hasattr(value, "item"):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{value!r} is not a JSON value")


_ENCODER = JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a hash chain: its number of records, and the hash over all of them."""

    n: int = 0
    hash: str = START

    def after(self, lines: Iterable[str]) -> "Head":
        """The head after these canonical lines are added."""
        n, digest = self.n, self.hash
        for line in lines:
            n, digest = n + 1, sha256(f"{digest}{line}".encode()).hexdigest()
        return Head(n, digest)


@dataclass(frozen=True, slots=True)
class Heads:
    """The ends of a campaign's four chains: events, truths, documents and remarks."""

    events: Head = field(default_factory=Head)
    truths: Head = field(default_factory=Head)
    documents: Head = field(default_factory=Head)
    remarks: Head = field(default_factory=Head)

    def after(
        self,
        lines: Iterable[str],
        truths: Iterable[Truth],
        documents: Mapping[str, str],
        remarks: Iterable[Remark] = (),
    ) -> "Heads":
        """The heads after these are added; events are canonical lines."""
        texts = (as_json([name, text], name) for name, text in documents.items())
        said = (as_json([one.minute, one.sentence, one.level], one.sentence) for one in remarks)
        new = lines, map(canonical, truths), texts, said
        chains = self.events, self.truths, self.documents, self.remarks
        return Heads(*(chain.after(its) for chain, its in zip(chains, new, strict=True)))

    @property
    def hash(self) -> str:
        """SHA-256 over events, truths and documents. A remark may depend on what a process has cached."""
        return sha256(f"{self.events.hash}{self.truths.hash}{self.documents.hash}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Transaction:
    """Records that are kept together, each event's data as canonical JSON, and the ends of the chains after them."""

    events: Sequence[Event]
    data: Sequence[str]
    truths: Sequence[Truth]
    documents: Mapping[str, str]
    remarks: Sequence[Remark]
    heads: Heads


class EventLog(ABC):
    """The record of a campaign. `append` is one transaction: all of it is kept, or nothing.

    Events, truths, documents and remarks have one chain each, so that the hash does not depend on how they were grouped
    into transactions.
    """

    def __init__(self, heads: Heads | None = None) -> None:
        self._heads = heads or Heads()
        self._events: list[Event] = []
        self._truths: list[Truth] = []
        self._documents: dict[str, str] = {}
        self._remarks: list[Remark] = []

    def append(
        self,
        events: Sequence[Event],
        truths: Sequence[Truth] = (),
        documents: Mapping[str, str] | None = None,
        remarks: Sequence[Remark] = (),
    ) -> None:
        """Keep events, truths, documents (name -> text) and remarks in one transaction; after a StoreError, none."""
        data = [as_json(event.data, event) for event in events]
        lines = [line(event.minute, event.kind, event.design, text) for event, text in zip(events, data, strict=True)]
        heads = self._heads.after(lines, truths, documents or {}, remarks)
        self._write(Transaction(events, data, truths, documents or {}, remarks, heads))
        self._events += events
        self._truths += truths
        self._documents.update(documents or {})
        self._remarks += remarks
        self._heads = heads

    def hash(self) -> str:
        """SHA-256 over the events, truths and documents appended, in order."""
        return self._heads.hash

    @property
    @abstractmethod
    def is_read_only(self) -> bool:
        """True if nothing can be written to it."""

    @abstractmethod
    def check_it_is_there(self) -> None:
        """Raise StoreLost if the storage no longer exists."""

    def events(self) -> list[Event]:
        """All events, in order."""
        return list(self._events)

    def truths(self) -> list[Truth]:
        """All truths, in order, for reports and studies; `History` never reads them."""
        return list(self._truths)

    def documents(self) -> dict[str, str]:
        """Texts kept with the events, by name."""
        return dict(self._documents)

    def remarks(self) -> list[Remark]:
        """The warnings of the run, in order."""
        return list(self._remarks)

    @abstractmethod
    def _write(self, new: Transaction) -> None:
        """Keep all of it, or nothing."""


class MemoryLog(EventLog):
    """A log in memory, which a campaign writes to when it is given no store."""

    @property
    def is_read_only(self) -> bool:
        """Memory is always writable."""
        return False

    def check_it_is_there(self) -> None:
        """Memory cannot be lost."""

    def _write(self, new: Transaction) -> None:
        """Nothing is written outside memory."""
