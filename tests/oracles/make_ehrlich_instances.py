"""Makes designloop/oracles/ehrlich_instances.npz: the instances of the shipped campaigns, as torch draws them.

    python tests/oracles/make_ehrlich_instances.py

The quickstart and the README's first program have seed 0; a study draws its instances from seed 0 on.
"""

import numpy as np

from designloop.oracles.ehrlich_instances import SHIPPED, Size, arrays, drawn, shipped_name, write

SIZES: dict[Size, int] = {(32, 32, 2, 4): 1, (32, 32, 4, 4): 1, (20, 20, 2, 4): 110}
"""Size: how many seeds, from 0 on. The largest study asks for 100 instances, and leaves degenerate ones out."""


def stacked(size: Size, n_seeds: int) -> dict[str, np.ndarray]:
    drawings = [arrays(drawn(size, seed)) for seed in range(n_seeds)]
    return {shipped_name(size) + name: np.stack([one[name] for one in drawings]) for name in drawings[0]}


if __name__ == "__main__":
    write({name: kept for size, n in SIZES.items() for name, kept in stacked(size, n).items()}, SHIPPED)
    print(f"{SHIPPED.name}: {sum(SIZES.values())} instances, {SHIPPED.stat().st_size:,} bytes")
