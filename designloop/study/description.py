"""A study is a campaign, and what of it varies: axes, instances of the landscape, seeds."""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, field_validator, model_validator

from designloop.campaign import Campaign
from designloop.core.config import Document, Place, build, override, put, read_document, read_text
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.files import is_file
from designloop.core.parts import Part
from designloop.study.editors import AxesSchema, BaseSchema

PLURALS = {"strategies": "strategy", "labs": "lab", "oracles": "oracle", "schedulers": "scheduler"}
"""Axes that vary a whole part of the campaign."""
UNITS = 20
"""Independent campaigns of each contestant where a study names no number: as many as a verdict needs."""
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
"""Keys of a study whose own keys are dotted ones."""


@dataclass(frozen=True, slots=True)
class Option:
    """One label of an axis, and what it sets in the campaign."""

    label: str
    settings: Mapping[str, Any]
    """Dotted key -> value."""
    needs: str | None = None
    """A file, or a folder, without which this option is left out."""
    line: str = ""
    """Where it stands: `line 14`."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What varies, under one name: its options, in order."""

    name: str
    options: tuple[Option, ...]


class LookAt(Part):
    """The number a study is judged by, fixed before one looks."""

    trace: Literal["true", "recommended", "common"] = Field(
        "recommended", description="best tested, what the strategy would name, or what the common recommender would"
    )
    axis: Literal["designs", "weeks", "cost"] = Field("designs", description="what is held equal")
    at: dict[Literal["designs", "weeks", "cost"], float] = Field(
        {}, description="where on an axis; left out: the furthest that all campaigns came to"
    )


class Decide(Part):
    """A choice to be made: the cheapest option that reaches the threshold in time and in budget, sure enough."""

    over: tuple[str, ...] = Field(min_length=1, description="the axes whose labels are the options")
    by_weeks: float = Field(gt=0, description="the date, in weeks")
    within_cost: float = Field(gt=0, description="the budget, in the lab's currency")
    probability: float = Field(0.8, gt=0, lt=1, description="how sure it must be, by the lower bound of its share")
    confirm: int = Field(100, ge=0, le=100_000, description="fresh campaigns on which the chosen option is run again")


class Study(Part):
    """Many campaigns side by side: every combination of the axes' options, for each instance and seed."""

    name: str = Field("study", min_length=1, description="what its folder is called")
    base: Annotated[dict[str, Any] | str, BaseSchema()] = Field(
        description="the campaign that is varied: its description, or its file"
    )
    settings: dict[str, Any] = Field({}, description="dotted keys of the base that are set for every cell")
    axes: Annotated[dict[str, dict[str, Any] | list[Any]], AxesSchema()] = Field(
        min_length=1,
        description="`strategies`, `labs`, `oracles` or `schedulers`: label -> part, or a list of parts; a dotted key: "
        "its values; any other name: label -> {dotted key: value}; or a file that holds one of these",
    )
    instances: int = Field(
        UNITS,
        ge=1,
        le=10_000,
        description="instances of each landscape that draws itself by a seed: the unit of every statement; left out: "
        f"{UNITS}, or 1 where `seeds` is given",
    )
    seeds: int = Field(
        1,
        ge=1,
        le=100_000,
        description="campaigns on each instance; a measured table has one instance, and instances x seeds campaigns; "
        f"left out: 1, or {UNITS} where `instances` is 1",
    )
    compare: str = Field(
        "strategies", description="the axis whose labels are compared; left out: the only one, or `strategies`"
    )
    landscape: str | None = Field(None, description="the axis of landscapes; left out: `oracles` or `landscapes`")
    floor: str | None = Field(None, description="the label that scores count from; left out: `random-viable`")
    threshold: float | dict[str, float] | None = Field(
        None, description="the true value a campaign is to reach; for each landscape by its label"
    )
    decide: Decide | None = Field(None, description="a choice to be made between options, and confirmed")
    look: LookAt = Field(LookAt(), description="the number that is tested")
    keep_events: bool = Field(False, description="keep each cell's run directory, to be opened with `report`")
    smoke: dict[str, Any] = Field(
        {"scheduler.max_rounds": 2, "budget.designs": 32}, description="dotted keys of a campaign that `--smoke` sets"
    )
    is_smoke: bool = Field(False, description="whether `smoke` is set, after all else; `--smoke` does it")
    question: str = Field("", description="what the study asks, in a sentence; the report begins with it")

    _document: Document | None = PrivateAttr(None)

    @model_validator(mode="before")
    @classmethod
    def _units_are_enough(cls, value: Any) -> Any:
        """What is left out of `instances` and `seeds` follows from the other, so that no study grows unasked."""
        if not isinstance(value, Mapping):
            return value
        if "seeds" in value and "instances" not in value:
            return {**value, "instances": 1}
        return {**value, "seeds": UNITS} if value.get("instances") == 1 and "seeds" not in value else value

    @field_validator("base", "settings", "axes", mode="before")
    @classmethod
    def _parts_are_described(cls, value: Any) -> Any:
        """A campaign, and parts of one, as plain data: from Python they come as they are."""
        if isinstance(value, Part):
            return value.describe()
        if isinstance(value, Mapping):
            return {key: cls._parts_are_described(one) for key, one in value.items()}
        return [cls._parts_are_described(one) for one in value] if isinstance(value, list | tuple) else value

    @field_validator("axes", mode="before")
    @classmethod
    def _listed_parts_have_labels(cls, axes: Any) -> Any:
        """A list of parts as label -> part: what each is called by the fields that it was given."""
        if not isinstance(axes, Mapping):
            return axes
        return {name: _labelled(options) for name, options in axes.items()}

    @model_validator(mode="before")
    @classmethod
    def _one_axis_is_compared(cls, value: Any) -> Any:
        """Where `compare` is left out: the only axis there is, or `strategies`."""
        axes = value.get("axes") if isinstance(value, Mapping) else None
        if not isinstance(axes, Mapping) or "compare" in value or not axes or "strategies" in axes:
            return value
        if len(axes) > 1:
            raise ValueError(
                f"`compare` is left out, and no axis is called 'strategies'; name one: {', '.join(map(str, axes))}"
            )
        return {**value, "compare": str(next(iter(axes)))}

    @field_validator("axes")
    @classmethod
    def _options_are_there(cls, axes: dict[str, Any]) -> dict[str, Any]:
        for name, options in axes.items():
            if not options:
                raise ValueError(f"axis '{name}' has no option; give it at least one")
            if name in _RESERVED:
                raise ValueError(f"an axis cannot be called '{name}': every cell has that already; name it otherwise")
        return axes

    @model_validator(mode="after")
    def _names_are_axes(self) -> Self:
        over = [("decide.over", axis) for axis in self.decide.over] if self.decide else []
        for field, named in [("compare", self.compare), ("landscape", self.landscape), *over]:
            if named is not None and named not in self.axes:
                raise ValueError(f"`{field}` names no axis: '{named}'{did_you_mean(named, self.axes)}")
        if self.decide and self.landscape_axis in self.decide.over:
            raise ValueError("`decide.over` names options that can be chosen, and a landscape cannot; leave it out")
        if self.decide and self.threshold is None:
            raise ValueError("a decision wants a `threshold` that is to be reached; give one")
        return self

    @classmethod
    def read(cls, path: str | Path, settings: Sequence[str] = ()) -> Self:
        """The study in a YAML file, `settings` laid over it. Raises ConfigError: key, line and mend."""
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
        """The axis of landscapes; None where there is one landscape."""
        return self.landscape or next((name for name in ("oracles", "landscapes") if name in self.axes), None)

    def smoked(self) -> Self:
        """A study of about a minute: one instance, one seed, two labels on each axis that is not compared."""
        kept = (self.compare, self.landscape_axis)
        axes = {name: options if name in kept else _first(options, 2) for name, options in self.axes.items()}
        study = self.with_(axes=axes, instances=1, seeds=1, is_smoke=True)
        study._document = self._document
        return study

    def resolved_axes(self) -> list[Axis]:
        """The axes with their options. Raises ConfigError for an axis or an option that says nothing."""
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
                    f"axis '{axis}' ({line or 'axes'}) is no key of a campaign{hint} "
                    f"To vary several keys under a name of your own, give each label as {{dotted.key: value}}"
                )

    def _line(self, axis: str, option: str | int) -> str:
        places = self._document.places if self._document is not None else {}
        return places.get(("axes", axis, option)) or places.get(("axes", axis)) or ""

    def campaign(self, options: Sequence[Option]) -> Document:
        """The campaign with these options, and the line of the study's file that each of its keys comes from."""
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
        return Document(deepcopy(base), known.name if known is not None else f"study '{self.name}'", places)


def _set(document: Document, setting: str) -> None:
    """Apply one `--set`: below `settings`, `smoke` and `axes` the rest of the key is a dotted key of the campaign."""
    head, _, rest = setting.partition("=")[0].strip().partition(".")
    if head in Campaign.model_fields and head not in Study.model_fields and "=" in setting:
        raise ConfigError(f"--set {setting}: {head} is a campaign's; for every cell, --set settings.{setting.strip()}")
    if head not in _WITH_DOTTED_KEYS or not rest or "=" not in setting:
        override(document, [setting])
        return
    value = read_text(f"value: {setting.partition('=')[2]}", f"--set {setting}").data["value"]
    document.data.setdefault(head, {})[rest] = value
    document.places[(head, rest)] = f"--set {setting}"


def _take_in(document: Document, place: Place, other: Document) -> None:
    """Put another file's data where its name stood; its keys keep the lines of their own file."""
    node: Any = document.data
    for key in place[:-1]:
        node = node[key]
    node[place[-1]] = other.data
    document.places |= {(*place, *key): f"{line} of {other.name}" for key, line in other.places.items()}


def _axes_in(document: Document) -> dict[str, Any]:
    axes = document.data.get("axes")
    return dict(axes) if isinstance(axes, dict) else {}


def _beside(named: str, folder: Path) -> Document:
    """The YAML file of that name beside the study, or from the working folder."""
    beside = folder / named
    return read_document(beside if is_file(beside) else named)


def _check_keys(settings: Mapping[Any, Any], what: str, line: str) -> None:
    """Raises ConfigError for a key that YAML read as something else than text: `per_week: 7,500` is two keys."""
    odd = [key for key in settings if not isinstance(key, str)]
    if odd:
        key, place = odd[0], f" ({line})" if line else ""
        raise ConfigError(f"{what} has the key {key!r}, which is no dotted key of a campaign{place}; mend or quote it")


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
    """What an option without a label is called: its value, or its kind with the fields that set it apart."""
    if not isinstance(value, dict):
        return str(value)
    name = value.get("kind") or value.get("preset") or value.get("name")
    rest = [f"{key}={field}" for key, field in value.items() if key not in ("kind", "preset", "name")]
    return " ".join([str(name), *rest] if name else rest)


def _first(options: dict[str, Any] | list[Any], n: int) -> dict[str, Any] | list[Any]:
    return dict(list(options.items())[:n]) if isinstance(options, dict) else options[:n]
