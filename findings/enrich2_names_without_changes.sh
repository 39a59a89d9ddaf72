#!/usr/bin/env bash
# Expectation: `enrich2.variant.hgvs2single` converts Enrich2's names of variants to single letters, as in K2A. A name that it
# cannot convert raises an error, and only the wild type has no changes.
#
# Version: enrich2 2.0.2 (with numpy 2.4.6 and pandas 3.1.1, Python 3.11), from the Python package index.
# Source: enrich2/variant.py. The function collects every match of a substitution in the text, and ignores the rest.
#
# Behaviour: Frame shifts, deletions and unresolved residues, which Enrich2 itself writes, become an empty list, which is
# also the result for the wild type and the synonymous variant: dead variants are read as the wild type. Two base
# changes in a codon, each with its effect, become the same substitution twice, so that a single mutant counts as double.
#
# Output on 2026-11-30:
#   _wt: []
#   _sy: []
#   c.4A>G (p.Lys2Glu): ['K2E']
#   c.4A>G (p.Lys2Ala), c.5A>C (p.Lys2Ala): ['K2A', 'K2A']
#   c.4_5del (p.Lys2fs): []
#   c.4A>N (p.Lys2???): []
#   p.Lys2del: []
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet enrich2==2.0.2 numpy==2.4.6 pandas==3.1.1

cat > "$work/names.py" <<'PY'
from enrich2.variant import hgvs2single

names = ["_wt", "_sy", "c.4A>G (p.Lys2Glu)", "c.4A>G (p.Lys2Ala), c.5A>C (p.Lys2Ala)"]
names += ["c.4_5del (p.Lys2fs)", "c.4A>N (p.Lys2???)", "p.Lys2del"]
found = {name: hgvs2single(name) for name in names}
for name, changes in found.items():
    print(f"{name}: {changes}")
assert [len(changes) for changes in found.values()] == [0, 0, 1, 2, 0, 0, 0]
PY
cd "$work" && MPLBACKEND=agg "$work/venv/bin/python" -W ignore "$work/names.py"
