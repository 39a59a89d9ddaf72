#!/usr/bin/env bash
# Expectation: `RNA.inverse_fold(start, target)` returns a designed sequence and does not change `start`, since Python
# strings are immutable. Calling it 100 times with one start gives 100 designs.
#
# Version: ViennaRNA 2.8.0, Python 3.11, from the Python package index.
# Source: the C function writes the sequence that it finds over `start`, as its manual says. The Python wrapper passes the
# memory of the string object itself.
#
# Behaviour: The string is overwritten in place, together with every other name, list and dictionary key that holds the
# same object, and with the literal in the code. A second call starts from the first design, which already folds into the
# target, and returns it. A loop over one start therefore yields one design, and its distance 0.0 looks like success. A
# dictionary key that was overwritten can no longer be found. A new object for each call avoids this, for example
# `"".join(start)` with a list of letters; `str(start)`, `start[:]` and `copy.copy(start)` are the same object.
#
# Output on 2026-11-29 (letters differ from run to run):
#   start before NNNNNNNNNNNN, and after GUUGNNNNCAGC; another name for it reads GUUGNNNNCAGC
#   5 calls with one start: 1 design; 5 calls with a new object each: 5 designs
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet ViennaRNA==2.8.0

cat > "$work/design.py" <<'PY'
import RNA

TARGET = "((((....))))"


def fresh():
    return "".join(["N"] * len(TARGET))


start = fresh()
alias, lookup = start, {start: "parent"}
before = "".join(list(start))
design, _ = RNA.inverse_fold(start, TARGET)
print(f"start before {before}, and after {start}; another name for it reads {alias}")
assert start == alias == design != before
assert "".join(list(design)) not in lookup

again = fresh()
one = {"".join(list(RNA.inverse_fold(again, TARGET)[0])) for _ in range(5)}
new = {RNA.inverse_fold(fresh(), TARGET)[0] for _ in range(5)}
print(f"5 calls with one start: {len(one)} design; 5 calls with a new object each: {len(new)} designs")
assert len(one) == 1 < len(new)
PY
"$work/venv/bin/python" "$work/design.py"
