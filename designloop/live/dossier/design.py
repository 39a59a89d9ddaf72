"""A design in the dossier of its round."""

from dataclasses import asdict, dataclass
from typing import Any

from designloop.inspection.liabilities.measured import Measured
from designloop.live.dossier.prediction import Predicted
from designloop.live.dossier.relatives import Relative


@dataclass(frozen=True)
class DossierDesign:
    """What people must know of a design, or of a design that is measured again, before they order."""

    design: int
    name: str
    sequence: str
    ordered: str
    """The sequence as order sheets of suppliers write it: with the letters before and after, U as T."""
    is_retest: bool
    is_by_people: bool
    """Whether people chose the sequence."""
    n_wells: int
    why: str
    predicted: Predicted | None
    parent: Relative | None
    """The sequence from which the strategy bred it (of a crossover, the mother); else the parent of the space."""
    is_bred: bool
    """Whether the strategy recorded the parent."""
    measured: Relative | None
    """The nearest measured sequence."""
    natural: Relative | None
    """The nearest natural sequence."""
    log_likelihood: float | None
    """In nats per letter."""
    likelier_than: float | None
    """Share of natural sequences that are less likely."""
    liabilities: Measured
    violations: tuple[str, ...]
    """What violates a limit, one phrase each."""
    result: str
    """What came back of it in this round: a value, or why there is none; empty while nothing did."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            **{
                name: getattr(self, name)
                for name in ("design", "name", "sequence", "ordered", "is_retest", "is_by_people", "n_wells", "why")
            },
            "predicted": self.predicted
            and {
                **{name: getattr(self.predicted, name) for name in ("mean", "std", "viability", "above_best")},
                "interval": self.predicted.interval,
            },
            **{name: (its := getattr(self, name)) and asdict(its) for name in ("parent", "measured", "natural")},
            "is_bred": self.is_bred,
            "log_likelihood": self.log_likelihood,
            "likelier_than": self.likelier_than,
            "liabilities": self.liabilities.as_dict(),
            "violations": list(self.violations),
            "result": self.result,
        }
