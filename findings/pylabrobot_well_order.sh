#!/usr/bin/env bash
# Expectation: `plate["A1:H12"]` and `plate["A1":"H12"]` are all wells of a plate in the order of `plate[0:96]`, so a
# list of designs or of volumes can be paired with any of them.
#
# Version: PyLabRobot 0.2.2, Python 3.11, from the Python package index.
# Source: pylabrobot/resources/itemized_resource.py, `__getitem__`, and pylabrobot/utils/positions.py,
# `expand_string_range`. The documented examples are single columns, in which numbers and a range in a string agree. A
# comment there takes `"A1":"E1"` for the same as `"A1:E1"`.
#
# Behaviour: Numbers count down the columns (A1, B1, ...). A range in one string goes along the rows (A1, A2, ...), so
# 94 of 96 designs are in other wells. With the colon outside the quotation marks, the range is a Python slice: down the
# columns, without the last well, and not a rectangle. `plate["A1":"C3"]` has eighteen wells, among them D1 and H2, but
# not C3.
#
# Output on 2026-11-30:
#   plate[0:4]: A1 B1 C1 D1
#   plate["A1:H12"]: A1 A2 A3 A4 ... 96 wells, 94 in another place than in plate[0:96]
#   plate["A1":"H12"]: A1 B1 C1 D1 ... 95 wells
#   plate["A1:C3"]: A1 A2 A3 B1 B2 B3 C1 C2 C3
#   plate["A1":"C3"]: A1 B1 C1 D1 E1 F1 G1 H1 A2 B2 C2 D2 E2 F2 G2 H2 A3 B3
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet PyLabRobot==0.2.2

cat > "$work/wells.py" <<'PY'
from pylabrobot.resources import cor_96_wellplate_360uL_Fb

plate = cor_96_wellplate_360uL_Fb(name="plate")


def names(wells):
    return [well.name.rsplit("_", 1)[-1] for well in wells]


numbered, in_string, as_slice = names(plate[0:96]), names(plate["A1:H12"]), names(plate["A1":"H12"])
n_moved = sum(one != other for one, other in zip(numbered, in_string, strict=True))
print("plate[0:4]:", *numbered[:4])
print('plate["A1:H12"]:', *in_string[:4], f"... {len(in_string)} wells, {n_moved} in another place than in plate[0:96]")
print('plate["A1":"H12"]:', *as_slice[:4], f"... {len(as_slice)} wells")
print('plate["A1:C3"]:', *names(plate["A1:C3"]))
print('plate["A1":"C3"]:', *names(plate["A1":"C3"]))
assert numbered[:3] == ["A1", "B1", "C1"] and in_string[:3] == ["A1", "A2", "A3"]
assert n_moved == 94 and as_slice == numbered[:95]
assert names(plate["A1:C3"]) == ["A1", "A2", "A3", "B1", "B2", "B3", "C1", "C2", "C3"]
assert names(plate["A1":"C3"]) == numbered[:18]
PY
"$work/venv/bin/python" "$work/wells.py"
