#!/usr/bin/env bash
# Expectation: A text that is a token of a tokenizer's vocabulary is read as that token. The card of a model says that its
# prompt begins with [HEAVY], and [HEAVY] is in the vocabulary, so encoding "[HEAVY]MK" gives its id first.
#
# Version: tokenizers 0.22.2 and 0.23.3, from the Python package index, Python 3.11.
# Source: a pre-tokenizer splits the text before the model looks words up. Only tokens added by `add_tokens` or
# `add_special_tokens` are found before the split (tokenizers/src/tokenizer/added_vocabulary.rs).
#
# Behaviour: With a pre-tokenizer that splits letters, as in antibody models, the tag is split into letters, and its
# brackets are unknown. `token_to_id` still knows the tag, and no error is raised. `add_special_tokens` fixes this and
# keeps the id of the tag. Without it, a likelihood given such a prompt is a likelihood given another prompt.
#
# Output on 2026-11-29, under both versions:
#   id of [HEAVY]: 1; read as ['<unk>', 'H', 'E', 'A', 'V', 'Y', '<unk>', 'M', 'K']
#   once added as a special token, id 1; read as ['[HEAVY]', 'M', 'K']
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cat > "$work/read.py" <<'PY'
from tokenizers import Regex, Tokenizer, models, pre_tokenizers

vocabulary = {token: number for number, token in enumerate(["<unk>", "[HEAVY]", *"ACDEFGHIKLMNPQRSTVWY"])}
tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(""), "isolated")
before = tokenizer.encode("[HEAVY]MK").tokens
print(f"id of [HEAVY]: {tokenizer.token_to_id('[HEAVY]')}; read as {before}")
tokenizer.add_special_tokens(["[HEAVY]"])
after = tokenizer.encode("[HEAVY]MK").tokens
print(f"once added as a special token, id {tokenizer.token_to_id('[HEAVY]')}; read as {after}")
assert before == ["<unk>", *"HEAVY", "<unk>", *"MK"]
assert after == ["[HEAVY]", "M", "K"]
PY
python3 -m venv "$work/venv"
for version in 0.22.2 0.23.3; do
    "$work/venv/bin/pip" install --quiet "tokenizers==$version"
    "$work/venv/bin/python" "$work/read.py"
done
