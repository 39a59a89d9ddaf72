#!/usr/bin/env bash
# The guess: `generate(do_sample=True)` draws from the model's distribution, so with enough draws each token comes up.
# In transformers 5, `GenerationConfig().top_k` is None, which looks like a promise of it.
#
# Versions: transformers 5.24.0 and 4.57.6 (with huggingface_hub 0.36.2 and tokenizers 0.22.2); torch 2.13.0, Python
# 3.11; all from the Python package index.
# Source: generation/configuration_utils.py. 50 is the default of the field in 4.57.6. In 5 the field says None, and
# `generate` takes 50 from a table of defaults of its own.
#
# The behaviour: only the 50 likeliest tokens can be drawn at each place. For amino acids (20) that changes nothing,
# so protein models of single letters hide it. A model over codons (64) can never draw its 14 least likely codons at
# any place, and one over BPE pieces of protein is cut to 50 pieces: samples are not draws of the model, and their
# likelihoods under it are too high. `top_k=0` lifts it.
#
# Seen on 2026-11-29 (64 codons, equally likely up to small random differences; 2,000 draws of one codon):
#   transformers 5.24.0: GenerationConfig().top_k None; by default 50 of 64 codons; with top_k=0, 64 of 64
#   transformers 4.57.6: GenerationConfig().top_k 50; by default 50 of 64 codons; with top_k=0, 64 of 64
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 transformers==5.24.0
"$work/venv/bin/pip" install --quiet --target "$work/four" --no-deps \
    transformers==4.57.6 huggingface_hub==0.36.2 tokenizers==0.22.2
"$work/venv/bin/pip" install --quiet requests==2.34.2 # which 4.57 imports

cat > "$work/draw.py" <<'PY'
import torch
import transformers
from transformers import GenerationConfig, GPT2Config, GPT2LMHeadModel

CODONS, START, END, PAD = 64, 64, 65, 66
torch.manual_seed(0)
config = GPT2Config(
    vocab_size=67, n_embd=16, n_layer=1, n_head=1, n_positions=8, bos_token_id=START, eos_token_id=END, pad_token_id=PAD
)
model = GPT2LMHeadModel(config).eval()


def codons_drawn(**options):
    start = torch.full((2000, 1), START)
    drawn = model.generate(
        start,
        attention_mask=torch.ones_like(start),
        do_sample=True,
        max_new_tokens=1,
        suppress_tokens=[START, END, PAD],
        **options,
    )
    return len(set(drawn[:, 1].tolist()))


default, all_of_them = codons_drawn(), codons_drawn(top_k=0)
print(
    f"transformers {transformers.__version__}: GenerationConfig().top_k {GenerationConfig().top_k}; "
    f"by default {default} of {CODONS} codons; with top_k=0, {all_of_them} of {CODONS}"
)
assert (default, all_of_them) == (50, 64)
assert GenerationConfig().top_k == (50 if transformers.__version__.startswith("4") else None)
PY
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
"$work/venv/bin/python" "$work/draw.py" 2> /dev/null
PYTHONPATH="$work/four" "$work/venv/bin/python" "$work/draw.py" 2> /dev/null
