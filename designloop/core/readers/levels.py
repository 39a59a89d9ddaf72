"""Headers of several rows: Enrich2 writes one for the condition, one for the selection, and one for the value."""

from itertools import takewhile

_LEVELS = ("condition", "selection", "timepoint", "value")
"""What the rows of such a header begin with."""
_FEWEST, _MOST = 2, 4
BETWEEN = "/"
"""Joins the names of the levels to that of a column: `drug/score`."""


def one_header(text: str, separator: str) -> tuple[str, int, tuple[str, ...]]:
    """The text with one header instead of several, the number of lines that it lost, and what to remark.

    A level that is the same in all columns is left out of their names. The first column, which the levels do not name,
    gets an empty name. Text with any other header is returned as it is.
    """
    head = [line.split(separator) for line in text.split("\n", _MOST + 1)[: _MOST + 1]]
    levels = list(takewhile(lambda row: row[0] in _LEVELS, head))
    if [row[0] for row in levels[:1]] != [_LEVELS[0]] or len(levels) < _FEWEST or len(set(map(len, levels))) > 1:
        return text, 0, ()
    telling = [row[1:] for row in levels if len(set(row[1:])) > 1] or [levels[-1][1:]]
    names = [BETWEEN.join(column) for column in zip(*telling, strict=True)]
    n_rows = len(levels) + (len(head) > len(levels) and not any(head[len(levels)][1:]))  # a row for the index's name
    header, rest = separator.join(["", *names]), text.split("\n", n_rows)[n_rows:]
    said = (
        f"the header has {len(levels)} rows ({', '.join(row[0] for row in levels)}), read as columns {', '.join(names)}"
    )
    return "\n".join([header, *rest]), n_rows - 1, (said,)
