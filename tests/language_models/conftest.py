"""Models that are costly to make, made once."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def transformers_folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Tiny random models of the transformers library, each in its folder."""
    pytest.importorskip("transformers", reason="the extra `huggingface` is not installed")
    import tiny_models

    folder = tmp_path_factory.mktemp("transformers")
    return {
        "esm": tiny_models.esm(folder / "esm"),
        "by-letter": tiny_models.gpt2_by_letter(folder / "by-letter"),
        "by-pairs": tiny_models.gpt2_by_pairs(folder / "by-pairs"),
    }
