#!/usr/bin/env bash
# Expectation: The keys of a model.safetensors file are the names in the state_dict of the model. A folder written by
# transformers 5, for an architecture that version 4 also has (ESM-2), contains every key that 4 looks for.
#
# Versions: transformers 5.24.0 writes; transformers 4.57.6 reads (with huggingface_hub 0.36.2 and tokenizers 0.22.2);
# torch 2.13.0, Python 3.11; all from the Python package index.
# Source: models/esm/modeling_esm.py. In 4.57 each block has a persistent buffer for its rotary frequencies. In 5 the
# model has one for all blocks, and renames those of old files when it loads them. The saved key is a pattern.
#
# Behaviour: The file has one key with a star, `esm.encoder.layer.*.attention.self.rotary_embeddings.inv_freq`, which is
# in no state_dict. 4.57.6 reports the keys of its blocks as missing, but computes the same frequencies itself, and all
# logits are equal. "Missing keys" is therefore no proof that weights are missing. A reader that refuses such files
# refuses every rotary ESM model written by 5.
#
# Output on 2026-11-29:
#   written by 5.24.0: ['esm.encoder.layer.*.attention.self.rotary_embeddings.inv_freq']
#   missing for 4.57.6: ['esm.encoder.layer.0.attention.self.rotary_embeddings.inv_freq', '...layer.1...']
#   largest difference of a logit: 0.0
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet torch==2.13.0 numpy==2.4.6 transformers==5.24.0
"$work/venv/bin/pip" install --quiet --target "$work/four" --no-deps \
    transformers==4.57.6 huggingface_hub==0.36.2 tokenizers==0.22.2
"$work/venv/bin/pip" install --quiet requests==2.34.2 # which 4.57 imports

cat > "$work/write.py" <<'PY'
import sys
import torch
from transformers import EsmConfig, EsmForMaskedLM

torch.manual_seed(0)
sizes = {"vocab_size": 33, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
model = EsmForMaskedLM(EsmConfig(**sizes, position_embedding_type="rotary", pad_token_id=1, mask_token_id=32)).eval()
model.save_pretrained(sys.argv[1])
torch.save(model(torch.arange(4, 20)[None]).logits, sys.argv[1] + "/logits.pt")
PY
cat > "$work/read.py" <<'PY'
import sys
import torch
import transformers
from safetensors import safe_open
from transformers import EsmForMaskedLM

with safe_open(sys.argv[1] + "/model.safetensors", "pt") as file:
    written = [name for name in file.keys() if "inv_freq" in name]
print("written by 5.24.0:", written)
model, report = EsmForMaskedLM.from_pretrained(sys.argv[1], output_loading_info=True)
print(f"missing for {transformers.__version__}:", sorted(report["missing_keys"]))
far = float((model.eval()(torch.arange(4, 20)[None]).logits - torch.load(sys.argv[1] + "/logits.pt")).abs().max())
print("largest difference of a logit:", far)
assert written == ["esm.encoder.layer.*.attention.self.rotary_embeddings.inv_freq"]
assert len(report["missing_keys"]) == 2
assert far < 1e-6
PY
export HF_HUB_OFFLINE=1 HF_HUB_DISABLE_PROGRESS_BARS=1
"$work/venv/bin/python" "$work/write.py" "$work/esm" 2> /dev/null
PYTHONPATH="$work/four" "$work/venv/bin/python" "$work/read.py" "$work/esm" 2> /dev/null
