"""`designloop guide`: the manual in the terminal."""

import re

from designloop.cli.shared.terminal_tables import console
from designloop.guide import page, topics


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
    print("Pages of the manual. `designloop guide TOPIC` prints one:\n")
    for topic, about in topics().items():
        print(f"  {topic:{width}}  {about}")


def _print_page(text: str) -> None:
    """Print through the terminal's pager, if there is one. A link to a page becomes the command that prints it."""
    from rich.markdown import Markdown

    terminal = console()
    laid_out = Markdown(re.sub(r"\[([^\]]+)\]\(([\w-]+)\.md(#[\w-]+)?\)", _link, text), hyperlinks=False)
    if not terminal.is_terminal:
        terminal.width = 100
        terminal.print(laid_out)
        return
    terminal.width = min(terminal.width, 100)
    with terminal.pager(styles=True, links=False):
        terminal.print(laid_out)


def _link(found: re.Match[str]) -> str:
    title, topic = found[1], found[2]
    return f"{title} (`designloop guide {topic}`)" if topic in topics() else title
