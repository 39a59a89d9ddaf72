#!/usr/bin/env bash
# Expectation: With its attention mask, a sequence has the same logits alone and in a padded batch with a longer one.
# Masked-marginal scores do not depend on the other designs of a batch.
#
# Versions: transformers 4.57.6 (with huggingface_hub 0.36.2 and tokenizers 0.22.2) and 5.24.0; torch 2.13.0, Python
# 3.11; all from the Python package index.
# Source: models/esm/modeling_esm.py. ESM scales embeddings by the share of masked tokens. In 4.57.6, `EsmModel.forward`
# does not pass the attention mask to its embeddings, so padding counts as sequence. Version 5 passes it (transformers
# issue 44162).
#
# Behaviour: In 4.57.6, the logits of a sequence with <mask> change with the amount of padding. There is no difference
# without <mask>, in batches of equal length, or if the configuration has token_dropout false (it is true in ESM-2).
# Scores of variants of several lengths change with the batch size, and between the two versions.
#
# Output on 2026-11-29 (random weights; the largest difference of a logit between alone and padded):
#   transformers 4.57.6: with <mask> 0.06, without 0.00
#   transformers 5.24.0: with <mask> 0.00, without 0.00
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 transformers==5.24.0
"$work/venv/bin/pip" install --quiet --target "$work/four" --no-deps \
    transformers==4.57.6 huggingface_hub==0.36.2 tokenizers==0.22.2
"$work/venv/bin/pip" install --quiet requests==2.34.2 # which 4.57 imports

cat > "$work/score.py" <<'PY'
import torch
import transformers
from transformers import EsmConfig, EsmForMaskedLM

CLS, PAD, EOS, MASK = 0, 1, 2, 32
sizes = {"vocab_size": 33, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
special = {"pad_token_id": PAD, "mask_token_id": MASK, "token_dropout": True, "initializer_range": 0.2}
torch.manual_seed(0)
model = EsmForMaskedLM(EsmConfig(**sizes, **special, position_embedding_type="rotary")).eval()


@torch.no_grad()
def difference(letters):
    """The largest difference of a logit of a sequence alone and padded beside one of 22 letters."""
    short = torch.tensor([CLS, *letters, EOS])
    rows = torch.full((2, 24), PAD)
    rows[0, : len(short)] = short
    rows[1] = torch.tensor([CLS, *range(4, 24), 4, 5, EOS])
    alone = model(input_ids=short[None], attention_mask=torch.ones(1, len(short), dtype=torch.long)).logits[0]
    padded = model(input_ids=rows, attention_mask=(rows != PAD).long()).logits[0, : len(short)]
    return float((alone - padded).abs().max())


masked, whole = difference([20, 15, MASK, 5, 19, 12, 5]), difference([20, 15, 11, 5, 19, 12, 5])
print(f"transformers {transformers.__version__}: with <mask> {masked:.2f}, without {whole:.2f}")
assert whole < 1e-4
assert masked > 0.01 if transformers.__version__.startswith("4") else masked < 1e-4
PY
export HF_HUB_OFFLINE=1 OMP_NUM_THREADS=1
PYTHONPATH="$work/four" "$work/venv/bin/python" "$work/score.py" 2> /dev/null
"$work/venv/bin/python" "$work/score.py" 2> /dev/null
