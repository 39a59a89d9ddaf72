#!/usr/bin/env bash
# Expectation: `TopHits.merge` joins the hits of one query in several parts of a database, so that a large database can
# be searched in blocks. Its documentation says that the merged hits have E-values for the whole database.
#
# Version: pyhmmer 0.12.3 (with psutil 7.2.2, Python 3.11), from the Python package index.
# Source: pyhmmer/plan7.pyx, `TopHits.merge`: it adds up `Z`, the number of targets. HMMER's pipeline for nucleotides has
# no Z. It computes the E-value from the number of residues searched, and stores it in the score of each hit.
#
# Behaviour: For proteins, E-values after merging are those of one search. For nucleotides (`nhmmer`), each hit keeps the
# E-value of its own block, without an error or a warning: in ten blocks it is ten times too small. Hits from blocks of
# different size are then sorted in the wrong order, too. Multiplying by residues of the database / residues of the block
# gives the E-values of one search.
#
# Output on 2026-11-30:
#   protein:  one search 3.2e-47, two blocks merged 3.2e-47 (ratio 1.00)
#   dna:      one search 1.4e-10, two blocks merged 7.0e-11 (ratio 0.50)
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pyhmmer==0.12.3 psutil==7.2.2

cat > "$work/search.py" <<'PY'
import random
from pyhmmer.easel import Alphabet, DigitalSequenceBlock, TextSequence
from pyhmmer.hmmer import nhmmer, phmmer

ratios = {}
for kind, letters, search in (
    ("protein", "ACDEFGHIKLMNPQRSTVWY", phmmer),
    ("dna", "ACGT", nhmmer),
):
    rng, alphabet = random.Random(0), getattr(Alphabet, {"protein": "amino", "dna": "dna"}[kind])()
    texts = ["".join(rng.choices(letters, k=100)) for _ in range(200)]
    texts[10] = "".join(rng.choice(letters) if rng.random() < 0.3 else letter for letter in texts[0])
    sequences = [TextSequence(name=str(n), sequence=text).digitize(alphabet) for n, text in enumerate(texts)]
    block = lambda rows: DigitalSequenceBlock(alphabet, rows)
    query = block(sequences[:1])
    (whole,) = search(query, block(sequences[1:]), cpus=1, E=1e-3)
    (first,) = search(query, block(sequences[1:100]), cpus=1, E=1e-3)
    (second,) = search(query, block(sequences[100:]), cpus=1, E=1e-3)
    merged = first.merge(second)
    assert whole[0].name == merged[0].name == "10"
    one, two = whole[0].evalue, merged[0].evalue
    ratios[kind] = two / one
    print(f"{kind + ':':9} one search {one:.1e}, two blocks merged {two:.1e} (ratio {two / one:.2f})")
assert abs(ratios["protein"] - 1) < 0.01
assert 0.45 < ratios["dna"] < 0.55
PY
"$work/venv/bin/python" "$work/search.py"
