"""A structure says which letters of an RNA pair, in dot-bracket notation: `((((....))))`."""

from designloop.core.counting import many

CANONICAL = frozenset({"AU", "UA", "GC", "CG", "GU", "UG"})
"""The pairs of letters that the energy model allows."""
_SHORTEST_LOOP = 3


def pairs_of(structure: str) -> tuple[tuple[int, int], ...]:
    """(first, second) position of each pair, from 0. Raises ValueError with the position of a mistake, from 1."""
    opened: list[int] = []
    pairs = []
    for place, mark in enumerate(structure):
        if mark == "(":
            opened.append(place)
        elif mark == ")":
            if not opened:
                raise ValueError(f"position {place + 1}: ')' closes no '('{_excerpt(structure, place)}")
            pairs.append((opened.pop(), place))
        elif mark != ".":
            raise ValueError(f"position {place + 1}: expected '(', ')' or '.', got {mark!r}{_mend(mark)}")
    if opened:
        raise ValueError(f"position {opened[-1] + 1}: '(' is not closed{_excerpt(structure, opened[-1])}")
    return tuple(sorted(pairs))


def check_structure(structure: str) -> None:
    """Raises ValueError for a structure that no sequence can fold into, with the position of the mistake."""
    if not structure:
        raise ValueError("the structure is empty; give one such as ((((....))))")
    for first, second in pairs_of(structure):
        if second - first <= _SHORTEST_LOOP:
            raise ValueError(
                f"positions {first + 1} to {second + 1}: a pair encloses {many(second - first - 1, 'letter')}; "
                f"a hairpin loop needs at least {_SHORTEST_LOOP}"
            )


def can_pair(sequence: str, pairs: tuple[tuple[int, int], ...]) -> bool:
    """Whether the letters at each pair are A and U, G and C, or G and U."""
    return all(sequence[first] + sequence[second] in CANONICAL for first, second in pairs)


def _mend(mark: str) -> str:
    if mark in "[]{}<>" or mark.isalpha():
        return "; pseudoknots are not in the energy model, so write their positions as '.'"
    return "; remove it" if mark.isspace() else ""


def _excerpt(structure: str, place: int) -> str:
    """`, in ...(((..)).` around a position."""
    begin, end = max(place - 12, 0), place + 13
    return f", in {'...' if begin else ''}{structure[begin:end]}{'...' if end < len(structure) else ''}"
