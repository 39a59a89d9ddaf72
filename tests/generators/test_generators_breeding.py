"""Breeding: each move by brute force, with the number of each letter telling where it came from."""

from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from designloop.core.alphabet import PAD
from designloop.core.dice import below
from designloop.generators import breeding
from designloop.generators.breeding import Breeding, Place, bred
from designloop.generators.redrawing import letters_drawn, places_drawn

WIDTH = 6
PLAIN = Breeding(4000, 1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, WIDTH, WIDTH, unseen_only=False)
ANYWHERE = Place(
    np.arange(WIDTH), np.ones(WIDTH, dtype=bool), np.ones((WIDTH, 40), dtype=bool), np.ones((40, 40), dtype=bool)
)


def dice(seed: int) -> np.ndarray:
    return np.array([seed], dtype=np.uint64)


def child(n: int, first: int = 0) -> np.ndarray:
    """Letters `first`, `first + 1`, … numbered as they are, with room to grow."""
    return np.tile(np.r_[first + np.arange(n), np.full(40 - n, PAD)], (2, 1)).astype(np.int64)


def outcomes(move, n: int, *args, draws: int = 3000) -> Counter:
    """How often each result comes out; letters and their numbers move together."""
    found: Counter = Counter()
    for seed in range(draws):
        whole = child(n)
        length = move(dice(seed), whole, n, *args)
        np.testing.assert_array_equal(*whole[:, :length])
        found[tuple(whole[0, :length].tolist())] += 1
    return found


def family(*rows: list[int]) -> np.ndarray:
    return np.array([rows], dtype=np.int16)


NO_DONORS = np.zeros((0, WIDTH), dtype=np.int16)
NO_MOTIFS = np.zeros((1, 0, 0, 2), dtype=np.int16)


def fits(found: Counter, expected: dict) -> bool:
    """Whether counts agree with these probabilities: nothing else occurs, and chi-square says no."""
    assert set(found) <= set(expected)
    total = sum(found.values())
    observed = [found[key] for key in expected]
    return chisquare(observed, [total * p for p in expected.values()]).pvalue > 1e-4


def test_dice_are_uniform():
    state = dice(5)
    counts = np.bincount([below(state, 7) for _ in range(7000)], minlength=7)
    assert len(counts) == 7
    assert chisquare(counts).pvalue > 1e-4


def test_a_shift_cuts_a_segment_out_and_inserts_it_elsewhere():
    n, expected = 5, Counter()
    for wide in range(1, n):
        for old in range(n - wide + 1):
            rest = [i for i in range(n) if not old <= i < old + wide]
            for new in set(range(n - wide + 1)) - {old}:
                result = (*rest[:new], *range(old, old + wide), *rest[new:])
                expected[result] += 1 / (n - 1) / (n - wide + 1) / (n - wide)
    assert tuple(range(n)) not in expected
    assert fits(outcomes(breeding.shifted, n), expected)


def test_a_swap_exchanges_two_segments_of_one_length():
    n, expected = 6, Counter()
    for wide in (1, 2, 3):
        for starts in [(i, j) for i in range(n - 2 * wide + 1) for j in range(n - 2 * wide + 1)]:
            one, other = min(starts), max(starts) + wide
            result = list(range(n))
            result[one : one + wide], result[other : other + wide] = (
                result[other : other + wide],
                result[one : one + wide],
            )
            expected[tuple(result)] += 1 / 3 / (n - 2 * wide + 1) ** 2
    assert fits(outcomes(breeding.swapped, n), expected)


@pytest.mark.parametrize("n", [2, 3, 9, 32])
def test_shifts_and_swaps_keep_every_letter(n: int):
    for move in (breeding.shifted, breeding.swapped):
        results = outcomes(move, n, draws=300)
        assert all(sorted(result) == list(range(n)) for result in results)


@pytest.mark.parametrize("move", [breeding.transplanted, breeding.grafted])
@pytest.mark.parametrize(("n", "n_mate"), [(12, 12), (2, 9), (30, 4)])
def test_a_copy_comes_from_the_mate_at_one_distance_and_all_else_stays(move, n: int, n_mate: int):
    """A transplant is a whole segment; a graft leaves gaps."""
    has_gap = False
    for result in outcomes(move, n, child(n_mate, first=100), n_mate, draws=500):
        copied = [i for i, letter in enumerate(result) if letter >= 100]
        assert all(result[i] == i for i in set(range(n)) - set(copied))
        assert len({result[i] - i for i in copied}) <= 1
        has_gap |= bool(copied) and copied[-1] - copied[0] >= len(copied)
        assert move is breeding.grafted or copied
    assert has_gap == (move is breeding.grafted and min(n, n_mate) > 2)


def test_a_copy_of_itself_may_overlap_what_it_is_written_over():
    whole = child(8)
    for result in outcomes(breeding.transplanted, 8, whole, 8, draws=500):
        moved = [i for i in range(8) if result[i] != i]
        assert len({result[i] - i for i in moved}) <= 1


def test_insertions_and_deletions_keep_to_the_limits():
    grown = outcomes(breeding.lengthened, 5, child(9, first=100), 9, 8, draws=1500)
    assert {len(result) for result in grown} == {6, 7, 8}
    for result in grown:
        new = [letter for letter in result if letter >= 100]
        assert [letter for letter in result if letter < 100] == list(range(5))
        assert new == list(range(new[0], new[0] + len(new)))
        assert result.index(new[-1]) - result.index(new[0]) == len(new) - 1
    shrunk = outcomes(breeding.shortened, 5, 3, draws=500)
    assert set(shrunk) == {tuple(i for i in range(5) if not a <= i < a + w) for w in (1, 2) for a in range(6 - w)}


def test_at_its_limits_a_length_stays():
    assert set(outcomes(breeding.lengthened, 5, child(5), 5, 5, draws=20)) == {tuple(range(5))}
    assert set(outcomes(breeding.shortened, 5, 5, draws=20)) == {tuple(range(5))}


def test_without_crossover_and_moves_children_are_mothers_the_better_the_likelier():
    """Of two drawn, the better one: member i of P is taken with probability (2 (P - i) - 1) / P²."""
    parents = family(*[[i] * WIDTH for i in range(4)])
    children, seams, _ = bred(parents, NO_DONORS, NO_MOTIFS, PLAIN._replace(tournament=2), ANYWHERE, 1)
    assert not seams.any()
    assert fits(Counter(children[:, 0].tolist()), {i: (2 * (4 - i) - 1) / 16 for i in range(4)})


def test_a_crossed_child_has_one_segment_of_a_mate_at_its_place():
    children, seams, _ = bred(
        family(list(range(6)), list(range(10, 16))), NO_DONORS, NO_MOTIFS, PLAIN._replace(crossover=1.0), ANYWHERE, 1
    )
    assert (children % 10 == np.arange(WIDTH)).all()
    borders = np.diff(children // 10, axis=1) != 0
    assert borders.sum(axis=1).max() == 2
    np.testing.assert_array_equal(seams[:, 1:], borders)


@pytest.mark.parametrize(("far", "longest"), [(0.0, 1), (1.0, 5)])
def test_a_shifted_crossover_moves_the_mates_segment(far: float, longest: int):
    """By at most a quarter of the length, or by any distance; never by none."""
    how = PLAIN._replace(crossover=1.0, donated=1.0, shifts=1.0, far=far)
    donor = np.arange(20, 26, dtype=np.int16)[None]
    children, _, _ = bred(family(list(range(6))), donor, NO_MOTIFS, how, ANYWHERE, 3)
    distances = set()
    for codes in children:
        theirs = np.flatnonzero(codes >= 20)
        distances |= (mine := set((theirs - (codes[theirs] - 20)).tolist()))
        assert len(mine) <= 1
        ours = np.flatnonzero(codes < 20)
        np.testing.assert_array_equal(codes[ours], ours)
    assert distances == {d for d in range(-longest, longest + 1) if d}


def test_donors_are_mates_and_never_mothers():
    how, donor = PLAIN._replace(crossover=1.0, donated=1.0), np.full((1, WIDTH), 9, dtype=np.int16)
    children, _, _ = bred(family([0] * 6, [1] * 6), donor, NO_MOTIFS, how, ANYWHERE, 1)
    assert all(set(codes.tolist()) - {9} in ({0}, {1}, set()) for codes in children)
    without, _, _ = bred(family([0] * 6, [1] * 6), NO_DONORS, NO_MOTIFS, how, ANYWHERE, 1)
    assert without.max() == 1
    untouched, _, _ = bred(
        family([0] * 6, [1] * 6), donor, NO_MOTIFS, how._replace(donated=0.0, moves=1.0), ANYWHERE, 1
    )
    assert untouched.max() == 1


def motif(*letters: tuple[int, int]) -> np.ndarray:
    """One motif for one function, strongest first: places and letters, with two empty rows after them."""
    return np.array([[[*letters, (-1, -1), (-1, -1)]]], dtype=np.int16)


def test_the_strongest_letters_of_a_motif_are_written_at_every_place_where_they_fit():
    """Two or three letters, equally often; each start is equally likely, and the other letters stay."""
    children, seams, _ = bred(
        family([0] * WIDTH), NO_DONORS, motif((7, 21), (5, 20), (8, 22)), PLAIN._replace(implants=1.0), ANYWHERE, 1
    )
    of_two = {i: {i: 20, i + 2: 21} for i in range(WIDTH - 2)}
    of_three = {i: {i: 20, i + 2: 21, i + 3: 22} for i in range(WIDTH - 3)}
    count = 7  # 2 to 8 letters are wanted, and 3 are there
    shares = {1 / count / len(of_two): of_two, (count - 1) / count / len(of_three): of_three}
    expected = {
        tuple(it.get(at, 0) for at in range(WIDTH)): share for share, its in shares.items() for it in its.values()
    }
    assert fits(Counter(map(tuple, children.tolist())), expected)
    assert (seams.sum(axis=1) > 0).all()


def test_a_motif_longer_than_the_sequence_is_not_written():
    children, seams, _ = bred(
        family([0] * WIDTH), NO_DONORS, motif((0, 20), (WIDTH, 21)), PLAIN._replace(implants=1.0), ANYWHERE, 1
    )
    assert (children == 0).all()
    assert not seams.any()


@pytest.mark.parametrize("unseen_only", [False, True])
def test_what_is_not_free_is_neither_crossed_nor_moved(unseen_only: bool):
    free = np.array([1, 2, 4])
    how = PLAIN._replace(crossover=0.5, shifts=0.5, far=0.5, moves=0.8, unseen_only=unseen_only)
    seen = np.zeros((40, 40), dtype=bool)
    place = ANYWHERE._replace(free=free, is_free=np.isin(np.arange(WIDTH), free), seen=seen)
    children, seams, _ = bred(family([9, 0, 1, 9, 2, 8], [9, 3, 4, 9, 5, 8]), NO_DONORS, NO_MOTIFS, how, place, 1)
    assert (children[:, [0, 3, 5]] == [9, 9, 8]).all()
    assert seams.any()
    assert not seams[:, [0, 3, 5]].any()
    assert set(permutations(range(3))) <= set(map(tuple, children[:, free].tolist()))


def test_seams_are_spared_where_the_corpus_has_the_pair():
    how = PLAIN._replace(crossover=1.0, shifts=0.5, far=0.5, moves=0.5, unseen_only=True)
    parents = family(list(range(6)), list(range(6, 12)))
    assert not bred(parents, NO_DONORS, NO_MOTIFS, how, ANYWHERE, 1)[1].any()
    place = ANYWHERE._replace(seen=np.eye(40, k=1, dtype=bool))
    children, seams, _ = bred(parents, NO_DONORS, NO_MOTIFS, how, place, 1)
    broken = children[:, 1:] != children[:, :-1] + 1
    assert (seams[:, 1:] <= broken | np.c_[broken[:, 1:], np.zeros(len(broken), bool)]).all()
    assert (seams[:, 1:] | seams[:, :-1])[broken].all()


def test_a_letter_that_may_not_stand_there_is_drawn_again():
    allowed = np.ones((WIDTH, 40), dtype=bool)
    allowed[2, 5] = False
    how = PLAIN._replace(moves=1.0, unseen_only=True)
    children, seams, _ = bred(family(list(range(6))), NO_DONORS, NO_MOTIFS, how, ANYWHERE._replace(allowed=allowed), 1)
    assert (children[:, 2] == 5).any()
    np.testing.assert_array_equal(seams[:, 2], children[:, 2] == 5)
    assert not seams[:, [0, 1, 3, 4, 5]].any()


def test_where_the_length_varies_children_keep_within_it():
    how = PLAIN._replace(crossover=0.7, shifts=0.5, far=0.5, moves=0.7, min_length=2, max_length=6)
    parents = family([0, 1, PAD, PAD, PAD, PAD], [2, 3, 4, 5, PAD, PAD], [6, 7, 8, 9, 10, 11])
    children, seams, _ = bred(parents, NO_DONORS, NO_MOTIFS, how, ANYWHERE, 1)
    lengths = (children != PAD).sum(axis=1)
    assert set(lengths.tolist()) == {2, 3, 4, 5, 6}
    assert ((children == PAD) == (np.arange(6) >= lengths[:, None])).all()
    assert not seams[children == PAD].any()


def test_the_same_seed_breeds_the_same():
    how = PLAIN._replace(crossover=0.5, shifts=0.5, far=0.5, moves=0.5)
    runs = [
        bred(family(list(range(6)), list(range(6, 12))), NO_DONORS, NO_MOTIFS, how, ANYWHERE, s)[0] for s in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0] != runs[2]).any()


def test_places_are_drawn_uniformly_without_replacement():
    codes = np.zeros((6000, WIDTH), dtype=np.int16)
    codes[:, 5] = PAD
    free = np.array([0, 2, 3, 4, 5])
    found = places_drawn(codes, np.full(6000, 2), free, 1)
    pairs = Counter(tuple(np.flatnonzero(row).tolist()) for row in found)
    assert fits(pairs, dict.fromkeys(combinations([0, 2, 3, 4], 2), 1 / 6))
    every = places_drawn(codes[:3], np.array([0, 1, 9]), free, 1)
    assert every.sum(axis=1).tolist() == [0, 1, 4]


def test_letters_are_drawn_uniformly_among_others_that_are_allowed_and_seen():
    n = 4000
    codes = np.tile(np.array([0, 1, 2], dtype=np.int16), (n, 1))
    missing = np.tile([False, True, False], (n, 1))
    allowed, seen = np.ones((3, 6), dtype=bool), np.ones((6, 6), dtype=bool)
    allowed[1, 3], seen[0, 4] = False, False
    found = letters_drawn(codes, missing, allowed, seen, 1)
    assert (found[:, [0, 2]] == [0, 2]).all()
    assert fits(Counter(found[:, 1].tolist()), {0: 1 / 3, 2: 1 / 3, 5: 1 / 3})
    seen[:, 2] = False  # no letter fits its right neighbour: all that are allowed
    found = letters_drawn(codes, missing, allowed, seen, 2)
    assert fits(Counter(found[:, 1].tolist()), {0: 1 / 4, 2: 1 / 4, 4: 1 / 4, 5: 1 / 4})
    allowed[1] = np.arange(6) == 1
    assert (letters_drawn(codes, missing, allowed, seen, 3) == codes).all()


def test_letters_next_to_each_other_see_those_drawn_before():
    codes = np.zeros((200, 3), dtype=np.int16)
    seen = np.eye(6, k=1, dtype=bool)
    found = letters_drawn(codes, np.tile([False, True, True], (200, 1)), np.ones((3, 6), dtype=bool), seen, 1)
    assert (found[:, 1:] == [1, 2]).all()


def test_each_child_names_its_mother_in_her_own_population():
    """Without a crossover, it equals her; with one, the letters of at least one end are hers."""
    populations = np.array([[[1] * WIDTH, [2] * WIDTH], [[3] * WIDTH, [4] * WIDTH]], dtype=np.int16)
    children, _, mothers = bred(populations, NO_DONORS, np.zeros((2, 0, 0, 2), dtype=np.int16), PLAIN, ANYWHERE, 1)
    families = np.repeat([0, 1], PLAIN.brood)
    assert (children == populations[families, mothers]).all()
    assert set(zip(families.tolist(), mothers.tolist(), strict=True)) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    crossed, _, mothers = bred(
        family([1] * WIDTH, [2] * WIDTH), NO_DONORS, NO_MOTIFS, PLAIN._replace(crossover=1.0), ANYWHERE, 1
    )
    both = (crossed == 1).any(axis=1) & (crossed == 2).any(axis=1)
    ends = crossed[both][:, [0, -1]]
    assert (ends == 1 + mothers[both][:, None]).any(axis=1).all()
