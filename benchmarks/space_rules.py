"""Speed of uniform draws under rules on the whole sequence, and violations of the rules by every strategy.

    python benchmarks/space_rules.py             # all; minutes
    python benchmarks/space_rules.py --smoke     # few draws and designs; seconds
    python benchmarks/space_rules.py --designs 10000 --strategies genetic adalead

Draws: sequences of 100 letters of DNA without BsaI sites on either strand, with 40 to 60% GC and no run of more than
four letters; the same with 40 to 60% GC in every 20 letters; and the rules of a gene vendor at more lengths. Seconds
are those of the processor, and include the conversion to text.

Designs: each strategy proposes batches in a space of 60 letters with all of these rules and a window of 20, from
histories of 48 measured designs with different seeds. Each design is checked by regular expressions and counts, which
share no code with the package. The table tells violations, and the share of designs that are uniform fill.
`ensemble-greedy` enumerates its space, so its designs differ at eight places of one sequence. `command` asks this file
as an outside program: it swaps letters of the best designs, and proposes what obeys; or, to see that it is refused,
proposes the first swap, whatever the rules say.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np

import designloop as dl
from designloop.core.errors import DesignloopError
from designloop.core.records import FILL, Order
from designloop.core.spaces import Space
from designloop.testing.told import Told, history_of

RULES = [
    {"kind": "restriction-sites", "enzymes": ["BsaI"]},
    {"kind": "homopolymers", "longest": 4},
    {"kind": "gc", "least": 0.4, "most": 0.6},
]
WINDOW = {"kind": "gc", "least": 0.4, "most": 0.6, "window": 20}
WIDE = {"kind": "gc", "least": 0.3, "most": 0.7, "window": 20}
LONG = ((300, WIDE), (1_000, WIDE), (3_000, WIDE), (300, WINDOW), (1_000, WINDOW))
VENDOR = [{"kind": "restriction-sites", "enzymes": ["BsaI", "BsmBI"]}, *RULES[1:]]
STRATEGIES = (
    "random",
    "random-viable",
    "genetic",
    "hill-climb",
    "pex",
    "embedding-topn",
    "ensemble-greedy",
    "adalead",
    "model-guided",
    "auto",
    "command",
)
BATCH = 500
SWAPPING = "as a program:"


def speed(rules: list[dict[str, object]], n: int, length: int = 100) -> str:
    space = Space.of_length(dl.DNA, length, rules=rules)
    began = process_time()
    size = space.how_many
    counted = process_time() - began
    rng = np.random.default_rng(0)
    space.sample(10, rng)  # compiles
    began = process_time()
    space.sample(n, rng)
    rate = n / (process_time() - began)
    return (
        f"{size}; counted in {counted:.2f} s; {space.acceptance:.2g} of uniform draws obey; {rate:,.0f} draws a second"
    )


def obeys(sequence: str) -> bool:
    is_gc = [letter in "GC" for letter in sequence]
    return (
        not re.search(r"GGTCTC|GAGACC|(.)\1\1\1\1", sequence)
        and 0.4 <= sum(is_gc) / len(sequence) <= 0.6
        and all(0.4 <= sum(is_gc[i : i + 20]) / 20 <= 0.6 for i in range(len(sequence) - 19))
    )


def worth(sequence: str) -> float:
    return sum((1.0 + 0.37 * (place % 3)) * (ord(letter) % 7) ** 1.1 for place, letter in enumerate(sequence)) / 10


def designs(kind: str, n: int) -> str:
    strategy, n_made, n_wrong, n_fill, began = dl.Strategy._read(described(kind)), 0, 0, 0, process_time()
    while n_made < n:
        rng = np.random.default_rng(n_made)
        space = space_of(kind, rng)
        known = space.sample(108, rng)
        history = history_of(space, [Told(s, worth(s), 0.1) for s in known[:48]], corpus=known[48:])
        proposal = strategy.answer(history, Order(min(BATCH, n - n_made)), rng)
        n_made += len(proposal.choices)
        n_wrong += sum(not obeys(choice.sequence) for choice in proposal.choices)
        n_fill += sum(choice.origin == FILL for choice in proposal.choices)
    rate = n / (process_time() - began)
    return f"{n_wrong} of {n_made:,} designs break a rule; {n_fill / n_made:.1%} are fill; {rate:,.0f} designs a second"


def described(kind: str, how: str = "obeying") -> str | dict[str, object]:
    argv = [sys.executable, str(Path(__file__).absolute()), SWAPPING, how]
    return kind if kind != "command" else {"kind": kind, "argv": argv, "fill": "uniform"}


def space_of(kind: str, rng: np.random.Generator) -> Space:
    space = Space.of_length(dl.DNA, 60, rules=[*RULES, WINDOW])
    if kind != "ensemble-greedy":
        return space
    free = set(rng.choice(60, 8, replace=False).tolist())
    return space.with_(parent=space.sample(1, rng)[0], fixed=[place for place in range(60) if place not in free])


def refusal() -> str:
    """What the program is told whose designs may break rules."""
    try:
        rng = np.random.default_rng(0)
        space = space_of("command", rng)
        history = history_of(space, [Told(s, worth(s), 0.1) for s in space.sample(48, rng)])
        dl.Strategy._read(described("command", "ignoring")).answer(history, Order(BATCH), rng)
    except DesignloopError as error:
        return f"refused: {error}"
    return "not refused"


def swap(how: str) -> None:
    """Serve as an outside strategy, until there are no more questions."""
    for line in sys.stdin:
        message = json.loads(line)
        ready, answer = {"type": "ready", "protocol": 1}, {"type": "proposal"}
        chosen = None if message["type"] == "hello" else dict.fromkeys(swapped(message, how))
        print(json.dumps(ready if chosen is None else {**answer, "choices": [{"sequence": s} for s in chosen]}))
        sys.stdout.flush()


def swapped(question: dict[str, Any], how: str) -> Iterator[str]:
    """New sequences that differ by some swaps of letters from one of the ten best."""
    rng, taken, n = np.random.default_rng(question["seed"]), set(question["taken"]), question["order"]["n_designs"]
    best = sorted(zip(question["history"]["value"], question["history"]["sequence"], strict=True))[-10:]
    for _ in range(200 * n):
        letters = list(best[rng.integers(len(best))][1])
        for _ in range(rng.integers(1, 4)):
            i, j = rng.integers(len(letters), size=2)
            letters[i], letters[j] = letters[j], letters[i]
        found = "".join(letters)
        if found not in taken and (how == "ignoring" or obeys(found)):
            taken.add(found)
            n -= 1
            yield found
        if n == 0:
            return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="few draws and designs")
    parser.add_argument("--designs", type=int, default=10_000, help="designs of each strategy")
    parser.add_argument("--strategies", nargs="*", default=STRATEGIES)
    given = parser.parse_args()
    n, n_designs = (1_000, 20) if given.smoke else (100_000, given.designs)
    print("whole rules:", speed(RULES, n), flush=True)
    print("and a sliding window:", speed([*RULES, WINDOW], n // 20), flush=True)
    for length, window in () if given.smoke else LONG:
        limits = f"windows {window['least']} to {window['most']}"
        print(f"vendor, {length} letters, {limits}:", speed([*VENDOR, window], n // 100, length), flush=True)
    for kind in ("random", "genetic", "command") if given.smoke else given.strategies:
        print(f"{kind}:", designs(kind, n_designs), flush=True)
        if kind == "command":
            print("command, without the rules:", refusal())


if __name__ == "__main__":
    swap(sys.argv[2]) if sys.argv[1:2] == [SWAPPING] else main()
