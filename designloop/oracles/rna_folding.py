"""RNA folding: how well a sequence folds into a target structure, or how stable its fold is, by ViennaRNA."""

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from designloop.core.alphabet import RNA
from designloop.core.counting import many
from designloop.core.errors import InputError
from designloop.core.files import FilePath
from designloop.core.spaces import Space
from designloop.oracles.base import Oracle
from designloop.oracles.eterna import Puzzle, read_puzzle
from designloop.oracles.structures import can_pair, check_structure, pairs_of
from designloop.oracles.vienna import Model, model, version

_LONGEST = 2000
_LETTERS = frozenset(RNA.letters)
Measure = Literal["ensemble-defect", "probability", "distance", "free-energy"]


class RnaFolding(Oracle):
    """RNA that folds into a target structure, by ViennaRNA's thermodynamic model (extra `rna`).

    Values by `measure`, always maximised, in 0..1 except the last:

    - `ensemble-defect`: 1 - the normalised ensemble defect: the expected share of letters that pair as in the target.
    - `probability`: the share of the target in the ensemble; 0 where its pairs cannot form.
    - `distance`: 1 - d / length, where d pairs differ between the target and the structure of minimum free energy.
    - `free-energy`: the stability of the fold, -minimum free energy, in kcal/mol. It needs no target.

    The model is Turner 2004, at `temperature`, without pseudoknots. The target is dot-bracket text, or a puzzle of
    Eterna100 by number. ViennaRNA's licence permits research, educational and commercial use; it may not be
    redistributed for a fee, and its authors ask to be contacted before it becomes part of a commercial product.
    Lorenz et al. 2011, Algorithms Mol. Biol. 6, 26; Zadeh et al. 2011, J. Comput. Chem. 32, 439.
    """

    floor: ClassVar[float | None] = 0.0

    measure: Measure = Field(
        "ensemble-defect", description="ensemble-defect, probability or distance (with a target), or free-energy"
    )
    target: str | None = Field(None, description="target structure in dot-bracket notation, such as ((((....))))")
    path: FilePath | None = Field(
        None, description="table of Eterna100 puzzles (eterna100_puzzles.tsv of eternagame/eterna100-benchmarking)"
    )
    puzzle: int | None = Field(None, ge=1, le=100, description="number of the puzzle in the table, 1 to 100")
    edition: Literal[1, 2] = Field(
        2, description="edition of Eterna100: 2 replaces 19 targets that have no solution in ViennaRNA 2"
    )
    length: int | None = Field(
        None, ge=1, le=_LONGEST, description="length of every sequence, for `measure: free-energy`"
    )
    temperature: float = Field(37.0, ge=0, le=100, description="temperature in °C")

    @model_validator(mode="after")
    def _knows_its_target(self) -> Self:
        named = [name for name in ("target", "puzzle", "path") if getattr(self, name) is not None]
        if self.measure == "free-energy":
            if self.length is None or named:
                raise ValueError("`measure: free-energy` has no target; give `length`, and remove the target")
            return self
        if self.length is not None:
            raise ValueError("`length` is that of the target; remove it")
        if named not in (["target"], ["puzzle", "path"]):
            raise ValueError(
                f"`measure: {self.measure}` requires a target; give `target: ((((....))))`, or `path:` and `puzzle:`, "
                f"not {' and '.join(named) or 'none of them'}"
            )
        if self.target is not None:
            _check(self.target, "target")
        return self

    @cached_property
    def eterna(self) -> Puzzle | None:
        """The puzzle; None without one. Raises InputError if the table has none of this number."""
        if self.path is None or self.puzzle is None:
            return None
        puzzle = read_puzzle(self.path, self.puzzle, self.edition)
        try:
            _check(puzzle.structure, "target")
        except ValueError as error:
            raise InputError(f"{puzzle.place}: {error}") from error
        return puzzle

    @cached_property
    def structure(self) -> str | None:
        """The target; None for `free-energy`."""
        return self.eterna.structure if self.eterna else self.target

    @cached_property
    def space(self) -> Space:
        """Every RNA of the target's length. Raises ConfigError if ViennaRNA is not installed."""
        version()
        return Space.of_length(RNA, len(self.structure) if self.structure else self.length or 1)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The version of ViennaRNA, on which values depend, and the puzzle."""
        model = f"values are predictions of ViennaRNA {version()} at {self.temperature:g} °C"
        return (model, f"Eterna100 puzzle {self.puzzle}: {self.eterna.name}") if self.eterna else (model,)

    @cached_property
    def optimum(self) -> float | None:
        """1 for `distance`, if a solution in the table of puzzles folds into the target here; otherwise unknown."""
        if self.measure != "distance" or self.eterna is None or not self.eterna.solutions:
            return None
        return 1.0 if self(self.eterna.solutions).max() == 1.0 else None

    def __call__(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Values of `sequences`, shape (n,). Raises InputError for another length, or letters other than A, C, G, U."""
        self._check(sequences)
        folding = model(self.temperature)
        folding.check_parameters()
        found = {sequence: self._value(folding, sequence) for sequence in dict.fromkeys(sequences)}
        return np.array([found[sequence] for sequence in sequences], dtype=np.float64)

    def _check(self, sequences: Sequence[str]) -> None:
        if not set("".join(sequences)) <= _LETTERS:
            self.space.alphabet.encode(sequences)  # raises with the letter and its place
        length = self.space.min_length
        if not set(map(len, sequences)) <= {length}:
            row = next(row for row, sequence in enumerate(sequences) if len(sequence) != length)
            raise InputError(
                f"sequence {row + 1}: rna-folding expects {many(length, 'letter')}, got {len(sequences[row])}"
            )

    def _value(self, folding: Model, sequence: str) -> float:
        target = self.structure
        if target is None:
            return abs(folding.free_energy(sequence))  # never above 0: the open chain has 0
        if self.measure == "probability":
            return folding.probability(sequence, target) if can_pair(sequence, pairs_of(target)) else 0.0
        if self.measure == "distance":
            return 1.0 - folding.distance(folding.structure(sequence), target) / len(target)
        return 1.0 - folding.defect(sequence, target)


def _check(structure: str, what: str) -> None:
    try:
        check_structure(structure)
    except ValueError as error:
        raise ValueError(f"{what}, {error}") from error
    if len(structure) > _LONGEST:
        raise ValueError(f"{what}: expected at most {_LONGEST} letters, got {len(structure)}")
