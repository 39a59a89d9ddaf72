#!/usr/bin/env bash
# Expectation: A black box of poli is a function of the sequence. With a `seed`, the rough Mount Fuji landscape has one
# random value for each sequence, as in Neidhart et al. 2014, so a sequence that is evaluated again has the same value.
#
# Version: poli-core 1.3.1 (with numpy 1.26.4, scipy 1.15.3, rdkit 2026.9.1 and selfies 2.2.0), Python 3.11, from the
# Python package index.
# Source: objective_repository/rmf_landscape/isolated_function.py. The random part is drawn anew for every row of every
# call; the sequence does not enter. The seed only sets where the series of draws begins.
#
# Behaviour: There is no landscape: values of one sequence differ between calls and within one, and the value of a
# sequence depends on its row. The range over repeated evaluations is as wide as that over different sequences. A search
# that evaluates its best sequence again and again appears to improve, and no local optimum exists.
#
# Output on 2026-11-30 (seed 0, 5 letters, 2,000 evaluations each; standard deviations of the values):
#   one sequence, 3 evaluations: 1.07, 0.32, 0.04
#   the summit again and again: sd 1.21; its 95 neighbours, in turn: sd 1.21; best of the summit alone: 11.39
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numpy==1.26.4 scipy==1.15.3 rdkit==2026.9.1 selfies==2.2.0
"$work/venv/bin/pip" install --quiet --no-deps poli-core==1.3.1

cat > "$work/climb.py" <<'PY'
import numpy as np
from poli.objective_repository.rmf_landscape.isolated_function import RMFIsolatedLogic

LETTERS = "ACDEFGHIKLMNPQRSTVWY"
summit = "ACDEF"


def values(sequences):
    landscape = RMFIsolatedLogic(wildtype=list(summit), seed=0)
    return landscape(np.array([list(sequence) for sequence in sequences])).ravel()


first = values([summit] * 3)
print(f"one sequence, 3 evaluations: {', '.join(f'{value:.2f}' for value in first)}")
assert len(set(first)) == 3
near = [summit[:i] + c + summit[i + 1 :] for i in range(5) for c in LETTERS if c != summit[i]]
same, other = values([summit] * 2000), values((near * 22)[:2000])
print(
    f"the summit again and again: sd {same.std():.2f}; its {len(near)} neighbours, in turn: sd {other.std():.2f}; "
    f"best of the summit alone: {same.max():.2f}"
)
assert abs(same.std() - other.std()) < 0.1 * same.std()
PY
"$work/venv/bin/python" "$work/climb.py"
