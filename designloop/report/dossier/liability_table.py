"""What violates a limit, with the commands that remove it, and the liabilities of every design."""

from collections.abc import Iterator
from shlex import quote

from designloop.core.counting import many
from designloop.core.spaces.patterns import is_nucleic
from designloop.inspection.liabilities.composition import Run
from designloop.inspection.liabilities.limits import Limits
from designloop.inspection.liabilities.repeats import Repeat
from designloop.live.dossier.design import DossierDesign
from designloop.live.dossier.dossier import Dossier
from designloop.report.dossier.rows import MOST_ROWS, table
from designloop.report.dossier.words import NONE, interval, places, share
from designloop.report.page import Block, Column, Table

_HEAD = "liabilities", "Liabilities of each design"
_MANY = 12
"""Rows from which a table of flags has a search field."""


def flag_blocks(dossier: Dossier) -> Iterator[Block]:
    """The designs that violate a limit, each with the command that removes it."""
    if not dossier.flagged:
        yield f"No design violates a limit ({dossier.limits.in_words})."
        yield f"To remove a design all the same: designloop live veto {quote(str(dossier.directory))} DESIGN"
        return
    yield f"{_capital(dossier.headline)}."
    yield Table(
        "flagged",
        "Designs that violate a limit",
        (
            Column("design", "phrase"),
            Column("violates a limit", help="what was found, where (positions count from 1), and the limit"),
            Column("predicted", "number"),
            Column("to remove it", "command", "the next best design of the same decision takes its wells"),
        ),
        tuple(
            (design.name, "; ".join(design.violations), interval(design.predicted), _veto(dossier, design))
            for design in dossier.flagged[:MOST_ROWS]
        ),
        "Limits are advice: suppliers decide by scores of their own. With --instead SEQUENCE, your sequence takes the "
        "wells.",
        has_search=len(dossier.flagged) > _MANY,
    )


def _veto(dossier: Dossier, design: DossierDesign) -> str:
    why = quote(design.violations[0])
    return f"designloop live veto {quote(str(dossier.directory))} {design.name} --why {why}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def liability_blocks(dossier: Dossier) -> Iterator[Block]:
    """The limits with their source, and what was measured of each design."""
    limits, alphabet = dossier.limits, dossier.record.history.space.alphabet
    yield f"Limits: {limits.in_words}{f' ({limits.about})' if limits.about else ''}. {_capital(_in_words(limits))}"
    if limits.source:
        yield f"Source: {limits.source}."
    yield (_nucleic if is_nucleic(alphabet) else _protein if alphabet.name == "protein" else _other)(dossier)


def _in_words(limits: Limits) -> str:
    said = list(_said(limits))
    return f"{'; '.join(said)}." if said else "Nothing is limited."


def _said(limits: Limits) -> Iterator[str]:
    if limits.lengths:
        yield f"{limits.lengths[0]:,} to {limits.lengths[1]:,} letters"
    if limits.gc:
        yield f"GC content {limits.gc[0]:.0%} to {limits.gc[1]:.0%} from {limits.gc_from} letters on"
    if limits.gc_spread is not None:
        yield f"windows of {limits.gc_window} differ by at most {100 * limits.gc_spread:.0f} points of GC content"
    for most, what in ((limits.run_at, "A or T"), (limits.run_gc, "G or C"), (limits.run, "equal letters")):
        if most is not None:
            yield f"at most {most} {what} in a row"
    if limits.repeat:
        yield f"no repeat of more than {limits.repeat} letters"
    if limits.hairpin:
        yield f"no hairpin of more than {limits.hairpin} pairs"
    if limits.sites:
        yield f"no site of {', '.join(site.name for site in limits.sites)}"
    for flag, what in (("any", "no"), ("gained", "no new")):
        if names := [motif.name for motif in limits.motifs if motif.flag == flag]:
            yield f"{what} site of {', '.join(names)}"


def _nucleic(dossier: Dossier) -> Table:
    caption = (
        f"{many(len(dossier.new), 'design')}, as they are ordered: with the letters before and after, U as T. Sites "
        "are those of common restriction enzymes in the design itself, on either strand; those that lie wholly in the "
        "letters around it are left out. Hairpins are exact stems with a loop of three letters or more, not energies."
    )
    columns = (
        Column("design", "phrase"),
        Column("letters", "number", "length as it is ordered"),
        Column("GC content", "number", "share of G and C"),
        Column(
            "GC spread", "number", "highest minus lowest GC content of its windows, in points; a dash if it is shorter"
        ),
        Column("longest run", "phrase", "of one letter, and the position of its first one"),
        Column("longest repeat", "phrase", "letters of the longest piece that occurs twice without overlap, and where"),
        Column("longest hairpin", "phrase", "pairs of the longest stem, and where its two sides begin"),
        Column("restriction sites", help="enzyme and positions, from 1"),
        Column("violates a limit"),
    )
    return table(*_HEAD, columns, [_nucleic_row(design) for design in dossier.new], caption)


def _nucleic_row(design: DossierDesign) -> tuple[str, ...]:
    its = design.liabilities
    spread = NONE if its.gc_spread is None else f"{100 * its.gc_spread:.0f}"
    pieces = _run(its.run), _piece(its.repeat), _piece(its.hairpin), places(its.sites)
    return design.name, f"{its.length:,}", share(its.gc), spread, *pieces, "; ".join(design.violations)


def _run(run: Run | None) -> str:
    return NONE if run is None else f"{run.length} {run.letter} at {run.start + 1}"


def _piece(piece: Repeat | None) -> str:
    return NONE if piece is None else f"{piece.length} at {piece.first + 1} and {piece.second + 1}"


def _protein(dossier: Dossier) -> Table:
    caption = (
        "Motifs with their positions, from 1. A motif is gained where the parent of the space, else the nearest "
        "measured or natural sequence, does not have it. Motifs say where a change may happen, not that it does."
    )
    columns = (
        Column("design", "phrase"),
        Column("letters", "number"),
        Column("longest run", "phrase", "of one letter, and the position of its first one"),
        Column("gained motifs"),
        Column("all motifs"),
        Column("violates a limit"),
    )
    rows = tuple(
        (
            design.name,
            f"{its.length:,}",
            _run(its.run),
            places(its.gained),
            places(its.motifs),
            "; ".join(design.violations),
        )
        for design in dossier.new
        for its in (design.liabilities,)
    )
    return table(*_HEAD, columns, rows, caption)


def _other(dossier: Dossier) -> Table:
    columns = (
        Column("design", "phrase"),
        Column("letters", "number"),
        Column("longest run"),
        Column("violates a limit"),
    )
    rows = tuple(
        (design.name, f"{design.liabilities.length:,}", _run(design.liabilities.run), "; ".join(design.violations))
        for design in dossier.new
    )
    return table(*_HEAD, columns, rows)
