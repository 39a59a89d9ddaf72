"""Compiled functions: kept where a folder can be written, and compiled all the same where none can."""

from pathlib import Path

import pytest

SOURCE = "def twice(x):\n    return x + x\n"


@pytest.mark.parametrize("is_writable", [True, False])
def test_a_function_is_compiled_and_kept_if_a_folder_can_be_written(
    is_writable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    from numba.core.caching import CacheImpl

    from designloop.core.compiling import compiled

    file = tmp_path / "doubling.py"
    file.write_text(SOURCE, encoding="utf-8")
    space: dict = {"__name__": "doubling"}
    exec(compile(SOURCE, str(file), "exec"), space)
    if not is_writable:
        monkeypatch.setattr(CacheImpl, "_locator_classes", [])
    twice = compiled(space["twice"])
    assert (twice(3), twice(0.5)) == (6, 1.0)
    assert bool(list(tmp_path.rglob("*.nbi"))) == is_writable
    assert twice.signatures  # type: ignore[attr-defined]
