#!/usr/bin/env bash
# Expectation: `generate(do_sample=True)` samples from the distribution of the model, so with enough samples each token
# occurs. In transformers 5, `GenerationConfig().top_k` is None, which seems to confirm this.
#
# Versions: transformers 5.24.0 and 4.57.6 (with huggingface_hub 0.36.2 and tokenizers 0.22.2); torch 2.13.0, Python
# 3.11; all from the Python package index.
# Source: generation/configuration_utils.py. In 4.57.6 the default of the field is 50. In 5 the field is None, and
# `generate` uses 50 from a separate table of defaults.
#
# Behaviour: Only the 50 most likely tokens can be sampled at each position. For 20 amino acids this changes nothing, so
# single-letter protein models hide it. A codon model (64 codons) can never sample its 14 least likely codons at any
# position, and a model with BPE tokens is restricted to 50 of them. The samples do not follow the model, and their
# likelihoods under it are too high. `top_k=0` removes the limit.
#
# Output on 2026-11-29 (64 codons, equally likely up to small random differences; 2,000 draws of one codon):
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
