"""Climbing: elitist, in populations of their own, deterministic."""

import numpy as np
import pytest
from histories import QUICK, SPACES, Told, busy_history, distinct, history_of, worth

from designloop.core.alphabet import DNA, PAD
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.generators import LanguageModel, Mutation, language_model
from designloop.generators.base import Score
from designloop.generators.climbing import Climb, _Populations, seen_pairs
from designloop.generators.mutation import mutated
from designloop.generators.starting import starting_population
from designloop.language_models import Markov
from designloop.language_models.inference.markov import MarkovModel

SPACE = SPACES["many lengths"]


def functions(sequences) -> np.ndarray:
    up = np.array([worth(s) for s in sequences])
    return np.vstack([up, -up, np.array([float(len(s)) for s in sequences])])


def populations(climb: Climb = QUICK) -> _Populations:
    return _Populations(climb, busy_history(SPACE), distinct(SPACE, 12, seed=4), Score(functions, 3))


def test_no_population_ever_gets_worse():
    """The best of parents and children are kept, generation after generation."""
    state, history, rng = populations(), busy_history(SPACE), stream(0, "c")
    for _ in range(6):
        before = state._totals.copy()
        children, _ = state.children(rng)
        state.select(mutated(children, 2.0, history.space, rng))
        width = min(before.shape[1], state._totals.shape[1])
        assert (state._totals[:, :width] >= before[:, :width]).all()
        assert (np.diff(state._totals, axis=1) <= 0).all()


def test_no_population_holds_a_sequence_twice():
    state, history, rng = populations(), busy_history(SPACE), stream(0, "c")
    for _ in range(4):
        state.select(mutated(state.children(rng)[0], 2.0, history.space, rng))
        for codes in state._codes:
            assert len({row.tobytes() for row in codes}) == len(codes)


def test_totals_are_the_scores_of_the_sequences_that_are_kept():
    state, history, rng = populations(), busy_history(SPACE), stream(0, "c")
    state.select(mutated(state.children(rng)[0], 2.0, history.space, rng))
    for k in range(3):
        sequences = SPACE.alphabet.decode(state._codes[k])
        np.testing.assert_allclose(state._totals[k], functions(sequences)[k])


def test_a_child_without_crossover_is_its_mother():
    state = populations(Climb(generations=1, children=30, parents=6, crossover=0.0))
    children, seams = state.children(stream(1, "c"))
    assert not seams.any()
    families = [{row.tobytes() for row in codes} for codes in state._codes]
    assert all(row.tobytes() in families[i // 10] for i, row in enumerate(children))


def test_the_penalty_is_asked_only_of_children_that_are_new():
    """It is costly: what stands in a population has paid it already, and what cannot be kept never does."""
    asked: list[str] = []

    def penalty(sequences) -> np.ndarray:
        asked.extend(sequences)
        return np.zeros(len(sequences))

    starts = distinct(SPACE, 12, seed=4)
    state = _Populations(QUICK, busy_history(SPACE), starts, Score(functions, 3, penalty))
    assert asked == starts
    mothers = np.repeat(state._codes[:, :1], 20, axis=1).reshape(60, -1)
    state.select(mothers)
    assert asked == starts
    state.select(mutated(mothers, 2.0, SPACE, stream(0, "c")))
    assert 0 < len(asked) - len(starts) < 60


def test_the_penalty_is_not_asked_of_children_that_a_bound_rules_out():
    """And the populations are the same as without the bound."""
    asked: dict[bool, list[str]] = {True: [], False: []}
    kept = []
    for bounded in (True, False):

        def penalty(sequences, heard=asked[bounded]) -> np.ndarray:
            heard.extend(sequences)
            return np.array([-0.3 * sequence.count("G") - 0.1 * sequence.count("A") for sequence in sequences])

        def bound(sequences) -> np.ndarray:
            return np.array([-0.3 * sequence.count("G") for sequence in sequences])

        score = Score(functions, 3, penalty, bound if bounded else None)
        state = _Populations(QUICK, busy_history(SPACE), distinct(SPACE, 12, seed=4), score)
        rng = stream(0, "c")
        for _ in range(5):
            children, _ = state.children(rng)
            state.select(mutated(children, 2.0, SPACE, rng))
        kept.append(state.candidates(20))
    assert kept[0] == kept[1]
    assert len(asked[True]) < len(asked[False])


def test_the_penalty_is_not_asked_of_children_for_whom_better_ones_leave_no_place(monkeypatch):
    """And the populations are the same as where it is asked of a whole brood at once."""
    counts, kept = {}, []
    for turns in (1, 3):
        asked: list[str] = []

        def penalty(sequences, asked=asked) -> np.ndarray:
            asked.extend(sequences)
            return np.array([-0.05 * sequence.count("G") for sequence in sequences])

        monkeypatch.setattr("designloop.generators.climbing._TURNS", turns)
        climb = Climb(generations=5, children=90, parents=4)
        state = _Populations(climb, busy_history(SPACE), distinct(SPACE, 12, seed=4), Score(functions, 3, penalty))
        rng = stream(0, "c")
        for _ in range(5):
            children, _ = state.children(rng)
            state.select(mutated(children, 2.0, SPACE, rng))
        counts[turns] = len(asked)
        kept.append((state._codes.tolist(), state._totals.tolist()))
    assert kept[0] == kept[1]
    assert counts[3] < 0.9 * counts[1]


def test_a_crossed_child_has_its_letters_from_its_own_population():
    state = populations(Climb(generations=1, children=30, parents=6, crossover=1.0))
    children, _ = state.children(stream(1, "c"))
    for i, child in enumerate(children):
        for place in np.flatnonzero(child != PAD):
            assert (state._codes[i // 10] == child[place]).any()


def climbed_by(climb: Climb, score: Score, *, seed: int = 0) -> list[str]:
    part = LanguageModel(model=Markov(), climb=climb)
    return part.propose(busy_history(SPACE), 10, stream(seed, "c"), score=score)


def test_a_score_of_codes_climbs_like_one_of_sequences():
    """Also if the values are computed in several blocks; and the codes are those of the space, function by function."""

    class OfCodes:
        def __call__(self, sequences) -> np.ndarray:
            return functions(sequences)

        def own(self, codes) -> np.ndarray:
            assert codes.shape[0] == 3
            assert codes.shape[2] == SPACE.max_length
            return np.array([functions(SPACE.alphabet.decode(brood))[k] for k, brood in enumerate(codes)])

    by_codes, by_text = (climbed_by(QUICK, Score(part, 3)) for part in (OfCodes(), functions))
    assert by_codes == by_text


@pytest.mark.parametrize("most", [1, 50, 2**22])
def test_each_child_is_judged_by_its_own_function(most: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("designloop.generators.base._MOST_VALUES", most)
    codes = SPACE.padded_codes(distinct(SPACE, 12)).reshape(3, 4, -1)
    whole = functions(distinct(SPACE, 12)).reshape(3, 3, 4)
    np.testing.assert_array_equal(Score(functions, 3).own(codes, SPACE.alphabet), whole[range(3), range(3)])


def test_a_share_of_children_keep_their_letters_and_of_the_others_the_model_draws_a_share(monkeypatch):
    asked, scattered = [], []
    infill, draw = MarkovModel.infill, language_model._scattered

    def noted(self, codes, missing, *rest, **options):
        asked.append(len(codes))
        return infill(self, codes, missing, *rest, **options)

    def counted(children, *rest):
        scattered.append(len(children))
        return draw(children, *rest)

    monkeypatch.setattr(MarkovModel, "infill", noted)
    monkeypatch.setattr(language_model, "_scattered", counted)
    plain = Climb(generations=3, children=3000, crossover=0.0)
    for mutation, share in ((1.0, 1.0), (1.0, 0.0), (0.0, 0.5), (0.8, 0.6)):
        asked.clear()
        scattered.clear()
        part = LanguageModel(model=Markov(), climb=plain.with_(mutation=mutation, model_share=share))
        part.propose(busy_history(SPACES["one length"]), 4, stream(0, "c"), score=Score(functions, 3))
        expected = [9000 * mutation * share, 9000 * mutation * (1 - share)]
        np.testing.assert_allclose([sum(asked), sum(scattered)], expected, atol=200)


def test_pending_designs_are_parents_and_donors_only_where_it_is_said():
    """A pending design that promises most is the first parent of a climb that changes nothing."""
    history = busy_history(SPACE)
    best = max(history.pending_sequences, key=worth)
    still = Climb(generations=1, children=60, parents=4, crossover=0.0, mutation=0.0)

    def landscape(sequences) -> np.ndarray:
        return np.array([[9.0 if s == best else worth(s) for s in sequences]])

    seen: list[set[str]] = []

    def heard(sequences) -> np.ndarray:
        seen[-1].update(sequences)
        return landscape(sequences)

    for climb, means in ((still, landscape), (still.with_(pending=True), landscape), (still.with_(pending=True), None)):
        seen.append(set())
        expected = None if means is None else (lambda sequences: landscape(sequences)[0])
        Mutation(climb=climb).propose(history, 4, stream(0, "c"), score=Score(heard, 1, worth=expected))
    assert [best in those for those in seen] == [False, True, False]


def test_nothing_in_the_lab_is_proposed_though_it_is_a_parent():
    history = busy_history(SPACE)
    climb = Climb.thorough().with_(generations=4, children=90)
    found = []
    for order in (None, list(np.random.default_rng(1).permutation(38))):
        told = busy_history(SPACE, order=order)
        part = LanguageModel(model=Markov(), climb=climb)
        score = Score(functions, 3, worth=lambda sequences: functions(sequences)[0])
        found.append(part.propose(told, 12, stream(0, "c"), score=score))
        assert not history.taken.intersection(found[-1])
    assert found[0] == found[1]


def test_parents_are_chosen_by_their_worth():
    history = busy_history(SPACE)
    shortest = starting_population(history, 5, lambda _: [], lambda known: np.array([-float(len(s)) for s in known]))
    lengths = [len(s) for s, measured in zip(history.sequences, history.is_measured, strict=True) if measured]
    assert [len(s) for s in shortest] == sorted(lengths)[:5]


def test_segments_stay_where_there_are_few_free_positions_or_an_edit_budget():
    climb = Climb.thorough()
    for name, moves in (
        ("one length", 0.3),
        ("states", 0.0),
        ("fixed", 0.0),
        ("edit budget", 0.0),
        ("many lengths", 0.3),
    ):
        space = SPACES[name]
        state = _Populations(climb, busy_history(space, n_measured=8), distinct(space, 8), Score(functions, 3))
        assert state._how.moves == moves, name
        assert state._how.shifts == (0.5 if moves else 0.0)


def test_the_corpus_shows_its_pairs():
    seen = seen_pairs(("ACG", "AA"), DNA)
    assert [(DNA.letters[a], DNA.letters[b]) for a, b in np.argwhere(seen)] == [("A", "A"), ("A", "C"), ("C", "G")]
    assert seen_pairs((), DNA).all()


def test_the_population_starts_with_the_best_measured_ones_of_the_space():
    history = busy_history(SPACE)
    starts = starting_population(history, 5, lambda _: [])
    values = dict(zip(history.sequences, history.values, strict=True))
    best = sorted((v for v in values.values() if np.isfinite(v)), reverse=True)[:5]
    assert [values[s] for s in starts] == best


def test_a_high_value_of_a_large_error_is_no_parent_before_a_precise_one():
    *precise, wild = distinct(SPACE, 9)
    rows = [*(Told(s, float(i), 0.1) for i, s in enumerate(precise)), Told(wild, 7.5, 6.0)]
    starts = starting_population(history_of(SPACE, rows), 3, lambda _: [])
    assert starts == precise[:-4:-1]


def test_what_lacks_is_filled_up_freely_without_doubles():
    history = busy_history(SPACE, n_measured=2)
    known = [s for s, measured in zip(history.sequences, history.is_measured, strict=True) if measured]
    starts = starting_population(history, 4, lambda _: [known[0], "ACGT", "ACGT", "TTTT"])
    assert len(starts) == len(set(starts))
    assert set(known) < set(starts)


def test_a_pool_without_a_measured_sequence_and_without_a_move_into_it_is_searched():
    """All its sequences are far from the measured ones and from each other, so that no population could begin."""
    pool = ("AAAAAAAA", "CCCCCCCC", "GGGGGGGG", "TTTTTTTT")
    history = history_of(Space.of_pool(DNA, pool), [Told("ACGTACGT", 1.0), Told("ACGTACGA", 2.0)])
    found = Mutation(climb=QUICK).propose(history, 4, stream(0, "c"), score=Score(functions, 3))
    assert set(found) <= set(pool)
    assert found
