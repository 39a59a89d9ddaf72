#!/usr/bin/env bash
# Expectation: `pyfastx.Fasta(path)` reads the file that is there. Its index file is a cache, which is made again if the
# file has changed.
#
# Version: pyfastx 2.3.1, Python 3.11, from the Python package index.
# Source: the documentation of pyfastx.Fasta (`build_index=True` writes an index beside the file and uses it from then
# on). Pull request 1039 of nextstrain/augur discusses it.
#
# Behaviour: The index stays as it was. If a campaign writes `designs.fasta` again for its next round, the records have
# the names of the last round and letters from the old byte positions of the new file: cut sequences, and sequences that
# contain `>` and the name of another design. There is no warning. `build_index=False`, or deleting `designs.fasta.fxi`,
# gives the right records.
#
# Output on 2026-11-30:
#   round 1: [('d1', 'ACGTACGTAC'), ('d2', 'GGGGGCCCCC')]
#   round 2: [('d1', 'TTTTTTTTTT'), ('d2', '>d4AAAACCC')]
#   round 2 without the index: [('d3', 'TTTTTTTTTTTTTT'), ('d4', 'AAAACCCCAA'), ('d5', 'CATCATCATC')]
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyfastx==2.3.1

cat > "$work/rounds.py" <<'PY'
import sys
from pathlib import Path

import pyfastx

path = Path(sys.argv[1])
first = {"d1": "ACGTACGTAC", "d2": "GGGGGCCCCC"}
second = {"d3": "T" * 14, "d4": "AAAACCCCAA", "d5": "CATCATCATC"}


def write(designs):
    path.write_text("".join(f">{name}\n{letters}\n" for name, letters in designs.items()))


def read():
    return [(record.name, record.seq) for record in pyfastx.Fasta(str(path))]


write(first)
before = read()
write(second)
after = read()
whole = list(pyfastx.Fasta(str(path), build_index=False))
print("round 1:", before)
print("round 2:", after)
print("round 2 without the index:", whole)
assert before == list(first.items()) and whole == list(second.items())
assert after == [("d1", "TTTTTTTTTT"), ("d2", ">d4AAAACCC")], after
PY
"$work/venv/bin/python" -W error "$work/rounds.py" "$work/designs.fasta"
