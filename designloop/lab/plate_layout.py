"""The layout of a plate in a file, as wells of controls and wells without a design."""

from collections.abc import Sequence
from dataclasses import dataclass

from designloop.core.errors import ConfigError, InputError, did_you_mean
from designloop.core.plates import well_name, wells_of
from designloop.core.readers.well_contents import Content, read_contents
from designloop.lab.controls import BUILT_IN, Control


@dataclass(frozen=True, slots=True)
class PlateLayout:
    """What a file says of the wells of a plate."""

    named: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(control, its wells)."""
    reserved: tuple[str, ...] = ()
    """Wells that are not for designs."""


def plate_layout(path: str, size: int, controls: Sequence[Control], drawn: Sequence[str]) -> PlateLayout:
    """The layout in a file; `drawn` are the controls in drawn wells.

    Raises InputError with the line of a name that is no control, ConfigError where a control stands both in the file
    and elsewhere, or nowhere.
    """
    try:
        contents = read_contents(path, size)
    except InputError as error:
        raise InputError(f"lab.assay.layout: {error}") from None
    known = {name.lower(): name for name in (*BUILT_IN, *(control.name for control in controls))}
    wells: dict[str, list[str]] = {}
    for content in contents:
        if content.control is not None:
            wells.setdefault(_known(content, known), []).append(well_name(content.place))
    placed = {*drawn, *(control.name for control in controls if control.wells)}
    if twice := sorted(placed & wells.keys()):
        raise ConfigError(
            f"lab.assay: control '{twice[0]}' has wells in {path} and elsewhere; remove its `n` or `wells`, or set "
            "assay.wells_per_control to null"
        )
    if lacking := [control.name for control in controls if control.name not in placed | wells.keys()]:
        raise ConfigError(
            f"lab.assay.controls: control '{lacking[0]}' has no well; write its name into {path}, or give it `n` or "
            "`wells`"
        )
    is_for_design = {well_name(content.place) for content in contents if content.control is None}
    reserved = (well for well in wells_of(size) if well not in is_for_design)
    return PlateLayout(tuple((name, tuple(its)) for name, its in wells.items()), tuple(reserved))


def _known(content: Content, known: dict[str, str]) -> str:
    """The name of a control, in the case in which it is described."""
    text = content.control or ""
    if text.lower() not in known:
        raise InputError(
            f"lab.assay.layout: {content.where}: '{text}' is no control; write `design`, `empty`, or the name of one "
            f"of assay.controls{did_you_mean(text, known.values())}"
        )
    return known[text.lower()]
