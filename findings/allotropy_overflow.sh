#!/usr/bin/env bash
# Expectation: A well that a plate reader marks as `OVRFLW` (more light than it can measure) has no value, a null or a
# limit in allotropy's JSON, since zero is a measurement like any other.
#
# Version: allotropy 0.1.150 (with pandas 2.3.3, Python 3.11), from the Python package index.
# Source: allotropy/parsers/constants.py, `NEGATIVE_ZERO`, "used to fill an error value in a required ASM field";
# introduced by pull request 694 of Benchling-Open-Source/allotropy. The converters of Tecan Magellan, SkanIt and
# SoftMax Pro use it too.
#
# Behaviour: The value is -0.0. It equals 0, so the brightest design of the plate becomes the darkest, below the blank;
# only the minus sign differs, which is lost in a table of rounded numbers. The text OVRFLW is in another part of the
# JSON, the error document of the measurement, which a program that reads the values does not meet.
#
# Output on 2026-11-30:
#   A1 d1 OVRFLW -> -0.0 RFU, errors ['OVRFLW']
#   A2 d2 51200 -> 51200.0 RFU, errors []
#   A3 d3 18100 -> 18100.0 RFU, errors []
#   A4 BLK 112 -> 112.0 RFU, errors []
#   from bright to dark: d2, d3, BLK, d1
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet allotropy==0.1.150 pandas==2.3.3

cat > "$work/export.txt" <<'TXT'

Software Version	3.12.08

Experiment File Path:	C:\plates\round1.xpt
Protocol File Path:	C:\plates\gfp.prt

Plate Number	Plate 1
Date	9/15/2023
Time	12:30:00 PM
Reader Type:	Synergy H1
Reader Serial Number:	12345678
Reading Type	Reader

Procedure Details

Plate Type	96 WELL PLATE
Eject plate on completion
Read	Fluorescence Endpoint
	Full Plate
	Filter Set 1
	    Excitation: 485/20,  Emission: 528/20
	    Optics: Top,  Gain: 100
	Read Speed: Normal,  Delay: 100 msec,  Measurements/Data Point: 10

Layout
	1	2	3	4
A	d1	d2	d3	BLK	Well ID

Actual Temperature:	25.0

Results
	1	2	3	4
A	OVRFLW	51200	18100	112	485,528
TXT
cat > "$work/convert.py" <<'PY'
import sys
from math import copysign

from allotropy.parser_factory import Vendor
from allotropy.to_allotrope import allotrope_from_file

WRITTEN = ("OVRFLW", "51200", "18100", "112")
told = allotrope_from_file(sys.argv[1], Vendor.AGILENT_GEN5)["plate reader aggregate document"]["plate reader document"]
values = {}
for well, written in zip(told, WRITTEN, strict=True):
    (one,) = well["measurement aggregate document"]["measurement document"]
    sample, read = one["sample document"], one["fluorescence"]
    errors = [error["error"] for error in one.get("error aggregate document", {}).get("error document", [])]
    values[sample["sample identifier"]] = read["value"]
    place = f"{sample['location identifier']} {sample['sample identifier']}"
    print(f"{place} {written} -> {read['value']} {read['unit']}, errors {errors}")
order = sorted(values, key=values.get, reverse=True)
print("from bright to dark:", ", ".join(order))
assert order == ["d2", "d3", "BLK", "d1"]
assert values["d1"] == 0 and copysign(1, values["d1"]) == -1
PY
"$work/venv/bin/python" -W ignore "$work/convert.py" "$work/export.txt"
