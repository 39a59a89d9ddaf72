"""A run directory holds one run: config.yaml, campaign.db, observations.csv, manifest.json. One process writes it."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from designloop.core.advice import either
from designloop.core.cache import note_use
from designloop.core.config import read_text
from designloop.core.errors import StoreError
from designloop.core.records import Event
from designloop.core.sources import Sources, without_idle
from designloop.core.unrecorded import forget
from designloop.storage.export import observations_csv
from designloop.storage.log import EventLog
from designloop.storage.manifest import MANIFEST, Manifest, write_whole
from designloop.storage.result import Result, result_of
from designloop.storage.unchanged import check_files, code_changes, edits, read_now, tell_code, tell_edits

CONFIG, DATABASE, OBSERVATIONS = "config.yaml", "campaign.db", "observations.csv"
STUDY_DATABASE = "study.db"
"""The database of a study; its folder holds no run."""


class RunDirectory:
    """One run on disk, locked by this process. `begun` and `continued` return it."""

    def __init__(self, path: Path, log: EventLog, seed: int) -> None:
        self.path, self.log, self.seed = path, log, seed
        self._manifest = Manifest(path)

    @property
    def is_finished(self) -> bool:
        """True if the campaign has closed."""
        events = self.log.events()
        return bool(events) and events[-1].kind == "closed"

    @property
    def is_complete(self) -> bool:
        """True if the files that are written at the end exist too."""
        return (self.path / OBSERVATIONS).is_file() and "event_hash" in self._manifest.read()

    def keep_sources(self, sources: Sources) -> None:
        """Record what a new run reads; check that a resumed run reads the same.

        Raises StoreError if the description, a data file or a model changed. The user's own code may have changed; this
        is recorded, and a Notice reports it.
        """
        events = self.log.events()
        now = read_now(sources, events)
        if not events:
            self._note_sources(now, code=now.code)
            return
        if changed := list(edits(self.path, events[0].data)):
            raise StoreError(
                f"{self.path / CONFIG} was edited since the run began ({'; '.join(changed)}), so it describes another "
                "campaign; undo the edit, or start a new run with --out"
            )
        check_files(self.path, events, now)
        if self.is_finished:
            return
        if mended := list(code_changes(events, self._code(), now.code)):
            self.log.append(mended)

    def tell_code(self, sources: Sources) -> None:
        """Warn that changed code of a finished run was not run; `sources` are those of its first phase."""
        events = self.log.events()
        tell_code(self.path, events, self._code(), read_now(sources, events).code)

    def extend(self, event: Event, sources: Sources) -> None:
        """Begin a new phase of a finished run with its `extended` event; `sources` are those of the first phase.

        The event hash is first removed from the manifest, since it marks a finished run. Raises StoreError if the
        directory is not writable.
        """
        check_is_writable(self.path, self.log)
        events = [*self.log.events(), event]
        now = read_now(sources, events)
        mended = list(code_changes(events, self._code(), now.code))
        self._note_sources(now, code={**now.code, **self._code()})
        self._manifest.drop("event_hash")
        self.log.append([event, *mended])

    def _code(self) -> dict[str, str]:
        """{Python file of the user: its SHA-256} from the beginning of the run."""
        code: dict[str, str] = self._manifest.read().get("code", {})
        return code

    def _note_sources(self, sources: Sources, code: Mapping[str, str]) -> None:
        """Add the sources that are read from now on to the manifest."""
        files = {sources.paths[key]: its for key, its in sources.files.items()}
        self._manifest.add(files={**self._manifest.read().get("files", {}), **files}, code=dict(code))

    def tell_edits(self) -> None:
        """Warn that an edit of a finished run's configuration has no effect."""
        tell_edits(self.path, self.log.events())

    @contextmanager
    def noting(self, used: Mapping[str, str]) -> Iterator[None]:
        """Record {name: key} of what the block reads from the cache, also if the block raises."""
        try:
            yield
        except BaseException:
            with suppress(StoreError):  # the error of the block is the one to report
                self._note(used)
            raise
        self._note(used)

    def _note(self, used: Mapping[str, str]) -> None:
        self.log.check_it_is_there()
        before = self._manifest.read().get("cache", {})
        cache = dict(before)
        for name, key in used.items():
            note_use(cache, name, key)
        if cache != before:
            self._manifest.add(cache=cache)

    def finish(self, seconds: float) -> None:
        """Write the observations, and the event hash into the manifest. Raises StoreError, StoreLost."""
        self.log.check_it_is_there()
        write_whole(self.path / OBSERVATIONS, observations_csv(self.log.events()))
        self._manifest.add(event_hash=self.log.hash(), wall_seconds=round(seconds, 3))
        forget(self.path)


@contextmanager
def begun(
    path: Path, config: str, seed: int, sources: Sources | None = None, remarks: Sequence[str] = ()
) -> Iterator[RunDirectory]:
    """The directory of a new run, or of the same run if it is finished already.

    Another campaign that has only its opening event is replaced, since it most likely contained a mistake. Raises
    StoreError if the directory holds another campaign, an unfinished run, or a run with other data or another model.
    """
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is a file, but a run needs a directory; choose another with --out")
    made(path)
    with locked(path):
        _make_free(path, config, seed)
        with _store(path) as log:
            run = RunDirectory(path, log, seed)
            if (path / CONFIG).exists() and not run.is_finished:
                raise StoreError(
                    f"{path} holds an unfinished run of this campaign; continue it with `designloop resume {path}`"
                )
            check_is_not_extended(path, log.events())
            if not (path / CONFIG).exists():
                if log.events():
                    raise StoreError(f"{path} holds events of a run, but no {CONFIG}; choose another with --out")
                Manifest(path).begin(seed, **({"remarks": list(remarks)} if remarks else {}))
                write_whole(path / CONFIG, config)
            run.keep_sources(sources or Sources())
            yield run


def made(path: Path) -> None:
    """Create a directory if it does not exist. Raises StoreError if that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot create the directory {path}: {error.strerror}; choose another with --out") from error


@contextmanager
def continued(
    path: Path, config: str | None = None, sources: Sources | None = None, *, waits: bool = False
) -> Iterator[RunDirectory]:
    """The directory of a run that is resumed. It `waits` until no other process uses it.

    Raises StoreError if there is none, if it has another configuration, or if its data changed since it began.
    """
    text, seed = recorded(path)
    _check_has_events(path)
    with locked(path, waits=waits), _store(path) as log:  # reports a store of another version first
        if config is not None and not _say_the_same(text, config):
            raise StoreError(f"{path} holds another campaign than this one; resume it with its own {CONFIG}")
        run = RunDirectory(path, log, seed)
        if not run.is_finished or not run.is_complete:
            check_is_writable(path, log)
        if run.is_finished:
            run.tell_edits()
        else:
            run.keep_sources(sources or Sources())
        yield run


def _say_the_same(one: str, other: str) -> bool:
    """Whether two configurations are equal except for comments, layout and idle fields."""
    return one == other or without_idle(read_text(one, CONFIG).data) == without_idle(read_text(other, CONFIG).data)


def check_is_writable(path: Path, log: EventLog) -> None:
    """Raise StoreError if a run that is to continue is read-only."""
    if log.is_read_only:
        raise StoreError(
            f"{path} is not writable, so its run cannot continue; change its permissions, or copy it to a writable "
            "place and resume it there"
        )


def recorded(path: Path) -> tuple[str, int]:
    """(config.yaml, seed) of the run in a directory. Raises StoreError if there is none."""
    config, facts = path / CONFIG, path / MANIFEST
    if not config.is_file() or not facts.is_file():
        raise StoreError(f"{path} holds no run ({CONFIG} or {MANIFEST} is missing); start one with `designloop run`")
    try:
        text = config.read_text(encoding="utf-8")
    except ValueError as error:
        raise StoreError(f"{config} is damaged ({error}); restore a copy, or run the campaign elsewhere") from error
    return text, int(Manifest(path).read()["seed"])


def load(path: str | Path) -> Result:
    """The result of the run in a directory, finished or not, as `Campaign.run` returned it.

    `path` may also name the directory's `campaign.db`. A read-only directory can be read, and so can a run in progress
    in another process, up to its current state. Raises StoreError if there is no run.
    """
    place = Path(path)
    place = place.parent if place.name == DATABASE else place
    if (place / STUDY_DATABASE).is_file():
        how = either(f"read it with `designloop compare {place}`", "load it with `designloop.load_study`")
        raise StoreError(f"{place} holds a study, not a run; {how}")
    with to_read(place) as log:
        return result_of(log, log.documents().get("name", place.name), place)


def check_is_not_extended(path: Path, events: Iterable[Event]) -> None:
    """Raise StoreError if a run was extended, so that it is not a result of the campaign that began it."""
    if any(event.kind == "extended" for event in events):
        raise StoreError(
            f"{path} holds a run of this campaign that was extended, so it is not a result of the campaign alone; read "
            f"it with `designloop show {path}`, or choose another directory with --out"
        )


@contextmanager
def to_read(path: Path) -> Iterator[EventLog]:
    """The log of the run in a directory, finished or not, for reading. Raises StoreError if there is none."""
    recorded(path)
    _check_has_events(path)
    with _store(path) as log:
        tell_edits(path, log.events())
        yield log


def _make_free(path: Path, config: str, seed: int) -> None:
    if not (path / CONFIG).exists():
        return
    text, its_seed = recorded(path)
    _check_has_events(path)
    if (text, its_seed) == (config, seed):
        return
    with _store(path) as log:
        is_empty = all(event.kind == "opened" for event in log.events()) and not log.truths()
    if not is_empty:
        what = "another campaign" if text != config else f"this campaign with seed {its_seed}"
        raise StoreError(
            f"{path} already holds {what}; choose another directory with --out, or use `designloop resume {path}`"
        )
    for name in (CONFIG, MANIFEST, DATABASE):
        (path / name).unlink()
    forget(path)


def _check_has_events(path: Path) -> None:
    """The database is created before the configuration, so a run without a database has lost it."""
    database = path / DATABASE
    if not database.is_file() or database.stat().st_size == 0:
        raise StoreError(
            f"{path} has lost its {DATABASE}, and with it all events; restore a copy, or run the campaign elsewhere"
        )


@contextmanager
def locked(path: Path, *, waits: bool = False) -> Iterator[None]:
    """Lock the directory against other processes; the system releases the lock when this process ends.

    Where another process holds it: the block waits until that process releases it, or raises StoreError.
    """
    try:
        import fcntl
    except ImportError:  # pragma: no cover - without it, the log itself refuses a second writer
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise StoreError(
            f"another process is using {path}; wait until it ends, or choose another folder with --out"
        ) from error
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def _store(path: Path) -> Iterator[EventLog]:
    from designloop.storage.store import Store

    with Store.open(path / DATABASE) as store:
        log = store.campaign()
        _check_it_is_that_run(path, log)
        yield log


def _check_it_is_that_run(path: Path, log: EventLog) -> None:
    """Raise StoreError if the seed, or a finished run's event hash, differs between manifest and database."""
    if not (path / MANIFEST).is_file():
        return
    facts, events = Manifest(path).read(), log.events()
    pairs: list[tuple[str, Any, Any]] = [("event hash", facts.get("event_hash"), log.hash())]
    pairs += [("seed", facts["seed"], event.data.get("seed")) for event in events[:1]]
    for what, told, found in pairs:
        if told is not None and told != found:
            raise StoreError(
                f"{path / DATABASE} is not the database of this run: its {what} is {found}, but {MANIFEST} says "
                f"{told}; one of the two was replaced, so restore a copy of both"
            )
