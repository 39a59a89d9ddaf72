"""Tables of designs: what is predicted of each and why it was chosen, and which known sequences it is near."""

from collections.abc import Callable

from designloop.core.counting import many
from designloop.live.dossier.design import DossierDesign
from designloop.live.dossier.dossier import Dossier
from designloop.live.dossier.prediction import LEVEL
from designloop.report.dossier.rows import table
from designloop.report.dossier.words import distance, edits, interval, relative, share, shortened
from designloop.report.page import Column, Table
from designloop.report.words import percent, value

Columns = list[tuple[Column, Callable[[DossierDesign], str]]]
"""(column, what its cell says of a design)."""
_EDITS = (
    "A12G (or 12:A>G, if letters are digits): A at position 12 of the known sequence became G; 12insA: A was inserted "
    "behind it; A12del: it was removed"
)
_NAME = Column("design", "phrase", "its name on order sheets")


def design_table(dossier: Dossier) -> Table:
    """A row for each design: its sequence, its prediction and why it was chosen."""
    return _table("dossier", "What is predicted of each design", dossier, _predictions(), _caption(dossier))


def relative_table(dossier: Dossier) -> Table:
    """A row for each design: its parent, the nearest measured and the nearest natural sequence, and its likelihood."""
    words = [] if any(design.measured for design in dossier.designs) else ["Nothing was measured before this round."]
    if not any(design.natural for design in dossier.designs):
        words.append("No natural sequences were given (prior.corpus).")
    words.append(
        f"{_bred(dossier)} Edits of nearest sequences are the fewest that there are; A12G: A at "
        "position 12 became G, 12insA: A was inserted behind it, A12del: it was removed. Likelihood: "
        f"{dossier.likelihoods.about}."
    )
    return _table("relatives", "What each design is near", dossier, _relatives(), " ".join(words))


def _bred(dossier: Dossier) -> str:
    """What the column `parent` holds."""
    n = sum(design.is_bred for design in dossier.designs)
    if not n:
        return "No design has a recorded parent: they were sampled, enumerated or given, or the strategy does not say."
    one = (
        "The parent is the sequence from which the strategy bred a design: of a crossover, the mother; of a search in "
    )
    rest = "several steps, the sequence with which it began."
    if n < len(dossier.designs):
        rest += f" It is recorded for {n} of {len(dossier.designs)} designs."
    return one + rest


def _table(name: str, title: str, dossier: Dossier, columns: Columns, caption: str) -> Table:
    rows = [[cell(design) for _, cell in columns] for design in dossier.designs]
    return table(name, title, [column for column, _ in columns], rows, caption)


def _predictions() -> Columns:
    return [
        (_NAME, lambda d: d.name),
        (
            Column("limit", "phrase", "`violated` where the design violates a limit; the top of the page says which"),
            lambda d: "violated" if d.violations else "",
        ),
        (
            Column(
                "predicted",
                "number",
                f"predicted mean and {percent(LEVEL)} interval of the value without the error of its measurement, in "
                "assay units, recorded when the design was chosen",
            ),
            lambda d: interval(d.predicted),
        ),
        (
            Column("exceeds best", "number", "predicted probability of a value above the highest measured one"),
            lambda d: share(d.predicted and d.predicted.above_best),
        ),
        (
            Column("viable", "number", "predicted probability that the design has a value at all"),
            lambda d: share(d.predicted and d.predicted.viability),
        ),
        (Column("why", help="who or what chose it, and how"), lambda d: d.why),
        (Column("wells", "number"), lambda d: str(d.n_wells)),
        (Column("came back", "number", "what has come back of it in this round"), lambda d: d.result),
        (Column("sequence", "sequence", "without the letters around it"), lambda d: shortened(d.sequence)),
    ]


def _relatives() -> Columns:
    return [
        (_NAME, lambda d: d.name),
        (
            Column("parent", "phrase", "the sequence from which it was bred, and its value; else the space's parent"),
            lambda d: relative(d.parent),
        ),
        (Column("edits from the parent", "sequence", _EDITS), lambda d: edits(d.parent)),
        (
            Column("nearest measured", "phrase", "the measured sequence with the fewest edits, and its value"),
            lambda d: relative(d.measured),
        ),
        (
            Column("edits", "number", "how many edits lead from the nearest measured sequence to the design"),
            lambda d: distance(d.measured),
        ),
        (Column("edits from it", "sequence", _EDITS), lambda d: edits(d.measured)),
        (
            Column("nearest natural", "phrase", "the natural sequence with the fewest edits, by its name or number"),
            lambda d: relative(d.natural),
        ),
        (
            Column("identity", "number", "share of identical letters with the nearest natural sequence"),
            lambda d: share(d.natural and d.natural.identity),
        ),
        (Column("edits from natural", "sequence", _EDITS), lambda d: edits(d.natural)),
        (
            Column("log-likelihood", "number", "under the language model of the strategy, in nats per letter"),
            lambda d: value(d.log_likelihood),
        ),
        (
            Column("likelier than", "number", "share of natural sequences that are less likely than the design"),
            lambda d: share(d.likelier_than),
        ),
    ]


def _caption(dossier: Dossier) -> str:
    lacking = sum(design.predicted is None for design in dossier.new)
    if lacking == len(dossier.new):
        return "No design has a prediction: the strategy predicts nothing, or it knew too few values."
    without = f"{many(lacking, 'design', 'have')} no prediction (chosen by people, or fill). "
    return f"{without if lacking else ''}Retests have a value already, and no new prediction. Click a title to sort."
