"""`designloop score`: log-likelihoods of sequences under a language model."""

from dataclasses import dataclass
from json import dumps
from math import log
from pathlib import Path
from typing import Any

from rich.table import Table

from designloop.cli.shared.messages import print_remarks
from designloop.cli.shared.opened_models import KINDS, Told, opened, read_for, said_likelihood
from designloop.cli.shared.sequence_groups import alphabet_of, policy_of
from designloop.cli.shared.terminal_tables import console, table_of, to_the_right
from designloop.core.counting import many
from designloop.core.readers.sequences import Entry

_BIT = log(2)
_GIVEN = {"causal": "the letters before it", "masked": "six of seven letters", "any-order": "every second letter"}


@dataclass(frozen=True, slots=True)
class Ask:
    """What to score, and how to read it."""

    model: Path
    sequences: Path
    column: str | None
    told: Told
    ambiguous: str = "error"


def score_sequences(ask: Ask, *, by_letter: bool, json: bool) -> None:
    """Print the log-likelihood of each sequence of a file, in total and per letter, in nats and bits."""
    each = opened(ask.model, ask.told, lambda: alphabet_of(ask.told.alphabet, [(ask.sequences, ask.column)]))
    is_foreign = each.is_of_transformers
    reading = read_for(each, ask.sequences, ask.column, policy_of(ask.ambiguous))
    print_remarks(reading.remarks)
    entries, sequences = reading.entries, reading.sequences
    found = each.log_likelihood(sequences)
    rows = [_row(entry, nats) for entry, nats in zip(entries, found, strict=True)]
    if by_letter:
        for row, sequence, letters in zip(rows, sequences, each.model.letter_log_likelihoods(sequences), strict=True):
            row["letters"] = [[letter, float(nats)] for letter, nats in zip(sequence, letters, strict=False)]
    n_letters = sum(map(len, sequences))
    whole = {"n": len(sequences), "n_letters": n_letters, "nats_per_letter": float(found.sum() / n_letters)}
    objective = each.model.objective
    if json:
        likelihood = f"{said_likelihood(each.model)}, given the length" if is_foreign else KINDS[objective]
        head = {"model": str(each.path), "objective": objective, "likelihood": likelihood, **whole}
        print(dumps({**head, "sequences": rows}))
        return
    length = "given the length" if is_foreign else "including the length"
    out = console()
    out.print(f"model {each.name} ({objective}); likelihood {length}: {said_likelihood(each.model)}", soft_wrap=True)
    _print(objective, whole, rows)


def _row(entry: Entry, nats: float) -> dict[str, Any]:
    n = len(entry.sequence)
    its = {"name": entry.name, "place": entry.place, "n_letters": n, "log_likelihood": float(nats)}
    return {**its, "nats_per_letter": float(nats / n), "bits_per_letter": float(nats / n / _BIT)}


def _print(objective: str, whole: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    out = console()
    table = to_the_right(
        table_of("Log-likelihoods", "record", "letters", "log-likelihood", "nats/letter", "bits/letter")
    )
    for number, row in enumerate(rows, start=1):
        nats = f"{row['log_likelihood']:.2f}"
        table.add_row(f"{number} {row['name']}".rstrip(), str(row["n_letters"]), nats, *_each(row))
    out.print("", table, sep="\n")
    if len(rows) > 1:
        nats, bits = _each({**whole, "bits_per_letter": whole["nats_per_letter"] / _BIT})
        out.print(f"all {many(whole['n_letters'], 'letter')}: {nats} nats, {bits} bits per letter", soft_wrap=True)
    if "letters" in rows[0]:
        out.print("", _by_letter(rows, _GIVEN[objective]), sep="\n")


def _each(told: dict[str, Any]) -> tuple[str, str]:
    return f"{told['nats_per_letter']:.4f}", f"{told['bits_per_letter']:.4f}"


def _by_letter(rows: list[dict[str, Any]], given: str) -> Table:
    table = to_the_right(
        table_of(f"Log-likelihood of each letter, given {given}", "record", "position", "letter", "nats")
    )
    for number, row in enumerate(rows, start=1):
        for position, (letter, nats) in enumerate(row["letters"], start=1):
            table.add_row(f"{number} {row['name']}".rstrip(), str(position), letter, f"{nats:.3f}")
    return table
