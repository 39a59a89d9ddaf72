"""A run directory holds one run: config.yaml, campaign.db, observations.csv, manifest.json. One process writes it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from designloop.core.cache import note_use
from designloop.core.errors import StoreError
from designloop.storage.export import observations_csv
from designloop.storage.log import EventLog
from designloop.storage.manifest import MANIFEST, Manifest, write_whole
from designloop.storage.summary import Summary, summarise

CONFIG, DATABASE, OBSERVATIONS = "config.yaml", "campaign.db", "observations.csv"


class RunDirectory:
    """One run on disk, held by this process. Made by `begun` or `continued`."""

    def __init__(self, path: Path, log: EventLog, seed: int) -> None:
        self.path, self.log, self.seed = path, log, seed
        self._manifest = Manifest(path)

    @property
    def is_finished(self) -> bool:
        """True where the campaign has closed."""
        events = self.log.events()
        return bool(events) and events[-1].kind == "closed"

    @property
    def is_complete(self) -> bool:
        """True where the files that are written at the end are there too."""
        return (self.path / OBSERVATIONS).is_file() and "event_hash" in self._manifest.read()

    def keep_models(self, models: Mapping[str, str]) -> None:
        """Keep {path: SHA-256} of the models a run reads. Raises StoreError where one is another than when it began."""
        began = self._manifest.read().get("models", {})
        if changed := [path for path, its in models.items() if began.get(path, its) != its]:
            raise StoreError(
                f"{' and '.join(changed)} changed since the run in {self.path} began, which would go on with another "
                f"model; put back the one it began with (its SHA-256 is in {MANIFEST}), or run the campaign anew with "
                "--out"
            )
        if models.keys() - began.keys():
            self._manifest.add(models={**began, **models})

    @contextmanager
    def noting(self, used: Mapping[str, str]) -> Iterator[None]:
        """Note {name: key} of what the block takes from the cache, beside what was taken before it; also if it ends."""
        try:
            yield
        except BaseException:
            with suppress(StoreError):  # what ended the block is to be told, and not this
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
        """Write the observations, and in the manifest how it ended. Raises StoreError, StoreLost."""
        self.log.check_it_is_there()
        write_whole(self.path / OBSERVATIONS, observations_csv(self.log.events()))
        self._manifest.add(event_hash=self.log.hash(), wall_seconds=round(seconds, 3))


@contextmanager
def begun(path: Path, config: str, seed: int, models: Mapping[str, str] | None = None) -> Iterator[RunDirectory]:
    """The directory of a run that starts, or of the same run if it is finished already.

    `models`: {path: SHA-256} of those it reads. Another campaign that got no further than its opening makes way: most
    likely it had a mistake. Raises StoreError where the directory holds another campaign, this one unfinished, or this
    one with another model.
    """
    if path.exists() and not path.is_dir():
        raise StoreError(f"{path} is a file, and a run wants a directory; name another with --out")
    made(path)
    with locked(path):
        _make_free(path, config, seed)
        with _store(path) as log:
            run = RunDirectory(path, log, seed)
            if (path / CONFIG).exists() and not run.is_finished:
                raise StoreError(f"{path} holds this campaign, unfinished; go on with `designloop resume {path}`")
            if not (path / CONFIG).exists():
                if log.events():
                    raise StoreError(f"{path} holds the events of a run without its {CONFIG}; name another with --out")
                Manifest(path).begin(seed)
                write_whole(path / CONFIG, config)
            run.keep_models(models or {})
            yield run


def made(path: Path) -> None:
    """Make a directory where there is none. Raises StoreError where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"cannot make the directory {path}: {error.strerror}; name another with --out") from error


@contextmanager
def continued(path: Path, config: str | None = None, models: Mapping[str, str] | None = None) -> Iterator[RunDirectory]:
    """The directory of a run that goes on.

    Raises StoreError where there is none, or not of this configuration, or one of its models changed.
    """
    text, seed = recorded(path)
    if config is not None and config != text:
        raise StoreError(f"{path} holds another campaign than the one asked to go on; resume with its own {CONFIG}")
    _check_has_events(path)
    with locked(path), _store(path) as log:
        run = RunDirectory(path, log, seed)
        if not run.is_finished or not run.is_complete:
            _check_is_writable(path, log)
        if not run.is_finished:
            run.keep_models(models or {})
        yield run


def _check_is_writable(path: Path, log: EventLog) -> None:
    if log.is_read_only:
        raise StoreError(
            f"{path} cannot be written, and its run is not finished; mend its permissions, or copy it to where it can "
            "be written, and resume it there"
        )


def recorded(path: Path) -> tuple[str, int]:
    """(config.yaml, seed) of the run in a directory. Raises StoreError where there is none."""
    config, facts = path / CONFIG, path / MANIFEST
    if not config.is_file() or not facts.is_file():
        raise StoreError(f"{path} holds no run ({CONFIG} and {MANIFEST} are missing); start one with `designloop run`")
    try:
        text = config.read_text(encoding="utf-8")
    except ValueError as error:
        raise StoreError(f"{config} is damaged ({error}); restore a copy, or run the campaign elsewhere") from error
    return text, int(Manifest(path).read()["seed"])


def summary_of(path: str | Path, name: str | None = None) -> Summary:
    """The summary of the run in a directory, finished or not."""
    place = Path(path)
    recorded(place)
    _check_has_events(place)
    with _store(place) as log:
        return summarise(log, name or log.documents().get("name", place.name))


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
            f"{path} already holds {what}; name another directory with --out, or `designloop resume {path}`"
        )
    for name in (CONFIG, MANIFEST, DATABASE):
        (path / name).unlink()


def _check_has_events(path: Path) -> None:
    """The database is there before the configuration is, so a run without one has lost it."""
    database = path / DATABASE
    if not database.is_file() or database.stat().st_size == 0:
        raise StoreError(
            f"{path} has lost its {DATABASE}, and with it all that happened; restore a copy, or run elsewhere"
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the directory against other processes; the system lets go of it however this process ends."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - without it, the log itself refuses a second writer
        yield
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(handle)
        raise StoreError(
            f"another process is at work in {path}; wait for it, or name another folder with --out"
        ) from error
    try:
        yield
    finally:
        os.close(handle)


@contextmanager
def _store(path: Path) -> Iterator[EventLog]:
    from designloop.storage.store import Store

    with Store.open(path / DATABASE) as store:
        yield store.campaign()
