#!/usr/bin/env bash
# Expectation: In a DNA logo, a conserved position has 2 bits because there are four letters; in a protein logo, log2(20)
# = 4.32 bits. Logos of two rounds of a campaign can be compared by height.
#
# Version: logomaker 0.8.7 (with numpy 2.4.6 and pandas 3.1.1, Python 3.11), from the Python package index.
# Source: logomaker/src/matrix.py and validate.py. The alphabet is the set of letters that occur anywhere in the
# alignment, and the background is uniform over them. There is no argument for the alphabet; `background` must match the
# letters that occur.
#
# Behaviour: The height of a column depends on the letters of other columns. If designs use three bases, a conserved
# position has 1.58 bits; with two, 1.00. As a campaign narrows, letters disappear and every conserved column shrinks,
# although the column itself is unchanged. Protein designs with few letters are affected most: with six letters, a
# conserved column has 2.58 bits instead of 4.32.
#
# Output on 2026-11-29 (bits of the first column, all A, without pseudocounts):
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
