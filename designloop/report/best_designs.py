"""The best measured designs: their letters against the corpus, and each with its nearest natural neighbour."""

from collections import Counter
from collections.abc import Sequence

from designloop.core.alphabet import DNA, PROTEIN, RNA
from designloop.core.clock import as_weeks
from designloop.core.counting import many
from designloop.inspection.logo import Logo, logo
from designloop.inspection.neighbours import Neighbour, nearest
from designloop.report.marks import Figure
from designloop.report.page import Column, Table
from designloop.report.record import Made, Record
from designloop.report.sequences import FEWEST, logo_panels
from designloop.report.words import percent, value, with_error

N_ROWS = 25
_FEW_EDITS = 6
_NOTHING_BITS = 0.1


def best_of(record: Record) -> list[Made]:
    """The designs whose letters are looked at: the best tenth of the measured, at least 10 and at most 50."""
    return record.measured[: min(max(len(record.measured) // 10, 10), 50)]


def letters_of(sequences: Sequence[str]) -> str:
    """The alphabet that sequences seem to be of: DNA, RNA or protein letters, else those that occur."""
    found = set().union(*sequences)
    for alphabet in (DNA, RNA, PROTEIN):
        if found <= set(alphabet.letters):
            return alphabet.letters
    return "".join(sorted(found))


def logos(record: Record) -> Figure | str:
    """The logo of the best measured designs under those of the corpus and of what was proposed last; or why not."""
    best = [design.sequence for design in best_of(record)]
    if len(best) < FEWEST:
        return f"A logo needs {FEWEST} measured designs, and there are {len(best)}."
    length, n_best = Counter(map(len, best)).most_common(1)[0]
    natural = [sequence for sequence in record.corpus if len(sequence) == length]
    if n_best < max(FEWEST, len(best) / 2):
        return "The best measured designs differ in length, so that no logo can be drawn of them."
    letters = letters_of([*best, *natural, *_last_batch(record)])
    drawn = {"best measured designs": logo([s for s in best if len(s) == length], letters)}
    proposed = [s for s in _last_batch(record) if len(s) == length]
    if len(proposed) >= FEWEST:
        drawn = {"last batch proposed": logo(proposed, letters), **drawn}
    if len(natural) >= FEWEST:
        drawn = {"corpus": logo(natural, letters), **drawn}
    title = "Letters of the best, and of the last proposals, against the corpus"
    return Figure("logo", title, _caption(record, drawn, length), tuple(logo_panels(drawn, length)))


def _last_batch(record: Record) -> list[str]:
    """The designs of the last batch that was chosen, measured or not."""
    last = max((design.round for design in record.designs.values()), default=0)
    return [design.sequence for design in record.designs.values() if design.round == last]


def _caption(record: Record, drawn: dict[str, Logo], length: int) -> str:
    best = drawn["best measured designs"]
    words = [
        "The height of a position says how much its letter is preferred, in bits, less what as few sequences show by "
        "chance; a letter's share of it is how often it stands there. "
        f"Best: {best.n} of {many(len(record.measured), 'measured design')}, by measured mean."
    ]
    if "corpus" in drawn:
        others = len(record.corpus) - drawn["corpus"].n
        words.append(
            f"Corpus: {many(drawn['corpus'].n, 'natural sequence')}, whose letters the strategy knew without values."
        )
        if drawn["corpus"].information.max() < _NOTHING_BITS:
            words.append(f"No position of it prefers a letter by more than {_NOTHING_BITS} bits.")
        if others:
            words.append(f"{others:,} of another length than {length} {'is' if others == 1 else 'are'} left out.")
    elif record.corpus:
        words.append(f"The corpus holds too few sequences of length {length} to stand beside it.")
    else:
        words.append("The campaign had no corpus to stand beside it.")
    return " ".join(words)


# -- the table -------------------------------------------------------------------------------------------------------


def top_designs(record: Record) -> Table:
    """The highest measured designs: measured ± error, true, predicted, and how far from nature each is."""
    best = record.measured[:N_ROWS]
    neighbours = nearest([design.sequence for design in best], record.corpus)
    return Table(
        "designs",
        f"The {len(best)} highest measured designs",
        (
            *(Column(title, "number") for title in ("rank", "design")),
            Column("named"),
            Column("measured ± error", "number", "mean of its wells, and the standard error the lab states"),
            Column("true", "number", "what only a simulation knows"),
            Column("predicted", "number", "mean ± std when it was chosen"),
            Column("sequence", "sequence"),
            Column("identity", "number", "share of equal letters with the nearest natural sequence"),
            Column("edits", "sequence", "A12G (12:A>G where digits are letters): position 12 of the natural, A to G"),
            Column("nearest natural", "sequence"),
            *(Column(title, "number") for title in ("round", "week", "wells")),
        ),
        tuple(_row(record, rank, *pair) for rank, pair in enumerate(zip(best, neighbours, strict=True), start=1)),
        _note(record),
        has_search=True,
    )


def _note(record: Record) -> str:
    words = "Ranked by measured mean; the highest of many noisy values lies above its true one as a rule."
    if not record.corpus:
        return f"{words} The campaign had no corpus, so no natural neighbour is named."
    return f"{words} The nearest natural sequence is that of the corpus with the fewest edits; positions count from 1."


def _first_edits(edits: str) -> str:
    """All of a few edits; of many the first, and how many they are: so that a row is no longer than a page is wide."""
    words = edits.split()
    if len(words) <= _FEW_EDITS:
        return edits or "none"
    return f"{' '.join(words[: _FEW_EDITS - 2])} … {len(words)} in all"


def _row(record: Record, rank: int, design: Made, neighbour: Neighbour | None) -> tuple[str, ...]:
    recommended, best = record.summary.recommended, record.summary.best
    is_best = best is not None and design.true is not None and design.true == best.value
    named = {"recommended": recommended is not None and recommended.design == design.id, "true best": is_best}
    marks = ", ".join(word for word, its in named.items() if its)
    return (
        str(rank),
        str(design.id),
        marks,
        with_error(design.measured, design.std_error),
        value(design.true),
        "–" if design.mean is None else with_error(design.mean, design.std or 0.0),
        design.sequence,
        percent(neighbour.identity) if neighbour else "–",
        _first_edits(neighbour.edits) if neighbour else "–",
        neighbour.sequence if neighbour else "–",
        str(design.round),
        f"{as_weeks(design.readings[0].minute):.1f}",
        str(len(design.readings)),
    )
