"""Checks that a resumed run reads the same description, data and models as when it began.

The user's own code is the exception: after a fix in an oracle that raised, the run continues with the new code. A
finished run is not run again; a Notice names the code that changed since.
"""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from designloop.core.advice import option_out
from designloop.core.config import read_text
from designloop.core.errors import ConfigError, Notice, StoreError
from designloop.core.records import Event
from designloop.core.sources import Sources, changes, kept, without_folders

_CONFIG = "config.yaml"


def check_files(place: Path, events: Sequence[Event], sources: Sources) -> None:
    """Raise StoreError if a data file or a model changed since the run in `place` began to use it."""
    began: Mapping[str, str] = events[0].data.get("files", {})
    for event in _extensions(events):
        began = {**kept(began, event.data["changes"]), **event.data["files"]}
    if changed := [sources.paths[key] for key, its in sources.files.items() if began.get(key, its) != its]:
        raise StoreError(
            f"{' and '.join(dict.fromkeys(changed))} changed since the run in {place} began, so the run would continue "
            "with other data or another model; restore the original (its SHA-256 is in manifest.json), or start a new "
            "run with --out"
        )


def read_now(sources: Sources, events: Sequence[Event]) -> Sources:
    """The sources of a run's last phase; `sources` are those of its first."""
    for event in _extensions(events):
        sources = sources.changed(event.data["changes"])
    return sources


def _extensions(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.kind == "extended"]


def edits(place: Path, opening: Mapping[str, Any]) -> Iterator[str]:
    """`scheduler.batch_size: 12 became 6` for each key of the configuration that was edited since the run began."""
    began = opening.get("description")
    if began is None:
        return
    text = (place / _CONFIG).read_text(encoding="utf-8")
    yield from changes(began, without_folders(read_text(text, str(place / _CONFIG)).data))


def tell_edits(place: Path, events: Sequence[Event]) -> None:
    """Warn that an edit of a finished run's configuration has no effect."""
    if not events or events[-1].kind != "closed":
        return
    try:
        changed = list(edits(place, events[0].data))
    except ConfigError as error:
        changed = [str(error)]
    if changed:
        warnings.warn(
            f"{place / _CONFIG} was edited after the run began ({'; '.join(changed)}). The run is finished, so the "
            f"edit has no effect. To continue with changes, use `designloop extend {place} --set KEY=VALUE`",
            Notice,
            stacklevel=2,
        )


def code_changes(events: Sequence[Event], began: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Event]:
    """An event, and a Notice, for each of the user's Python files that changed since the run last used it."""
    minute = max(event.minute for event in events)
    for path, name in _changed_code(events, began, now):
        warnings.warn(
            f"{path} changed since the run began. The run continues with the new code, and a code_changed event "
            "records this. Earlier events are unchanged; answers of the old code that were not recorded are dropped",
            Notice,
            stacklevel=2,
        )
        yield Event(minute, "code_changed", data={"path": name, "digest": now[path]})


def tell_code(place: Path, events: Sequence[Event], began: Mapping[str, str], now: Mapping[str, str]) -> None:
    """Warn that the new code of the user's Python files was not run, because the run is finished."""
    if changed := [path for path, _ in _changed_code(events, began, now)]:
        have = "has" if len(changed) == 1 else "have"
        warnings.warn(
            f"{' and '.join(changed)} {have} changed since the run in {place}. The run is finished, so the new code "
            f"was not run; to run it, choose another directory with {option_out()}",
            Notice,
            stacklevel=2,
        )


def _changed_code(
    events: Sequence[Event], began: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """(path, name in events) of each of the user's Python files that changed since the run last used it."""
    later = {event.data["path"]: event.data["digest"] for event in events if event.kind == "code_changed"}
    for path, its in now.items():
        name = _name_among(path, now)
        if its not in ([later[name]] if name in later else _before(path, began, its)):
            yield path, name


def _name_among(path: str, paths: Iterable[str]) -> str:
    """The file's name, with as many folders as are needed to distinguish it from the other files."""
    parts = Path(path).parts
    others = [Path(other).parts for other in paths if other != path]
    n = next((n for n in range(1, len(parts)) if all(other[-n:] != parts[-n:] for other in others)), len(parts))
    return "/".join(parts[-n:])


def _before(path: str, known: Mapping[str, str], its: str) -> list[str]:
    """Earlier hashes of a file by its path, or by its name if the file was moved."""
    if path in known:
        return [known[path]]
    return [digest for other, digest in known.items() if Path(other).name == Path(path).name] or [its]
