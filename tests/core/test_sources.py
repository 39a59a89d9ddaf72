"""The sources of a run: what it reads is told by SHA-256, wherever in the description it stands."""

import importlib
import json
import sysconfig
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from stubs import small

import designloop as dl
from designloop.core.alphabet import DNA
from designloop.core.own_code import code_named
from designloop.core.sources import Sources, changes, sources_of, without_folders
from designloop.study import plan

SHORT = [("a", 1, None), ("b", 2, {"max_edits": 2, "pool": None, "fixed": []})]


def sha(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def test_data_and_models_are_found_wherever_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table, corpus, model = tmp_path / "t.csv", tmp_path / "c.txt", tmp_path / "model"
    table.write_text("sequence,value\nACGTACGT,1\nACGTACGA,2\n")
    corpus.write_text("ACGTACGT\n")
    model.write_bytes(b"weights")
    monkeypatch.setenv("HERE", str(tmp_path))
    strategy = {
        "kind": "model-guided",
        "generator": {"kind": "language-model", "model": {"kind": "checkpoint", "path": str(model)}},
    }
    prior = {"corpus": {"path": "$HERE/c.txt"}}
    sources = sources_of(small(oracle={"kind": "landscape", "path": str(table)}, prior=prior, strategy=strategy))
    assert sources.files == {
        "oracle.path": sha(table),
        "prior.corpus.path": sha(corpus),
        "strategy.generator.model.path": sha(model),
    }
    assert sources.paths["prior.corpus.path"] == "$HERE/c.txt"
    model.unlink()
    assert "strategy.generator.model.path" not in sources_of(small(strategy=strategy)).files


def test_the_users_own_code_is_found_by_file_and_by_module(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("import designloop as dl\n@dl.oracle(alphabet=dl.DNA, length=8)\ndef f(s): return [0.0] * len(s)\n")
    assert sources_of(small(oracle=f"{file}:f")).code[str(file)] == sha(file)
    stubs = Path(__file__).parent.parent / "stubs.py"
    assert sources_of(small()).code == {str(stubs): sha(stubs)}
    assert sources_of(small().with_(strategy="random", oracle={"kind": "nk", "length": 8, "neighbours": 1})).code == {}


def test_what_the_users_own_code_imports_of_theirs_is_told_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A helper decides a value as the part itself does; libraries, Python's own and designloop's are not theirs."""
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "pack" / "deep").mkdir(parents=True)
    texts = {
        "mine_sources.py": "import json, numpy as np\nimport designloop as dl\nfrom pack.near import SHIFT\n"
        "@dl.oracle(alphabet=dl.DNA, length=8)\ndef f(s):\n    import helper_sources\n    return [SHIFT] * len(s)\n",
        "helper_sources.py": "import mine_sources, no_such_module\n",
        "pack/__init__.py": "",
        "pack/near.py": "from . import beside\nfrom .deep.far import *\nSHIFT = 1.0\n",
        "pack/beside.py": "z = 1\n",
        "pack/deep/__init__.py": "",
        "pack/deep/far.py": "from ..beside import z\ny = 1\n",
        "pack/unused.py": "",
        "unused.py": "",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    importlib.invalidate_caches()
    expected = {str(tmp_path / name): sha(tmp_path / name) for name in texts if "unused" not in name}
    for oracle in (f"{tmp_path / 'mine_sources.py'}:f", "mine_sources:f"):
        assert sources_of(small(oracle=oracle, strategy="random")).code == expected


@pytest.mark.parametrize("shelf", [".venv/lib/python3.11/site-packages", "../usr/lib/python3/dist-packages"])
def test_installed_packages_are_not_the_users_own_wherever_they_lie(
    shelf: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a virtual environment inside the project's folder, or in a folder that is not this interpreter's own."""
    project, texts = tmp_path / "project", {"heavy/__init__.py": "", "single.py": "import heavy"}
    texts |= {"pack/__init__.py": "import pack.near, heavy", "pack/near.py": ""}
    shelf = (project / shelf).resolve()
    for name, text in texts.items():
        (shelf / name).parent.mkdir(parents=True, exist_ok=True)
        (shelf / name).write_text(text)
    own = {"stdlib": shelf.parent, "platstdlib": shelf.parent, "purelib": shelf, "platlib": shelf}
    monkeypatch.setattr(sysconfig, "get_path", lambda key: str(own[key] if ".venv" in shelf.parts else tmp_path / key))
    project.mkdir(exist_ok=True)
    (project / "mine.py").write_text("import heavy\n")
    monkeypatch.syspath_prepend(shelf)
    importlib.invalidate_caches()

    def of(file: Path) -> set[Path]:
        return set(code_named(f"{file}:f"))

    assert of(project / "mine.py") == {project / "mine.py"}
    assert of(shelf / "single.py") == {shelf / "single.py"}
    assert of(shelf / "pack" / "__init__.py") == {shelf / "pack" / "__init__.py", shelf / "pack" / "near.py"}


def test_the_files_of_a_program_are_code_and_its_folder_is_no_source(tmp_path: Path) -> None:
    """So that a run goes on after a mended program, whatever the program writes into its folder."""
    (tmp_path / "evolve.pl").write_text("print 1;")
    (tmp_path / "evolve.py").write_text("import moves_of_mine\n")
    (tmp_path / "moves_of_mine.py").write_text("")
    argv = ["perl", str(tmp_path / "evolve.pl"), str(tmp_path / "evolve.py"), "{ print $1 }", "perl"]
    strategy = {"kind": "command", "argv": argv, "folder": str(tmp_path)}
    campaign = small(oracle="nk", strategy=strategy)
    found = sources_of(campaign)
    assert found.files == {}
    assert found.code == {str(file): sha(file) for file in sorted(tmp_path.iterdir())}
    described = found.description["strategy"]
    assert described["argv"] == ["perl", "evolve.pl", "evolve.py", "{ print $1 }", "perl"]
    assert described["folder"] == tmp_path.name
    before = plan._files(json.dumps(campaign.describe()))
    assert set(before) == set(found.code)


def test_a_module_in_an_archive_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as archive:
        archive.writestr("packed_helper.py", "SHIFT = 1\n")
    monkeypatch.syspath_prepend(tmp_path / "packed.zip")
    file = tmp_path / "mine.py"
    file.write_text("import packed_helper\n")
    assert code_named(f"{file}:f") == (file,)


def test_a_part_of_this_process_only_has_no_sources() -> None:
    oracle = dl.oracle(alphabet=DNA, length=8)(lambda sequences: [0.0] * len(sequences))
    assert sources_of(small(oracle=oracle)) == Sources()


def test_a_description_is_the_same_wherever_its_files_lie() -> None:
    data = {"a": "/x/y.csv", "b": ["~/z.csv", 1, float("inf")], "c": {3: "AC"}, "d": "/m/o.py:f", "e": (None, True)}
    told = {"a": "y.csv", "b": ["z.csv", 1, "inf"], "c": {"3": "AC"}, "d": "o.py:f", "e": [None, True]}
    assert without_folders(data) == told
    assert list(changes(told, told)) == []
    one, other = ({"part": {"kind": kind, "n": n}, "space": space} for kind, n, space in SHORT)
    assert list(changes(one, other)) == ["part: a became b", 'space: none became {"max_edits": 2}']
    after = {**told, "a": "z.csv", "c": {"3": "A", "4": "C"}}
    assert list(changes(told, after)) == [
        'a: "y.csv" became "z.csv"', 'c.3: "AC" became "A"', 'c.4: none became "C"'
    ]  # fmt: skip
