"""`designloop guide`: the manual in the terminal."""

import re
from typing import TYPE_CHECKING

from designloop.cli.shared.terminal_tables import console
from designloop.guide import page, topics

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import Markdown


def print_guide(topic: str | None, *, raw: bool) -> None:
    """Print a page of the manual, formatted for the terminal or (`raw`) as Markdown; without a topic, the list."""
    if raw:
        print(page(topic), end="")
    elif topic is None:
        _print_topics()
    else:
        _print_page(page(topic))


def _print_topics() -> None:
    width = max(map(len, topics()))
    print("Pages of the manual. `designloop guide TOPIC` prints one, and `--raw` its Markdown:\n")
    for topic, about in topics().items():
        print(f"  {topic:{width}}  {about}")


def _print_page(text: str) -> None:
    """Print through the terminal's pager, if there is one. A link to a page becomes the command that prints it."""
    terminal = console()
    laid_out = _markdown()(re.sub(r"\[([^\]]+)\]\(([\w-]+)\.md(#[\w-]+)?\)", _link, text), hyperlinks=False)
    if not terminal.is_terminal:
        terminal.width = 100
        terminal.print(laid_out, crop=False)
        return
    terminal.width = min(terminal.width, 100)
    with terminal.pager(styles=True, links=False):
        terminal.print(laid_out, crop=False)


def _markdown() -> "type[Markdown]":
    """Markdown whose code is printed as it is written, neither wrapped nor indented, so that it can be copied."""
    from rich.markdown import CodeBlock, Markdown
    from rich.syntax import Syntax

    class Code(CodeBlock):
        def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
            code = str(self.text).rstrip()
            text = Syntax(code, self.lexer_name, theme="ansi_dark").highlight(code)
            longest = max(map(len, code.splitlines()), default=1)
            yield from console.render(text, options.update(width=longest, no_wrap=True))

    class Page(Markdown):
        elements = {**Markdown.elements, "fence": Code, "code_block": Code}  # noqa: RUF012  # as in Markdown

    return Page


def _link(found: re.Match[str]) -> str:
    title, topic = found[1], found[2]
    return f"{title} (`designloop guide {topic}`)" if topic in topics() else title
