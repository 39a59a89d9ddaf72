"""The layout of the plates: which well holds which design or control."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from designloop.core.counting import many
from designloop.core.plates import place_of, plate_shape, row_letters
from designloop.live.dossier.design import DossierDesign
from designloop.live.dossier.dossier import Dossier
from designloop.live.sheets import Sheets
from designloop.report.dossier.words import interval, shortened
from designloop.report.marks import Axis, Bars, Figure, Mark, Panel, Text
from designloop.report.page import Block, Choice
from designloop.report.palette import EMPTY, INK, Style
from designloop.report.plate_maps import AT_MOST, marks_of

_HIGH, _WIDTH = 34, 840
"""Pixels of a well at most, and of a plate."""
_LEAST = 27
"""Pixels of a column in which a number can be read; a narrower plate scrolls sideways."""
_MOST_ON_PAGE = 8
"""Plates that are all shown and printed; of more, one is shown at a time."""
_MOST_LABELLED = 24
"""Columns up to which wells are labelled."""
_MOST_TICKS = 24
_LOOKS = {
    "design": Style("#cfe3f2"),
    "violates a limit": Style("#f3c969", hatch="/"),
    "chosen by people": Style("#bfe5d8", hatch="."),
    "retest": Style("#ecd5e3", hatch="\\"),
    "control": Style("#c9ced4", hatch="x"),
}


def plate_blocks(dossier: Dossier) -> Iterator[Block]:
    """A map of each plate."""
    plates = Sheets(dossier.record, dossier.round).plates
    if len(plates) > AT_MOST:
        yield f"Maps are shown for the first {AT_MOST} of {len(plates)} plates; plate-map.csv has all."
    by_id = {design.design: design for design in dossier.designs}
    figures = tuple((name, _map(dossier, name, held, by_id)) for name, held in list(plates.items())[:AT_MOST])
    if len(figures) > _MOST_ON_PAGE:
        yield Choice("plates", "Plate", figures)
    else:
        yield from (figure for _, figure in figures)


def _map(dossier: Dossier, name: str, held: Mapping[str, Any], by_id: Mapping[int, DossierDesign]) -> Figure:
    rows, columns = plate_shape(dossier.record.campaign.lab.plate_size)
    letters = marks_of({its for its in held.values() if isinstance(its, str)})
    wells = [(place_of(well), well, its) for well, its in held.items()]
    groups: dict[str, list[tuple[int, int, str, str]]] = {}
    for place, well, its in wells:
        assert place is not None, f"'{well}' is not a well"
        group, label, hover = _well(its, letters, by_id)
        groups.setdefault(group, []).append((*place, label, f"{well}: {hover}"))
    marks: list[Mark] = [_bars(group, groups[group]) for group in _LOOKS if group in groups]
    if columns <= _MOST_LABELLED:
        every = [well for its in groups.values() for well in its]
        size = 11 if columns <= _MOST_LABELLED // 2 else 9
        marks.append(Text([w[1] for w in every], [w[0] for w in every], [w[2] for w in every], INK, size=size))
    panel = Panel(
        _axis([str(column + 1) for column in range(columns)], is_reversed=False),
        _axis([row_letters(row) for row in range(rows)], is_reversed=True),
        tuple(marks),
        height=min(_HIGH, _WIDTH // columns) * rows,
        paper=EMPTY,
    )
    return Figure(
        f"layout-{name}", f"Plate {name}", _caption(held, letters), (panel,), least_width=min(columns, 48) * _LEAST
    )


def _well(its: Any, letters: Mapping[str, str], by_id: Mapping[int, DossierDesign]) -> tuple[str, str, str]:
    """(group, label, hover text) of what a well holds."""
    if isinstance(its, str):
        return "control", letters[its], f"control, {its}"
    design, replicate = by_id[its[0]], its[1]
    again = f", replicate {replicate}" if design.n_wells > 1 else ""
    hover = f"{design.name}{again}<br>{interval(design.predicted)}<br>{shortened(design.sequence)}"
    if design.is_retest:
        return "retest", str(design.design), hover
    if design.violations:
        return "violates a limit", str(design.design), f"{hover}<br>{design.violations[0]}"
    return "chosen by people" if design.is_by_people else "design", str(design.design), hover


def _bars(group: str, wells: Sequence[tuple[int, int, str, str]]) -> Bars:
    return Bars(
        [column for _, column, _, _ in wells],
        [0.92] * len(wells),
        _LOOKS[group],
        group,
        base=[row - 0.46 for row, _, _, _ in wells],
        thickness=0.92,
        hover=[hover for *_, hover in wells],
    )


def _axis(names: Sequence[str], *, is_reversed: bool) -> Axis:
    step = 1 + (len(names) - 1) // _MOST_TICKS
    ticks = tuple((float(i), names[i]) for i in range(0, len(names), step))
    return Axis("", ticks, -0.5, len(names) - 0.5, is_reversed=is_reversed, has_grid=False)


def _caption(held: Mapping[str, Any], letters: Mapping[str, str]) -> str:
    controls = ", ".join(f"{letter} {name}" for name, letter in letters.items())
    n = sum(not isinstance(its, str) for its in held.values())
    said = f" Letters are controls: {controls}." if controls else " The plate has no controls."
    return f"{many(n, 'well')} with a design; a number is that of the design.{said} Grey wells are empty or reserved."
