"""Progress bars in a terminal and in a notebook: one line that changes, and messages that stay."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from html import escape
from importlib import import_module
from time import monotonic
from typing import Any, Protocol, TextIO

_APART = 0.1
"""Minimum seconds between two updates of a notebook."""


class Bar(Protocol):
    """A progress display."""

    def update(self, words: str, done: float = 0.0, total: float | None = None) -> None:
        """Show these words and the progress, `done` of `total`; None if the total is not known yet."""
        ...

    def say(self, sentence: str) -> None:
        """Show a message that stays. May be called from another thread."""
        ...


def bar_on(out: TextIO, *, counts: bool = False) -> AbstractContextManager[Bar] | None:
    """A bar if `out` is a terminal or a notebook, otherwise None. `counts`: also show a count such as 3/12."""
    if out is sys.stderr and in_notebook():
        return notebook_bar(counts=counts)
    return terminal_bar(out, counts=counts) if out.isatty() else None


def in_notebook() -> bool:
    """Whether this process is a Jupyter kernel, with any front end."""
    ipython = sys.modules.get("IPython")  # which a kernel has imported
    shell = None if ipython is None else ipython.get_ipython()
    return hasattr(shell, "kernel")


# -- in a terminal ---------------------------------------------------------------------------------------------------


class _Rich:
    def __init__(self, progress: Any) -> None:
        self._progress, self._task = progress, progress.add_task("", total=None)

    def update(self, words: str, done: float = 0.0, total: float | None = None) -> None:
        self._progress.update(self._task, description=words, completed=done, total=total)

    def say(self, sentence: str) -> None:
        self._progress.console.print(sentence, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def terminal_bar(out: TextIO, *, counts: bool = False) -> Iterator[Bar]:
    """A bar of 80 characters, which disappears at the end."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

    words = TextColumn("{task.description}", markup=False)
    columns = (BarColumn(24), MofNCompleteColumn(), words) if counts else (SpinnerColumn(), words, BarColumn(8))
    with Progress(*columns, console=Console(file=out), transient=True) as progress:
        yield _Rich(progress)


# -- in a notebook ---------------------------------------------------------------------------------------------------


class _Shown:
    """A notebook output that updates itself in place, without widgets."""

    def __init__(self, *, counts: bool) -> None:
        self._counts, self._sentences = counts, list[str]()
        self._words, self._done = "", 0.0
        self._total: float | None = None
        self._told_at = 0.0
        self._handle: Any = None

    def begin(self) -> None:
        display = import_module("IPython.display").display  # a kernel has it, and no other needs it
        self._handle = display(self, display_id=True)

    def update(self, words: str, done: float = 0.0, total: float | None = None) -> None:
        self._words, self._done, self._total = words, done, total
        if monotonic() - self._told_at >= _APART:
            self.tell()

    def say(self, sentence: str) -> None:
        self._sentences.append(sentence)
        self.tell()

    def tell(self) -> None:
        self._told_at = monotonic()
        self._handle.update(self)

    def __repr__(self) -> str:
        return "\n".join([*self._sentences, f"{self._count()}{self._words}"])

    def _repr_html_(self) -> str:
        share = "" if not self._total else f' value="{self._done / self._total:.4f}"'
        said = "".join(f"<div>{escape(sentence)}</div>" for sentence in self._sentences)
        return f"{said}<div><progress{share} max='1'></progress> {self._count()}{escape(self._words)}</div>"

    def _count(self) -> str:
        return f"{self._done:.0f}/{self._total:.0f} · " if self._counts and self._total is not None else ""


@contextmanager
def notebook_bar(*, counts: bool = False) -> Iterator[Bar]:
    """A bar in the output of the running cell. Its last state stays."""
    bar = _Shown(counts=counts)
    bar.begin()
    try:
        yield bar
    finally:
        bar.tell()
