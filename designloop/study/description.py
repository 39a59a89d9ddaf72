"""A study describes a campaign and how it varies: axes, instances of the landscape, seeds."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from designloop.campaign import Campaign
from designloop.core.config import Document, Place, build, override, put, read_document, read_text
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.files import is_file
from designloop.core.parts import Part
from designloop.study.editors import AxesSchema, BaseSchema
from designloop.study.judged import Decide, LookAt

PLURALS = {"strategies": "strategy", "labs": "lab", "oracles": "oracle", "schedulers": "scheduler"}
"""Axes that vary a whole part of the campaign."""
UNITS = 20
"""Default number of independent campaigns for each contestant, which is what a verdict needs."""
_NEEDS = "needs"
_RESERVED = (
    "key",
    "instance",
    "seed",
    "error",
    "seconds",
    "optimum",
    "designs",
    "weeks",
    "cost",
    "event_hash",
    "trace",
)
"""Columns of an exported cell."""
_WITH_DOTTED_KEYS = ("settings", "smoke", "axes")
"""Keys of a study that contain dotted keys."""


@dataclass(frozen=True, slots=True)
class Option:
    """One label of an axis, and its settings in the campaign."""

    label: str
    settings: Mapping[str, Any]
    """Dotted key -> value."""
    needs: str | None = None
    """A file or folder that this option needs; without it, the option is left out."""
    line: str = ""
    """Its place in the file: `line 14`."""


@dataclass(frozen=True, slots=True)
class Axis:
    """One thing that varies: its options, in order."""

    name: str
    options: tuple[Option, ...]


class Study(Part):
    """Many campaigns side by side: every combination of the axes' options, for each instance and seed."""

    name: str = Field("study", min_length=1, description="name of the study and of its folder")
    base: Annotated[dict[str, Any] | str, BaseSchema()] = Field(
        description="the campaign that varies: a description, or a YAML file"
    )
    settings: dict[str, Any] = Field({}, description="dotted campaign keys, set in every cell")
    axes: Annotated[dict[str, dict[str, Any] | list[Any]], AxesSchema()] = Field(
        min_length=1,
        description="`strategies`, `labs`, `oracles` or `schedulers`: label -> part, or a list of parts; a dotted key: "
        "its values; any other name: label -> {dotted key: value}; or a file that holds one of these",
    )
    instances: int = Field(
        UNITS,
        ge=1,
        le=10_000,
        description="instances of each landscape that is generated from a seed; they are the units of the tests; "
        f"default: {UNITS}, or 1 if `seeds` is given",
    )
    seeds: int = Field(
        1,
        ge=1,
        le=100_000,
        description="campaigns on each instance; a measured table has one instance, with instances x seeds campaigns; "
        f"default: 1, or {UNITS} if `instances` is 1",
    )
    compare: str = Field(
        "strategies", description="the axis whose labels are compared; default: the only axis, or `strategies`"
    )
    landscape: str | None = Field(None, description="the axis of landscapes; default: `oracles` or `landscapes`")
    floor: str | None = Field(None, description="the label whose score is 0; default: `random-viable` or `random`")
    threshold: float | dict[str, float] | None = Field(
        None, description="the true value to reach; a number, or one for each landscape label"
    )
    decide: Decide | None = Field(None, description="find the cheapest option that is good enough, and confirm it")
    look: LookAt = Field(LookAt(), description="the number that is tested")
    keep_events: bool = Field(False, description="keep each cell's run directory, for `designloop report`")
    smoke: dict[str, Any] = Field(
        {"scheduler.max_rounds": 2, "budget.designs": 32}, description="dotted campaign keys that `--smoke` sets"
    )
    is_smoke: bool = Field(False, description="apply `smoke` after all other settings; set by `--smoke`")
    question: str = Field("", description="the question of the study, in one sentence; shown first in the report")

    _document: Document | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _units_are_enough(cls, value: Any) -> Any:
        """The default of `instances` or `seeds` depends on the other, so that no study becomes larger than intended."""
        if not isinstance(value, Mapping):
            return value
        if "seeds" in value and "instances" not in value:
            return {**value, "instances": 1}
        return {**value, "seeds": UNITS} if value.get("instances") == 1 and "seeds" not in value else value

    @field_validator("base", "settings", "axes", mode="before")
    @classmethod
    def _parts_are_described(cls, value: Any) -> Any:
        """Campaigns and parts given from Python become plain data."""
        if isinstance(value, Part):
            return value.describe()
        if isinstance(value, Mapping):
            return {key: cls._parts_are_described(one) for key, one in value.items()}
        return [cls._parts_are_described(one) for one in value] if isinstance(value, list | tuple) else value

    @field_validator("axes", mode="before")
    @classmethod
    def _listed_parts_have_labels(cls, axes: Any) -> Any:
        """A list of parts becomes label -> part; labels come from the fields that differ from the defaults."""
        if not isinstance(axes, Mapping):
            return axes
        return {name: _labelled(options) for name, options in axes.items()}

    @model_validator(mode="before")
    @classmethod
    def _one_axis_is_compared(cls, value: Any) -> Any:
        """The default of `compare`: the only axis, or `strategies`."""
        axes = value.get("axes") if isinstance(value, Mapping) else None
        if not isinstance(axes, Mapping) or "compare" in value or not axes or "strategies" in axes:
            return value
        if len(axes) > 1:
            raise ValueError(
                f"`compare` is missing, and no axis is called 'strategies'; name one: {', '.join(map(str, axes))}"
            )
        return {**value, "compare": str(next(iter(axes)))}

    @field_validator("axes")
    @classmethod
    def _options_are_there(cls, axes: dict[str, Any]) -> dict[str, Any]:
        for name, options in axes.items():
            if not options:
                raise ValueError(f"axis '{name}' has no options; give it at least one")
            if name in _RESERVED:
                raise ValueError(f"'{name}' is a column of every cell and cannot name an axis; choose another name")
        return axes

    @model_validator(mode="after")
    def _names_are_axes(self) -> Self:
        over = [("decide.over", axis) for axis in self.decide.over] if self.decide else []
        for field, named in [("compare", self.compare), ("landscape", self.landscape), *over]:
            if named is not None and named not in self.axes:
                raise ValueError(f"`{field}`: no axis is called '{named}'{did_you_mean(named, self.axes)}")
        if self.decide and self.landscape_axis in self.decide.over:
            raise ValueError("`decide.over` lists axes to choose from, and a landscape cannot be chosen; remove it")
        if self.decide and self.threshold is None:
            raise ValueError("`decide` needs a `threshold`; set one")
        return self

    @classmethod
    def read(cls, path: str | Path, settings: Sequence[str] = ()) -> Self:
        """The study in a YAML file, changed by `settings`. Raises ConfigError with key, line and remedy."""
        document = read_document(path)
        if "oracle" in document.data and not {"base", "axes"} & set(document.data):
            raise ConfigError(f"{path} describes a campaign; run it with `designloop run {path}`")
        document.data.setdefault("name", Path(path).stem)
        if isinstance(document.data.get("base"), str):
            base = _beside(document.data["base"], Path(path).parent)
            base.data.setdefault("name", Path(document.data["base"]).stem)
            _take_in(document, ("base",), base)
        for name, options in _axes_in(document).items():
            if isinstance(options, str):
                _take_in(document, ("axes", name), _beside(options, Path(path).parent))
        for setting in settings:
            _set(document, setting)
        study = build(cls, document)
        study._document = document
        return study

    @property
    def landscape_axis(self) -> str | None:
        """The axis of landscapes; None if there is one landscape."""
        return self.landscape or next((name for name in ("oracles", "landscapes") if name in self.axes), None)

    def smoked(self) -> Self:
        """A study of about a minute: one instance, one seed, two labels on each axis that is not compared."""
        kept = (self.compare, self.landscape_axis)
        axes = {name: options if name in kept else _first(options, 2) for name, options in self.axes.items()}
        study = self.with_(axes=axes, instances=1, seeds=1, is_smoke=True)
        study._document = self._document
        return study

    def resolved_axes(self) -> list[Axis]:
        """The axes with their options. Raises ConfigError for an axis or option that sets nothing."""
        return [Axis(name, tuple(self._options(name, given))) for name, given in self.axes.items()]

    def _options(self, axis: str, given: dict[str, Any] | list[Any]) -> Iterator[Option]:
        key = PLURALS.get(axis) or (axis if axis.partition(".")[0] in Campaign.model_fields else None)
        labelled = given.items() if isinstance(given, dict) else ((_label_of(value), value) for value in given)
        for place, (label, value) in enumerate(labelled):
            line = self._line(axis, label if isinstance(given, dict) else place)
            if key is not None:
                yield Option(str(label), {key: value}, line=line)
            elif isinstance(value, dict):
                settings = {name: setting for name, setting in value.items() if name != _NEEDS}
                _check_keys(settings, f"option '{label}' of the axis '{axis}'", line)
                yield Option(str(label), settings, value.get(_NEEDS), line)
            else:
                hint = did_you_mean(axis, [*PLURALS, *Campaign.model_fields])
                hint = hint if hint.endswith("?") else f"{hint}."
                raise ConfigError(
                    f"axis '{axis}' ({line or 'axes'}) is not a campaign key{hint} "
                    f"To vary several keys under your own name, give each label as {{dotted.key: value}}"
                )

    def _line(self, axis: str, option: str | int) -> str:
        places = self._document.places if self._document is not None else {}
        return places.get(("axes", axis, option)) or places.get(("axes", axis)) or ""

    def campaign(self, options: Sequence[Option]) -> Document:
        """The campaign with these options; each key knows its line in the study's file."""
        document = self._base_document()
        lines = self._document.places if self._document is not None else {}
        for key, value in self.settings.items():
            put(document, key, deepcopy(value), lines.get(("settings", key), "settings"))
        chosen = [(key, value, option) for option in options for key, value in option.settings.items()]
        for key, value, option in sorted(chosen, key=lambda one: one[0].count(".")):  # whole parts before their keys
            put(document, key, deepcopy(value), option.line or f"option '{option.label}'")
        varied = {key for option in options for key in option.settings}
        for key, value in self.smoke.items() if self.is_smoke else ():
            if key not in varied:
                put(document, key, value, "smoke")
        document.data.setdefault("name", self.name)
        return document

    def _base_document(self) -> Document:
        known = self._document
        places: dict[Place, str] = {}
        if known is not None:
            places = {place[1:]: line for place, line in known.places.items() if place[0] == "base" and len(place) > 1}
        base = self.base if isinstance(self.base, dict) else read_document(self.base).data
        folder = known.folder if known is not None else None
        return Document(deepcopy(base), known.name if known is not None else f"study '{self.name}'", places, folder)


def _set(document: Document, setting: str) -> None:
    """Apply one `--set`: after `settings`, `smoke` or `axes`, the rest of the key is a dotted campaign key."""
    head, _, rest = setting.partition("=")[0].strip().partition(".")
    if head in Campaign.model_fields and head not in Study.model_fields and "=" in setting:
        raise ConfigError(f"--set {setting}: {head} is a campaign key; use --set settings.{setting.strip()}")
    if head not in _WITH_DOTTED_KEYS or not rest or "=" not in setting:
        override(document, [setting])
        return
    value = read_text(f"value: {setting.partition('=')[2]}", f"--set {setting}").data["value"]
    document.data.setdefault(head, {})[rest] = value
    document.places[(head, rest)] = f"--set {setting}"


def _take_in(document: Document, place: Place, other: Document) -> None:
    """Replace a file's name by its data; the keys keep the lines of that file."""
    node: Any = document.data
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = other.data
    document.places |= {(*place, *key): f"{line} of {other.name}" for key, line in other.places.items()}


def _axes_in(document: Document) -> dict[str, Any]:
    axes = document.data.get("axes")
    return dict(axes) if isinstance(axes, dict) else {}


def _beside(named: str, folder: Path) -> Document:
    """The YAML file of that name in the study's folder, or in the working folder."""
    beside = folder / named
    return read_document(beside if is_file(beside) else named)


def _check_keys(settings: Mapping[Any, Any], what: str, line: str) -> None:
    """Raise ConfigError for a key that YAML does not read as a string: `per_week: 7,500` is two keys."""
    odd = [key for key in settings if not isinstance(key, str)]
    if odd:
        key, place = odd[0], f" ({line})" if line else ""
        raise ConfigError(f"{what} has the key {key!r}, which is not a dotted campaign key{place}; correct or quote it")


def _labelled(options: Any) -> Any:
    """`{"genetic": ..., "thompson batch=2": ...}` for a list of parts; other options as they are. Raises ValueError."""
    if not isinstance(options, list | tuple) or not all(isinstance(option, Part) for option in options):
        return options
    labels = [_label_of({"kind": part.known_as, **_given(part)}) for part in options]
    if len(set(labels)) < len(labels):
        raise ValueError(f"two options are called '{max(labels, key=labels.count)}'; give them labels: {{label: part}}")
    return dict(zip(labels, options, strict=True))


def _given(part: Part) -> dict[str, Any]:
    """The fields of a part that differ from their defaults."""
    described, fields = part.describe(), type(part).model_fields
    return {
        name: described[name]
        for name, field in fields.items()
        if field.is_required() or getattr(part, name) != field.get_default(call_default_factory=True)
    }


def _label_of(value: Any) -> str:
    """The label of an option that has none: its value, or its kind with its other fields."""
    if not isinstance(value, dict):
        return str(value)
    name = value.get("kind") or value.get("preset") or value.get("name")
    rest = [f"{key}={field}" for key, field in value.items() if key not in ("kind", "preset", "name")]
    return " ".join([str(name), *rest] if name else rest)


def _first(options: dict[str, Any] | list[Any], n: int) -> dict[str, Any] | list[Any]:
    return dict(list(options.items())[:n]) if isinstance(options, dict) else options[:n]
