"""Random models of the transformers library, of a few thousand weights, written to a folder as users have theirs."""

import json
import random
from pathlib import Path
from typing import Any

import torch

SPECIAL = ["<cls>", "<pad>", "<eos>", "<unk>"]
ESM_LETTERS = "LAGVSERTIDPKQNFYMHWCXBUZO.-"


def esm(folder: Path, *more: str, positions: str = "absolute") -> Path:
    """As ESM-2: a masked model of proteins, `<cls>` before a sequence and `<eos>` behind it; `more` tokens."""
    from transformers import EsmConfig, EsmForMaskedLM, EsmTokenizer

    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join([*SPECIAL, *ESM_LETTERS, *more, "<mask>"]))
    tokenizer = EsmTokenizer(folder / "vocab.txt")
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    config = EsmConfig(
        vocab_size=len(tokenizer),
        mask_token_id=tokenizer.mask_token_id,
        pad_token_id=tokenizer.pad_token_id,
        max_position_embeddings=34,
        token_dropout=True,
        position_embedding_type=positions,
        **sizes,
    )
    return written(EsmForMaskedLM, config, tokenizer, folder)


def gpt2_by_letter(folder: Path, *more: str, letters: str = "ACGT") -> Path:
    """A causal model, each letter a token; `more` tokens, which its tokenizer never reads, since it splits letters."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers

    vocabulary = {token: place for place, token in enumerate(["<|endoftext|>", "<unk>", *more, *letters])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(""), "isolated")
    return gpt2(folder, tokenizer)


def gpt2_by_pairs(folder: Path) -> Path:
    """As ProtGPT2: a causal model whose tokens are letters, and pairs and more of them."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    rng = random.Random(0)
    corpus = ["".join(rng.choice(["ACG", "GT", "T", "C", "A"]) for _ in range(20)) for _ in range(40)]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=14, special_tokens=["<|endoftext|>"], initial_alphabet=list("ACGT"), show_progress=False
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return gpt2(folder, tokenizer)


def gpt2(folder: Path, tokenizer: Any) -> Path:
    """A causal model around a tokenizer."""
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    folder.mkdir()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>", unk_token="<unk>"
    )
    config = GPT2Config(
        vocab_size=len(fast), n_positions=32, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
    )
    return written(GPT2LMHeadModel, config, fast, folder)


def written(model_class: Any, config: Any, tokenizer: Any, folder: Path) -> Path:
    """Random weights, large enough that one letter is told from another."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = model_class(config)
        with torch.no_grad():
            for weight in model.parameters():
                if weight.ndim > 1:
                    weight.mul_(8.0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def changed_config(folder: Path, name: str = "config.json", **changes: Any) -> None:
    """Overwrite entries of the folder's config."""
    file = folder / name
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
