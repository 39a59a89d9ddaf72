"""The folder of a live campaign: its description, its store, and the lock that makes each command one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from shutil import copytree, rmtree

from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import StoreError
from designloop.core.records import Event
from designloop.core.sources import sources_of
from designloop.live.campaign import LiveCampaign
from designloop.live.charging import charged
from designloop.live.record import Record
from designloop.storage.manifest import Manifest, write_whole
from designloop.storage.run_directory import CONFIG, DATABASE, RunDirectory, continued, locked, made, to_read
from designloop.storage.store import Store

_SHOWN = 3


class Folder:
    """The folder of a live campaign, which several people and processes may use."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def begin(
        self,
        campaign: LiveCampaign,
        seed: int,
        first: Sequence[Event],
        documents: Mapping[str, str],
        remarks: Sequence[str],
    ) -> None:
        """Create the folder, with the first events. Raises StoreError where it has files of something else."""
        made(self.path)
        self._check_is_free()
        with locked(self.path, waits=True), Store.open(self.path / DATABASE) as store:
            log = store.campaign()
            if log.events():
                raise StoreError(f"{self.path} holds a campaign already; go on with it, or choose another folder")
            Manifest(self.path).begin(seed, **({"remarks": list(remarks)} if remarks else {}))
            write_whole(self.path / CONFIG, to_yaml(campaign.describe()))
            RunDirectory(self.path, log, seed).keep_sources(sources_of(campaign))
            log.append(first, documents=documents)

    @property
    def campaign(self) -> LiveCampaign:
        """The description. Raises ConfigError."""
        return _described((self.path / CONFIG).read_text(encoding="utf-8"), str(self.path / CONFIG))

    @property
    def remarks(self) -> list[str]:
        """What was guessed, merged or left out in the files that the campaign began with, one sentence each."""
        return list(Manifest(self.path).read().get("remarks", []))

    @contextmanager
    def changing(self) -> Iterator["Desk"]:
        """A command: no other process writes until the block ends. Raises StoreError."""
        self._check()
        campaign = self.campaign
        with continued(self.path, None, sources_of(campaign), waits=True) as run:
            yield Desk(Record.of(campaign, run.log), run)

    @contextmanager
    def reading(self) -> Iterator[Record]:
        """The record at this moment, also while another process writes. Raises StoreError."""
        self._check()
        with to_read(self.path) as log:
            yield Record.of(self.campaign, log)

    def copy(self, to: Path) -> None:
        """A whole copy, while no command changes anything. Raises StoreError where `to` exists already."""
        self._check()
        if to.exists():
            raise StoreError(f"{to} exists already; choose another folder for the copy")
        if to.resolve().is_relative_to(self.path.resolve()):
            raise StoreError(f"{to} lies in the campaign itself; choose another folder for the copy")
        try:
            with locked(self.path, waits=True):
                copytree(self.path, to)
        except OSError as error:  # shutil.Error too, which lists every file
            rmtree(to, ignore_errors=True)
            words = error.strerror or "some files cannot be copied"
            raise StoreError(
                f"cannot copy {self.path} to {to}: {words}; free disk space, or choose another folder"
            ) from error

    def _check_is_free(self) -> None:
        """Raise StoreError where the folder has files, but none of a campaign, which a killed command may have left."""
        names = sorted(path.name for path in self.path.iterdir())
        if names and DATABASE not in names:
            shown = f"{', '.join(names[:_SHOWN])}{', ...' if len(names) > _SHOWN else ''}"
            raise StoreError(f"{self.path} is not empty ({shown}); give a new folder for the campaign")

    def _check(self) -> None:
        if not (self.path / CONFIG).is_file():
            raise StoreError(f"{self.path} holds no live campaign; begin one with `designloop live init CONFIG DIR`")


@lru_cache(maxsize=8)
def _described(text: str, name: str) -> LiveCampaign:
    """The campaign that a text describes; reading it takes as long as a command."""
    return build(LiveCampaign, read_text(text, name))


class Desk:
    """The record during one command, and the way to add to it."""

    def __init__(self, record: Record, run: RunDirectory) -> None:
        self.record, self._run = record, run

    def keep(self, events: Sequence[Event]) -> Record:
        """Keep all events, and what they cost, in one transaction; the record after it."""
        whole = [*events, *charged(self.record, events)]
        self._run.log.append(whole)
        return self.record.with_events(whole)
