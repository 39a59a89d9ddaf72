"""`designloop live`: what its commands print."""

from collections.abc import Sequence
from json import dumps
from pathlib import Path
from typing import Any

from designloop.cli.shared.live_files import note_missing, ordered_in, print_files, tell_of, written
from designloop.cli.shared.messages import print_remarks
from designloop.core.config import build, override, put, read_document, setting_in
from designloop.core.counting import many
from designloop.core.errors import LiveError
from designloop.core.history import History
from designloop.core.records import Event
from designloop.core.spaces import compress
from designloop.live.campaign import LiveCampaign
from designloop.live.directory import Live
from designloop.live.dossier.dossier import FILE
from designloop.live.measured_table import described
from designloop.live.names import design_name, number_in
from designloop.live.telling import Told


def begin(
    config: Path,
    settings: Sequence[str],
    directory: Path,
    measured: Path | None,
    seed: int,
    start: str | None,
    by: str | None,
    past: Sequence[Path],
) -> None:
    """Begin a live campaign in a directory."""
    document = read_document(config)
    if measured is not None:
        put(document, "prior.starts", {"path": str(measured)}, f"--measured {measured}")
    override(document, settings)
    if measured is not None:
        starts = document.data["prior"]["starts"]
        document.data["prior"]["starts"] = described(str(measured), starts) if _is_of(measured, starts) else starts
    document.data.setdefault("name", config.stem)
    live = Live.begin(build(LiveCampaign, document), directory, seed, start, by, past)
    record = live.record
    print_remarks(live.remarks)
    print(f"{record.campaign.name} begins in {directory}: {_known(record.history)}")
    print(f"next: designloop live ask {directory}")


def _is_of(measured: Path, starts: Any) -> bool:
    """Whether starting sequences are described as this file."""
    return isinstance(starts, dict) and starts.get("path") == str(measured)


def _known(history: History) -> str:
    """`3 measured sequences, and 1 without a value`."""
    measured = set(compress(history.sequences, history.is_measured))
    n_failed = len(set(history.sequences) - measured)
    return f"{many(len(measured), 'measured sequence')}{f', and {n_failed:,} without a value' if n_failed else ''}"


def ask(directory: Path, at: str | None, by: str | None, *, anyway: bool, json: bool) -> None:
    """Choose the next batch, and write its files."""
    live = Live(directory, by)
    try:
        events = live.ask(at, anyway=anyway)
    except LiveError as refused:
        note_missing(live, refused)
        raise
    n = sum(event.kind == "submitted" for event in events)
    if not n:
        raise LiveError("the strategy has no new design to propose; widen the space, or set strategy.fill to `uniform`")
    files, dossier = written(live, events[0].data["round"])
    if json:
        paths = {"files": list(map(str, files)), "violate_a_limit": [design.name for design in dossier.flagged]}
        print(dumps({"round": events[0].data["round"], "designs": _chosen(events), **paths}))
        return
    n_retests = sum(event.kind == "retest" for event in events)
    retests = f" and {many(n_retests, 'retest')}" if n_retests else ""
    print(f"round {events[0].data['round']}: {many(n - n_retests, 'design')}{retests}")
    tell_of(files, dossier)


def _chosen(events: Sequence[Event]) -> list[dict[str, Any]]:
    return [{"design": event.design, **event.data} for event in events if event.kind == "chosen"]


def tell(
    directory: Path,
    file: Path,
    settings: Sequence[str],
    plate: str | None,
    round_: int | None,
    at: str | None,
    by: str | None,
    *,
    further: bool,
    dry_run: bool,
    json: bool,
) -> None:
    """Record the results in a file, and print what was understood."""
    columns = dict(setting_in(setting) for setting in settings)
    told = Live(directory, by).tell(file, at, plate, round_, further=further, dry_run=dry_run, columns=columns)
    n = sum(event.kind in ("observed", "failed", "well_lost") for event in told.events)
    if json:
        print(dumps({"n_new": n, "recorded": bool(n and not dry_run), "understood": list(told.lines)}))
        return
    _print_told(told, dry_run=dry_run)


def import_past(
    directory: Path,
    files: Sequence[Path],
    settings: Sequence[str],
    at: str | None,
    by: str | None,
    *,
    dry_run: bool,
    json: bool,
    **given: Any,
) -> None:
    """Record past rounds, and print what was understood."""
    columns = dict(setting_in(setting) for setting in settings)
    told = Live(directory, by).import_rounds(files, at, dry_run=dry_run, columns=columns, **given)
    if json:
        facts = {"n_new": len(told.events), "recorded": bool(told.events and not dry_run)}
        print(dumps({**facts, "understood": list(told.lines)}))
        return
    _print_told(told, dry_run=dry_run)


def _print_told(told: Told, *, dry_run: bool) -> None:
    print(told)
    if dry_run:
        print("nothing was recorded (--dry-run)")
    elif not told.events:
        print("nothing new, so nothing was recorded")
    else:
        print(f"recorded as entry {told.events[-1].data['entry']}")


def print_status(directory: Path, *, json: bool) -> None:
    """Print the status."""
    status = Live(directory).status
    print(dumps(status.as_dict(), allow_nan=False) if json else status)


def write_sheets(directory: Path, round_: int | None, out: Path | None) -> None:
    """Write the files of a round."""
    print_files(Live(directory).sheets(round_, out))


def write_dossier(directory: Path, round_: int | None, out: Path | None, *, json: bool) -> None:
    """Write the dossier of a round, or print its data."""
    dossier = Live(directory).dossier(round_)
    if json:
        print(dumps(dossier.as_dict(), allow_nan=False))
        return
    path = dossier.save(directory / f"round-{dossier.round}" / FILE if out is None else out)
    print(f"round {dossier.round}: {dossier.headline}")
    print(f"dossier: {path}")


def copy(directory: Path, to: Path) -> None:
    """Copy a live campaign."""
    Live(directory).copy(to)
    print(f"copied to {to}")


def declare(
    directory: Path,
    designs: Sequence[str],
    plates: Sequence[str],
    rounds: Sequence[int],
    outcome: str,
    why: str,
    at: str | None,
    by: str | None,
) -> None:
    """Declare designs, plates or rounds lost."""
    live = Live(directory, by)
    numbers = [_number(live, text) for text in designs]
    events = live.lost(numbers, plates, rounds, outcome, why, at)
    n_designs, n_wells = (sum(event.kind == kind for event in events) for kind in ("failed", "well_lost"))
    counts = (n_designs, f"{many(n_designs, 'design')} {outcome}"), (n_wells, f"{many(n_wells, 'well')} lost")
    print(f"{', and '.join(words for n, words in counts if n)}; entry {events[-1].data['entry']}")


def veto(directory: Path, design: str, instead: str | None, why: str, at: str | None, by: str | None) -> None:
    """Remove a design from its batch, and write the files of the round again."""
    live = Live(directory, by)
    events = live.veto(_number(live, design), why, instead, at)
    chosen, name = events[1], live.record.campaign.name
    print(f"{design_name(name, chosen.design or 0)} takes its wells: {chosen.data['sequence']}")
    tell_of(*written(live, chosen.data["round"]))


def add(
    directory: Path,
    sequences: Sequence[str],
    file: Path | None,
    replicates: int | None,
    why: str,
    at: str | None,
    by: str | None,
    *,
    new_round: bool,
) -> None:
    """Add designs of people, and write the files of the round again."""
    live = Live(directory, by)
    given = [*sequences, *(_sequences_in(live, file) if file is not None else [])]
    events = live.add(given, why, replicates, at, new_round=new_round)
    facts = events[0].data
    print(f"{many(len(facts['designs']), 'design')} added to round {facts['round']}")
    tell_of(*written(live, facts["round"]))


def _sequences_in(live: Live, file: Path) -> list[str]:
    from designloop.core.readers.sequences import read_cleaned

    reading = read_cleaned(file, live.history.space.alphabet)
    print_remarks(reading.remarks)
    return reading.sequences


def extend(directory: Path, settings: Sequence[str], at: str | None, by: str | None) -> None:
    """Go on with changes."""
    event = Live(directory, by).extend(dict(setting_in(setting) for setting in settings), at)[0]
    print("\n".join(event.data["changed"]))


def undo(directory: Path, entry: int, why: str, at: str | None, by: str | None) -> None:
    """Undo an entry."""
    live = Live(directory, by)
    before = live.record
    facts = live.undo(entry, why, at)[0].data
    after = live.record
    n_open = sum(ticket.is_open for ticket in after.tickets.tickets.values())
    print(f"entry {entry} is undone; {many(n_open, 'design')} to come from the lab")
    for other in facts.get("again", ()):
        print(f"entry {other} also said results of entry {entry}, which are no longer known; tell its file again")
    if facts.get("only") == "results":
        print("later entries are built on it, so its designs stay in the lab; import the corrected files again")
    if (round_ := ordered_in(before, entry)) is None:
        return
    if round_ in after.tickets.submitted_at:
        tell_of(*written(live, round_))
    else:
        print(f"round {round_} is no more; its files in {directory / f'round-{round_}'} are void")


def _number(live: Live, text: str) -> int:
    """The design that a text names."""
    name = live.record.campaign.name
    number = number_in(text, name)
    if number is None:
        raise LiveError(f"'{text}' names no design; designs are named as in {design_name(name, 0)}, or by their number")
    return number
