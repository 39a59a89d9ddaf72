"""Terms: what the columns of a study's tables mean, in a line each."""

from collections.abc import Iterable

TERMS = {
    "IQM": "interquartile mean: the mean without the lowest and the highest quarter",
    "worst 10%": "mean of the lowest 10% of the campaigns",
    "mean of the trace": "area under the trace up to the point compared, over its length",
    "score": "0 at the floor strategy's mean, 100 at the optimum",
    "acceleration": "designs the floor strategy needs over designs this one needs, to the highest value both reach",
    "enhancement": "mean value over the floor strategy's",
    "units": "what is counted as independent: instances of the landscape, or seeds of a measured table",
    "unpaired": "finished cells without the other's cell of the same instance and seed, which failed or is missing",
    "p (Holm)": "corrected for all pairs of this setting",
    "P(a above b)": "chance that the first ends above the second in a pair, ties half",
    "correlation of units": "between the two in the same unit; the higher, the more pairing helps",
    "correlation within instances": "the same between seeds of an instance: by common random numbers alone",
    "detectable difference": "found with 80% power by so many units",
    "trace": "true: the best design tested; recommended: the one the strategy would name; common: the one that a "
    "recommender common to all would name",
    "asked": "designs whose true value the lab looked up",
    "corpus": "natural sequences without a value",
    "starts": "sequences known before week 0",
    "labels": "starts that have a value",
    "measurements": "designs measured",
}
"""Title of a column -> what it means."""


def term(title: str) -> str:
    """The term in a column's title: `IQM` of `recommended at 64 designs: IQM`."""
    return "IQM" if title.endswith(": IQM") else title


def legend(columns: Iterable[str]) -> list[tuple[str, str]]:
    """(term, what it means) of those columns that need to be explained, each once."""
    return [(name, TERMS[name]) for name in dict.fromkeys(map(term, columns)) if name in TERMS]
