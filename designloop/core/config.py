"""Reads a description from YAML, and reports the line of each mistake."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from designloop.core.begun import Begun
from designloop.core.errors import DID_YOU_MEAN, ConfigError, did_you_mean
from designloop.core.files import is_file, near_files
from designloop.core.problems import expected_in, list_of

Place = tuple[str | int, ...]
M = TypeVar("M", bound=BaseModel)
_YAML = (".yaml", ".yml", ".json", "")
_PLACE = re.compile(r"[0-9]{1,9}")
_SHORT_FORMS: dict[Any, str] = {"lab": "preset", "noise": "preset"} | dict.fromkeys(
    ("corpus", "starts", "pool", "corpus_file"), "path"
)
"""Keys whose short form is the name of a preset or of a file, not the kind of a part."""


@dataclass(slots=True)
class Document:
    """The plain data of a YAML file, and the line of each key."""

    data: dict[str, Any]
    name: str = "the configuration"
    places: dict[Place, str] = field(default_factory=dict)
    folder: Path | None = None
    """The folder of the file."""


def read_document(path: str | Path) -> Document:
    """The document in a YAML 1.2 file. Raises ConfigError naming the file and the line."""
    file = Path(path)
    if not is_file(file) and file.is_dir():
        raise ConfigError(f"{file} is a folder; give the YAML file of a campaign (current folder: {Path.cwd()})")
    if not is_file(file):
        raise ConfigError(f"no configuration file {file}{near_files(file) or f' (current folder: {Path.cwd()})'}")
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{file}, line {line}: not UTF-8 text ({error.reason}); save the file as UTF-8") from error
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}; check its permissions") from error
    try:
        document = read_text(text, str(file))
    except ConfigError as error:
        if file.suffix.lower() in _YAML:
            raise
        inside = f", such as `oracle: {file}:NAME`" if file.suffix == ".py" else ""
        raise ConfigError(
            f"{file} is not a YAML file; give the YAML file of a campaign, which may name it{inside}"
        ) from error
    document.folder = file.parent
    return document


def read_text(text: str, name: str) -> Document:
    """The document in YAML text."""
    from designloop.core.yaml_text import plain_data

    tree, places = plain_data(text, name)
    if not isinstance(tree, dict):
        came = "nothing" if tree is None else "a list" if isinstance(tree, list) else _shown(tree)
        raise ConfigError(f"{name}: expected a mapping of keys to values, got {came}")
    return Document(tree, name, places)


def _shown(value: Any) -> str:
    """The value as Python writes it, cut to 60 characters: it may be a whole file."""
    text = repr(value)
    return text if len(text) < 60 else f"{text[:57]}..."


def override(document: Document, settings: Sequence[str]) -> None:
    """Apply settings of the form `a.b=value`; the value is read as YAML. Raises ConfigError for any other form."""
    for setting in settings:
        put(document, *setting_in(setting), f"--set {setting}")


def setting_in(setting: str) -> tuple[str, Any]:
    """(dotted key, value) of `a.b=value`. Raises ConfigError for any other form."""
    if not setting.isascii() and setting.encode(errors="replace").decode() != setting:
        raise ConfigError(f"--set {setting!a}: not UTF-8 text; encode it as UTF-8")
    key, equals, text = setting.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f"--set {setting}: expected key=value, as in --set {key.strip() or 'budget.designs'}=480")
    try:
        return key.strip(), read_text(f"value: {text}", f"--set {setting}").data["value"]
    except ConfigError as error:
        raise ConfigError(f"{error}{_quoting(text)}") from error


def _quoting(text: str) -> str:
    """The fix for text that YAML reads as a list or a mapping; empty for other text."""
    is_list_or_mapping = text.lstrip().startswith(("[", "{"))
    return "; quote text that begins with [ or {, as in '[A]'" if is_list_or_mapping else ""


def put(document: Document, key: str, value: Any, source: str) -> None:
    """Set one dotted key, such as `budget.designs`. `source` says where it comes from: `--set ...`, or `line 14`.

    A short form on the way is expanded: `strategy: random` becomes a mapping with that kind. A missing mapping is
    created, and changes the default. Raises ConfigError.
    """
    keys: list[str | int] = [int(word) if _PLACE.fullmatch(word) else word for word in key.split(".")]
    node: Any = document.data
    for depth, word in enumerate(keys[:-1], start=1):
        step = keys[depth - 1] = _index_of(word, node, f"{source}: {'.'.join(map(str, keys[: depth - 1]))}")
        if isinstance(node, dict):
            child = node.get(step)
            if isinstance(child, str):
                child = node[step] = {_SHORT_FORMS.get(step, "kind"): child}
            elif child is None:
                child = node[step] = Begun()
            node = child
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            node = node[step]
        else:
            raise ConfigError(f"{source}: {'.'.join(map(str, keys[:depth]))} has no keys below it")
    last: Any = _index_of(keys[-1], node, f"{source}: {'.'.join(map(str, keys[:-1]))}")
    if isinstance(node, dict) or (isinstance(node, list) and isinstance(last, int) and last < len(node)):
        is_named = last != keys[-1]  # a stage that is named is changed, as in a preset; one with an index is replaced
        node[last] = {**node[last], **value} if is_named and isinstance(value, dict) else value
    else:
        raise ConfigError(f"{source}: {'.'.join(map(str, keys[:-1]))} has no keys below it")
    keys[-1] = last
    below = [place for place in document.places if place[: len(keys)] == tuple(keys) and len(place) > len(keys)]
    for place in below if not isinstance(value, dict) or not is_named else ():
        del document.places[place]  # it had another value
    for depth in range(1, len(keys) + 1):
        document.places.setdefault(tuple(keys[:depth]), source)
    document.places[tuple(keys)] = source


def _index_of(word: str | int, node: Any, where: str) -> str | int:
    """The index of the item that is called `word`, in a list of mappings with names (the stages of a lab); else `word`.

    Raises ConfigError if the items have names, and none is called so.
    """
    if not isinstance(node, list) or isinstance(word, int):
        return word
    names = [item["name"] for item in node if isinstance(item, dict) and isinstance(item.get("name"), str)]
    if not names or len(names) < len(node):
        return word
    if word not in names:
        raise ConfigError(f"{where} has no '{word}'{did_you_mean(word, names)}")
    return names.index(word)


def build(model: type[M], document: Document) -> M:
    """The model that a document describes. Raises ConfigError: one line for each mistake, with key, line and fix."""
    try:
        return model.model_validate(document.data, context={"folder": document.folder})
    except ValidationError as error:
        problems = error.errors(include_url=False)
        lines = [_sentence(problem, document) for problem in problems if not _follows(problem, problems)]
        raise ConfigError("\n".join(dict.fromkeys(lines))) from error
    except UnicodeEncodeError as error:
        raise ConfigError(f"{document.name}: {error.object!a} contains an incomplete character; correct it") from error


def _follows(problem: Any, problems: Sequence[Any]) -> bool:
    """Whether a list is too short only because something in it is wrong."""
    place = problem["loc"]
    return problem["type"] == "too_short" and any(
        len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in problems
    )


def changed(part: M, changes: Mapping[str, Any], name: str = "the extension") -> M:
    """The part with these fields replaced; `changes` is plain data. Raises ConfigError."""
    fields = {field: getattr(part, field) for field in type(part).model_fields}
    return build(type(part), Document({**fields, **changes}, name))


def _sentence(problem: Any, document: Document) -> str:
    place: Place = tuple(problem["loc"])
    if problem["type"] in ("unknown_key", "no_number"):
        place = (*place, problem["ctx"]["key"])
    message = expected_in(problem)
    if place == ("seed",) and DID_YOU_MEAN + "'seeds'" not in message:
        message = "unknown key 'seed'; the seed is an option of the command, as in --seed 3"
    elif problem["type"] == "missing":
        message = "this key is required"
    elif problem["type"] not in (
        "unknown_key",
        "no_number",
        "unknown_part",
        "value_error",
        "no_part",
        "part_type",
        "no_attribute",
        "no_name",
        "to_define",
        "ambiguous",
        "broken_package",
    ) and not callable(problem["input"]):
        came = repr(problem["input"])
        said, mark, hint = _before(message, DID_YOU_MEAN, "; known: ")
        message = f"{said}, got {_shown(problem['input'])}{mark}{hint}"
        message += "; write null for none" if str(problem["input"]).strip().lower() == "none" else ""
        message += _quoting(came) if problem["type"] == "string_type" else ""
        message += list_of(problem["input"]) if problem["type"] in ("list_type", "tuple_type") else ""
    said, question, near = message.partition(DID_YOU_MEAN)
    return f"{said} ({_where(place, document)}){question}{near}"


def _before(message: str, *marks: str) -> tuple[str, str, str]:
    """The message before the first of the marks that it contains, the mark, and what follows it."""
    mark = next((mark for mark in marks if mark in message), marks[-1])
    return message.partition(mark)


def _where(place: Place, document: Document) -> str:
    """`strategy.acquisition.kind, line 14 of campaign.yaml`: the key, and its line or that of the key above."""
    known = place
    while known and known not in document.places:
        known = known[:-1]
    dotted = ".".join(str(key) for key in place)
    if not dotted:
        return document.name + _set_below(place, document)
    line = document.places.get(known)
    if line is not None and line.startswith("--set"):
        return f"{dotted}, from {line}"
    if line is not None and " of " in line:  # included from another file
        return f"{dotted}, {line}"
    where = f"{dotted}, {line} of {document.name}" if line else f"{dotted}, {document.name}"
    return where + _set_below(place, document)


def _set_below(place: Place, document: Document) -> str:
    """` and --set a.b=1`: the settings of the command line below a key, which may have caused the mistake."""
    below = (line for known, line in document.places.items() if known[: len(place)] == place)
    return "".join(f" and {line}" for line in dict.fromkeys(below) if line.startswith("--set"))


def to_yaml(data: Any) -> str:
    """Plain data as YAML, with keys in their order. It reads back to the same data."""
    from io import StringIO

    from ruamel.yaml import YAML

    writer = YAML(typ="safe", pure=True)
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # an attribute without a stub
    writer.width = 110
    out = StringIO()
    writer.dump(data, out)
    return out.getvalue()
