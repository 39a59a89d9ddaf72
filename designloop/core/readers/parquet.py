"""Parquet is read by polars in a process of its own, as this file run as a program.

A damaged file can make polars panic, with a backtrace on standard error, or end its whole process where it asks for
memory by a damaged size. Neither can be caught from within.
"""

import marshal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

_PLAIN = (bool, int, float, str, type(None))


def read_parquet(data: bytes) -> dict[str, list[Any]]:
    """The columns of a Parquet file by name; a cell of another type than a text, a number or a truth is a tuple.

    Raises ValueError that says why it cannot be read.
    """
    done = subprocess.run([sys.executable, "-P", str(Path(__file__))], input=data, capture_output=True, check=False)
    if done.returncode != 0 or not done.stdout:
        raise ValueError("reading it breaks off: it is damaged, or larger than the memory")
    answer: dict[str, list[Any]] | str = marshal.loads(done.stdout)
    if isinstance(answer, str):
        raise ValueError(answer)  # noqa: TRY004  # what a file holds, and no type of a caller's
    return answer


def _columns(data: bytes) -> dict[str, list[Any]] | str:
    """The columns, or what is wrong."""
    try:
        import polars

        frame = polars.read_parquet(BytesIO(data), glob=False)
        return {series.name: [_plain(cell) for cell in series.to_list()] for series in frame}
    except Exception as error:
        return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, _PLAIN) else (type(cell).__name__, str(cell))


if __name__ == "__main__":
    sys.stdout.buffer.write(marshal.dumps(_columns(sys.stdin.buffer.read())))
