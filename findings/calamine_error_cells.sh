#!/usr/bin/env bash
# Expectation: A cell with a spreadsheet error (`#DIV/0!`, `#N/A`) is distinguishable from an empty cell. A reader returns the
# error's text, as openpyxl does, or raises.
#
# Version: python-calamine 0.9.1, fastexcel 0.21.0 (both on the Rust library calamine), polars 2.1.0, openpyxl 3.1.5 and
# XlsxWriter 3.3.1, Python 3.11, from the Python package index.
# Source: python-calamine, the conversion of a cell to a Python value: an error becomes an empty string.
#
# Behaviour: python-calamine returns '' for `#DIV/0!` and for `#N/A`, as for an empty cell, and `polars.read_excel` returns null.
# A mistake in a formula is thus read as a missing measurement, in a column whose other values arrive as numbers. openpyxl
# returns the text of the error. The same readers return the float 110.0 for the whole number 110, so that a column of numbered
# states (0110, 110) is a mixture of text and numbers with a decimal point.
#
# Output on 2026-11-30:
#   openpyxl:        ['0110', 110, '#DIV/0!', '#N/A', None]
#   python-calamine: ['0110', 110.0, '', '', '']
#   polars:          ['0110', '110', None, None, None]
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet python-calamine==0.9.1 fastexcel==0.21.0 polars==2.1.0 openpyxl==3.1.5 XlsxWriter==3.3.1

cat > "$work/cells.py" <<'PY'
import sys

import openpyxl
import polars
import python_calamine
import xlsxwriter

path = sys.argv[1]
book = xlsxwriter.Workbook(path)
sheet = book.add_worksheet()
sheet.write_row(0, 0, ["state", "well"])
sheet.write_string(1, 0, "0110")
sheet.write_number(2, 0, 110)
sheet.write_formula(3, 0, "=1/0", None, "#DIV/0!")
sheet.write_formula(4, 0, "=NA()", None, "#N/A")
for row in range(1, 6):
    sheet.write(row, 1, f"A{row}")
book.close()

by_openpyxl = [row[0] for row in openpyxl.load_workbook(path, data_only=True).active.values][1:]
by_calamine = [row[0] for row in python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()][1:]
by_polars = polars.read_excel(path)["state"].to_list()
print("openpyxl:       ", by_openpyxl)
print("python-calamine:", by_calamine)
print("polars:         ", by_polars)
assert by_openpyxl == ["0110", 110, "#DIV/0!", "#N/A", None]
assert by_calamine == ["0110", 110.0, "", "", ""] and isinstance(by_calamine[1], float)
assert by_polars == ["0110", "110", None, None, None]
PY
"$work/venv/bin/python" "$work/cells.py" "$work/t.xlsx"
