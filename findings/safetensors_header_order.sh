#!/usr/bin/env bash
# Expectation: Equal tensors with equal metadata, saved by one version of safetensors, give equal bytes. The SHA-256 of a
# model file therefore shows whether a model is the same.
#
# Version: safetensors 0.8.0 (with numpy 2.4.6), from the Python package index, Python 3.11.
# Source: `save` passes the metadata to Rust as a `HashMap<String, String>` (safetensors/src/tensor.rs, `Metadata`). Its
# order depends on a random key of each map. Tensors are sorted, metadata is not.
#
# Behaviour: The order of `__metadata__` in the JSON header changes each time, between processes and within one.
# PYTHONHASHSEED has no effect, since the map is not Python's. With a single key of metadata, there is no difference.
#
# Output on 2026-11-29: "24 saves, 16 different files; with the keys of the header sorted: 1" (the first count varies).
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet safetensors==0.8.0 numpy==2.4.6

cat > "$work/save.py" <<'PY'
import hashlib, json
import numpy as np
from safetensors.numpy import save

for _ in range(4):
    whole = save({"w": np.zeros(3, dtype=np.float32)}, {"a": "1", "b": "2", "c": "3", "d": "4"})
    n = int.from_bytes(whole[:8], "little")
    header = json.dumps(json.loads(whole[8 : 8 + n]), sort_keys=True)
    print(hashlib.sha256(whole).hexdigest(), hashlib.sha256(header.encode() + whole[8 + n :]).hexdigest())
PY
for _ in 1 2 3 4 5 6; do PYTHONHASHSEED=0 "$work/venv/bin/python" "$work/save.py"; done > "$work/seen"

files=$(cut -d' ' -f1 "$work/seen" | sort -u | wc -l)
sorted=$(cut -d' ' -f2 "$work/seen" | sort -u | wc -l)
echo "24 saves, $files different files; with the keys of the header sorted: $sorted"
[ "$files" -gt 1 ] && [ "$sorted" -eq 1 ]
