#!/usr/bin/env bash
# Expectation: `PairwiseAligner().score(a, b)` without options counts the identical letters of the best alignment (1 for a
# match, 0 for a mismatch or a gap). Score / length is therefore an identity by which designs can be filtered or
# clustered.
#
# Versions: biopython 1.85 and 1.88 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: the defaults of Bio.Align.PairwiseAligner, as shown by printing one. Since 1.86 a gap letter costs 1, also at
# the ends.
#
# Behaviour: The same call gives other scores in the two versions, without a warning. One deletion costs 1 more, and
# sequences of unequal length lose 1 for each letter of the difference. Identities computed in this way can be negative,
# and a filter at 90% passes other designs. Published thresholds hold for the older default.
#
# Output on 2026-11-29:
#   1.85: ACGT and AGT 3.0, MKTAYIAKQR and MKTAIAKQRG 9.0, MKTAYIAKQRQISFVK and AYIA 4.0
#   1.88: ACGT and AGT 2.0, MKTAYIAKQR and MKTAIAKQRG 7.0, MKTAYIAKQRQISFVK and AYIA -8.0
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cat > "$work/score.py" <<'PY'
import sys
import Bio
from Bio.Align import PairwiseAligner

PAIRS = (("ACGT", "AGT"), ("MKTAYIAKQR", "MKTAIAKQRG"), ("MKTAYIAKQRQISFVK", "AYIA"))
scores = [PairwiseAligner().score(*pair) for pair in PAIRS]
print(f"{Bio.__version__}:", ", ".join(f"{a} and {b} {score}" for (a, b), score in zip(PAIRS, scores)))
assert scores == {"1.85": [3.0, 9.0, 4.0], "1.88": [2.0, 7.0, -8.0]}[sys.argv[1]]
PY
python3 -m venv "$work/venv"
for version in 1.85 1.88; do
    "$work/venv/bin/pip" install --quiet "biopython==$version" numpy==2.4.6
    "$work/venv/bin/python" -W error "$work/score.py" "$version"
done
