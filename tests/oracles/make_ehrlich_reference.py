"""Makes ehrlich_reference.json.gz with pytorch-holo 0.0.5, in an environment of its own (it needs numpy<2).

    python -m venv holo && holo/bin/pip install pytorch-holo==0.0.5 "numpy<2"
    holo/bin/python tests/oracles/make_ehrlich_reference.py

Each record: the arguments; motifs, spacings and forbidden transitions; initial and optimal solutions; sequences as
lists of states, and their values (null where infeasible).
"""

import gzip
import json
from pathlib import Path

import torch
from holo.test_functions.closed_form import Ehrlich

SETTINGS = [  # num_states, length, num_motifs, motif_length, quantization, epistasis_factor, seeds
    (32, 32, 4, 4, 4, 0.0, range(10)),
    (32, 32, 4, 4, None, 0.0, range(2)),
    (32, 32, 4, 4, 2, 0.0, range(3)),
    (32, 32, 4, 4, 4, 2.0, range(3)),
    (5, 7, 1, 3, None, 0.0, range(3)),
    (20, 15, 2, 4, 2, 0.5, range(3)),
    (20, 64, 2, 6, 3, 1.0, range(3)),
    (20, 64, 2, 6, 1, 0.0, range(2)),
    (32, 128, 8, 8, 8, 0.0, range(2)),
    (64, 96, 3, 5, 5, 0.25, range(2)),
    (12, 24, 3, 8, 4, 0.0, range(2)),
    (4, 20, 2, 2, 2, 3.0, range(3)),
    # levels that do not divide the motif's length: only with the first is the highest value 1
    (20, 32, 2, 6, 4, 0.0, range(2)),
    (20, 32, 2, 5, 3, 0.5, range(2)),
    (20, 40, 2, 8, 3, 0.0, range(2)),
    (20, 32, 2, 7, 2, 0.0, range(2)),
    (20, 32, 2, 4, 6, 0.0, range(2)),
]


def optimal(function: Ehrlich) -> torch.Tensor:
    """The reference's optimal solution, also where it refuses it for a value below 1."""
    value, function.evaluate_true = function.evaluate_true, lambda _: function._optimal_value
    try:
        return function.optimal_solution()
    finally:
        function.evaluate_true = value


def mixed(function: Ehrlich, rng: torch.Generator) -> torch.Tensor:
    """Feasible walks, uniformly random sequences, mutated optimal and mutated feasible ones; shape (50, L)."""
    walks = function.initial_solution(16)
    uniform = torch.randint(function.num_states, (6, function.dim), generator=rng)
    mutants = []
    for n_changes in (1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 5, 6, 8):
        for parent in (optimal(function), walks[n_changes]):
            child = parent.clone()
            places = torch.randperm(function.dim, generator=rng)[:n_changes]
            # copying a neighbour's state keeps many mutants feasible; a random state breaks most
            keep = torch.rand(1, generator=rng) < 0.7
            child[places] = (
                child[places - 1] if keep else torch.randint(function.num_states, (len(places),), generator=rng)
            )
            mutants.append(child)
    return torch.cat([walks, uniform, torch.stack(mutants)])


def record(arguments: tuple, seed: int) -> dict:
    num_states, length, num_motifs, motif_length, quantization, epistasis, _ = arguments
    function = Ehrlich(num_states, length, num_motifs, motif_length, quantization, epistasis, random_seed=seed)
    sequences = mixed(function, torch.Generator().manual_seed(1000 + seed))
    values = function(sequences).tolist()
    return {
        "arguments": {
            "num_states": num_states,
            "length": length,
            "num_motifs": num_motifs,
            "motif_length": motif_length,
            "quantization": quantization,
            "epistasis_factor": epistasis,
            "seed": seed,
        },
        "motifs": [motif.tolist() for motif in function.motifs],
        "spacings": [spacing.tolist() for spacing in function.spacings],
        "forbidden": (function.transition_matrix == 0).nonzero().tolist(),
        "initial": function.initial_solution().tolist(),
        "initial_5": function.initial_solution(5).tolist(),
        "optimal": optimal(function).tolist(),
        "optimal_value": function(optimal(function)[None]).item(),
        "sequences": sequences.tolist(),
        "values": [None if value == -float("inf") else value for value in values],
    }


if __name__ == "__main__":
    records = [record(arguments, seed) for arguments in SETTINGS for seed in arguments[-1]]
    text = json.dumps(records, separators=(",", ":"))
    file = Path(__file__).with_name("ehrlich_reference.json.gz")
    file.write_bytes(gzip.compress(text.encode(), mtime=0))
    infeasible = sum(value is None for record in records for value in record["values"])
    total = sum(len(record["values"]) for record in records)
    print(
        f"{file.name}: {len(records)} instances, {total} values, {infeasible} infeasible, {file.stat().st_size:,} bytes"
    )
