#!/usr/bin/env bash
# Expectation: A FASTA file of proteins is read as proteins. A reader that guesses between nucleotides and amino acids
# guesses once for the whole file, and calls it nucleotides only if most letters are A, C, G or T.
#
# Version: biotite 1.6.0 (with numpy 2.4.6, Python 3.11), from the Python package index.
# Source: biotite/sequence/io/fasta/convert.py, and the documentation of `get_sequence`. Each record is first tried as a
# nucleotide sequence, whose alphabet includes the IUPAC ambiguity codes. 14 of the 20 amino acids are such letters. U is
# replaced by T first.
#
# Behaviour: In a file of proteins, each record without E, F, I, L, P or Q becomes a nucleotide sequence, with another
# class and alphabet than the other records. This happens to about one in 35 peptides of ten random residues.
# Selenocysteine (U) becomes T, which means threonine if the letters are written out again. The argument `seq_type` avoids
# both.
#
# Output on 2026-11-29:
#   one    NucleotideSequence MSKGRRVHDW
#   two    ProteinSequence    MKTAYIAKQR
#   three  NucleotideSequence MSKTRRTHDW   (in the file MSKURRUHDW)
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet biotite==1.6.0 numpy==2.4.6

cat > "$work/read.py" <<'PY'
from io import StringIO
from biotite.sequence.io import fasta

PROTEINS = {"one": "MSKGRRVHDW", "two": "MKTAYIAKQR", "three": "MSKURRUHDW"}
file = fasta.FastaFile.read(StringIO("".join(f">{name}\n{letters}\n" for name, letters in PROTEINS.items())))
seen = {name: (type(read).__name__, str(read)) for name, read in fasta.get_sequences(file).items()}
for name, (kind, letters) in seen.items():
    note = "" if letters == PROTEINS[name] else f"   (in the file {PROTEINS[name]})"
    print(f"{name:6} {kind:18} {letters}{note}")
assert [kind for kind, _ in seen.values()] == ["NucleotideSequence", "ProteinSequence", "NucleotideSequence"]
assert seen["three"][1] == "MSKTRRTHDW"
PY
"$work/venv/bin/python" -W ignore "$work/read.py"
