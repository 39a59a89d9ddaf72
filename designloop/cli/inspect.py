"""`designloop inspect`: a summary of sequences and their comparison with a corpus, as tables, figures or JSON."""

import sys
from collections.abc import Iterator
from json import dumps
from pathlib import Path

from rich.table import Table

from designloop.cli.shared.homologs import searched
from designloop.cli.shared.model_answers import asked_of, read_and_opened
from designloop.cli.shared.sequence_groups import Ask, Comparison, Group, compared
from designloop.cli.shared.terminal_tables import console, table_of, to_the_right
from designloop.core.readers.sequences import MASK
from designloop.inspection import sets

_EDITS_SHOWN = 8
_DUPLICATES_SHOWN = 3
_DRAWN = 3
_ROWS = ("sequence", "nearest")


def inspect_sequences(ask: Ask, figures: Path | None, *, align: bool, json: bool) -> None:
    """Print the summary and the comparison, and write figures if a folder is given."""
    groups, is_guessed, models = read_and_opened(ask)
    asked = asked_of(ask, groups, models)
    comparison = compared(groups, ask.near, ask.matrix) if len(groups) > 1 else None
    found = searched(ask, groups[0])
    if json:
        sides = dict(zip(("sequences", "corpus"), (group.as_dict() for group in groups), strict=False))
        told = comparison.as_dict(ask.top, align=align) if comparison else {}
        head = {"alphabet": groups[0].alphabet.name, "is_guessed": is_guessed}
        print(dumps({**head, **sides, **told, **asked.as_dict(), **found.as_dict()}, allow_nan=False))
    else:
        _print(groups, comparison, ask.top, align=align, is_guessed=is_guessed)
        for remark in found.remarks():
            console().print(remark, soft_wrap=True, highlight=False)
        for table in (*asked.tables(ask.top), *found.tables()):
            console().print("", table, sep="\n")
    if figures is not None:
        _draw(groups, comparison, min(ask.top, _DRAWN), figures)


# -- tables ----------------------------------------------------------------------------------------------------------


def _print(groups: list[Group], comparison: Comparison | None, top: int, *, align: bool, is_guessed: bool) -> None:
    out = console()
    guessed = " (guessed from the letters; --alphabet overrides it)" if is_guessed else ""
    out.print(f"alphabet {groups[0].alphabet.name}{guessed}", soft_wrap=True)
    for remark in (remark for group in groups for remark in group.reading.remarks):
        out.print(remark, soft_wrap=True, highlight=False)
    out.print("", _groups_table(groups), sep="\n")
    for line in filter(None, map(_duplicates, groups)):
        out.print(line, soft_wrap=True)
    if comparison is None:
        return
    out.print("", _corpus_table(comparison), sep="\n")
    out.print(_spread(comparison), soft_wrap=True)
    if top:
        out.print("", _nearest_table(comparison, top), sep="\n")
    for row in range(min(top, len(comparison.neighbours)) if align else 0):
        out.print(f"\n{_aligned_title(comparison, row)}", soft_wrap=True)
        out.print(comparison.shown(row).blocks(names=_ROWS), soft_wrap=True)


def _groups_table(groups: list[Group]) -> Table:
    table = to_the_right(table_of("Sequences", "", *(group.file.name for group in groups)))
    columns = [list(_said(group)) for group in groups]
    for rows in zip(*columns, strict=True):
        table.add_row(rows[0][0], *(text for _, text in rows))
    return table


def _said(group: Group) -> Iterator[tuple[str, str]]:
    """(label, text) of each row of a group's column."""
    its = group.as_dict()
    yield "sequences", f"{its['n']:,}"
    yield "length: shortest", f"{its['shortest']:,}"
    yield "length: median", f"{its['median']:,.10g}"
    yield "length: longest", f"{its['longest']:,}"
    for letter, share in its["composition"].items():
        yield f"letter {letter}", _percent(share)
    yield f"masked ({MASK})", f"{its['n_masked']:,}"
    n_again = sum(len(rows) - 1 for rows in its["duplicates"])
    yield "duplicates", f"{n_again:,}"


def _duplicates(group: Group) -> str:
    """The first few groups of equal records; empty if there are none."""
    found = sets.duplicates(group.sequences)
    shown = [" = ".join(str(row + 1) for row in rows) for rows in found[:_DUPLICATES_SHOWN]]
    more = f" and {len(found) - len(shown):,} more" if len(found) > len(shown) else ""
    return f"{group.file.name}: equal records {', '.join(shown)}{more}" if shown else ""


def _corpus_table(comparison: Comparison) -> Table:
    leakage = sets.leakage(comparison.neighbours, comparison.alike, comparison.near)
    strata = zip(sets.STRATA, (*sets.STRATA[1:], None), sets.novelty(comparison.alike).counts, strict=True)
    table = to_the_right(table_of("Novelty", "", "sequences", "share"))
    for what, count in (
        ("in the corpus", len(leakage.exact)),
        (f"nearly in the corpus (identity {comparison.near:.0%} or more)", len(leakage.near)),
        *((_span(low, high), count) for low, high, count in strata),
    ):
        table.add_row(what, f"{count:,}", _percent(count / len(comparison.alike)))
    return table


def _span(low: float, high: float | None) -> str:
    return "identity 100%" if high is None else f"identity {low:.0%} to below {high:.0%}"


def _spread(comparison: Comparison) -> str:
    novelty = sets.novelty(comparison.alike)
    spread = (f"{word} {_percent(getattr(novelty, word))}" for word in ("lowest", "median", "highest"))
    return f"identity to the nearest sequence of the corpus: {', '.join(spread)}"


def _nearest_table(comparison: Comparison, top: int) -> Table:
    table = table_of("Nearest neighbours", "record", "nearest", "identity", "overlap identity", "distance", "edits")
    for row, neighbour in list(enumerate(comparison.neighbours))[:top]:
        alignment, words = comparison.alignment(row), neighbour.edits.split()
        more = f" and {len(words) - _EDITS_SHOWN} more" if len(words) > _EDITS_SHOWN else ""
        table.add_row(
            comparison.group.named(row),
            comparison.corpus.named(neighbour.index),
            _percent(alignment.identity),
            _percent(alignment.overlap.identity),
            str(neighbour.distance),
            " ".join(words[:_EDITS_SHOWN]) + more,
        )
    return table


def _aligned_title(comparison: Comparison, row: int) -> str:
    how = f" by {comparison.matrix}" if comparison.matrix else ""
    return f"{comparison.group.named(row)} against {comparison.corpus.named(comparison.neighbours[row].index)}{how}"


def _percent(share: float) -> str:
    return f"{share:.1%}"


# -- figures ---------------------------------------------------------------------------------------------------------


def _draw(groups: list[Group], comparison: Comparison | None, n_aligned: int, folder: Path) -> None:
    """Write the figures, and print why a figure cannot be drawn."""
    from designloop.report.marks import Figure
    from designloop.report.sequences import alignment_figure, column_logo_figure, logo_figure
    from designloop.report.writing import write_pictures

    natural = groups[1].sequences if len(groups) > 1 else []
    letters, columns = groups[0].alphabet.letters, groups[0].reading.columns
    logo = column_logo_figure(columns, letters) if columns else logo_figure(groups[0].sequences, natural, letters)
    figures = [logo] if isinstance(logo, Figure) else []
    if isinstance(logo, str):
        print(logo, file=sys.stderr)
    if comparison is not None and n_aligned:
        rows = range(min(n_aligned, len(comparison.neighbours)))
        drawn = {_aligned_title(comparison, row): comparison.shown(row) for row in rows}
        figures.append(alignment_figure(drawn, _ROWS))
    for path in write_pictures(figures, folder):
        print(f"wrote {path}", file=sys.stderr)
