"""What lasts as long as a run: an outside program, for example, is started at its first use and ends with the run."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
Open = Callable[[Path | None], AbstractContextManager[T]]


@dataclass(frozen=True)
class _Block:
    folder: Path | None
    stack: ExitStack
    things: dict[Hashable, Any] = field(default_factory=dict)


_block: ContextVar[_Block | None] = ContextVar("designloop_lasting", default=None)


@contextmanager
def lasting(folder: Path | None = None) -> Iterator[None]:
    """A block in which what `kept` opens stays open; `folder` is the directory of the run. Inner blocks add nothing."""
    if _block.get() is not None:
        yield
        return
    with ExitStack() as stack:
        token = _block.set(_Block(folder, stack))
        try:
            yield
        finally:
            _block.reset(token)


@contextmanager
def kept(key: Hashable, open_: Open[T]) -> Iterator[T]:
    """The open thing of `key`, opened in the directory of the run. Outside a run it is closed after this block."""
    block = _block.get()
    if block is None:
        with open_(None) as thing:
            yield thing
        return
    if key not in block.things:
        block.things[key] = block.stack.enter_context(open_(block.folder))
    yield block.things[key]
