"""The documentation as the tests read it: pages, their blocks of code, their links and their sentences.

A block whose first line is a comment with a file's name, as `# my_oracle.py`, is that file. Other blocks of Python and
bash are run in order, in one folder for each page. A block of text that follows one is its output, numbers aside. A
comment in the line above a block says how to treat it:

    <!-- docs: skip WHY -->            it is not run
    <!-- docs: quick OLD => NEW -->    it is run with this change, so that it takes seconds
    <!-- docs: numbers KEY -->         on the machine of this key (`machine`), the output has the same numbers
    <!-- docs: exit 2 -->              the command ends with this exit code
    <!-- docs: needs data -->          it is run where $DESIGNLOOP_DATA names the folder of measured data
    <!-- docs: needs NAME -->          it is run where this module, or this program, is installed
"""

import os
import platform
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "designloop" / "guide"
PAGES = [
    ROOT / "README.md",
    *sorted(GUIDE.glob("*.md")),
    ROOT / "designloop" / "README.md",
    ROOT / "benchmarks" / "README.md",
    ROOT / "findings" / "README.md",
    ROOT / "CHANGELOG.md",
]
_BLOCK = re.compile(
    r"(?P<notes>(?:^<!-- docs: [^\n]*-->\n)*)^```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_NOTE = re.compile(r"<!-- docs: (?P<word>\w+) ?(?P<rest>.*?) ?-->")
_FILE = re.compile(r"# (?P<name>[\w-]+\.(?:py|pl|R|sh|yaml|fasta|csv|txt))(?=\s|$)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: its language, its text, the line it begins at, and the notes above it."""

    page: Path
    line: int
    language: str
    text: str
    notes: tuple[tuple[str, str], ...]

    def note(self, word: str) -> str | None:
        """What follows a word of the notes; None where it is not there."""
        return next((rest for key, rest in self.notes if key == word), None)

    @property
    def file(self) -> str | None:
        """The file that the block is; None where it is none."""
        found = _FILE.match(self.text)
        return found["name"] if found else None

    @property
    def lacks(self) -> str | None:
        """What it needs and this machine lacks; None where it lacks nothing."""
        needed = self.note("needs")
        is_there = needed is None or (_is_there(needed))
        return None if is_there else needed

    @property
    def quick(self) -> str:
        """The text with the changes that make it quick."""
        text = self.text
        for word, rest in self.notes:
            if word == "quick":
                old, new = rest.split(" => ")
                assert old in text, f"{self}: nothing to change at '{old}'"
                text = text.replace(old, new)
        return text

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}, line {self.line}"


def _is_there(needed: str) -> bool:
    if needed == "data":
        return bool(os.environ.get("DESIGNLOOP_DATA"))
    return shutil.which(needed) is not None or find_spec(needed) is not None


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            page,
            text[: found.start("text")].count("\n"),
            found["language"],
            found["text"],
            tuple((note["word"], note["rest"]) for note in _NOTE.finditer(found["notes"])),
        )
        for found in _BLOCK.finditer(text)
    ]


def prose(page: Path) -> str:
    """A page's text without code, tables, headings and comments."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    lines = [line for line in text.splitlines() if not line.startswith(("#", "|", "!", "    "))]
    return "\n".join(lines)


def sentences(page: Path) -> list[str]:
    """The sentences of a page's prose; an item of a list is one of its own."""
    text = re.sub(r"`[^`]*`", "Code", prose(page))
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("**", "")
    paragraphs = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text)
    parts = (re.split(r"(?<=[.!?:])\s+(?=[A-Z\"'(*])", " ".join(one.split())) for one in paragraphs)
    return [sentence for some in parts for sentence in some if sentence.strip("-*# ")]


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links and pictures."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text))


def anchors(page: Path) -> set[str]:
    """The anchors that a forge gives a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@cache
def machine() -> str:
    """A key of what the last digits of a campaign depend on: the processor, and the versions of numerical libraries."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.is_file() else [platform.processor()]
    about = sorted({line for line in lines if line.startswith(("model", "flags", "Features"))}) or lines[:1]
    versions = [version(name) for name in ("numpy", "scipy", "numba", "torch")]
    return sha256("\n".join([*about, *versions]).encode()).hexdigest()[:12]


def masked(output: str, number: str = "0") -> list[str]:
    """The lines of an output that can be compared: numbers are 0, runs of spaces are one, empty lines are left out."""
    lines = (re.sub(r"\d[\d,.]*", number, " ".join(line.split())) for line in output.splitlines())
    return [line for line in lines if line]


def matches(shown: str, said: str, *, exactly: bool = False) -> bool:
    """Whether an output is as the page shows it; a line `...` stands for any lines. `exactly`: numbers too."""
    number = r"\g<0>" if exactly else "0"
    pattern = "".join(r"(?:.*\n)*?" if line == "..." else re.escape(line) + r"\n" for line in masked(shown, number))
    return re.fullmatch(pattern, "".join(line + "\n" for line in masked(said, number))) is not None
