"""The grammar of mutant names: what a name says of the changes to its parent.

Read are one-letter names (`A1P`, `24C`, `K2*`, `K2=`, `K2del`, `K2-`, `K2_L3insG`, `K2delinsGG`, `K2dup`), joined by
any of `: ; , _ + /` or spaces; HGVS as MaveDB, Enrich2 and DiMSum write it (`p.Ala1Pro`, `p.[Ala1Pro;Lys2=]`, `c.4A>G`,
`c.4A>G (p.Lys2Glu), c.6A>G (p.=)`, `_wt`, `_sy`); and codons as dms_variants writes them (`AAA2GAA`).
An accession before the name (`NP_000001.1:p.Ala1Pro`) is ignored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from designloop.core.readers.codons import CODON_OF, ONE_LETTER, STOP

PARENTS = frozenset({"wt", "_wt", "wildtype", "wild_type", "wild-type", "wild type", "p.=", "c.=", "n.=", "g.=", "m.="})
"""Names of the parent itself, in lower case."""
SYNONYMOUS = frozenset({"_sy", "synonymous", "p.(=)"})
"""Names, in lower case, of variants that differ from the parent in their bases only."""
CHANGES_BASES = "it changes bases, but the parent is a protein"
CHANGES_PROTEIN = "it changes a protein, but the parent consists of bases"
FORMS = "H24C, A1P:D2N, K2del, p.Ala1Pro, c.4A>G, or wt for the parent"


class BadName(ValueError):
    """A text that is not the name of a mutant; its message says why, and is empty where there is nothing to say."""

    def __init__(self, word: str, why: str = "") -> None:
        super().__init__(why)
        self.word = word


class AmbiguousName(BadName):
    """A name with a letter that stands for several."""


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of the parent, and what stands there instead. Positions are numbered as in the names."""

    start: int
    """The first position that is replaced; for an insertion, the position that it precedes."""
    stop: int
    """The position behind the last one that is replaced; `start` for an insertion."""
    new: str
    stated: tuple[tuple[int, str], ...] = ()
    """(position, letter) of the parent, as the name states them."""
    copies: tuple[int, int] | None = None
    """For a duplication: the positions (from, behind) whose letters are inserted."""

    @property
    def is_indel(self) -> bool:
        return self.copies is not None or len(self.new) != self.stop - self.start

    @property
    def is_silent(self) -> bool:
        return self.copies is None and self.stated == ((self.start, self.new),)


@dataclass(frozen=True, slots=True)
class Mutant:
    """What a name says."""

    changes: tuple[Change, ...] = ()
    is_synonymous: bool = False
    """True where the name says that only bases differ from those of the parent."""
    unknown: str = ""
    """Why the name does not determine a sequence: `a frame shift`, `an unknown effect`; else empty."""
    n_repeats: int = 0
    """How often an HGVS list repeats a change, as older entries of MaveDB do."""

    @property
    def has_stop(self) -> bool:
        return any(STOP in change.new for change in self.changes)

    @property
    def is_indel(self) -> bool:
        return any(change.is_indel for change in self.changes)


def read_name(name: str, *, is_protein: bool, first: int) -> Mutant:
    """The mutant that a name describes. Raises BadName.

    `is_protein`: the parent is a protein, so that changes of bases are refused, and codons are translated.
    `first`: the number of the parent's first letter; the number of a codon counts from it.
    """
    word = name.strip()
    if word.lower() in PARENTS:
        return Mutant()
    if word.lower() in SYNONYMOUS:
        return Mutant(is_synonymous=True)
    if not word:
        raise BadName(name)
    if (hgvs := _HGVS.search(word)) is not None:
        return _of_hgvs(word[hgvs.start("prefix") :], is_protein)
    return _mutant([_plain(one, is_protein, first) for one in _words(word, is_protein, first)])


# -- Words -----------------------------------------------------------------------------------------------------------

_HGVS = re.compile(r"(?:^|[:\s\[(])(?P<prefix>[pcngmr]\.)")
_BETWEEN = re.compile(r"[:;,+/\s]+")
_THREE = "|".join(ONE_LETTER)
_AA = rf"(?:{_THREE}|[A-Za-z*])"
_NUMBER = "-?[0-9]{1,9}"
"""A residue before the first has a negative number where the numbering is that of the mature protein."""
_LONG = re.compile(rf"(?:{_THREE})-?[0-9]|[0-9](?:{_THREE})")
_CODON = re.compile(rf"([ACGTU]{{3}})({_NUMBER})([ACGTU]{{3}})")
_SUBSTITUTION = re.compile(rf"({_AA})?({_NUMBER})({_THREE}|[A-Za-z*=-]|\?+)")
_STRETCH = re.compile(rf"({_AA})({_NUMBER})(?:_({_AA})({_NUMBER}))?(delins|ins|del|dup)((?:{_THREE})+|[A-Za-z*]*)")
_SHIFT = re.compile(rf"{_AA}{_NUMBER}(?:{_AA})?fs(?:(?:Ter|[*X])?[0-9?]*)?")
_EXTENSION = re.compile(rf"{_AA}{_NUMBER}(?:{_AA})?ext.*")
_BASES = re.compile(
    r"([0-9]{1,9})(?:_([0-9]{1,9}))?(?:([ACGTUacgtu])>([ACGTUacgtu])|(delins|ins|del|dup)([A-Za-z]*)|(=))"
)
_OUTSIDE = re.compile(r"[-*][0-9]|[0-9][+-][0-9]")


def _words(name: str, is_protein: bool, first: int) -> Iterator[str]:
    """The changes in a name, one after another; `_` joins two of them, unless it is part of one (`K2_L3insG`)."""
    for whole in _BETWEEN.split(name):
        pieces = whole.split("_") if whole else []
        while pieces:
            n = 2 if len(pieces) > 1 and _STRETCH.fullmatch("_".join(pieces[:2])) else 1
            if pieces[0]:
                yield "_".join(pieces[:n])
            pieces = pieces[n:]


def _mutant(parts: list["Change | str"], n_repeats: int = 0) -> Mutant:
    """The mutant of these changes, some of which may be a reason why there is no sequence."""
    unknown = next((part for part in parts if isinstance(part, str)), "")
    changes = tuple(part for part in parts if isinstance(part, Change))
    is_silent = bool(changes) and not unknown and all(change.is_silent for change in changes)
    return Mutant(changes, is_silent, unknown, n_repeats)


def _plain(word: str, is_protein: bool, first: int) -> "Change | str":
    if (codon := _CODON.fullmatch(word)) is not None:
        return _codon(codon[1], int(codon[2]), codon[3], is_protein, first)
    if not is_protein and _LONG.search(word) is not None:
        raise BadName(word, CHANGES_PROTEIN)
    return _of_letters(word)


def _codon(old: str, number: int, new: str, is_protein: bool, first: int) -> Change:
    old, new = old.replace("U", "T"), new.replace("U", "T")
    if is_protein:
        return Change(number, number + 1, CODON_OF[new], ((number, CODON_OF[old]),))
    start = first + 3 * (number - first)
    return Change(start, start + 3, new, tuple((start + i, letter) for i, letter in enumerate(old)))


def _of_letters(word: str) -> "Change | str":
    """The change that a word of one-letter or three-letter amino acids describes, or of bases written as `A1G`."""
    if (one := _SUBSTITUTION.fullmatch(word)) is not None:
        return _substitution(one[1], int(one[2]), one[3])
    if (stretch := _STRETCH.fullmatch(word)) is not None:
        return _stretch(word, stretch)
    if _SHIFT.fullmatch(word) is not None:
        return "a frame shift"
    if _EXTENSION.fullmatch(word) is not None or word in ("?", "0", "0?", "???"):
        return "an unknown effect"
    raise BadName(word)


def _substitution(old: str | None, position: int, new: str) -> "Change | str":
    if new.startswith("?"):
        return "an unknown effect"
    if new in ("X", "x"):
        raise AmbiguousName(
            f"{old or ''}{position}{new}",
            "X is a stop in some files, an unknown residue in others; write *, or set `ambiguous: drop`",
        )
    stated = () if old is None else ((position, _letter(old)),)
    if new == "=":
        if old is None:
            raise BadName(f"{position}=")
        return Change(position, position + 1, _letter(old), stated)
    return Change(position, position + 1, "" if new == "-" else _letter(new), stated)


def _stretch(word: str, match: re.Match[str]) -> Change:
    start = int(match[2])
    last = start if match[4] is None else int(match[4])
    stated = ((start, _letter(match[1])), *(((last, _letter(match[3])),) if match[4] is not None else ()))
    return _changed(word, start, last, match[5], _letters(match[6]), stated, has_last=match[4] is not None)


def _changed(
    word: str, start: int, last: int, what: str, new: str, stated: tuple[tuple[int, str], ...], *, has_last: bool
) -> Change:
    """The change of a stretch, from `start` to `last` inclusive."""
    if last < start or (has_last and last == start):
        raise BadName(word, f"it ends at position {last}, but begins at {start}")
    if what == "ins":
        if not has_last or last != start + 1 or not new:
            raise BadName(word, "an insertion stands between neighbours, as in K2_L3insG")
        return Change(last, last, new, stated)
    if what == "dup":
        return Change(last + 1, last + 1, "", stated, (start, last + 1))
    if what == "delins" and not new:
        raise BadName(word, "it does not state the new letters")
    if what == "del" and new:
        stated, new = (*stated, *((start + i, letter) for i, letter in enumerate(new))), ""
    return Change(start, last + 1, new, stated)


def _letter(name: str) -> str:
    return ONE_LETTER.get(name, name)


def _letters(names: str) -> str:
    if names and re.fullmatch(f"(?:{_THREE})+", names):
        return "".join(ONE_LETTER[names[i : i + 3]] for i in range(0, len(names), 3))
    return names


# -- HGVS ------------------------------------------------------------------------------------------------------------


def _of_hgvs(text: str, is_protein: bool) -> Mutant:
    """A list of changes with one prefix, or with one each; Enrich2 adds the effect on the protein in parentheses."""
    noted = re.findall(r"\((p\.[^()]*)\)", text)
    bases = re.sub(r"\s*\(p\.[^()]*\)", "", text)
    if noted and text[0] != "p":
        return _of_items(noted, "p") if is_protein else _of_items(_items(bases), text[0])
    if (text[0] == "p") != is_protein:
        raise BadName(text, CHANGES_BASES if is_protein else CHANGES_PROTEIN)
    return _of_items(_items(text), text[0])


def _items(text: str) -> list[str]:
    """The changes of a list, without brackets and parentheses."""
    return [item for item in re.split(r"[;,\s]+", re.sub(r"[\[\]()]", "", text)) if item]


def _of_items(items: list[str], kind: str) -> Mutant:
    words = [item.removeprefix(f"{kind}.") for item in items]
    words = [word for word in words if word not in ("", "=")]
    if not words:
        return Mutant(is_synonymous=True)
    once = list(dict.fromkeys(words))
    parts = [_of_letters(word) if kind == "p" else _of_bases(word) for word in once]
    return _mutant(parts, len(words) - len(once))


def _of_bases(word: str) -> "Change | str":
    match = _BASES.fullmatch(word)
    if match is None:
        if _OUTSIDE.search(word):
            raise BadName(word, "it lies outside the coding sequence; number the bases of the whole target from 1")
        raise BadName(word)
    start, last = int(match[1]), int(match[2] or match[1])
    if match[3] is not None:
        if match[2] is not None:
            raise BadName(word, "a stretch is replaced by delins")
        return Change(start, start + 1, match[4].upper(), ((start, match[3].upper()),))
    if match[7] is not None:
        return Change(start, start, "")
    return _changed(word, start, last, match[5], match[6].upper(), (), has_last=match[2] is not None)
