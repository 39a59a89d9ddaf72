"""A plan lists the cells of a study: the campaign of each cell, and its key."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from itertools import islice, product
from json import dumps, loads
from pathlib import Path
from typing import Any

from designloop.campaign import Campaign
from designloop.core.config import build
from designloop.core.contents import digest, place_named
from designloop.core.counting import many
from designloop.core.errors import ConfigError, did_you_mean
from designloop.core.files import expanded
from designloop.core.own_code import code_named, programs_in
from designloop.core.sources import texts, without_idle
from designloop.study.description import Axis, Option, Study

_AFTERWARDS = (
    "study",
    "report",
    "progress",
    "cli",
    "inspection",
    "guide",
    "testing",
    "live",
    "hindsight",
    "rehearsal",
    "trial_runs",
)
"""Rooms that read campaigns without changing them: a change in the report runs no cell again."""
_RECORDING = ("study/cell.py",)
_MOST_SCREENED = 1000


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One campaign of a study, with its labels."""

    key: str
    labels: Mapping[str, str]
    instance: int
    seed: int
    config: str
    """The campaign's resolved description, as JSON."""
    scale: str = "linear"
    """The scale of the landscape's values."""
    is_drawn: bool = False
    """Whether its landscape is generated from a seed, so that it is one of several instances."""

    def __str__(self) -> str:
        return ", ".join(f"{axis} {label}" for axis, label in self.labels.items()) + f", seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Plan:
    """All cells of a study; cells of one landscape and instance are next to each other."""

    study: Study
    axes: Mapping[str, tuple[str, ...]]
    cells: tuple[PlannedCell, ...]
    left_out: tuple[str, ...]
    """The options that were left out because a file that they need is missing."""
    scales: Mapping[str, str]
    """Landscape's label -> the scale of its values, linear or log."""

    def __str__(self) -> str:
        """`strategies (3) × landscapes (2) × instances (20) = 120 cells`."""
        study, are_drawn = self.study, {cell.is_drawn for cell in self.cells}
        seeds = [f"seeds ({study.seeds})"] if study.seeds > 1 else []
        units = (
            [f"instances ({study.instances})", *seeds]
            if True in are_drawn
            else [f"seeds ({study.instances * study.seeds})"]
        )
        mixed = "; a measured table has seeds instead of instances" if len(are_drawn) > 1 else ""
        axes = [f"{name} ({len(labels)})" for name, labels in self.axes.items()]
        return f"{' × '.join([*axes, *units])} = {many(len(self.cells), 'cell')}{mixed}"


def plan_of(study: Study) -> Plan:
    """The plan of a study. Raises ConfigError if a cell is not a valid campaign, or two cells are the same campaign."""
    _files_in.cache_clear()
    resolved = study.resolved_axes()
    _check_names(study, resolved)
    axes, left_out = _available(resolved)
    every = range(study.instances * study.seeds)
    combinations = product(*(axis.options for axis in axes))
    cells = [cell for options in combinations for cell in _cells(study, axes, options, every)]
    _check_keys(cells)
    order = {axis.name: {option.label: i for i, option in enumerate(axis.options)} for axis in axes}

    def near(cell: PlannedCell) -> tuple[Any, ...]:
        landscape = cell.labels.get(study.landscape_axis or "", "")
        return order.get(study.landscape_axis or "", {}).get(landscape, 0), cell.instance, cell.seed

    names = {axis.name: tuple(option.label for option in axis.options) for axis in axes}
    scales = {cell.labels.get(study.landscape_axis or "", ""): cell.scale for cell in cells}
    return Plan(study, names, tuple(sorted(cells, key=near)), tuple(left_out), scales)


def _check_names(study: Study, axes: list[Axis]) -> None:
    """Labels that the study names must be on their axis."""
    known = {axis.name: [option.label for option in axis.options] for axis in axes}
    thresholds = study.threshold if isinstance(study.threshold, dict) else {}
    spoken = [("threshold", label, study.landscape_axis or "") for label in thresholds]
    if study.floor is not None:
        spoken.append(("floor", study.floor, study.compare))
    for field, label, axis in spoken:
        if label not in known.get(axis, ()):
            hint = did_you_mean(label, known.get(axis, ()))
            raise ConfigError(f"`{field}` names '{label}', which is not a label of axis '{axis}'{hint}")


def _available(axes: list[Axis]) -> tuple[list[Axis], list[str]]:
    kept, left_out = [], []
    for axis in axes:
        missing = [option for option in axis.options if option.needs and not _is_there(option.needs)]
        left_out += [f"{axis.name}: {option.label} (no file {option.needs})" for option in missing]
        options = tuple(option for option in axis.options if option not in missing)
        if not options:
            raise ConfigError(f"axis '{axis.name}' has no available option; {left_out[-1]}")
        _check_labels(axis)
        kept.append(Axis(axis.name, options))
    return kept, left_out


def _is_there(path: str) -> bool:
    return expanded(path).exists()


def _check_labels(axis: Axis) -> None:
    labels = [option.label for option in axis.options]
    twice = next((label for label in labels if labels.count(label) > 1), None)
    if twice is not None:
        raise ConfigError(f"axis '{axis.name}' has two options called '{twice}'; give each its own label")


def fresh_cells(study: Study, labels: Mapping[str, str], n: int) -> list[PlannedCell]:
    """The n cells after those of the plan, for one combination of labels: fresh instances and seeds."""
    axes, _ = _available(study.resolved_axes())
    options = tuple(option for axis in axes for option in axis.options if option.label == labels[axis.name])
    planned = study.instances * study.seeds
    return list(_cells(study, axes, options, range(planned, planned + n)))


def _cells(study: Study, axes: list[Axis], options: tuple[Option, ...], ordinals: range) -> Iterator[PlannedCell]:
    """The cells of one combination of options; a cell's ordinal is its campaign's seed, and gives its instance."""
    labels = {axis.name: option.label for axis, option in zip(axes, options, strict=True)}
    campaign = _campaign(study, labels, options)
    described = campaign.describe()
    oracle: Any = campaign.oracle
    for ordinal in ordinals:
        instance, config, is_drawn = 0, described, oracle.drawn(0) is not None
        if is_drawn:
            instance = _instances(oracle, -(-ordinals.stop // study.seeds))[ordinal // study.seeds]
            config = {**described, "oracle": oracle.drawn(instance).describe()}
        text = dumps(config, sort_keys=True)
        yield PlannedCell(_key(text, ordinal), labels, instance, ordinal, text, campaign.oracle.scale, is_drawn)


def _campaign(study: Study, labels: Mapping[str, str], options: tuple[Option, ...]) -> Campaign:
    document = study.campaign(options)
    for option in options:
        if "strategy" in option.settings:  # so that copies of a strategy are independent and have different names
            document.data["label"] = option.label
    try:
        return build(Campaign, document)
    except ConfigError as error:
        here = ", ".join(f"{axis} {label}" for axis, label in labels.items())
        raise ConfigError(f"{error}\n(in the cells of {here})") from error


@lru_cache(maxsize=256)
def _instances(oracle: Any, n: int) -> tuple[int, ...]:
    """The first n seeds, starting with the described one, whose instance is not degenerate."""
    first = oracle.first_seed
    seeds = range(first, first + _MOST_SCREENED)
    usable = (seed for seed in seeds if not getattr(oracle.drawn(seed), "is_degenerate", False))
    found = tuple(islice(usable, n))
    if len(found) < n:
        few = f"oracle '{oracle.kind}': only {len(found)} of {_MOST_SCREENED} instances are usable, but {n} are needed"
        raise ConfigError(f"{few}; set `instances: {len(found)}`, or choose a larger landscape" if found else few)
    return found


def _key(config: str, seed: int) -> str:
    """Hash of the resolved campaign with its label, the seed, the files it reads, and the package's source."""
    described = dumps(without_idle(loads(config)), sort_keys=True)
    facts = [described, seed, [digest(Path(name)) for name in _files(config)], source_hash()]
    return sha256(dumps(facts).encode()).hexdigest()


def _files(config: str) -> tuple[str, ...]:
    """Every file and folder that a description names: data, models, programs, and own parts with their imports."""
    named = dict(texts(loads(config)))
    programs = programs_in(named)
    files = {name for key, text in named.items() if key not in programs for name in _files_in(text)}
    return tuple(sorted(files.union(*(map(str, found) for found in programs.values()))))


@cache
def _files_in(text: str) -> tuple[str, ...]:
    """The file or folder that a text names by its path; or the code of the part that it names."""
    place = place_named(text)
    return tuple(map(str, code_named(text) if place is None else (place,)))


@cache
def source_hash() -> str:
    """Hash over the package's source, without the rooms that only read results."""
    root = Path(__file__).parents[1]
    digest = sha256()
    for file in sorted(path for ending in ("*.py", "*.yaml") for path in root.rglob(ending)):
        place = file.relative_to(root)
        if place.parts[0] not in _AFTERWARDS or place.as_posix() in _RECORDING:
            digest.update(f"{place.as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _check_keys(cells: list[PlannedCell]) -> None:
    first: dict[str, PlannedCell] = {}
    for cell in cells:
        other = first.setdefault(cell.key, cell)
        if other is not cell:
            raise ConfigError(
                f"two cells are the same campaign: {other} and {cell}; "
                "give their options different settings, or remove one (copies of a strategy differ by their label)"
            )
