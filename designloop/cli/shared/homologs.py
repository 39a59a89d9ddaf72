"""The homology search of `designloop inspect`: homologs in a database, and membership of a family."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from designloop.cli.shared.sequence_groups import Ask, Group, policy_of
from designloop.cli.shared.terminal_tables import table_of
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.sequences import Reading, read_cleaned
from designloop.inspection.homology import FEWEST_LETTERS, Homolog, Membership, check_search, homologs, members


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found for each sequence of a group."""

    group: Group
    ask: Ask
    homologs: list[list[Homolog]] | None
    """None without a database."""
    family: Reading | None
    members: list[Membership | None]

    def tables(self) -> Iterator[Table]:
        """The homologs and the membership of the first sequences."""
        if self.homologs is not None:
            yield self._homologs(self.homologs)
        if self.family is not None:
            yield self._members(self.family)

    def remarks(self) -> Iterator[str]:
        """What was built, and sequences that are too short for a search."""
        most, n = f"an E-value of {self.ask.e_value:g} or less", f"{len(self.group.entries):,} sequences"
        if self.homologs is not None:
            yield f"{sum(map(bool, self.homologs)):,} of {n} have homologs with {most}"
        if self.family is not None:
            yield from self.family.remarks
            n_members = sum(each is not None and each.e_value <= self.ask.e_value for each in self.members)
            yield f"{n_members:,} of {n} fit the family of {self.family.file.name} with {most}"
        n_short = sum(len(sequence) < FEWEST_LETTERS for sequence in self.group.sequences)
        if n_short and self.homologs is not None:
            yield (
                f"{n_short:,} of {n} have fewer than {FEWEST_LETTERS} letters: HMMER "
                "finds few or no homologs of so short ones"
            )

    def as_dict(self) -> dict[str, Any]:
        """The answers for JSON, with a key for each kind that was asked for."""
        told: dict[str, Any] = {}
        if self.homologs is not None:
            told["homologs"] = [[asdict(hit) for hit in hits] for hits in self.homologs]
        if self.family is not None:
            told["family"] = {"file": str(self.family.file), "rows": len(self.family.columns)}
            told["members"] = [None if each is None else asdict(each) for each in self.members]
        return told

    def _homologs(self, found: list[list[Homolog]]) -> Table:
        table = table_of(
            f"Homologs in {Path(str(self.ask.search)).name}",
            "record",
            "homologs",
            "best",
            "E-value",
            "bits",
            "identity",
            "positions",
        )
        for row, hits in list(enumerate(found))[: self.ask.top]:
            cells = _best(hits[0]) if hits else ("none", "", "", "", "")
            table.add_row(self.group.named(row), f"{len(hits):,}", *cells)
        return table

    def _members(self, family: Reading) -> Table:
        table = table_of(f"Family of {family.file.name}", "record", "E-value", "bits")
        for row, each in list(enumerate(self.members))[: self.ask.top]:
            table.add_row(self.group.named(row), *(("none", "") if each is None else _fit(each)))
        return table


def _best(hit: Homolog) -> tuple[str, ...]:
    span = f"{hit.query[0]}-{hit.query[1]} on {hit.target[0]}-{hit.target[1]}"
    return hit.name, f"{hit.e_value:.2g}", f"{hit.score:.1f}", f"{hit.identity:.1%}", span


def _fit(each: Membership) -> tuple[str, str]:
    return f"{each.e_value:.2g}", f"{each.score:.1f}"


def searched(ask: Ask, group: Group) -> Searched:
    """The homologs and memberships that were asked for. Raises ConfigError without pyhmmer."""
    if ask.search is None and ask.profile is None:
        return Searched(group, ask, None, None, [])
    check_search(group.alphabet)
    family = None if ask.profile is None else _family(ask, group)
    found = None
    if ask.search is not None:
        found = homologs(group.sequences, ask.search, group.alphabet, most=ask.e_value)
    fit = [] if family is None else members(group.sequences, family.columns, group.alphabet)
    return Searched(group, ask, found, family, fit)


def _family(ask: Ask, group: Group) -> Reading:
    reading = read_cleaned(str(ask.profile), group.alphabet, ambiguous=policy_of(ask.ambiguous))
    if reading.columns:
        return reading
    if len(reading.entries) > 1 and len(set(map(len, reading.sequences))) == 1:  # aligned without gaps
        return replace(reading, columns=tuple(reading.sequences))
    raise InputError(
        f"{ask.profile}: expected an alignment of at least two rows (Stockholm, Clustal, A2M, A3M, or FASTA whose rows "
        f"have one length), got {many(len(reading.entries), 'sequence')} of different lengths; align them first"
    )
