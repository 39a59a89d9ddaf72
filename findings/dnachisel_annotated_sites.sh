#!/usr/bin/env bash
# Expectation: The annotation `@no(BsaI_site)` in a GenBank file and `AvoidPattern("BsaI_site")` in Python are the same
# constraint: no site of BsaI on either strand, since a plasmid is cut at both. The README says so for the call.
#
# Version: dnachisel 3.2.16, biopython 1.88, numpy 2.4.6, Python 3.11, from the Python package index.
# Source: dnachisel/builtin_specifications/AvoidPattern.py: the default strand is that of the location, and the
# docstring asks for `strand=both` in annotations. A feature of a GenBank file is on one strand; the format has no
# feature on both.
#
# Behaviour: The annotation forbids GGTCTC only on the strand of its feature. A record with the site on the other
# strand, GAGACC, passes all constraints, is returned unchanged, and is cut by BsaI. In Python, a location with three
# numbers, as for a coding sequence, has the same effect. Palindromic sites (EcoRI) are not affected, so a test with
# EcoRI does not show it.
#
# Output on 2026-11-30:
#   annotation @no(BsaI_site): passes True, GAGACC remains True
#   annotation @no(BsaI_site, strand=both): passes False, GAGACC remains False
#   AvoidPattern('BsaI_site'): passes False, GAGACC remains False
#   AvoidPattern('BsaI_site', location=(0, 30, 1)): passes True, GAGACC remains True
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet dnachisel==3.2.16 biopython==1.88 numpy==2.4.6

cat > "$work/sites.py" <<'PY'
from io import StringIO

import numpy as np
from Bio import SeqIO
from dnachisel import AvoidPattern, DnaOptimizationProblem

LETTERS = "attgcattacgagaccattgcattacattg"
RECORD = """LOCUS       design                    30 bp    DNA     linear   SYN 01-JAN-2026
FEATURES             Location/Qualifiers
     misc_feature    1..30
                     /label="{label}"
ORIGIN
        1 {letters}
//
"""


def annotated(label):
    text = RECORD.format(label=label, letters=" ".join(LETTERS[at : at + 10] for at in (0, 10, 20)))
    return DnaOptimizationProblem.from_record(SeqIO.read(StringIO(text), "genbank"), logger=None)


def called(**options):
    constraint = AvoidPattern("BsaI_site", **options)
    return DnaOptimizationProblem(LETTERS.upper(), constraints=[constraint], logger=None)


np.random.seed(0)
PROBLEMS = {
    "annotation @no(BsaI_site)": annotated("@no(BsaI_site)"),
    "annotation @no(BsaI_site, strand=both)": annotated("@no(BsaI_site, strand=both)"),
    "AvoidPattern('BsaI_site')": called(),
    "AvoidPattern('BsaI_site', location=(0, 30, 1))": called(location=(0, 30, 1)),
}
seen = []
for name, problem in PROBLEMS.items():
    passes = problem.all_constraints_pass()
    problem.resolve_constraints()
    remains = "GAGACC" in problem.sequence
    print(f"{name}: passes {passes}, GAGACC remains {remains}")
    seen.append((passes, remains))
assert seen == [(True, True), (False, False), (False, False), (True, True)]
PY
"$work/venv/bin/python" "$work/sites.py"
