"""What of a result file is not read: columns of numbers, and of words that may say that a design failed."""

import re
from collections import Counter
from collections.abc import Iterator

from designloop.core.readers.cells import is_missing
from designloop.core.readers.table import Table
from designloop.live.result_columns import others, unread_error
from designloop.live.result_file import ResultFile

_HEADERS = frozenset(
    {
        *("status", "state", "qc", "quality", "flag", "flags", "flagged", "pass", "passed", "valid", "ok", "use"),
        *("fail", "failed", "failure", "failures", "error", "errors", "outcome", "outcomes", "reason", "reasons"),
        *("comment", "comments", "note", "notes", "remark", "remarks", "warning", "warnings", "exclude", "excluded"),
        *("expression", "expressed", "built", "growth", "bemerkung", "kommentar"),
    }
)
"""Words in the header of a column that may say that a design failed."""
_WORDS = frozenset(
    {
        *("fail", "failed", "failure", "lost", "error", "bad", "invalid", "rejected", "excluded", "exclude", "outlier"),
        *(
            "contaminated",
            "contamination",
            "dropped",
            "missing",
            "empty",
            "aborted",
            "suspect",
            "unreliable",
            "no",
            "not",
        ),
    }
)
"""Words in its cells."""
_MOST = 3
"""Different words of a column that are shown."""
_LONGEST = 40


def unread(table: Table, file: ResultFile) -> Iterator[str]:
    """A remark on columns of numbers that are not read, and one on each column of words on success; or nothing."""
    numeric, texts = others(table, file)
    if numeric:
        yield f"{table.file}: not read: {', '.join(numeric)}; errors are named as in `--set std_dev=COLUMN --set n=3`"
    if error := unread_error(table, file):
        yield f"{table.file}: not read: {error}; errors come from the replicates unless `std_error` names it"
    for name in texts:
        words = Counter(str(cell).strip() for cell in table.column(name, first_of_same=True) if not is_missing(cell))
        if words and _may_say_failure(name, words):
            yield (
                f"{table.file}: not read: {name} ({_shown(words)}); a column of outcomes (lost, not_expressed, ...) is "
                f"named as in `--set outcome={_quoted(name)}`"
            )


def _may_say_failure(name: str, words: Counter[str]) -> bool:
    return bool(_words_in(name) & _HEADERS) or any(_words_in(text) & _WORDS for text in words)


def _words_in(text: str) -> set[str]:
    return set(re.split(r"[^a-zäöüß]+", text.lower()))


def _shown(words: Counter[str]) -> str:
    """`'ok' 6 times, 'failed' twice`: the rarest words, of which one may be the failure."""
    few = sorted(words.items(), key=lambda item: item[1])[:_MOST]
    more = f", and {len(words) - _MOST} more" if len(words) > _MOST else ""
    return ", ".join(f"{word[:_LONGEST]!r} in {n:,}" for word, n in few) + more


def _quoted(name: str) -> str:
    return f"'{name}'" if " " in name else name
