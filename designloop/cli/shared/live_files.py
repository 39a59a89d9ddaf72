"""The files of a round of a live campaign: they are written after the record, and what is missing is named."""

from collections.abc import Sequence
from pathlib import Path

from designloop.core.counting import many
from designloop.core.errors import DesignloopError, LiveError
from designloop.live.directory import Live
from designloop.live.dossier.dossier import FILE, Dossier
from designloop.live.record import Record

_SHOWN = 3


def written(live: Live, round_: int) -> tuple[list[Path], Dossier]:
    """Write the sheets and the dossier of a round."""
    try:
        files, dossier = live.sheets(round_), live.dossier(round_)
        return [*files, dossier.save(files[0].parent / FILE)], dossier
    except DesignloopError as error:
        error.add_note(f"note: round {round_} is recorded; to write its files again: {_verbs(live)}")
        raise


def tell_of(files: Sequence[Path], dossier: Dossier) -> None:
    """Print which designs violate a limit, if any, and the names of the files of a round."""
    if dossier.flagged:
        print(dossier.headline)
    print_files(files)


def print_files(files: Sequence[Path]) -> None:
    """Print the names of the files of a round."""
    print(f"files in {files[0].parent}: {', '.join(file.name for file in files)}")


def note_missing(live: Live, refused: LiveError) -> None:
    """Say which files of the last round are missing, as after an interrupted command."""
    record = live.record
    round_ = record.history.round
    is_ordered = round_ in record.history.open_rounds and round_ in record.tickets.round_of.values()
    if not is_ordered:
        return
    dossier = live.path / f"round-{round_}" / FILE
    if missing := [*live.missing(round_), *([] if dossier.is_file() else [dossier])]:
        names = f"{', '.join(path.name for path in missing[:_SHOWN])}{', ...' if len(missing) > _SHOWN else ''}"
        refused.add_note(
            f"note: {missing[0].parent} lacks {many(len(missing), 'file')} of round {round_} ({names}); to write them: "
            f"{_verbs(live)}"
        )


def _verbs(live: Live) -> str:
    """The commands that write the files of the last round again."""
    return " and ".join(f"designloop live {verb} {live.path}" for verb in ("sheets", "dossier"))


def ordered_in(record: Record, entry: int) -> int | None:
    """The round whose plates an entry changed; None where it changed none."""
    its = (event for event in record.every if event.kind == "plated" and event.data.get("entry") == entry)
    return next((int(event.data["round"]) for event in its), None)
