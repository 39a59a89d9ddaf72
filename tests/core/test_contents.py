"""What stands in files and folders is told by a digest of what is read of them."""

import json
from hashlib import sha256
from pathlib import Path

from designloop.core.contents import FORMAT, digest, place_named


def checkpoint(file: Path, content: bytes) -> Path:
    """A file with the header of a checkpoint of ours."""
    header = json.dumps({"__metadata__": {"format": FORMAT}}).encode()
    file.write_bytes(len(header).to_bytes(8, "little") + header + content)
    return file


def test_of_a_pretrained_folder_the_model_alone_counts(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "model.safetensors", b"weights")
    first = digest(tmp_path)
    assert first == digest(file) == sha256(file.read_bytes()).hexdigest()
    (tmp_path / "log.csv").write_text("step\n1\n")
    assert digest(tmp_path) == first
    checkpoint(file, b"others!")
    assert digest(tmp_path) != first


def test_of_another_folder_every_file_counts_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    seen = {digest(tmp_path)}
    (tmp_path / "config.json").write_text("{}")
    seen.add(digest(tmp_path))
    (tmp_path / "config.json").rename(tmp_path / "tokenizer.json")
    seen.add(digest(tmp_path))
    assert len(seen) == 3


def test_a_word_that_is_also_a_folder_here_names_no_folder(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "small").mkdir()
    monkeypatch.chdir(tmp_path)
    assert place_named("small") is None
    assert place_named(str(tmp_path / "small")) == tmp_path / "small"
    monkeypatch.setenv("MODELS", str(tmp_path))
    assert place_named("$MODELS/small") == tmp_path / "small"
    assert place_named("A" * 5000) is None
