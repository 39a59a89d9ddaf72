"""Puzzles of Eterna100: target structures by number, from the table of Eterna's benchmark.

The table is `data/eterna100_puzzles.tsv` of github.com/eternagame/eterna100-benchmarking (MIT licence), which is not
part of this package. Anderson-Lee et al. 2016, J. Mol. Biol. 428, 748; Koodli et al. 2021 for version 2.
"""

from dataclasses import dataclass

from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.readers.tables import read_table


@dataclass(frozen=True, slots=True)
class Puzzle:
    """A target structure, and sequences that fold into it according to the table."""

    name: str
    structure: str
    solutions: tuple[str, ...]
    place: str
    """`file, line 3`."""


def read_puzzle(path: str, number: int, version: int) -> Puzzle:
    """The puzzle with this number. Raises InputError if the table has none, or other columns."""
    table = read_table(path)
    numbers = [text.strip() for text in table.texts("Puzzle #")]
    if str(number) not in numbers:
        raise InputError(
            f"{table.file} has no puzzle {number} in column 'Puzzle #', but {many(len(numbers), 'puzzle')}, "
            f"{numbers[0] if numbers else 'none'} to {numbers[-1] if numbers else 'none'}; correct `puzzle`"
        )
    row = numbers.index(str(number))
    solutions = (table.texts(f"Sample Solution (V{version}/Vienna{engine})")[row].strip() for engine in (2, 1))
    return Puzzle(
        name=table.texts("Puzzle Name")[row].strip(),
        structure=table.texts(f"Secondary Structure V{version}")[row].strip(),
        solutions=tuple(one for one in solutions if set(one) and set(one) <= set("ACGU")),
        place=f"{table.file}, {table.place(row)}",
    )
