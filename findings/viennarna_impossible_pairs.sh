#!/usr/bin/env bash
# Expectation: `pr_structure(target)` is the probability of a structure in the ensemble of a sequence, so it is 0 for a
# structure whose pairs the sequence cannot form, and at most 1. The manual gives its range as [0:1].
#
# Version: ViennaRNA 2.8.0, Python 3.11, from the Python package index.
# Source: the function divides exp(-E / RT) by the partition function. The evaluation of E gives any two letters that are
# written as a pair, such as A and A, the energy of a non-standard pair, but the partition function excludes them. A
# partition function beyond the range of a double becomes infinite without an error.
#
# Behaviour: A structure outside the ensemble has a positive probability, which may exceed 1: here it is 73 where A would
# pair with A. As an objective for RNA design, it rewards sequences that cannot fold into the target. For long, stable
# RNAs the partition function overflows silently unless `exp_params_rescale(mfe)` was called: `pf()` reports +100000
# kcal/mol, and the probability is infinite. Check the letters of each pair before, and rescale always.
#
# Output on 2026-11-30:
#   GCACGCUGGAGC as ((((....)))): positions 3 and 10 are A and A, energy -3.10 kcal/mol, probability 73.218
#   444 letters, as they are: ensemble 100000 kcal/mol, probability inf
#   444 letters, rescaled: ensemble -632 kcal/mol, probability 0.964
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet ViennaRNA==2.8.0

cat > "$work/fold.py" <<'PY'
from math import isinf

import RNA

sequence, target = "GCACGCUGGAGC", "((((....))))"
fold = RNA.fold_compound(sequence)
energy = fold.eval_structure(target)
fold.pf()
found = fold.pr_structure(target)
letters = f"{sequence[2]} and {sequence[9]}"
print(f"{sequence} as {target}: positions 3 and 10 are {letters}, energy {energy:.2f} kcal/mol, probability {found:.3f}")
shares = fold.bpp()
pairs = {(i, j) for i in range(1, 13) for j in range(i + 1, 13) if shares[i][j] > 0}
assert (3, 10) not in pairs  # the ensemble does not hold it
assert found > 1

half = "GC" * 110
long, helix = f"{half}GAAA{half}", f"{'(' * 220}....{')' * 220}"
for is_rescaled in (False, True):
    fold = RNA.fold_compound(long)
    if is_rescaled:
        fold.exp_params_rescale(fold.mfe()[1])
    ensemble = fold.pf()[1]
    found = fold.pr_structure(helix)
    how = "rescaled" if is_rescaled else "as they are"
    print(f"{len(long)} letters, {how}: ensemble {ensemble:.0f} kcal/mol, probability {found:.3f}")
    assert isinf(found) != is_rescaled
PY
"$work/venv/bin/python" "$work/fold.py"
