"""The reference of the manual as Markdown: all keys of a campaign and a study, all parts, all commands."""

import re
from collections.abc import Callable, Iterable, Iterator
from inspect import Parameter, cleandoc, signature
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from typer import Typer
from typer.models import ArgumentInfo, CommandInfo

from designloop.cli.parts import DESCRIPTIONS, about, lab_presets
from designloop.cli.shared.fields import Group, groups_of
from designloop.core.errors import InputError, did_you_mean
from designloop.core.kinds import short_names
from designloop.core.parts import Part, find
from designloop.core.shelves import SHELVES


def markdown(section: str | None = None) -> str:
    """One section of the reference, or all of it. Section titles are headings of the second level.

    The text is generated from the descriptions and the commands. Raises InputError for an unknown section.
    """
    if section is not None and section not in SECTIONS:
        raise InputError(f"unknown section '{section}'{did_you_mean(section, SECTIONS)}")
    chosen = SECTIONS if section is None else (section,)
    return "\n".join(line for name in chosen for line in SECTIONS[name]())


def _campaign() -> Iterator[str]:
    yield from _titled(
        "Keys of a campaign", "The keys that `designloop run` reads. `--set` changes one by its dotted name."
    )
    yield from _description("campaign")


def _live() -> Iterator[str]:
    yield from _titled(
        "Keys of a live campaign",
        "The keys that `designloop live init` reads are those of a campaign, but for these. Without an `oracle`, "
        "`space` has an `alphabet` too.",
    )
    for group in groups_of(DESCRIPTIONS["live"]()):
        if group.key.partition(".")[0] == "lab":
            yield from _group(group, "###", f"`{group.key}` of a live campaign")


def _study() -> Iterator[str]:
    yield from _titled("Keys of a study", "The keys that `designloop study` reads.")
    yield from _description("study")


def _description(name: str) -> Iterator[str]:
    for group in groups_of(DESCRIPTIONS[name]()):
        yield from _group(group, "###", f"`{group.key}`" if group.key else f"The {name}")


def _group(group: Group, level: str, title: str) -> Iterator[str]:
    yield from (f"{level} {title}", "")
    if group.about:
        yield from (group.about, "")
    if group.fields:
        rows = [(f"`{group.dotted(one)}`", one.type, one.default, one.meaning) for one in group.fields]
        yield from _table(("key", "type", "default", "meaning"), rows)


def _parts() -> Iterator[str]:
    yield from _titled("Parts", "Name a part by its kind, or by a mapping of its `kind` and the keys below.")
    for shelf in SHELVES:
        for kind in short_names(shelf):
            yield from _part(shelf, kind)
    yield from ("### lab: presets", "")
    yield from _table(("preset", "description"), [(f"`{name}`", text) for name, text in lab_presets()])


def _part(shelf: str, kind: str) -> Iterator[str]:
    part = find(shelf, kind)
    yield from (f"### {shelf}: `{kind}`", "", *about(part, kind).splitlines(), "")
    for group in groups_of(part) if isinstance(part, type) and issubclass(part, Part) else ():
        if group.key:
            yield from _group(group, "####", f"`{group.key}` of `{kind}`")
        elif group.fields:
            rows = [(f"`{one.name}`", one.type, one.default, one.meaning) for one in group.fields]
            yield from _table(("key", "type", "default", "meaning"), rows)


def _commands() -> Iterator[str]:
    from designloop.cli.main import app

    yield from _titled("Commands", str(app.info.help))
    for name, command in _each_command(app):
        assert command.callback is not None
        rows = list(_options(command.callback))
        arguments = [name for name, is_argument, *_ in rows if is_argument]
        yield from (
            f"### `{' '.join(['designloop', name, *arguments, '[OPTIONS]'])}`",
            "",
        )
        yield from (" ".join(cleandoc(command.callback.__doc__ or "").split()), "")
        each = [(f"`{name}`", *rest) for name, _, *rest in rows]
        yield from _table(("option", "type", "default", "meaning"), each) if each else ()


def _each_command(app: Typer) -> Iterator[tuple[str, CommandInfo]]:
    """(name, command) of each, with those of groups (`oracle check`) after the others."""
    yield from ((str(one.name or getattr(one.callback, "__name__", "")), one) for one in app.registered_commands)
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from ((f"{group.name} {name}", one) for name, one in _each_command(group.typer_instance))


def _options(command: Callable[..., Any]) -> Iterator[tuple[str, bool, str, str, str]]:
    """(name, whether it is an argument, what it takes, default, meaning) of each, from the command's own signature."""
    hints = get_type_hints(command, include_extras=True)
    for name, parameter in signature(command).parameters.items():
        kind, told = get_args(hints[name])
        is_argument = isinstance(told, ArgumentInfo)
        declared = [text for text in (told.default, *(told.param_decls or ())) if isinstance(text, str)]
        shown = told.metavar or name.upper() if is_argument else ", ".join(declared or [f"--{name.replace('_', '-')}"])
        yield shown, is_argument, _taken(kind, told), _default_of(parameter), told.help or ""


def _default_of(parameter: Parameter) -> str:
    if parameter.default is Parameter.empty:
        return "required"
    return "" if parameter.default is None or parameter.default is False else str(parameter.default)


def _taken(kind: Any, told: Any) -> str:
    """`whole number >= 0`; empty for a switch."""
    types = {kind, *get_args(kind)}
    types |= {inner for one in types if get_origin(one) is list for inner in get_args(one)}
    word = next((word for one, word in _TAKEN.items() if one in types), "text")
    if told.min is None:
        return word
    return f"{word} >= {told.min:g}" if told.max is None else f"{word} from {told.min:g} to {told.max:g}"


_TAKEN = {bool: "", int: "whole number", float: "number", Path: "path"}


SECTIONS: dict[str, Callable[[], Iterable[str]]] = {
    "campaign": _campaign,
    "live": _live,
    "study": _study,
    "parts": _parts,
    "commands": _commands,
}
"""Name -> lines."""


def _titled(title: str, text: str) -> Iterator[str]:
    yield from (f"## {title}", "", text, "")


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    yield from (_row(columns), _row("---" for _ in columns))
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(_IN_CELL.sub(_escaped, ' '.join(cell.split())) for cell in cells)} |"


_IN_CELL = re.compile(r"\||(`[^`]*`)|<")


def _escaped(found: re.Match[str]) -> str:
    """Escapes a character that would end a cell or begin a tag."""
    return {"|": "\\|", "<": "&lt;"}.get(found[0]) or found[0].replace("|", "\\|")


def page() -> str:
    """The whole page: `python -m designloop.cli.reference > designloop/guide/reference.md` writes it."""
    about = "All keys, parts and commands. This page is generated from the code."
    return f"# Reference\n\n{about} `designloop parts` prints keys and parts in the terminal.\n\n{markdown()}\n"


if __name__ == "__main__":
    print(page(), end="")
