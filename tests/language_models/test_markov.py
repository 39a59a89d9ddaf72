"""The n-gram model against what can be worked out by hand, or by going through every sequence."""

from itertools import product

import numpy as np
import pytest
from scipy.stats import chisquare

from designloop.core.alphabet import DNA, PAD, RNA, Alphabet, states
from designloop.core.errors import ConfigError, InputError
from designloop.core.notices import Notice, heard
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.language_models.inference.lengths import pick
from designloop.language_models.inference.markov_infilling import Infilling
from designloop.language_models.markov import MarkovModel

CORPUS = ["ACGT", "ACCT", "AACG", "TACG", "ACG", "GAC", "ACGT", "CCGTA"]
SPACE = Space(alphabet=DNA, min_length=3, max_length=5)
EVERY_WAY = [Markov(), Markov(order=0), Markov(order=2), Markov(positional=True), Markov(order=0, positional=True)]


def model(description: Markov = Markov(), space: Space = SPACE) -> MarkovModel:  # noqa: B008 - frozen
    return description.pretrained(CORPUS, space)


def every(length: int) -> list[str]:
    return ["".join(letters) for letters in product("ACGT", repeat=length)]


def test_bigram_probabilities_are_the_counts_when_the_pseudocount_vanishes():
    found = Markov(pseudocount=1e-12).pretrained(["AC", "AG", "AC", "CA"], Space.of_length(DNA, 2))
    p = np.exp(found.log_likelihood(["AC", "AG", "CA"]))
    assert p / p[0] == pytest.approx([1.0, 0.5, 0.5])
    assert np.exp(found.log_likelihood(["AC"]) - found.lengths.log_probability(np.array([2])))[0] == pytest.approx(0.5)


@pytest.mark.parametrize("description", EVERY_WAY)
def test_probabilities_of_a_length_sum_to_that_lengths(description: Markov):
    found = model(description)
    for length in (1, 3, 5, 6):
        total = np.exp(found.log_likelihood(every(length))).sum()
        assert total == pytest.approx(np.exp(found.lengths.log_probability(np.array([length])))[0])


def test_probabilities_of_lengths_sum_to_one_and_no_length_is_impossible():
    p = np.exp(model().lengths.log_probability(np.arange(1, 2000)))
    assert p.sum() == pytest.approx(1.0)
    assert (p[:20] > 0).all()


def test_a_letter_never_seen_after_another_backs_off_to_its_composition():
    found = Markov(pseudocount=0.01).pretrained(["AAAC"] * 100, Space.of_length(DNA, 4))
    after_c = found.table[0, 1]  # C ends every sequence, so what follows it was never seen
    composition = Markov(order=0, pseudocount=0.01).pretrained(["AAAC"] * 100, Space.of_length(DNA, 4)).table[0, 0]
    assert after_c == pytest.approx(composition)
    after_a = found.table[0, 0]
    assert after_a[2] < 1e-6 < after_a[1]


@pytest.mark.parametrize("missing_at", [(2,), (1, 2), (0, 3), (0, 1, 2, 3), (3,)])
@pytest.mark.parametrize("description", EVERY_WAY)
def test_infills_follow_the_exact_conditional(description: Markov, missing_at: tuple[int, ...]):
    space = Space.of_length(DNA, 4, allowed={2: "CGT"})
    check_infills(model(description, space), space, "".join("_" if i in missing_at else "ACGT"[i] for i in range(4)))


def weighed(monkeypatch: pytest.MonkeyPatch, **limits: int) -> None:
    """With other limits from which on a way of drawing is no longer taken."""
    for name, limit in limits.items():
        monkeypatch.setattr(f"designloop.language_models.inference.markov_infilling._{name}", limit)


def test_sweeps_follow_it_where_letters_hang_together_loosely(monkeypatch: pytest.MonkeyPatch):
    """What a table too large for messages is drawn by, where the letters have too many fillings to go through."""
    weighed(monkeypatch, MOST_CELLS=15, LEAST_FILLINGS=1, MOST_FILLINGS=1)
    space = Space.of_length(DNA, 4, allowed={2: "CGT"})
    with pytest.warns(
        Notice, match="order 2 draws many .* approximately, by ten Gibbs sweeps.* exact up to `order: 0`"
    ):
        check_infills(model(Markov(order=2), space), space, "A__T")


def test_sweeps_are_told_of_once(monkeypatch: pytest.MonkeyPatch):
    """By the way that warnings take to the screen; and not where few letters are missing, which are drawn exactly."""
    told: list[str] = []
    space = Space.of_length(DNA, 40)
    found = Markov(order=8).pretrained(space.sample(20, np.random.default_rng(3)), space)
    codes, few = DNA.encode(["ACGT" * 10]), np.arange(40)[None] % 10 == 0
    with heard(warn=told.append, wait=None):
        found.infill(codes, few, space, np.random.default_rng(0))
        assert told == []
        for _ in range(2):
            found.infill(codes, ~few, space, np.random.default_rng(0))
    assert len(told) == 1
    assert "exact up to `order: 7`" in told[0]


@pytest.mark.parametrize("positional", [False, True])
@pytest.mark.parametrize("order", [2, 3, 5])
def test_all_fillings_and_messages_draw_the_same_letters(order: int, positional: bool, monkeypatch: pytest.MonkeyPatch):
    """Groups that touch, stand alone, and stand at either end, of sequences of several lengths; some letters barred."""
    space = Space(alphabet=DNA, min_length=9, max_length=14, allowed={3: "CGT", 7: "A"})
    description = Markov(order=order, positional=positional)
    found = description.pretrained(space.sample(40, np.random.default_rng(1)), space)
    codes = DNA.encode(space.sample(200, np.random.default_rng(2)))
    missing = (np.random.default_rng(3).random(codes.shape) < 0.25) & (codes != PAD)
    drawn = []
    for most in (1, 2**20):
        weighed(monkeypatch, LEAST_FILLINGS=most, MOST_FILLINGS=most)
        drawn.append(found.infill(codes, missing, space, np.random.default_rng(4), temperature=0.7))
    np.testing.assert_array_equal(*drawn)
    assert (drawn[0] != codes)[missing].mean() > 0.3


def test_few_missing_letters_need_no_messages(monkeypatch: pytest.MonkeyPatch):
    """Messages go over every context, which at order 5 costs a hundred times as much."""
    space = Space.of_length(DNA, 50)
    found = Markov(order=5).pretrained(space.sample(50, np.random.default_rng(1)), space)
    codes, missing = DNA.encode(space.sample(20, np.random.default_rng(2))), np.arange(50) % 17 < 5
    asked: list[int] = []
    messages = Infilling._messages_over_contexts

    def counted(self: Infilling, rows: np.ndarray, columns: list[int]) -> dict[int, np.ndarray]:
        asked.append(len(rows))
        return messages(self, rows, columns)

    monkeypatch.setattr(Infilling, "_messages_over_contexts", counted)
    found.infill(codes, np.tile(missing, (20, 1)), space, np.random.default_rng(0))
    assert asked == []
    found.infill(codes, np.ones((20, 50), dtype=bool), space, np.random.default_rng(0))
    assert asked == [20]


@pytest.mark.parametrize("template", ["ACAC__ACAC", "GTGT____AC", "____GTAC__"])
@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("most", [1, 2**12])
def test_infills_are_exact_where_letters_hang_together_tightly(
    order: int, template: str, most: int, monkeypatch: pytest.MonkeyPatch
):
    """Two words that letter by letter do not turn into each other: ten sweeps over GTGT____AC are .59 off."""
    weighed(monkeypatch, LEAST_FILLINGS=most)  # by messages, or by all fillings
    corpus = ["ACACACACAC", "GTGTGTGTGT"] * 100 + ["ACACGTGTGT", "GTGTACACAC"] * 20
    space = Space.of_length(DNA, 10)
    check_infills(Markov(order=order).pretrained(corpus, space), space, template)


def check_infills(found: MarkovModel, space: Space, template: str, n: int = 4000) -> None:
    """Letters drawn at each `_` are as frequent as going through every sequence says."""
    missing = np.array([letter == "_" for letter in template])
    every_way = [iter(letters) for letters in product("ACGT", repeat=int(missing.sum()))]
    written = [
        "".join(next(way) if gap else letter for gap, letter in zip(missing, template, strict=True))
        for way in every_way
    ]
    matching = [sequence for sequence in written if space.contains([sequence])[0]]
    p = np.exp(found.log_likelihood(matching))
    codes = np.repeat(DNA.encode([template.replace("_", "A")]), n, axis=0)
    drawn = DNA.decode(found.infill(codes, np.tile(missing, (n, 1)), space, np.random.default_rng(5)))
    assert set(drawn) <= set(matching)
    counts, expected = np.array([drawn.count(s) for s in matching]), n * p / p.sum()
    rare = expected < 5
    counts, expected = np.append(counts[~rare], counts[rare].sum()), np.append(expected[~rare], expected[rare].sum())
    kept = expected > 0
    assert chisquare(counts[kept], expected[kept]).pvalue > 1e-3


def test_infill_honours_the_end_of_shorter_sequences():
    found = model()
    codes = DNA.encode(["ACG", "ACGTA"])
    missing = np.array([[False, False, True, False, False], [False, False, True, False, False]])
    filled = found.infill(codes, missing, SPACE, np.random.default_rng(0))
    assert (filled[0, 3:] == PAD).all()
    assert (filled[~missing] == codes[~missing]).all()


def test_temperature_sharpens_the_joint_distribution():
    space = Space.of_length(DNA, 3)
    found = model(space=space)
    p = np.exp(2 * found.log_likelihood(every(3)))  # temperature 1/2: the joint squared
    p /= p.sum()
    drawn = found.sample(6000, space, np.random.default_rng(1), temperature=0.5)
    share = np.array([drawn.count(s) for s in every(3)]) / 6000
    assert np.abs(share - p).max() < 0.02
    assert len(set(found.sample(100, space, np.random.default_rng(1), temperature=0.01))) <= 2


@pytest.mark.parametrize("description", EVERY_WAY)
def test_samples_fit_the_space_and_come_again_from_the_same_seed(description: Markov):
    space = Space(alphabet=DNA, min_length=3, max_length=6, parent="ACGT", fixed=(0,), allowed={1: "CG", 4: "A"})
    found = model(description, space)
    samples = [found.sample(200, space, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert samples[0] == samples[1] != samples[2]
    assert space.contains(samples[0]).all()


def test_samples_have_the_corpus_lengths():
    lengths = [len(s) for s in model().sample(4000, SPACE, np.random.default_rng(0))]
    assert [lengths.count(k) / 4000 for k in (3, 4, 5)] == pytest.approx([2 / 8, 5 / 8, 1 / 8], abs=0.03)


@pytest.mark.parametrize("description", EVERY_WAY)
def test_no_corpus_gives_the_uniform_model(description: Markov):
    found = description.pretrained([], SPACE)
    assert np.ptp(found.log_likelihood(every(4))) == pytest.approx(0.0, abs=1e-12)
    assert found.log_likelihood([]).shape == (0,)


@pytest.mark.parametrize(("order", "temperature"), [(0, 0.02), (0, 1e-5), (1, 0.02), (2, 0.02)])
def test_cold_letters_are_the_likeliest(order: int, temperature: float):
    assert set(cold(order, temperature)) == {"AAAAAA"}


def test_a_temperature_at_which_all_contexts_are_alike_is_refused():
    with pytest.raises(InputError, match=r"temperature 0.001 is too low .* or more"):
        cold(1, 1e-3)


def cold(order: int, temperature: float) -> list[str]:
    space = Space.of_length(DNA, 6)
    trained = Markov(order=order).pretrained(["AAAAAAACCG", "AACAAAGTAA"] * 50, space)
    return trained.sample(20, space, np.random.default_rng(0), temperature=temperature)


def test_letters_add_up_to_the_sequence():
    found = model()
    letters = found.letter_log_likelihoods(["ACG", "ACGTA"])
    assert letters.shape == (2, 5)
    assert (letters[0, 3:] == 0).all()
    lengths = found.lengths.log_probability(np.array([3, 5]))
    assert letters.sum(axis=1) + lengths == pytest.approx(found.log_likelihood(["ACG", "ACGTA"]))


def test_a_wrong_letter_and_too_large_a_table_are_refused():
    with pytest.raises(InputError, match="'U' at position 2"):
        Markov().pretrained(["AUG"], SPACE)
    with pytest.raises(ConfigError, match="lower the order"):
        Markov(order=8).pretrained([], Space.of_length(states(32), 8))


def test_positional_tables_learn_an_aligned_site():
    found = Markov(order=0, positional=True).pretrained(["AGG", "AGC", "AGG"], Space.of_length(RNA, 3))
    best = max(("".join(s) for s in product("ACGU", repeat=3)), key=lambda s: found.log_likelihood([s])[0])
    assert best == "AGG"


def test_a_letter_of_no_weight_is_never_picked():
    weights = np.array([[0.0, 1.0, 0.0], [0.0, 1e-300, 0.0], [0.3, 0.0, 0.7]])
    for uniform in (0.0, 0.29999, 0.5, np.nextafter(1.0, 0.0)):
        picked = pick(weights, np.full(3, uniform))
        assert (weights[np.arange(3), picked] > 0).all()


def test_long_sequences_do_not_underflow():
    letters = Alphabet(name="two", letters="ab")
    space = Space.of_length(letters, 3000)
    found = Markov().pretrained(["ab" * 1500], space)
    assert found.sample(2, space, np.random.default_rng(0), temperature=0.2)[0] in ("ab" * 1500, "ba" * 1500)
