"""The best measured designs: sequence logos, and a table with the nearest natural neighbour of each."""

from collections import Counter
from collections.abc import Sequence

from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.inspection.leakage import NEAR, near_duplicates
from designloop.inspection.logo import Logo, logo
from designloop.inspection.neighbours import Neighbour, nearest
from designloop.report.families import Families, families
from designloop.report.marks import Figure
from designloop.report.page import Column, Table
from designloop.report.record import Made, Record
from designloop.report.sequences import FEWEST, STACKS, logo_panels, unconserved
from designloop.report.words import percent, value, with_error

N_ROWS = 25
_MEASURED = (
    "mean over wells ± its standard error, as stated or of these wells alone (models pool that of all designs); "
    "> or < a limit of detection"
)
_FEW_EDITS = 6
_EDITS = (
    "A12G (or 12:A>G, if letters are digits): A at natural position 12 became G; 12insA: A was inserted behind it, and "
    "0insA before the first letter"
)
_FAMILY = (("family", "homologs in the corpus, the family or name of the nearest, and its E-value"),)


def best_of(record: Record) -> list[Made]:
    """The designs of the logo: the highest tenth of the measured designs, at least 10 and at most 50."""
    return record.measured[: min(max(len(record.measured) // 10, 10), 50)]


def letters_of(sequences: Sequence[str]) -> str:
    """The letters of the alphabet that the sequences fit (DNA, RNA or protein), else the letters that occur."""
    found = set().union(*sequences)
    for alphabet in (DNA, RNA, PROTEIN):
        if found <= set(alphabet.letters):
            return alphabet.letters
    return "".join(sorted(found))


def logos(record: Record) -> Figure | str:
    """Logos of the corpus, the last batch and the best measured designs, or a sentence that says why there are none."""
    best = [design.sequence for design in best_of(record)]
    if len(best) < FEWEST:
        return f"A logo needs at least {FEWEST} measured designs; this campaign has {len(best)}."
    length, n_best = Counter(map(len, best)).most_common(1)[0]
    natural = [sequence for sequence in record.corpus if len(sequence) == length]
    if n_best < max(FEWEST, len(best) / 2):
        return "No logo: the best measured designs differ in length."
    letters = letters_of([*best, *natural, *_last_batch(record)])
    drawn = {"best measured designs": logo([s for s in best if len(s) == length], letters)}
    proposed = [s for s in _last_batch(record) if len(s) == length]
    if len(proposed) >= FEWEST:
        drawn = {"last batch proposed": logo(proposed, letters), **drawn}
    if len(natural) >= FEWEST:
        drawn = {"corpus": logo(natural, letters), **drawn}
    return Figure("logo", "Sequence logos", _caption(record, drawn, length), tuple(logo_panels(drawn, length)))


def _last_batch(record: Record) -> list[str]:
    """The designs of the last batch, measured or not."""
    last = max((design.round for design in record.designs.values()), default=0)
    return [design.sequence for design in record.designs.values() if design.round == last]


def _caption(record: Record, drawn: dict[str, Logo], length: int) -> str:
    best = drawn["best measured designs"]
    words = [
        f"{STACKS} Best measured designs: {best.n} of {many(len(record.measured), 'measured design')}, by measured "
        "mean."
    ]
    if "corpus" in drawn:
        others = len(record.corpus) - drawn["corpus"].n
        words.append(f"Corpus: {many(drawn['corpus'].n, 'natural sequence')}, known to the strategy without values.")
        if empty := unconserved(drawn["corpus"], drawn.values()):
            words.append(empty)
        if others:
            words.append(f"The corpus has {many(others, 'more sequence')} of other lengths.")
    elif record.corpus:
        words.append(f"The corpus has too few sequences of length {length} for a logo.")
    else:
        words.append("The campaign has no corpus.")
    return " ".join(words)


# -- the table -------------------------------------------------------------------------------------------------------


def top_designs(record: Record) -> Table:
    """The highest measured designs, with measured, true and predicted values and the distance to the corpus."""
    best = record.measured[:N_ROWS]
    sequences = [design.sequence for design in best]
    neighbours, kin = nearest(sequences, record.corpus), _families(record, sequences)
    return Table(
        "designs",
        "Designs with the highest measured mean",
        (
            *(Column(title, "number") for title in ("rank", "design")),
            Column("remark"),
            Column("measured ± error", "number", _MEASURED),
            Column("true", "number", "true value, known only in a simulation"),
            Column("predicted", "number", "predicted mean ± standard deviation when the design was chosen"),
            Column("sequence", "sequence"),
            Column("identity", "number", "share of identical letters with the nearest natural sequence"),
            Column("edits", "sequence", _EDITS),
            Column("nearest natural", "sequence"),
            *(Column(title, help=about) for title, about in _FAMILY[: bool(kin.found)]),
            *(Column(title, "number") for title in ("round", "week", "wells")),
        ),
        tuple(
            _row(record, rank, *pair, [kin.of(rank - 1)][: bool(kin.found)])
            for rank, pair in enumerate(zip(best, neighbours, strict=True), start=1)
        ),
        " ".join(filter(None, [_note(record), _held(record), kin.note])),
        has_search=True,
    )


def _note(record: Record) -> str:
    words = "Ranked by measured mean. The highest of many noisy values usually exceeds its true value."
    if not record.corpus:
        return f"{words} The campaign has no corpus, so no natural neighbour is shown."
    return f"{words} The nearest natural sequence has the fewest edits of all in the corpus. Positions count from 1."


def _families(record: Record, designs: Sequence[str]) -> Families:
    letters = letters_of([*designs, *record.corpus])
    alphabet = next((each for each in (DNA, RNA, PROTEIN) if each.letters == letters), None)
    return families(designs, record.corpus, record.names, alphabet) if alphabet else Families([], "")


def _held(record: Record) -> str:
    """How many of the best designs the corpus holds: the strategy knew them, but not their values."""
    best = [design.sequence for design in best_of(record)]
    if not best or not record.corpus:
        return ""
    found = near_duplicates(best, record.corpus)
    n_exact = sum(each.identity == 1 for each in found)
    near = f"{len(found) - n_exact:,} more have an identity of {NEAR:.0%} or more to a sequence of it"
    return f"Of the {many(len(best), 'best measured design')}, {n_exact:,} are in the corpus, and {near}."


def _first_edits(edits: str) -> str:
    """All edits if there are few, else the first ones and their number, so that a row fits the page."""
    words = edits.split()
    if len(words) <= _FEW_EDITS:
        return edits or "none"
    return f"{' '.join(words[: _FEW_EDITS - 2])} … {len(words)} in all"


def _row(record: Record, rank: int, design: Made, neighbour: Neighbour | None, family: list[str]) -> tuple[str, ...]:
    recommended, best = record.summary.recommended, record.summary.best
    is_best = best is not None and design.true is not None and design.true == best.value
    named = {"recommended": recommended is not None and recommended.design == design.id, "highest true value": is_best}
    marks = ", ".join(word for word, its in named.items() if its)
    return (
        str(rank),
        str(design.id),
        marks,
        design.measured_in_words,
        value(design.true),
        "–" if design.mean is None else with_error(design.mean, design.std or 0.0),
        design.sequence,
        percent(neighbour.identity) if neighbour else "–",
        _first_edits(neighbour.edits) if neighbour else "–",
        neighbour.sequence if neighbour else "–",
        *family,
        str(design.round),
        f"{as_weeks(design.readings[0].minute):.1f}",
        str(len(design.readings)),
    )
