"""The floors of the house: who may import whom, read from the imports themselves; and how light the door is."""

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest

import designloop
from designloop.core.kinds import short_names
from designloop.core.shelves import SHELVES

PACKAGE = Path(designloop.__file__).parent
STRATEGY_ROOMS = {"core", "programs", "language_models", "generators", "surrogates", "pending_rules", "acquisition"}
CAMPAIGN_ROOMS = {"core", "oracles", "lab", "strategies", "scheduling", "storage", "progress"}
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "guide": {"core"},
    "programs": {"core"},
    "rules": {"core"},
    "oracles": {"core", "programs", "language_models", "surrogates", "inspection"},
    "language_models": {"core"},
    "scheduling": {"core"},
    "storage": {"core"},
    "progress": {"core"},
    "operations": {"core"},
    "generators": {"core", "language_models"},
    "surrogates": {"core", "language_models"},
    "inspection": {"core", "language_models"},
    "stages": {"core"},
    "lab": {"core", "oracles", "stages", "storage"},
    "checking": {"core", "oracles", "programs"},
    "pending_rules": {"core", "surrogates"},
    "acquisition": {"core", "surrogates", "pending_rules"},
    "strategies": STRATEGY_ROOMS,
    "campaign": CAMPAIGN_ROOMS,
    "extension": {"core", "campaign", "storage", "progress"},
    # The oracle of a live campaign gives its space and natural sequences; nothing asks it for a value.
    "live": {"core", "oracles", "language_models", "strategies", "scheduling", "storage", "inspection"},
    "study": {"core", "oracles", "campaign", "storage", "progress"},
    "trial_runs": {"core", "oracles", "lab", "operations", "report"},
    "rehearsal": {"core", "oracles", "surrogates", "scheduling", "storage", "lab", "live", "study", "report"},
    "report": {"core", "storage", "operations", "inspection", "live", "study"},
    "hindsight": {
        "core",
        "campaign",
        "live",
        "scheduling",
        "storage",
        "progress",
        "strategies",
        "inspection",
        "report",
    },
}
EVERYTHING_BELOW = ("testing", "cli", "__init__", "__main__")
DESIGNING = (
    "programs",
    "language_models",
    "generators",
    "surrogates",
    "pending_rules",
    "acquisition",
    "strategies",
    "scheduling",
)
HEAVY = ("torch", "numba", "transformers", "scipy", "pandas", "polars", "simpy", "sqlalchemy")


def modules() -> Iterator[tuple[str, Path]]:
    """(room, file) of every module of the package."""
    for file in sorted(PACKAGE.rglob("*.py")):
        yield file.relative_to(PACKAGE).parts[0].removesuffix(".py"), file


def imported(file: Path) -> Iterator[str]:
    """Every module or name that a file imports, also inside functions and for type checkers."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}, line {node.lineno}: imports are absolute, so that this test can read them"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def rooms_imported(file: Path) -> set[str]:
    names = (name.split(".") for name in imported(file))
    return {words[1] for words in names if words[0] == "designloop" and len(words) > 1}


def test_every_room_imports_only_what_its_row_names() -> None:
    wrong = [
        f"{file.relative_to(PACKAGE)} imports {target}"
        for room, file in modules()
        if room not in EVERYTHING_BELOW
        for target in sorted(rooms_imported(file) - MAY_IMPORT[room] - {room})
    ]
    assert wrong == []


def test_every_room_has_a_row() -> None:
    assert {room for room, _ in modules()} <= {*MAY_IMPORT, *EVERYTHING_BELOW}


def test_the_table_itself_has_floors() -> None:
    floors: dict[str, int] = {}
    while len(floors) < len(MAY_IMPORT):
        ready = {room for room, below in MAY_IMPORT.items() if room not in floors and below <= floors.keys()}
        assert ready, f"a knot among {MAY_IMPORT.keys() - floors.keys()}"
        floors |= dict.fromkeys(ready, len(floors))


@pytest.mark.parametrize("room", DESIGNING)
def test_the_designing_side_cannot_reach_the_truth(room: str) -> None:
    reached, todo = set[str](), {room}
    while todo:
        reached |= todo
        todo = {target for near in todo for target in MAY_IMPORT[near]} - reached
    assert not reached & {"oracles", "lab"}
    for its_room, file in modules():
        if its_room == room:
            text = file.read_text(encoding="utf-8")
            assert "designloop.oracles" not in text, f"{file} names the truth"
            assert "designloop.lab" not in text, f"{file} names the lab"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Also within functions and for type checkers alone: a runner takes its description through a protocol."""
    assert circle_among(needs_of(PACKAGE)) == ""


def needs_of(package: Path) -> dict[str, set[str]]:
    """The modules of the package that each module imports. A name handed on by an `__init__` is that `__init__`'s."""
    files = {".".join(file.relative_to(package.parent).with_suffix("").parts): file for file in package.rglob("*.py")}
    modules = {name.removesuffix(".__init__"): file for name, file in files.items()}
    return {
        name: {nearest(target, modules) for target in imported(file)} - {"", name} for name, file in modules.items()
    }


def nearest(target: str, modules: Collection[str]) -> str:
    """The module that an imported name is, or is taken from; none where it is another package's."""
    while target and target not in modules:
        target = target.rpartition(".")[0]
    return target


def circle_among(needs: Mapping[str, set[str]]) -> str:
    """The names of a circle, as `a -> b -> a`; empty where there is none."""
    left = dict(needs)
    while free := {name for name, needed in left.items() if not needed & left.keys()}:
        left = {name: needed for name, needed in left.items() if name not in free}
    path: list[str] = [min(left)] if left else []
    while path and path[-1] not in path[:-1]:
        path.append(min(left[path[-1]] & left.keys()))
    return " -> ".join(path[path.index(path[-1]) :]) if path else ""


@pytest.mark.parametrize(
    "imports",
    [
        "from house.run import Run",
        "import house.run",
        "from house import run",
        "def start() -> None:\n    from house.run import Run",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.run import Run",
    ],
    ids=["a name", "a module", "a module of a package", "within a function", "for type checkers"],
)
def test_a_circle_is_found_wherever_the_import_stands(imports: str, tmp_path: Path) -> None:
    house = tmp_path / "house"
    house.mkdir()
    texts = {
        "__init__": "from house.lab import Lab",
        "base": "import ast",
        "lab": imports,
        "report": "import house.lab",
    }
    for name, text in {**texts, "run": "from house.base import Base\nfrom house.lab import Lab"}.items():
        (house / f"{name}.py").write_text(f"{text}\n", encoding="utf-8")
    assert circle_among(needs_of(house)) == "house.lab -> house.run -> house.lab"


EVERY_PART = {shelf: list(short_names(shelf)) for shelf in SHELVES}


@pytest.mark.parametrize(
    "program",
    [
        "import designloop",
        "import designloop as dl; dl.Budget, dl.Space, dl.scheduling.Rounds, dl.RNA, dl.oracle",
        f"from designloop.core.parts import find; [find(s, n) for s, names in {EVERY_PART}.items() for n in names]",
    ],
    ids=["the package", "a description", "every part by its short name"],
)
def test_light_at_the_door(program: str) -> None:
    check = f"import sys; {program}; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there() -> None:
    for name in designloop.__all__:
        assert getattr(designloop, name) is not None
    with pytest.raises(AttributeError, match="Did you mean 'Campaign'"):
        designloop.Campain  # noqa: B018  # the look-up itself is the test
    with pytest.raises(AttributeError, match="Did you mean 'Station'"):
        designloop.stages.Statin  # noqa: B018
    with pytest.raises(AttributeError, match="Did you mean 'Study'"):
        designloop.study.Studi  # noqa: B018


def test_files_and_functions_stay_short() -> None:
    """No file above 350 lines; half of all functions have at most 6, and nine in ten at most 16."""
    texts = {file: file.read_text(encoding="utf-8") for _, file in modules()}
    assert [str(file) for file, text in texts.items() if len(text.splitlines()) > 350] == []
    lengths = sorted(length for text in texts.values() for length in lengths_of_functions(text))
    assert lengths[len(lengths) // 2] <= 6
    assert lengths[len(lengths) * 9 // 10] <= 16


def lengths_of_functions(text: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (node.end_lineno or 0) - node.lineno + 1


def test_the_campaign_stays_short() -> None:
    assert len((PACKAGE / "campaign.py").read_text().splitlines()) < 200
