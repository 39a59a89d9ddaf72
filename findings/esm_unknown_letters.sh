#!/usr/bin/env bash
# Expectation: ESM's tokenizer reads one token for each letter, and each unknown letter is one <unk>. Token i + 1 belongs
# to letter i, and n letters give n + 2 tokens.
#
# Version: transformers 5.24.0 and 4.57.6 (with huggingface_hub 0.36.2 and tokenizers 0.22.2), Python 3.11, from the
# Python package index. The vocabulary is the 33 public tokens of ESM-2.
# Source: models/esm/tokenization_esm.py. The text is split at the letters of the vocabulary. The text between two splits
# is one word of any length, and an unknown word is one <unk>.
#
# Behaviour: A run of unknown letters becomes one token. Adjacent lower-case letters (insertions of A3M and A2M,
# soft-masked regions), JJ or ** become a single token, and a sequence in lower case is a single <unk>. Blanks are
# dropped. All later positions are shifted, so per-position scores, embeddings and masks belong to other residues. A
# single unknown letter keeps its position, so a quick test does not show the problem. ESM's vocabulary has no J and no *.
#
# Output on 2026-11-29, with both versions:
#   MKTAYL     6 letters, 6 tokens
#   MKxTAYL    7 letters, 7 tokens
#   MKxyzTAYL  9 letters, 7 tokens
#   MKJJTAYL   8 letters, 7 tokens
#   mktayl     6 letters, 1 tokens
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet transformers==5.24.0
"$work/venv/bin/pip" install --quiet --target "$work/four" --no-deps \
    transformers==4.57.6 huggingface_hub==0.36.2 tokenizers==0.22.2
"$work/venv/bin/pip" install --quiet requests==2.34.2 # which 4.57 imports

cat > "$work/read.py" <<'PY'
import sys
import transformers
from transformers import EsmTokenizer

tokens = "<cls> <pad> <eos> <unk> L A G V S E R T I D P K Q N F Y M H W C X B U Z O . - <null_1> <mask>".split()
with open(sys.argv[1], "w") as file:
    file.write("\n".join(tokens))
tokenizer = EsmTokenizer(sys.argv[1])
print("transformers", transformers.__version__)
for sequence, wanted in (("MKTAYL", 6), ("MKxTAYL", 7), ("MKxyzTAYL", 7), ("MKJJTAYL", 7), ("mktayl", 1)):
    n = len(tokenizer(sequence)["input_ids"]) - 2  # without <cls> and <eos>
    print(f"{sequence:10} {len(sequence)} letters, {n} tokens")
    assert n == wanted
PY
export HF_HUB_OFFLINE=1
"$work/venv/bin/python" "$work/read.py" "$work/vocab.txt" 2> /dev/null
PYTHONPATH="$work/four" "$work/venv/bin/python" "$work/read.py" "$work/vocab.txt" 2> /dev/null
