"""What is measured of one sequence, and which of it violates a limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from designloop.inspection.alignment import GAP, aligned
from designloop.inspection.liabilities.composition import Run, gc_content, gc_spread, longest_run
from designloop.inspection.liabilities.limits import Limits
from designloop.inspection.liabilities.repeats import Repeat, longest_hairpin, longest_repeat
from designloop.inspection.liabilities.sites import Motif, Site, enzymes

Place = tuple[str, int]
"""(name, where it begins, from 0)."""


@dataclass(frozen=True)
class Measured:
    """The liabilities of one sequence. Composition, repeats and sites are those of DNA, motifs those of proteins."""

    length: int
    run: Run | None
    gc: float | None = None
    gc_spread: float | None = None
    """None for a sequence that is shorter than a window."""
    run_at: Run | None = None
    run_gc: Run | None = None
    repeat: Repeat | None = None
    hairpin: Repeat | None = None
    sites: tuple[Place, ...] = ()
    """Sites of the limits and of common enzymes that the design itself holds, also in part."""
    motifs: tuple[Place, ...] = ()
    gained: tuple[Place, ...] = ()
    """Motifs that the sequence to compare with does not have at the same place."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON values; positions count from 1."""
        runs = {name: getattr(self, name) for name in ("run", "run_at", "run_gc")}
        pieces = {name: getattr(self, name) for name in ("repeat", "hairpin")}
        return {
            "length": self.length,
            "gc": self.gc,
            "gc_spread": self.gc_spread,
            **{
                name: run and {"letter": run.letter, "length": run.length, "at": run.start + 1}
                for name, run in runs.items()
            },
            **{
                name: its and {"length": its.length, "at": [its.first + 1, its.second + 1]}
                for name, its in pieces.items()
            },
            **{name: [[word, at + 1] for word, at in getattr(self, name)] for name in ("sites", "motifs", "gained")},
        }


def measured_dna(sequence: str, limits: Limits, design: tuple[int, int] | None = None) -> Measured:
    """The liabilities of DNA or RNA; `design`: where the design begins and ends in it, without letters around it.

    Sites that lie wholly in the letters around it are meant, and are left out.
    """
    dna = sequence.upper().replace("U", "T")
    start, end = design or (0, len(dna))
    return Measured(
        len(dna),
        longest_run(dna),
        gc_content(dna),
        gc_spread(dna, limits.gc_window),
        longest_run(dna, "AT"),
        longest_run(dna, "GC"),
        longest_repeat(dna),
        longest_hairpin(dna),
        tuple(_sites(dna, _named(limits), start, end)),
    )


def measured_protein(sequence: str, limits: Limits, base: str | None = None) -> Measured:
    """The liabilities of a protein. Motifs are gained against a known sequence, `base`; without one, none is."""
    motifs = tuple(_places(sequence, limits.motifs))
    gained = () if base is None else tuple(_gained(motifs, sequence, base, limits))
    return Measured(len(sequence), longest_run(sequence), motifs=motifs, gained=gained)


def _gained(motifs: Sequence[Place], sequence: str, base: str, limits: Limits) -> Iterator[Place]:
    """The motifs that the base does not have at the place that is aligned with theirs."""
    before, opposite = set(_places(base, limits.motifs)), _opposite(sequence, base)
    yield from ((name, at) for name, at in motifs if (name, opposite[at]) not in before)


def _opposite(sequence: str, base: str) -> list[int]:
    """The position in the base that is aligned with each of the sequence; -1 opposite a gap.

    Sequences of one length are aligned too: an insertion and a deletion shift what is between them.
    """
    found, place = list[int](), -1
    alignment = aligned(sequence, base)
    for letter, other in zip(alignment.sequence, alignment.other, strict=True):
        place += other != GAP
        if letter != GAP:
            found.append(place if other != GAP else -1)
    return found


def measured_letters(sequence: str) -> Measured:
    """What is measured of a sequence of any other letters."""
    return Measured(len(sequence), longest_run(sequence))


def _named(limits: Limits) -> Sequence[Site]:
    """The sites of the limits, and those of common enzymes; of several enzymes with one site, the first."""
    named = {site.letters: site for site in limits.sites}
    for name, letters in enzymes().items():
        named.setdefault(letters, Site(name=name, letters=letters))
    return list(named.values())


def _sites(dna: str, sites: Sequence[Site], start: int, end: int) -> Iterator[Place]:
    for site in sites:
        for at in site.places(dna):
            if at < end and at + len(site.letters) > start:
                yield site.name, at


def _places(sequence: str, motifs: Sequence[Motif]) -> Iterator[Place]:
    return ((motif.name, at) for motif in motifs for at in motif.places(sequence))


# -- limits ----------------------------------------------------------------------------------------------------------


def violations(its: Measured, limits: Limits) -> list[str]:
    """What violates a limit, one phrase each: `GC content 78%, at most 65%`."""
    return [*_composition(its, limits), *_runs(its, limits), *_pieces(its, limits), *_held(its, limits)]


def _composition(its: Measured, limits: Limits) -> Iterator[str]:
    if limits.lengths is not None and not limits.lengths[0] <= its.length <= limits.lengths[1]:
        yield f"{its.length:,} letters, {limits.lengths[0]:,} to {limits.lengths[1]:,} can be ordered"
    if limits.gc is not None and its.gc is not None and its.length >= limits.gc_from:
        low, high = limits.gc
        if its.gc < low:
            yield f"GC content {its.gc:.0%}, at least {low:.0%}"
        elif its.gc > high:
            yield f"GC content {its.gc:.0%}, at most {high:.0%}"
    if limits.gc_spread is not None and its.gc_spread is not None and its.gc_spread > limits.gc_spread:
        points, most = 100 * its.gc_spread, 100 * limits.gc_spread
        yield f"GC content of windows of {limits.gc_window} differs by {points:.0f} points, at most {most:.0f}"


def _runs(its: Measured, limits: Limits) -> Iterator[str]:
    for run, most in ((its.run_at, limits.run_at), (its.run_gc, limits.run_gc), (its.run, limits.run)):
        if run is not None and most is not None and run.length > most:
            yield f"{run.length} {run.letter} in a row at {run.start + 1}, at most {most}"


def _pieces(its: Measured, limits: Limits) -> Iterator[str]:
    if (repeat := its.repeat) is not None and limits.repeat is not None and repeat.length > limits.repeat:
        where = f"{repeat.first + 1} and {repeat.second + 1}"
        yield f"repeat of {repeat.length} letters at {where}, at most {limits.repeat}"
    if (stem := its.hairpin) is not None and limits.hairpin is not None and stem.length > limits.hairpin:
        where = f"{stem.first + 1} and {stem.second + 1}"
        yield f"hairpin of {stem.length} pairs at {where}, at most {limits.hairpin}"


def _held(its: Measured, limits: Limits) -> Iterator[str]:
    unwanted = {site.name for site in limits.sites}
    yield from (f"site of {name} at {at + 1}" for name, at in its.sites if name in unwanted)
    flags = {motif.name: motif.flag for motif in limits.motifs}
    yield from (f"{name} at {at + 1}" for name, at in its.motifs if flags[name] == "any")
    yield from (f"{name} at {at + 1}, gained" for name, at in its.gained if flags[name] == "gained")
