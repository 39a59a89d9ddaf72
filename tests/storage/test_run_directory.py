"""A run directory: what it says of a run that is finished, cannot be written, or is gone."""

import json
import os
import shutil
import sqlite3
import sys
import warnings
from contextlib import closing
from itertools import product
from pathlib import Path

import pytest
from stubs import CountingOracle, small

import designloop as dl
from designloop.core.errors import Notice, StoreError, StoreLost
from designloop.report.record import Record
from designloop.storage import database
from designloop.storage.run_directory import CONFIG, DATABASE, MANIFEST, load, to_read
from designloop.storage.store import Store
from designloop.storage.unchanged import _name_among


@pytest.fixture
def on_a_medium(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be written any more; the superuser is stopped by no permission."""
    monkeypatch.setattr(database.os, "access", lambda _, mode: mode != os.W_OK)


def test_a_finished_run_that_cannot_be_written_is_read_everywhere(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    result = small().run(store=tmp_path)
    before = {path.name: path.stat() for path in tmp_path.iterdir()}
    request.getfixturevalue("on_a_medium")
    assert load(tmp_path) == result
    assert small().resume(tmp_path) == result
    assert small().run(store=tmp_path) == result
    assert Record.read(tmp_path).summary == result
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == {
        name: state.st_mtime_ns for name, state in before.items()
    }


def test_a_run_of_another_version_is_refused_by_every_look_naming_its_writer(tmp_path: Path) -> None:
    """Though its configuration lacks what a campaign of today says."""
    small().run(store=tmp_path)
    with closing(sqlite3.connect(tmp_path / DATABASE)) as store, store:
        store.execute("UPDATE about SET value = '1' WHERE key = 'version'")
        store.execute("DELETE FROM about WHERE key = 'designloop'")
    config, facts = tmp_path / CONFIG, json.loads((tmp_path / MANIFEST).read_text())
    config.write_text(config.read_text().replace("label: null\n", ""))
    (tmp_path / MANIFEST).write_text(json.dumps({**facts, "versions": {"designloop": "0.1.0"}}))
    looks = (load, Record.read, small().resume, lambda p: dl.extend(p, {"budget.designs": 30}))
    for look in looks:
        with pytest.raises(StoreError, match=r"was written by designloop 0\.1\.0 \(schema 1\), but this is"):
            look(tmp_path)


def test_an_unfinished_run_that_cannot_be_written_is_told_before_any_work(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with pytest.raises(Exception, match="on fire"):
        small(oracle=CountingOracle.fresh(fails_at=2)).run(store=tmp_path)
    request.getfixturevalue("on_a_medium")
    with pytest.raises(StoreError, match=r"is not writable, so its run cannot continue; change its permissions"):
        small(oracle=CountingOracle.fresh(fails_at=0)).resume(tmp_path)
    CountingOracle.fresh()


@pytest.mark.parametrize("fate", ["removed", "renamed", "database removed", "removed at the end"])
def test_a_directory_that_is_gone_ends_its_run_at_once(tmp_path: Path, fate: str) -> None:
    place, told = tmp_path / "run", list[int]()

    def goes(*_: object) -> None:
        told.append(1)
        if len(told) == (n_batches if fate == "removed at the end" else 3):
            (place / DATABASE).unlink() if "database" in fate else shutil.rmtree(place)
        if fate == "renamed" and not place.exists():
            (tmp_path / "elsewhere").mkdir()

    whole = list[int]()
    small().run(progress=lambda *_: whole.append(1))
    n_batches = len(whole)
    with pytest.raises(StoreLost, match=r"removed, renamed or replaced") as caught:
        small().run(store=place, progress=goes)
    assert caught.value.exit_code == 1
    assert len(told) == (n_batches if fate == "removed at the end" else 3)
    assert not (place / CONFIG).exists() or "database" in fate


def interrupted(place: Path, campaign: dl.Campaign) -> dl.Campaign:
    """Begin a run that falls at its tenth batch of events."""

    class Falls(Exception):
        pass

    told = list[int]()

    def fall(*_: object) -> None:
        told.append(1)
        if len(told) == 10:
            raise Falls

    with pytest.raises(Falls):
        campaign.run(store=place, progress=fall)
    return campaign


def on_a_table(file: Path, value: int = 1) -> dl.Campaign:
    """A campaign on a table of all DNA of four letters."""
    rows = [f"{a}{b}{c}{d},{value * i}" for i, (a, b, c, d) in enumerate(product("ACGT", repeat=4))]
    file.write_text("sequence,value\n" + "\n".join(rows) + "\n")
    return small(oracle={"kind": "landscape", "path": str(file)}, strategy="random")


def test_a_table_that_changed_ends_the_resumption_and_is_named(tmp_path: Path) -> None:
    table, place = tmp_path / "table.csv", tmp_path / "run"
    campaign = interrupted(place, on_a_table(table))
    whole = campaign.run()
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    on_a_table(table, value=-1)
    with pytest.raises(
        StoreError, match=r"table\.csv changed since the run in .*other data or another model.*start a new run"
    ):
        campaign.resume(place)
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
    on_a_table(table)
    assert campaign.resume(place) == whole
    with pytest.raises(StoreError, match=r"table\.csv changed since"):
        on_a_table(table, value=-1).run(store=place)
    assert campaign.resume(place) == whole  # what is finished is read


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("batch_size: 8", "batch_size: 6", "scheduler.batch_size: 8 became 6"),
        ("length: 8", "length: 9", "oracle.length: 8 became 9"),
        ("designs: 20", "designs: 40", "budget.designs: 20 became 40"),
    ],
)
def test_an_edited_configuration_is_refused_until_it_is_undone(tmp_path: Path, old: str, new: str, told: str) -> None:
    whole = small().run()
    interrupted(tmp_path, small())
    config = tmp_path / CONFIG
    text = config.read_text()
    assert old in text
    config.write_text(text.replace(old, new))
    with pytest.raises(StoreError, match=rf"config\.yaml was edited since the run began \({told}\).*undo the edit"):
        dl.Campaign.read(tmp_path).resume(tmp_path)
    config.write_text(f"# a comment changes nothing\n{text}")
    assert dl.Campaign.read(tmp_path).resume(tmp_path) == whole


def test_of_an_edit_to_a_finished_run_nothing_follows_and_it_is_said(tmp_path: Path) -> None:
    whole = small().run(store=tmp_path)
    config = tmp_path / CONFIG
    config.write_text(config.read_text().replace("designs: 20", "designs: 40"))
    for look in (load, lambda place: dl.Campaign.read(place).resume(place), lambda p: Record.read(p).summary):
        with pytest.warns(Notice, match=r"budget\.designs: 20 became 40.*the edit has no effect.*extend"):
            assert look(tmp_path) == whole
    config.write_text("not: [a, campaign")
    with pytest.warns(Notice, match=r"the edit has no effect"):
        assert load(tmp_path) == whole


ORACLE = """
import designloop as dl

@dl.oracle(alphabet=dl.DNA, length=8)
def f(sequences):
    {line}
    return [float(s.count("A")) for s in sequences]
"""


def test_mended_code_goes_on_is_told_and_is_an_event(tmp_path: Path) -> None:
    """Each change once, also when the run is cut off again; what came before is as it was."""
    import sys

    file, place = tmp_path / "mine.py", tmp_path / "run"

    def campaign(line: str) -> dl.Campaign:
        file.write_text(ORACLE.format(line=line))
        for name in [name for name in sys.modules if name.startswith("designloop_user_")]:
            del sys.modules[name]
        return small(oracle=f"{file}:f")

    whole = campaign("").run()
    interrupted(place, campaign("pass"))
    with closing(sqlite3.connect(place / DATABASE)) as store:
        before = store.execute("SELECT ordinal, data FROM events").fetchall()
    for line in ("raise ValueError('still wrong')", "", ""):
        changed = campaign(line)
        if line:
            with pytest.warns(Notice, match=r"mine\.py changed since.*code_changed"), pytest.raises(dl.DesignloopError):
                changed.resume(place)
        elif not load(place).stop:
            with pytest.warns(Notice, match=r"mine\.py changed since"):
                result = changed.resume(place)
        else:
            assert changed.resume(place) == result  # finished: read without a word
    assert (result.best, result.recommended) == (whole.best, whole.recommended)
    with closing(sqlite3.connect(place / DATABASE)) as store:
        assert store.execute("SELECT ordinal, data FROM events").fetchall()[: len(before)] == before
        noted = store.execute("SELECT data FROM events WHERE kind = 'code_changed'").fetchall()
    assert len({json.loads(data)["digest"] for (data,) in noted}) == len(noted) == 2
    assert {json.loads(data)["path"] for (data,) in noted} == {"mine.py"}


def test_new_code_of_a_finished_run_is_told_in_the_words_of_python(tmp_path: Path) -> None:
    file, place = tmp_path / "mine.py", tmp_path / "run"
    file.write_text(ORACLE.format(line=""))
    campaign = small(oracle=f"{file}:f")
    first = campaign.run(store=place)
    assert campaign.run(store=place) == first  # nothing changed: without a word
    file.write_text(ORACLE.format(line="pass"))
    for again in (lambda: campaign.run(store=place), lambda: campaign.resume(place)):
        with pytest.warns(Notice, match=r"mine\.py has changed since the run in .*not run; .* directory with store="):
            assert again() == first


def test_the_stores_of_two_runs_cannot_be_exchanged(tmp_path: Path) -> None:
    one, other = tmp_path / "3", tmp_path / "4"
    small().run(seed=3, store=one)
    small().run(seed=4, store=other)
    interrupted(tmp_path / "0", small())
    for place, source in ((one, other), (other, one), (tmp_path / "0", one)):
        aside = tmp_path / "aside.db"
        shutil.copy(place / DATABASE, aside)
        shutil.copy(source / DATABASE, place / DATABASE)
        for look in (load, Record.read, lambda place: dl.Campaign.read(place).resume(place), small().resume):
            with pytest.raises(StoreError, match=r"is not the database of this run: its .*one of the two was replaced"):
                look(place)
        shutil.copy(aside, place / DATABASE)
    for break_it in ("DELETE FROM campaigns", "UPDATE campaigns SET run = 'other'", "DROP TABLE events"):
        with closing(sqlite3.connect(one / DATABASE)) as store, store:
            store.execute(break_it)
        with pytest.raises(StoreError, match=r"do not match their hash|no such table"):
            load(one)
    (other / DATABASE).unlink()
    Store.open(other / DATABASE).close()
    for look in (load, Record.read, small().resume):
        with pytest.raises(StoreError, match=r"is not the database of this run: its event hash"):
            look(other)


def test_the_same_campaign_has_one_hash_wherever_its_files_lie(tmp_path: Path) -> None:
    hashes = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        hashes.add(on_a_table(tmp_path / name / "table.csv").run(store=tmp_path / name / "run").event_hash)
    hashes.add(on_a_table(tmp_path / "table.csv").run().event_hash)
    hashes.add(on_a_table(tmp_path / "table.csv", value=2).run().event_hash)
    assert len(hashes) == 2


def test_the_corpus_is_under_the_hash(tmp_path: Path) -> None:
    (tmp_path / "corpus.txt").write_text("ACGTACGT\nACGAACGT\n")
    campaign = interrupted(tmp_path / "run", small(prior={"corpus": {"path": str(tmp_path / "corpus.txt")}}))
    for change in ("UPDATE documents SET text = 'ACGTACGT' WHERE name = 'corpus'", "DELETE FROM documents"):
        with closing(sqlite3.connect(tmp_path / "run" / DATABASE)) as store, store:
            store.execute(change)
        for look in (load, campaign.resume):
            with pytest.raises(StoreError, match=r"do not match their hash"):
                look(tmp_path / "run")


def test_the_manifest_names_what_a_run_reads(tmp_path: Path) -> None:
    from designloop.core.contents import file_digest

    on_a_table(tmp_path / "table.csv").run(store=tmp_path / "run")
    facts = json.loads((tmp_path / "run" / MANIFEST).read_text())
    assert facts["files"] == {str(tmp_path / "table.csv"): file_digest(tmp_path / "table.csv")}
    assert facts["versions"]["designloop"] == dl.__version__


def test_code_that_was_mended_and_moved_is_told_and_so_is_what_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    monkeypatch.syspath_prepend(here)
    (here / "moved_helper.py").write_text("SHIFT = 0.0\n")
    (here / "mine.py").write_text("import moved_helper\n" + ORACLE.format(line=""))
    interrupted(here / "run", small(oracle=f"{here / 'mine.py'}:f"))
    here.rename(there)
    monkeypatch.syspath_prepend(there)
    sys.modules.pop("moved_helper")
    config = there / "run" / CONFIG
    config.write_text(config.read_text().replace(str(here), str(there)))
    shutil.copytree(there / "run", tmp_path / "copy")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dl.Campaign.read(tmp_path / "copy").resume(tmp_path / "copy")  # nothing but its folder is another
    (there / "moved_helper.py").write_text("SHIFT = 1.0\n")
    with pytest.warns(Notice, match=r"there/moved_helper\.py changed since the run began"):
        dl.Campaign.read(there / "run").resume(there / "run")
    with to_read(there / "run") as log:
        noted = [event.data["path"] for event in log.events() if event.kind == "code_changed"]
    assert noted == ["moved_helper.py"]


def test_mended_code_gives_one_event_hash_wherever_its_folder_lies(tmp_path: Path) -> None:
    """Two folders, the same bytes: two files of one name are told apart by as few of their folders as it takes."""
    hashes = set()
    for name in ("here", "there"):
        folder = tmp_path / name
        folder.mkdir()
        file = folder / "mine.py"
        file.write_text(ORACLE.format(line="pass"))
        interrupted(folder / "run", small(oracle=f"{file}:f"))
        file.write_text(ORACLE.format(line=""))
        with pytest.warns(Notice, match=r"mine\.py changed since"):
            hashes.add(small(oracle=f"{file}:f").resume(folder / "run").event_hash)
    assert len(hashes) == 1
    assert _name_among("/a/x/m.py", ["/a/x/m.py", "/a/y/m.py", "/a/n.py"]) == "x/m.py"
