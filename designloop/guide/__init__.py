"""The manual: one Markdown page for each task. `designloop guide` prints a page in the terminal."""

import re
from functools import cache
from importlib.resources import files

from designloop.core.errors import InputError, did_you_mean

_LINK = re.compile(r"^- \[(?P<title>[^\]]+)\]\((?P<topic>[\w-]+)\.md\): (?P<about>.+)$", re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->\n?", re.DOTALL)


@cache
def topics() -> dict[str, str]:
    """Topic -> one line on what its page explains, in the order of the contents page."""
    return {found["topic"]: found["about"] for found in _LINK.finditer(_text("README"))}


def page(topic: str | None = None) -> str:
    """The Markdown of a topic's page; without a topic, of the contents page.

    Raises InputError where there is no such topic.
    """
    if topic is None:
        return _text("README")
    if topic not in topics():
        raise InputError(f"no topic '{topic}'; `designloop guide` lists the topics{did_you_mean(topic, topics())}")
    return _text(topic)


def _text(name: str) -> str:
    text = (files("designloop.guide") / f"{name}.md").read_text(encoding="utf-8")
    return _COMMENT.sub("", text)
