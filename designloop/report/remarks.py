"""What was guessed, changed or left out when the files of a run or a study were read."""

from collections.abc import Iterator, Mapping
from typing import Any

from designloop.report.page import Column, Table


def remarks_of(manifest: Mapping[str, Any]) -> Iterator[Table]:
    """A table of the remarks that a manifest keeps; nothing if there are none."""
    said = manifest.get("remarks", [])
    if said:
        rows = tuple((str(remark),) for remark in said)
        yield Table("remarks", "Files: what was guessed, changed or left out", (Column("remark"),), rows)
