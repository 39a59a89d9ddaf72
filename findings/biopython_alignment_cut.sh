#!/usr/bin/env bash
# Expectation: `Bio.Align.read(file, "fasta")` requires rows of equal length, as `Bio.AlignIO.read` does, and raises an
# error otherwise. An A3M file, whose lower-case insertions make rows longer, cannot be read as an alignment by mistake.
#
# Version: biopython 1.88 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: Bio/Align/fasta.py passes the rows to `Alignment.parse_printed_alignment`, which takes the number of columns
# from the first row. The older module Bio.AlignIO checks the lengths.
#
# Behaviour: A row that is longer than the first is cut to the length of the first, without an error. Insertions are not
# removed, so the columns after one hold residues of other positions. Letter frequencies, and a profile computed from
# them, are wrong. Bio.Align has no format "a3m", so users try "fasta".
#
# Output on 2026-11-29:
#   AlignIO: ValueError: Sequences must all be the same length
#   Align: ['MKVTLA', 'MKVggT', 'MK--LA']
#   column 4 holds TT-, and is read as Tg-; column 6 holds AAA, and is read as ATA
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet biopython==1.88 numpy==2.4.6

cat > "$work/read.py" <<'PY'
from io import StringIO
from Bio import Align, AlignIO

A3M = ">query\nMKVTLA\n>insertion\nMKVggTLA\n>deletion\nMK--LA\n"

try:
    AlignIO.read(StringIO(A3M), "fasta")
    raise SystemExit("AlignIO read it")
except ValueError as error:
    print(f"AlignIO: ValueError: {error}")
alignment = Align.read(StringIO(A3M), "fasta")
rows = [alignment[number] for number in range(3)]
print("Align:", rows)
truth = ["MKVTLA", "MKVTLA", "MK--LA"]
columns = [["".join(row[place] for row in taken) for taken in (truth, rows)] for place in (3, 5)]
print("; ".join(f"column {n} holds {right}, and is read as {read}" for n, (right, read) in zip((4, 6), columns)))
assert rows == ["MKVTLA", "MKVggT", "MK--LA"]
PY
"$work/venv/bin/python" "$work/read.py"
