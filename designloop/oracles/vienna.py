"""ViennaRNA, called the same way whatever its global settings are. Lorenz et al. 2011, Algorithms Mol. Biol. 6, 26."""

from functools import lru_cache
from typing import Any

from designloop.core.errors import ConfigError, OracleError

_EXTRA = "pip install 'designloop[rna]'"
_KNOWN = ("GGGGAAAACCCC", "((((....))))", -5.4)
"""Turner 2004 at 37 °C: three stacks of -3.3, a hairpin loop of four (5.6), and its terminal mismatch (-1.1)."""
LONG = 200
"""Letters beyond which the partition function is scaled by the minimum free energy; 444 of G and C would overflow."""


@lru_cache(maxsize=1)
def library() -> Any:
    """The module. Raises ConfigError if it is not installed."""
    try:
        import RNA
    except ImportError as error:
        raise ConfigError(f"`kind: rna-folding` requires an extra: {_EXTRA}") from error
    return RNA


def version() -> str:
    """The installed version, such as 2.8.0."""
    return str(library().__version__)


_STANDARD = {
    "betaScale": 1.0,
    "dangles": 2,
    "special_hp": 1,
    "noLP": 0,
    "noGU": 0,
    "noGUclosure": 0,
    "logML": 0,
    "circ": 0,
    "gquad": 0,
    "uniq_ML": 0,
    "energy_set": 0,
    "max_bp_span": -1,
    "min_loop_size": 3,
    "salt": 1.021,
}
"""The library's defaults, written out: its own calls take them from global variables, which other code may set."""


@lru_cache(maxsize=8)
def model(temperature: float) -> "Model":
    """The model at a temperature in °C, kept for later calls."""
    return Model(temperature)


class Model:
    """The energy model of Turner 2004 at a temperature in °C, with dangles on both sides of a pair."""

    def __init__(self, temperature: float) -> None:
        self._rna = library()
        self._known = self._settings(37.0)
        self._energy = self._settings(temperature, backtrack=0)
        self._plain = self._settings(temperature, compute_bpp=0)
        self._pairs = self._settings(temperature)

    def _settings(self, temperature: float, *, backtrack: int = 1, compute_bpp: int = 1) -> Any:
        return self._rna.md(temperature=temperature, backtrack=backtrack, compute_bpp=compute_bpp, **_STANDARD)

    def check_parameters(self) -> None:
        """Raises OracleError if other code of this process has loaded another set of energy parameters."""
        sequence, structure, energy = _KNOWN
        found = self._rna.fold_compound(sequence, self._known).eval_structure(structure)
        if abs(found - energy) > 0.005:
            raise OracleError(
                f"ViennaRNA's energy parameters were changed in this process: {structure} of {sequence} has "
                f"{found:.2f} kcal/mol, not {energy}; call RNA.params_load_RNA_Turner2004(), or do not load others"
            )

    def free_energy(self, sequence: str) -> float:
        """The minimum free energy, kcal/mol; 0 for a sequence that does not fold."""
        return round(float(self._rna.fold_compound(sequence, self._energy).mfe()[1]), 2)

    def structure(self, sequence: str) -> str:
        """The structure of minimum free energy; one of them, always the same, if several have it."""
        return str(self._rna.fold_compound(sequence, self._plain).mfe()[0])

    def distance(self, one: str, other: str) -> int:
        """Number of pairs that only one of two structures has."""
        return int(self._rna.bp_distance(one, other))

    def probability(self, sequence: str, structure: str) -> float:
        """P(structure) in the ensemble of a sequence whose letters can form its pairs.

        ViennaRNA also gives impossible pairs an energy, and thus a structure outside the ensemble a probability above
        0. The caller excludes them.
        """
        return float(self._filled(sequence, self._plain).pr_structure(structure))

    def defect(self, sequence: str, structure: str) -> float:
        """The expected share of letters whose partner differs from that in the structure. Zadeh et al. 2011."""
        return float(self._filled(sequence, self._pairs).ensemble_defect(structure))

    def _filled(self, sequence: str, settings: Any) -> Any:
        """The sequence with its partition function."""
        fold = self._rna.fold_compound(sequence, settings)
        if len(sequence) > LONG:
            fold.exp_params_rescale(fold.mfe()[1])
        fold.pf()
        return fold
