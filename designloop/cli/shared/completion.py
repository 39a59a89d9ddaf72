"""Shell completion: configs, shelves and their parts, directories of runs and studies, pages of the manual."""

from collections.abc import Iterator
from pathlib import Path

import typer

_DEEPEST = 4
"""How many levels of folders below the typed one are searched for runs."""


def configs(incomplete: str) -> list[str]:
    """YAML files and folders in the folder that is being typed."""
    return sorted(
        f"{path.as_posix()}/" if path.is_dir() else path.as_posix()
        for path in _in(_folder(incomplete))
        if _continues(path, incomplete) and (path.is_dir() or path.suffix in (".yaml", ".yml"))
    )


def labs(incomplete: str) -> list[str]:
    """Presets of labs, and YAML files."""
    from designloop.lab.starting_points import PRESETS

    return [*(name for name in PRESETS if name.startswith(incomplete)), *configs(incomplete)]


def runs(incomplete: str) -> list[str]:
    """Directories of runs below the folder that is being typed."""
    return sorted(_holding(incomplete, ("campaign.db",)))


def studies(incomplete: str) -> list[str]:
    """Folders of studies."""
    return sorted(_holding(incomplete, ("study.db",)))


def runs_and_studies(incomplete: str) -> list[str]:
    """Directories that `designloop report` accepts."""
    return sorted(_holding(incomplete, ("campaign.db", "study.db")))


def descriptions(incomplete: str) -> list[str]:
    """The arguments of `designloop schema`."""
    return [name for name in ("campaign", "live", "study") if name.startswith(incomplete)]


def shelves(incomplete: str) -> list[str]:
    """The first argument of `designloop parts`."""
    from designloop.core.shelves import SHELVES

    return [
        shelf for shelf in (*SHELVES, "lab", "campaign", "live", "study", "landscape") if shelf.startswith(incomplete)
    ]


def parts_of_shelf(ctx: typer.Context, incomplete: str) -> list[str]:
    """The parts of the typed shelf. After `landscape` the shell completes files."""
    from designloop.core.kinds import known_kinds
    from designloop.core.shelves import SHELVES

    shelf = ctx.params.get("shelf")
    if shelf == "lab":
        from designloop.lab.starting_points import PRESETS

        return [name for name in (*PRESETS, "live") if name.startswith(incomplete)]
    return [kind for kind in known_kinds(shelf) if kind.startswith(incomplete)] if shelf in SHELVES else []


def guide_topics(incomplete: str) -> list[str]:
    """The pages of the manual."""
    from designloop.guide import topics

    return [topic for topic in topics() if topic.startswith(incomplete)]


def _holding(incomplete: str, names: tuple[str, ...]) -> Iterator[str]:
    """Folders that hold a file with one of these names and whose path begins with the typed text."""
    todo = [(path, 1) for path in _in(_folder(incomplete)) if _continues(path, incomplete)]
    while todo:
        path, depth = todo.pop()
        if any((path / name).is_file() for name in names):
            yield path.as_posix()
        elif depth < _DEEPEST and path.is_dir():
            todo += [(inner, depth + 1) for inner in _in(path)]


def _in(folder: str | Path) -> list[Path]:
    """The files and folders in a folder that are not hidden."""
    try:
        return [path for path in Path(folder).iterdir() if not path.name.startswith(".")]
    except OSError:
        return []


def _folder(incomplete: str) -> str:
    """The folder part of the path that is being typed: everything up to its last slash."""
    head, stroke, _ = incomplete.rpartition("/")
    return head + stroke


def _continues(path: Path, incomplete: str) -> bool:
    return path.as_posix().startswith(incomplete.removeprefix("./"))
