"""Clusters: every sequence in one, as alike to its representative as asked, whatever the order of rows."""

import os
from pathlib import Path

import numpy as np
import pytest

from designloop.core.alphabet import RNA
from designloop.core.errors import InputError
from designloop.core.readers.sequences import read_sequences
from designloop.inspection.clusters import clusters, kept_apart, split_by_cluster
from designloop.inspection.neighbours import identity

FAMILIES = (
    Path(os.environ.get("DESIGNLOOP_DATA", Path(__file__).parents[3] / "shared" / "data")) / "rna_families.fasta.gz"
)
IDENTITIES = (0.3, 0.6, 0.8, 1.0)


def families(seed: int, letters: str = "ACGU") -> list[str]:
    """Twelve random ancestors of 15 to 40 letters, each with ten descendants a few edits away, and some duplicates."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(12):
        ancestor = list(rng.choice(list(letters), rng.integers(15, 41)))
        for n_edits in rng.integers(0, 10, 10):
            child = list(ancestor)
            for _ in range(n_edits):
                place = rng.integers(len(child))
                child[place] = str(rng.choice([child[place] + letters[0], "", *letters]))
            found.append("".join(child))
    return [*found, *found[::25]]


def as_sequences(sequences, found):
    """Clusters as the sequences in them."""
    return [sorted(sequences[row] for row in rows) for rows in found]


def by_the_definition(sequences, least):
    """The same clusters without any short cut: the longest first, to the first representative alike enough."""
    found = {}
    for sequence in sorted(sequences, key=lambda sequence: (-len(sequence), sequence)):
        likely = (other for other in found if identity(sequence, other) >= least)
        found.setdefault(next(likely, sequence), []).append(sequence)
    return [sorted(members) for members in found.values()]


@pytest.mark.parametrize("least", IDENTITIES)
def test_every_sequence_is_in_one_cluster_and_alike_enough_to_its_representative(least):
    sequences = families(0)
    found = clusters(sequences, least)
    assert sorted(row for rows in found for row in rows) == list(range(len(sequences)))
    for representative, *others in found:
        assert all(identity(sequences[row], sequences[representative]) >= least for row in others)
        assert all(len(sequences[row]) <= len(sequences[representative]) for row in others)


@pytest.mark.parametrize("least", IDENTITIES)
def test_no_short_cut_misses_a_representative(least):
    sequences = [*families(1), *families(2, "ACDEFGHIKLMNPQRSTVWY")]
    assert as_sequences(sequences, clusters(sequences, least)) == by_the_definition(sequences, least)


def test_the_order_of_rows_changes_no_cluster_and_not_their_order():
    sequences = families(3)
    shuffled = [sequences[row] for row in np.random.default_rng(0).permutation(len(sequences))]
    assert as_sequences(shuffled, clusters(shuffled, 0.7)) == as_sequences(sequences, clusters(sequences, 0.7))


def test_at_identity_one_a_cluster_is_what_is_equal():
    assert clusters(["AC", "ACG", "AC", "CA", ""], 1.0) == [[1], [0, 2], [3], [4]]
    assert clusters([], 0.5) == []


def test_an_identity_at_the_threshold_is_enough():
    """4 equal letters of 5 columns are 0.8, also where the fifth is a gap."""
    assert clusters(["ACGTA", "ACGTC", "ACGT"], 0.8) == [[0, 1, 2]]
    assert clusters(["ACGTA", "ACGTC", "ACGT"], 0.81) == [[0], [1], [2]]


def test_held_out_and_training_share_no_cluster_nor_leave_a_row_out():
    sequences = families(4)
    train, held = split_by_cluster(sequences, 0.7, 0.3, np.random.default_rng(0))
    assert sorted([*train, *held]) == list(range(len(sequences)))
    assert 0 < len(held) <= 0.3 * len(sequences)
    for rows in clusters(sequences, 0.7):
        assert set(rows) <= set(train) or set(rows) <= set(held)


def test_the_same_sequences_are_held_out_whatever_their_order_and_others_by_another_seed():
    sequences = families(5)
    shuffled = [sequences[row] for row in np.random.default_rng(0).permutation(len(sequences))]
    chosen = [
        sorted(its[row] for row in split_by_cluster(its, 0.7, 0.3, np.random.default_rng(seed))[1])
        for its, seed in ((sequences, 1), (shuffled, 1), (sequences, 2))
    ]
    assert chosen[0] == chosen[1] != chosen[2]


def test_what_is_kept_apart_is_all_that_is_less_alike_to_every_held_out_sequence():
    sequences = families(6)
    train, held = split_by_cluster(sequences, 0.7, 0.3, np.random.default_rng(0))
    alike = [max(identity(sequences[row], sequences[other]) for other in held) for row in train]
    apart = [row for row, most in zip(train, alike, strict=True) if most < 0.7]
    assert kept_apart(sequences, train, held, 0.7).tolist() == apart
    assert 0 < len(apart) < len(train)


@pytest.mark.parametrize(
    ("least", "share", "sentence"),
    [
        (0.0, 0.5, "identity: expected a number above 0 and at most 1, such as 0.8; got 0.0"),
        (80, 0.5, "above 0 and at most 1, such as 0.8; got 80"),
        (0.5, 1.0, "above 0 and below 1"),
        (0.5, 0.4, r"no cluster of identity 0\.5 fits into a share 0\.4 of 4 sequences \(the smallest has 4\)"),
    ],
)
def test_what_cannot_be_split_is_refused(least, share, sentence):
    with pytest.raises(InputError, match=sentence):
        split_by_cluster(["ACGT", "ACGA", "ACGC", "ACGG"], least, share, np.random.default_rng(0))


def test_natural_families_are_clustered_as_the_definition_says():
    if not FAMILIES.is_file():
        pytest.skip(f"{FAMILIES.name} is not in {FAMILIES.parent}: set DESIGNLOOP_DATA to the folder that holds it")
    sequences = read_sequences(FAMILIES, RNA)[::60]
    assert as_sequences(sequences, clusters(sequences, 0.8)) == by_the_definition(sequences, 0.8)
