"""Terms: one line of explanation for each column of a study's tables."""

from collections.abc import Iterable

TERMS = {
    "IQM": "interquartile mean: the mean without the lowest and the highest quarter; of fewer than 4 units, the mean",
    "worst 10%": "mean of the lowest 10% of the campaigns",
    "mean of the trace": "mean value of the trace from 0 to the point compared",
    "score": "0 at the floor strategy's mean, 100 at the optimum",
    "acceleration": "designs that the floor strategy needs to reach the highest value that both reach, divided by "
    "designs that this one needs",
    "enhancement": "mean value divided by the floor strategy's mean value",
    "units": "independent observations: instances of the landscape, or seeds of a measured table",
    "unpaired": "finished cells whose partner (same instance and seed) failed or is missing",
    "p (Holm)": "p-value corrected for all pairs of this setting",
    "P(a above b)": "probability that a ends above b in a pair of cells; ties count half",
    "correlation of units": "correlation of the two over units; the higher it is, the more pairing helps",
    "correlation within instances": "the same over seeds of one instance: the effect of common random numbers alone",
    "detectable difference": "difference that this number of units detects with 80% power",
    "trace": "true: the best design tested; recommended: the design that the strategy recommends; common: the design "
    "that one recommender, the same for all strategies, recommends",
    "asked": "sequences whose true value the assay looked up",
    "corpus": "natural sequences without a value",
    "starts": "sequences known before week 0",
    "labels": "starts that have a value",
    "measurements": "wells that gave a value",
}
"""Title of a column -> meaning."""


def term(title: str) -> str:
    """The term in a column's title: `IQM` of `recommended at 64 designs: IQM`."""
    return "IQM" if title.endswith(": IQM") else title


def legend(columns: Iterable[str]) -> list[tuple[str, str]]:
    """(term, meaning) of the columns that need an explanation, each once."""
    return [(name, TERMS[name]) for name in dict.fromkeys(map(term, columns)) if name in TERMS]
