"""What a user meets of the package: its names, their types in an editor, and the words that explain them."""

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from pydantic import BaseModel

import designloop
from designloop.core.shelves import SHELVES

PACKAGE = Path(designloop.__file__).parent
ROOT = Path(__file__).parent.parent
LAZY = ("designloop", *(f"designloop.{shelf}" for shelf in SHELVES), *(f"designloop.{r}" for r in ("lab", "study")))


def seen_by_checkers(module: str) -> dict[str, str]:
    """Name -> what it is imported from, in the block of a package that only type checkers read."""
    file = import_module(module).__file__
    assert file is not None
    blocks = [node for node in ast.parse(Path(file).read_text(encoding="utf-8")).body if isinstance(node, ast.If)]
    (block,) = [node for node in blocks if ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for node in block.body if isinstance(node, ast.ImportFrom)]
    return {alias.asname or "": f"{node.module}.{alias.name}" for node in imports for alias in node.names}


@pytest.mark.parametrize("module", LAZY)
def test_what_a_checker_sees_is_what_is_there(module):
    package = import_module(module)
    seen = seen_by_checkers(module)
    assert sorted(seen) == sorted(set(dir(package)) - {"__version__"})
    for name, place in seen.items():
        its_module, _, attribute = place.rpartition(".")
        is_room = its_module == "designloop"
        found = import_module(place) if is_room else getattr(import_module(its_module), attribute)
        assert getattr(package, name) is found


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("dl.", {"Campaign", "Oracle", "oracles"}),
        ("dl.oracles.", {"Ehrlich", "NK", "Landscape"}),
        ("dl.acquisition.", {"Thompson", "LogEI"}),
        ("dl.lab.", {"Lab", "Assay"}),
        ("dl.stages.", {"Station"}),
        ("dl.load('runs/mine').", {"observations", "plot", "recommended"}),
        ("dl.load_study('runs/mine').", {"cells", "standings", "comparisons"}),
        ("dl.oracles.Ehrlich(", {"length=", "num_motifs="}),
    ],
)
def test_an_editor_completes_the_parts(typed, wanted):
    jedi = pytest.importorskip("jedi")
    program = f"import designloop as dl\n{typed}"
    completed = {one.name for one in jedi.Script(program, project=jedi.Project(ROOT)).complete()}
    assert completed >= wanted


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()
    wheel = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'packages = ["designloop"]' in wheel  # all of it: hatch leaves out what git ignores
    ignored = subprocess.run(["git", "check-ignore", "-q", "designloop/py.typed"], cwd=ROOT, check=False).returncode
    assert ignored != 0


# -- words -----------------------------------------------------------------------------------------------------------


def public() -> Iterator[tuple[str, object]]:
    """(name, what it names) of all that has words: names of the package and of its shelves, and their own methods."""
    for module in LAZY:
        package = import_module(module)
        yield module, package
        for name in sorted(set(dir(package)) - {"__version__", "testing"}):
            found = getattr(package, name)
            if inspect.isclass(found):
                yield from methods(f"{module}.{name}", found)
            if inspect.isclass(found) or inspect.isroutine(found) or inspect.ismodule(found):
                yield f"{module}.{name}", found


def methods(place: str, found: type) -> Iterator[tuple[str, object]]:
    """The public methods and properties that a class, or one of ours below it, defines."""
    for base in found.__mro__:
        if base.__module__.startswith("designloop") and base is not BaseModel:
            for name, defined in vars(base).items():
                its = getattr(defined, "__func__", defined)
                if not name.startswith("_") and (inspect.isfunction(its) or isinstance(its, property)):
                    yield f"{place}.{name}", getattr(found, name)


def test_every_public_name_and_method_explains_itself():
    silent = sorted({place for place, found in public() if not inspect.getdoc(found)})
    assert silent == []


def test_whoever_gives_an_array_says_its_shape():
    wordless, n_told = [], 0
    for place, found in public():
        its = found.fget if isinstance(found, property) else found
        given = str(getattr(its, "__annotations__", {}).get("return", "")) if inspect.isroutine(its) else ""
        if "ndarray" in given or "Floats" in given:
            is_told = re.search(r"shape|\([\w ./]+,( [\w./ ]+)?\)", inspect.getdoc(found) or "")
            wordless += [] if is_told else [place]
            n_told += is_told is not None
    assert wordless == []
    assert n_told > 50
