"""Instances of Ehrlich functions are kept to the bit, so that torch is loaded for a new one only."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from make_ehrlich_instances import SIZES, stacked

from designloop.core.cache import cache_folder
from designloop.oracles import Ehrlich
from designloop.oracles.ehrlich_instances import SHIPPED, arrays, drawn, instance

ROOT = Path(__file__).parents[2]
SMALL = (7, 12, 2, 3)


def loads_torch(program: str, *words: str, cache: Path | None = None) -> bool:
    """Whether a program in a process of its own has loaded torch at its end."""
    code = f"{program}\nimport sys\nprint('torch' in sys.modules)"
    env = {"PYTHONPATH": str(ROOT), "PATH": "", **({"DESIGNLOOP_CACHE": str(cache)} if cache else {})}
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1] == "True"


@pytest.fixture(scope="module")
def shipped():
    with np.load(SHIPPED) as kept:
        return {name: kept[name] for name in kept}


def test_the_package_holds_what_torch_draws(shipped):
    """Integers and forbidden transitions to the last; probabilities as far as two machines' libraries agree."""
    drawn_now = {name: kept for size, n in SIZES.items() for name, kept in stacked(size, min(n, 20)).items()}
    assert drawn_now.keys() == shipped.keys()
    for name, expected in drawn_now.items():
        kept = shipped[name][: len(expected)]
        assert kept.dtype == expected.dtype
        np.testing.assert_array_equal(kept == 0, expected == 0)
        np.testing.assert_allclose(kept, expected, rtol=2e-5, atol=1e-7)
        if kept.dtype == np.int64:
            np.testing.assert_array_equal(kept, expected)


def test_the_shipped_instance_is_the_one_that_is_used(shipped):
    for size, n in SIZES.items():
        name = "-".join(map(str, size))
        for field, kept in arrays(instance(size, n - 1)).items():
            np.testing.assert_array_equal(kept, shipped[f"{name}/{field}"][n - 1])


def test_an_instance_in_the_cache_has_the_bits_that_were_drawn(tmp_path, monkeypatch):
    monkeypatch.delenv("DESIGNLOOP_CACHE", raising=False)
    with cache_folder(tmp_path):
        first = instance(SMALL, 3)
    (file,) = tmp_path.iterdir()
    read = np.load(file)
    for name, kept in arrays(first).items():
        assert kept.tobytes() == read[name].tobytes() == arrays(drawn(SMALL, 3))[name].tobytes()


@pytest.mark.parametrize("damage", [b"", b"PK", b"nonsense"])
def test_a_damaged_file_in_the_cache_is_drawn_anew(tmp_path, monkeypatch, damage):
    monkeypatch.delenv("DESIGNLOOP_CACHE", raising=False)
    folder = tmp_path / str(len(damage))
    with cache_folder(folder):
        whole = instance(SMALL, 4)
        (file,) = folder.iterdir()
        file.write_bytes(damage)
    (again := tmp_path / "again").mkdir()
    (again / file.name).write_bytes(damage)
    with cache_folder(again):
        np.testing.assert_array_equal(instance(SMALL, 4).motifs, whole.motifs)
    assert np.load(again / file.name)["motifs"].tolist() == whole.motifs.tolist()


def test_torch_is_loaded_for_a_new_instance_and_not_again(tmp_path):
    program = "from designloop.oracles import Ehrlich; Ehrlich(num_states=7, length=12, num_motifs=2, motif_length=3)"
    assert loads_torch(f"{program}.instance", cache=tmp_path)
    assert not loads_torch(f"{program}.instance", cache=tmp_path)


def test_neither_validate_nor_a_campaign_without_a_network_loads_torch(tmp_path):
    validate = "from pathlib import Path; from designloop.cli.validate import validate_campaign as v; import sys"
    assert not loads_torch(f"{validate}; v(Path(sys.argv[1]), [], full=False)", str(ROOT / "configs/quickstart.yaml"))
    run = """
import sys, designloop as dl
from designloop.campaign import Campaign
from designloop.core.config import build, read_document
document = read_document(sys.argv[1])
document.data["budget"] = {"designs": 16}
document.data["scheduler"] = {"kind": "rounds", "batch_size": 8}
document.data["prior"] = {"corpus": "oracle", "corpus_size": 50}
document.data["strategy"] = {"kind": "auto", "climb": {"generations": 1, "children": 20}}
build(Campaign, document).run(store=sys.argv[2])
"""
    assert not loads_torch(run, str(ROOT / "configs/quickstart.yaml"), str(tmp_path / "run"))


def test_values_do_not_depend_on_where_an_instance_is_kept(tmp_path, monkeypatch):
    monkeypatch.delenv("DESIGNLOOP_CACHE", raising=False)
    oracle = Ehrlich(num_states=7, length=12, num_motifs=2, motif_length=3, seed=5)
    in_memory = oracle.instance
    with cache_folder(tmp_path):
        kept = oracle.instance
    assert all((a == b).all() for a, b in zip(arrays(in_memory).values(), arrays(kept).values(), strict=True))
