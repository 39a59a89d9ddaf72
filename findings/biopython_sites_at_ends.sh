#!/usr/bin/env bash
# Expectation: `BsaI.search(design)` of Bio.Restriction finds each recognition site on either strand, so a design for
# which it returns an empty list can be cloned with BsaI.
#
# Version: biopython 1.88 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: Bio/Restriction/Restriction.py, `_drop`: cuts outside the sequence are removed. Issue 4604 of
# biopython/biopython is about the cuts of the two strands.
#
# Behaviour: The search finds cuts, not sites. BsaI, BsmBI, BbsI and SapI cut beside their sites, so a site near an end
# of the design may have a cut outside, and is then missing from the result, also from `Analysis(...).without_site()`. Between the
# arms of a vector, the same design is cut. Of the 110 places where a design of 60 letters can have a BsaI site, twelve
# are missed.
#
# Output on 2026-11-30:
#   GAGACCATTGCATTACATTGCATTACATTG: the design alone [], in its vector [16]; among the enzymes without a site: True
#   sites missed in designs of 60 letters: BsaI 12 of 110, BsmBI 12 of 110, BbsI 14 of 110, SapI 10 of 108
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet biopython==1.88 numpy==2.4.6

cat > "$work/sites.py" <<'PY'
from Bio.Restriction import Analysis, BbsI, BsaI, BsmBI, RestrictionBatch, SapI
from Bio.Seq import Seq

design = Seq("GAGACC" + "ATTGCATTAC" * 2 + "ATTG")  # GAGACC is the site of BsaI, GGTCTC, on the other strand
vector = Seq("ATTGCATTACATTGCATTAC")
alone, inside = BsaI.search(design), BsaI.search(vector + design + vector)
clean = BsaI in Analysis(RestrictionBatch([BsaI]), design).without_site()
print(f"{design}: the design alone {alone}, in its vector {inside}; among the enzymes without a site: {clean}")
assert (alone, inside, clean) == ([], [16], True)


def missed(enzyme):
    """Places of one site in a design of 60 letters, on either strand: those that the search misses, and all."""
    sites = {enzyme.site, str(Seq(enzyme.site).reverse_complement())}
    free = 60 - len(enzyme.site)
    designs = [Seq("T" * place + site + "T" * (free - place)) for site in sites for place in range(free + 1)]
    return sum(not enzyme.search(one) for one in designs), len(designs)


counts = {str(enzyme): missed(enzyme) for enzyme in (BsaI, BsmBI, BbsI, SapI)}
told = (f"{name} {n} of {total}" for name, (n, total) in counts.items())
print("sites missed in designs of 60 letters:", ", ".join(told))
assert counts == {"BsaI": (12, 110), "BsmBI": (12, 110), "BbsI": (14, 110), "SapI": (10, 108)}, counts
PY
"$work/venv/bin/python" "$work/sites.py"
