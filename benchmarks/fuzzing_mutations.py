"""Mutations of a file's bytes: what a disk, a spreadsheet, an editor or an attacker may do to it."""

from collections.abc import Callable, Sequence
from random import Random

HOSTILE = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9", "ß".encode(), "ſ".encode(), "\u202e".encode(), "🧬".encode(),
    b"\r", b"\n", b"\t", b",", b";", b'"', b"'", b">", b"#", b"", b" ", b"NA", b"NaN", b"nan", b"N/A", b"null",
    b"~", b"inf", b"-inf", b"1e999", b"1e308", b"-1", b"0", b"-0.0", b"1_000", b"0x10", b"1:30", b"100000000",
    b"99999999999999999999", b"9" * 5000, b"true", b"N", b"U", b"T", b"_", b"*", b"-", b"wt", b"A1P:A1D",
    b"A999999999G", b"*.csv", b"[1]", b"$HOME", b"$NOT_SET", b"~nobody/x", b".inf", b".nan", b"2001-99-99",
    b"2001-01-01", b"&a [*a, *a]", b"<<: *a", b"<<: {seed: 1}", b"!!omap [a: 1]", b"!!python/object:os.system []",
    b"!!binary x", b"{", b"}", b"[", b"]", b": ", b"- ", b"? ", b"|", b"[" * 3000, b"{a: " * 500, b"- " * 500,
    b"x" * 20000, b"\xc0\x80", b"\xed\xa0\x80", b"lost", b"observed", b"below_detection",
)  # fmt: skip
"""Words that have broken this or other readers before."""

Mutation = Callable[[bytes, Random], bytes]


def flipped(data: bytes, rng: Random) -> bytes:
    """One to eight bits flipped."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def replaced(data: bytes, rng: Random) -> bytes:
    """A byte replaced by any other."""
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def cut(data: bytes, rng: Random) -> bytes:
    """Cut off at a random place."""
    return data[: rng.randrange(len(data))]


def without(data: bytes, rng: Random) -> bytes:
    """A stretch removed."""
    low, high = _span(len(data), rng)
    return data[:low] + data[high:]


def doubled(data: bytes, rng: Random) -> bytes:
    """A stretch repeated."""
    low, high = _span(len(data), rng)
    return data[:high] + data[low:high] * rng.choice((1, 1, 2, 50)) + data[high:]


def inserted(data: bytes, rng: Random) -> bytes:
    """A hostile word inserted at a random place."""
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(HOSTILE) + data[place:]


def line_changed(data: bytes, rng: Random) -> bytes:
    """A line removed, repeated or moved."""
    lines = data.splitlines(keepends=True)
    line = lines.pop(rng.randrange(len(lines)))
    for _ in range(rng.choice((0, 1, 2))):
        lines.insert(rng.randrange(len(lines) + 1), line)
    return b"".join(lines)


def cell_changed(data: bytes, rng: Random) -> bytes:
    """A cell or word of a line replaced by a hostile word or another cell, removed or repeated."""
    lines = data.splitlines(keepends=True)
    row = rng.randrange(len(lines))
    mark = next((mark for mark in (b"\t", b",", b": ", b" ") if mark in lines[row]), b",")
    ending = lines[row][len(lines[row].rstrip(b"\r\n")) :]
    cells = lines[row].rstrip(b"\r\n").split(mark)
    place = rng.randrange(len(cells))
    cells[place : place + 1] = rng.choice(([rng.choice(HOSTILE)], [rng.choice(cells)], [], [cells[place]] * 2))
    lines[row] = mark.join(cells) + ending
    return b"".join(lines)


ANY: tuple[Mutation, ...] = (flipped, replaced, cut, without, doubled, inserted, line_changed, cell_changed)
TEXT: tuple[Mutation, ...] = (*ANY, line_changed, cell_changed, cell_changed, cell_changed, inserted)
"""For text files: mutations of cells are more frequent."""


def mutated(seeds: Sequence[bytes], rng: Random, mutations: Sequence[Mutation]) -> bytes:
    """One of the seeds after one to four mutations, or two of them spliced."""
    data = rng.choice(seeds)
    if rng.random() < 0.05:
        data = spliced(data, rng.choice(seeds), rng)
    for _ in range(rng.choice((1, 1, 2, 4))):
        if data:
            data = rng.choice(mutations)(data, rng)
    return data


def spliced(first: bytes, second: bytes, rng: Random) -> bytes:
    """The beginning of one file and the end of another."""
    return first[: rng.randrange(len(first) + 1)] + second[rng.randrange(len(second) + 1) :]


def _span(length: int, rng: Random) -> tuple[int, int]:
    low = rng.randrange(length)
    return low, min(length, low + rng.choice((1, 2, 8, 64, length)))
