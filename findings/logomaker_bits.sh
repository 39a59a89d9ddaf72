#!/usr/bin/env bash
# The guess: in a DNA logo in bits a conserved position has 2 bits, since there are four letters, and in a protein
# logo log2(20) = 4.32. So logos of two rounds of a campaign can be compared by height.
#
# Version: logomaker 0.8.7 (with numpy 2.4.6 and pandas 3.1.1, Python 3.11), from the Python package index.
# Source: logomaker/src/matrix.py and validate.py. The alphabet is the letters that occur anywhere in the alignment;
# the background is uniform over those. There is no argument for the alphabet; `background` must fit the letters that
# occur.
#
# The behaviour: the height of a column hangs on which letters other columns hold. If designs use three bases, a
# conserved position has 1.58 bits, and with two, 1.00. As a campaign narrows, letters drop out and every conserved
# column shrinks, though the column itself is unchanged. Protein designs on few letters are affected most: with six of
# them, a conserved column has 2.58 bits of 4.32.
#
# Seen on 2026-11-29 (bits of the first column, all A, without pseudocounts):
#   columns behind it hold ACGT: 2.00
#   columns behind it hold ACG: 1.58
#   columns behind it hold AC: 1.00
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet logomaker==0.8.7 numpy==2.4.6 pandas==3.1.1

cat > "$work/bits.py" <<'PY'
import logomaker

bits = {}
for letters in ("ACGT", "ACG", "AC"):
    matrix = logomaker.alignment_to_matrix(["A" + letter for letter in letters], to_type="information", pseudocount=0)
    bits[letters] = round(float(matrix.loc[0, "A"]), 2)
    print(f"columns behind it hold {letters}: {bits[letters]:.2f}")
assert list(bits.values()) == [2.0, 1.58, 1.0]
PY
"$work/venv/bin/python" -W ignore "$work/bits.py"
