"""The cache: by content, whole or not at all, never at home."""

from pathlib import Path

import pytest

from designloop.core import cache
from designloop.core.cache import cache_folder, cached, content_key, remembered_of


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESIGNLOOP_CACHE", raising=False)
    monkeypatch.setattr(cache, "_memory", {})


class Maker:
    """Makes, saves and loads a text, and counts how often it made one."""

    def __init__(self, *, failing: bool = False) -> None:
        self.made, self.failing = 0, failing

    def make(self) -> str:
        self.made += 1
        return "content"

    def save(self, thing: str, path: Path) -> None:
        path.write_text(thing[:3])
        if self.failing:
            raise OSError("the disk is full")
        path.write_text(thing)

    def get(self, key: str) -> str:
        return cached("thing", key, self.make, self.save, Path.read_text)


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_memory", {})


def test_without_a_folder_it_is_memory_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    maker = Maker()
    assert maker.get("k") == maker.get("k") == "content"
    assert maker.made == 1
    assert list(tmp_path.iterdir()) == []


def test_a_folder_outlives_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What was made once is loaded, not made again, when memory is gone; another key is another thing."""
    maker = Maker()
    with cache_folder(tmp_path / "cache"):
        maker.get("k")
        forget(monkeypatch)
        assert maker.get("k") == "content"
        assert maker.made == 1
        maker.get("other")
    assert maker.made == 2
    assert len(list((tmp_path / "cache").iterdir())) == 2


def test_the_environment_names_the_folder_before_the_run_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DESIGNLOOP_CACHE", str(tmp_path / "named"))
    with cache_folder(tmp_path / "run"):
        Maker().get("k")
    assert (tmp_path / "named").is_dir()
    assert not (tmp_path / "run").exists()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path):
    """A save that fails leaves nothing behind, half-written or temporary."""
    with cache_folder(tmp_path), pytest.raises(OSError, match="disk is full"):
        Maker(failing=True).get("k")
    assert list(tmp_path.iterdir()) == []


def test_what_was_used_is_told_for_the_manifest(tmp_path: Path):
    """Also what came from memory."""
    maker = Maker()
    maker.get("k")
    with cache_folder(tmp_path) as used:
        maker.get("k")
    assert used == {"thing": "k"}


def test_of_several_things_of_one_name_each_is_told(tmp_path: Path):
    maker = Maker()
    with cache_folder(tmp_path) as used:
        for key in ("first", "second-of-that-name", "first", "second-of-that-name"):
            maker.get(key)
    assert used == {"thing": "first", "thing second-of-th": "second-of-that-name"}


def test_memory_keeps_the_latest_few():
    maker = Maker()
    for key in "abcdef":
        maker.get(key)
    maker.get("f")
    assert maker.made == 6
    maker.get("a")
    assert maker.made == 7


def test_keys_are_of_the_content_in_any_order():
    assert content_key(a=1, b=[2]) == content_key(b=[2], a=1) != content_key(a=1, b=[3])


def test_what_is_made_of_a_thing_is_remembered_as_long_as_the_thing():
    """The latest few of each name; another thing has its own."""
    maker, things = Maker(), [Maker(), Maker()]
    for thing in things:
        assert remembered_of(thing, "text", "k", maker.make, most=2) == remembered_of(
            thing, "text", "k", maker.make, most=2
        )
    assert maker.made == 2
    for key in ("l", "m", "k"):
        remembered_of(things[0], "text", key, maker.make, most=2)
    assert maker.made == 5
    before = len(cache._beside)
    things.pop()
    del thing
    assert len(cache._beside) == before - 1
