#!/usr/bin/env bash
# Expectation: `seqfold.dg` returns the minimum free energy in kcal/mol: the more negative, the more stable. A sequence
# that cannot form a pair has an energy of 0, and its dot-bracket string consists of dots. A filter such as
# `dg(leader) > -5` keeps open leaders.
#
# Version: seqfold 0.10.2 (the same energies in 0.7.18), Python 3.11, from the Python package index.
# Source: the README of seqfold; issue 21 of Lattice-Automation/seqfold reports the energy of 1600.
#
# Behaviour: A sequence without complementary letters has the energy minus infinity, so it sorts before the most stable
# hairpin, and the filter rejects the leaders without any structure: (CAA)n, the usual unstructured 5' leader, poly(A),
# and all sequences of A and C. The string has a closing bracket without a partner. Another open sequence has
# an energy of 1600 kcal/mol.
#
# Output on 2026-11-30:
#   hairpin   GGGGCCAAAAGGCCCC                 -12.5  ((((((....))))))
#   (CAA)8    CAACAACAACAACAACAACAACAA          -inf  .......................)
#   poly(A)   AAAAAAAAAAAAAAAAAAAA              -inf  ...................)
#   C and T   ATCCCTTCGCCCTCTTCCTCCTCCTCTCTCC 1600.0  ........(....).................
#   from stable to open: (CAA)8, poly(A), hairpin, C and T
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet seqfold==0.10.2

cat > "$work/fold.py" <<'PY'
from math import inf

from seqfold import dg, dot_bracket, fold

LEADERS = {
    "hairpin": "GGGGCCAAAAGGCCCC",
    "(CAA)8": "CAA" * 8,
    "poly(A)": "A" * 20,
    "C and T": "ATCCCTTCGCCCTCTTCCTCCTCCTCTCTCC",
}
energies = {name: dg(sequence, temp=37.0) for name, sequence in LEADERS.items()}
pairs = {name: dot_bracket(sequence, fold(sequence, temp=37.0)) for name, sequence in LEADERS.items()}
for name, sequence in LEADERS.items():
    print(f"{name:9} {sequence:31} {energies[name]:6}  {pairs[name]}")
order = sorted(LEADERS, key=energies.get)
print("from stable to open:", ", ".join(order))
assert -14 < energies["hairpin"] < -10
assert energies["(CAA)8"] == energies["poly(A)"] == -inf and energies["C and T"] > 1000
assert pairs["(CAA)8"] == "." * 23 + ")"
assert order == ["(CAA)8", "poly(A)", "hairpin", "C and T"]
PY
"$work/venv/bin/python" "$work/fold.py"
