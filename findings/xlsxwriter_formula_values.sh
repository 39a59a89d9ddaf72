#!/usr/bin/env bash
# Expectation: A cell with a formula that no program has calculated has no value. A reader that does not calculate returns
# nothing for it, as it does for a formula that openpyxl wrote.
#
# Version: XlsxWriter 3.3.1, openpyxl 3.1.5, python-calamine 0.9.1, pandas 3.1.1, Python 3.11, from the Python package index.
# Source: XlsxWriter, `Worksheet.write_formula(..., value=0)`; openpyxl writes formulas without a value.
#
# Behaviour: XlsxWriter saves the value 0 with every formula unless it is given one, and relies on Excel to calculate at opening.
# A workbook that goes from a program to a program, without Excel in between, therefore has the value 0 for the mean of 2 and 4,
# in openpyxl, in python-calamine and in pandas: a number like any other. The only sign is `fullCalcOnLoad` in the workbook.
# If openpyxl writes the same formula, the readers return None, '' and NaN.
#
# Output on 2026-11-30:
#   written by XlsxWriter: openpyxl 0, python-calamine 0.0, pandas 0; to be calculated on loading: True
#   written by openpyxl: openpyxl None, python-calamine '', pandas nan; to be calculated on loading: True
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet XlsxWriter==3.3.1 openpyxl==3.1.5 python-calamine==0.9.1 pandas==3.1.1

cat > "$work/formula.py" <<'PY'
import sys

import openpyxl
import pandas
import python_calamine
import xlsxwriter


def read(path):
    book = openpyxl.load_workbook(path, data_only=True)
    by_openpyxl = book.active["C2"].value
    by_calamine = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[1][2]
    by_pandas = pandas.read_excel(path, engine="openpyxl")["mean"][0]
    return by_openpyxl, by_calamine, by_pandas, book.calculation.fullCalcOnLoad


folder = sys.argv[1]
rows = [["rep1", "rep2", "mean"], [2, 4]]
book = xlsxwriter.Workbook(f"{folder}/x.xlsx")
sheet = book.add_worksheet()
for number, row in enumerate(rows):
    sheet.write_row(number, 0, row)
sheet.write_formula("C2", "=AVERAGE(A2:B2)")
book.close()
book = openpyxl.Workbook()
for row in rows:
    book.active.append(row)
book.active["C2"] = "=AVERAGE(A2:B2)"
book.save(f"{folder}/o.xlsx")

for name, who in (("x", "XlsxWriter"), ("o", "openpyxl")):
    first, second, third, is_due = read(f"{folder}/{name}.xlsx")
    print(
        f"written by {who}: openpyxl {first!r}, python-calamine {second!r}, pandas {third}; to be calculated on loading: {is_due}"
    )
assert read(f"{folder}/x.xlsx") == (0, 0.0, 0, True)
assert read(f"{folder}/o.xlsx")[:2] == (None, "") and pandas.isna(read(f"{folder}/o.xlsx")[2])
PY
"$work/venv/bin/python" "$work/formula.py" "$work"
