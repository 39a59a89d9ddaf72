"""Reads Parquet with polars in a separate process, which runs this file as a program.

A damaged file can make polars panic with a backtrace on standard error, or end the process by requesting too much
memory. Neither can be caught within the process.
"""

import marshal
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

_PLAIN = (bool, int, float, str, type(None))


def read_parquet(data: bytes) -> dict[str, list[Any]]:
    """The columns of a Parquet file by name; a cell that is not text, a number or a boolean is a tuple.

    Raises ValueError with the reason if it cannot be read.
    """
    done = subprocess.run([sys.executable, "-P", str(Path(__file__))], input=data, capture_output=True, check=False)
    if done.returncode != 0 or not done.stdout:
        raise ValueError("it is damaged, or larger than the memory")
    answer: dict[str, list[Any]] | str = marshal.loads(done.stdout)
    if isinstance(answer, str):
        raise ValueError(answer)  # noqa: TRY004  # the content of a file, not the type of an argument
    return answer


def _columns(data: bytes) -> dict[str, list[Any]] | str:
    """The columns, or the error message."""
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
