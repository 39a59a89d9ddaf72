#!/usr/bin/env bash
# The guess: equal tensors with equal metadata, saved by one version of safetensors, are equal bytes; so the SHA-256 of
# a model file tells whether a model is the same.
#
# Version: safetensors 0.8.0 (with numpy 2.4.6), from the Python package index, Python 3.11.
# Source: `save` hands the metadata to Rust as a `HashMap<String, String>` (safetensors/src/tensor.rs, `Metadata`), whose
# order hangs on a key that Rust draws for each map; tensors are sorted, metadata is not.
#
# The behaviour: the JSON header's `__metadata__` comes in another order each time, in two processes and in one.
# PYTHONHASHSEED changes nothing about it, since the map is not Python's. With one key of metadata nothing is seen.
#
# Seen on 2026-11-29: "24 saves, 16 different files; with the keys of the header sorted: 1" (the first count varies).
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
