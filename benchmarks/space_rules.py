"""Speed of uniform draws under rules on the whole sequence, and violations of the rules by every strategy.

    python benchmarks/space_rules.py             # all; minutes
    python benchmarks/space_rules.py --smoke     # few draws and designs; seconds
    python benchmarks/space_rules.py --designs 10000 --strategies genetic adalead

Draws: sequences of 100 letters of DNA without BsaI sites on either strand, with 40 to 60% GC and no run of more than
four letters; and the same with 40 to 60% GC in every 20 letters. Seconds are those of the processor, and include the
conversion to text.

Designs: each strategy proposes batches in a space of 60 letters with all of these rules and a window of 20, from
histories of 48 measured designs with different seeds. Each design is checked by regular expressions and counts, which
share no code with the package. The table tells violations, and the share of designs that are uniform fill.
"""

import argparse
import re
from time import process_time

import numpy as np

import designloop as dl
from designloop.core.records import FILL, Order
from designloop.core.spaces import Space
from designloop.testing.told import Told, history_of

RULES = [
    {"kind": "restriction-sites", "enzymes": ["BsaI"]},
    {"kind": "homopolymers", "longest": 4},
    {"kind": "gc", "least": 0.4, "most": 0.6},
]
WINDOW = {"kind": "gc", "least": 0.4, "most": 0.6, "window": 20}
STRATEGIES = (
    "random",
    "random-viable",
    "genetic",
    "hill-climb",
    "pex",
    "embedding-topn",
    "adalead",
    "model-guided",
    "auto",
)
BATCH = 500


def speed(rules: list[dict[str, object]], n: int) -> str:
    space = Space.of_length(dl.DNA, 100, rules=rules)
    began = process_time()
    size = space.how_many
    counted = process_time() - began
    rng = np.random.default_rng(0)
    space.sample(10, rng)  # compiles
    began = process_time()
    space.sample(n, rng)
    rate = n / (process_time() - began)
    return f"{size}; counted in {counted:.2f} s; {space.acceptance:.2%} of draws kept; {rate:,.0f} draws a second"


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
    space = Space.of_length(dl.DNA, 60, rules=[*RULES, WINDOW])
    strategy, n_made, n_wrong, n_fill, began = dl.Strategy._read(kind), 0, 0, 0, process_time()
    while n_made < n:
        rng = np.random.default_rng(n_made)
        known = space.sample(108, rng)
        history = history_of(space, [Told(s, worth(s), 0.1) for s in known[:48]], corpus=known[48:])
        proposal = strategy.answer(history, Order(min(BATCH, n - n_made)), rng)
        n_made += len(proposal.choices)
        n_wrong += sum(not obeys(choice.sequence) for choice in proposal.choices)
        n_fill += sum(choice.origin == FILL for choice in proposal.choices)
    rate = n / (process_time() - began)
    return f"{n_wrong} of {n_made:,} designs break a rule; {n_fill / n_made:.1%} are fill; {rate:,.0f} designs a second"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--smoke", action="store_true", help="few draws and designs")
    parser.add_argument("--designs", type=int, default=10_000, help="designs of each strategy")
    parser.add_argument("--strategies", nargs="*", default=STRATEGIES)
    given = parser.parse_args()
    n, n_designs = (1_000, 20) if given.smoke else (100_000, given.designs)
    print("whole rules:", speed(RULES, n), flush=True)
    print("and a sliding window:", speed([*RULES, WINDOW], n // 20), flush=True)
    for kind in ("random", "genetic") if given.smoke else given.strategies:
        print(f"{kind}:", designs(kind, n_designs), flush=True)


if __name__ == "__main__":
    main()
