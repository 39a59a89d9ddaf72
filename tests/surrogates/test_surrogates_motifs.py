"""The motif model against loops written out, finite differences and planted motifs."""

from dataclasses import replace

import numpy as np
import pytest
from histories import Told, history_of

from designloop.core.alphabet import DNA, states
from designloop.core.history import History
from designloop.core.random import stream
from designloop.core.spaces import Space
from designloop.surrogates import BayesianLinear, Motifs
from designloop.surrogates.decades import asinh_scale
from designloop.surrogates.motif_kernels import curvature
from designloop.surrogates.motif_posterior import FLOOR, Link, MotifDraw, Particles, Windows
from designloop.surrogates.regression import rank_correlation

SPACE = Space.of_length(states(8), 16)
_A, _B, _C, _D = SPACE.alphabet.letters[:4]
MOTIFS = (f"{_A}.{_B}", f"{_C}{_D}")
"""Letters of two motifs; the first has a gap of one place."""


def has(sequence: str, motif: str) -> float:
    """The largest share of a motif's letters that stand together anywhere."""
    letters = [(i, letter) for i, letter in enumerate(motif) if letter != "."]
    starts = range(len(sequence) - len(motif) + 1)
    return max(sum(sequence[p + i] == letter for i, letter in letters) / len(letters) for p in starts)


def worth(sequence: str) -> float:
    """A product over motifs, as in an Ehrlich function."""
    return float(np.prod([0.1 + has(sequence, motif) for motif in MOTIFS]))


def planted(n: int, seed: int = 0, **errors: float) -> History:
    rows = [Told(s, worth(s), **errors) for s in dict.fromkeys(SPACE.sample(n, stream(seed, "designs")))]
    return history_of(SPACE, rows)


def random_particles(n: int, n_filters: int, windows: Windows, n_letters: int) -> Particles:
    rng = np.random.default_rng(1)
    filters = rng.standard_normal((n, n_letters, windows.width * n_filters)).astype(np.float32)
    return Particles(filters, rng.standard_normal((n, 1 + n_filters)), windows)


@pytest.mark.parametrize("length", [5, 16, 30])
def test_features_are_best_matches_at_any_start(length: int):
    """Windows may begin before the sequence and end after it; letters outside it, or after its end, add nothing."""
    windows, n_filters, rng = Windows.of(length, 64), 3, np.random.default_rng(0)
    particles = random_particles(2, n_filters, windows, 4)
    codes = rng.integers(0, 4, (6, length)).astype(np.int16)
    codes[2, length - 2 :] = -1
    found = particles.of_all(codes)
    for p, filters in enumerate(particles.filters.reshape(2, 4, windows.width, n_filters)):
        for i, code in enumerate(codes):
            starts = range(windows.first, windows.first + windows.n_starts)
            scores = [
                sum(
                    filters[code[q], windows.width - 1 - (q - start)]
                    for q in range(max(start, 0), min(start + windows.width, length))
                    if code[q] >= 0
                )
                for start in starts
            ]
            best = np.max([np.broadcast_to(score, n_filters) for score in scores], axis=0)
            np.testing.assert_allclose(found[p, i, 1:], np.log(FLOOR + np.maximum(best, 0)), rtol=1e-5, atol=1e-5)
            assert found[p, i, 0] == 1.0


@pytest.mark.parametrize("is_log", [False, True])
def test_the_curvature_is_the_square_of_finite_differences(is_log: bool):
    windows, link = Windows.of(8, 64), Link(is_log)
    particles = random_particles(1, 2, windows, 4)
    coefficients = np.array([-1.0, 1.0, 1.0])
    codes = np.random.default_rng(2).integers(0, 4, (3, 8)).astype(np.int16)
    weights = np.array([1.0, 0.5, 2.0])

    def values(filters: np.ndarray) -> np.ndarray:
        found = Particles(filters[None], coefficients[None], windows).of_all(codes)[0]
        return link.values(found @ coefficients)

    filters, step = particles.filters[0], np.float32(2e-3)
    its = windows.first, windows.n_starts, filters, coefficients.astype(np.float32), is_log, FLOOR
    found = curvature(codes, weights.astype(np.float32), *its)
    for place in np.argwhere(found > 1e-3)[::7]:
        moved = np.zeros_like(filters)
        moved[tuple(place)] = step
        slopes = (values(filters + moved) - values(filters - moved)) / (2 * step)
        assert found[tuple(place)] == pytest.approx(weights @ slopes**2, rel=0.05)


def test_on_a_scale_of_decades_the_sum_is_the_logarithm_of_the_value():
    """And the slopes are those of finite differences."""
    scale = asinh_scale(np.array([1e-4, 1e-3, 0.01, 0.1, 1.0]), np.zeros(5))
    assert scale is not None
    link, sums = Link.of(scale), np.log(np.array([1e-3, 0.02, 0.7, 5.0]) / scale.unit)
    np.testing.assert_allclose(scale.to_assay(link.values(sums)), [1e-3, 0.02, 0.7, 5.0], rtol=1e-3)
    step = 1e-5
    slopes = (link.values(sums + step) - link.values(sums - step)) / (2 * step)
    np.testing.assert_allclose(link.slopes(sums), slopes, rtol=1e-5)
    np.testing.assert_allclose(link.targets(link.values(sums)), np.arcsinh(np.exp(sums)))


def test_planted_motifs_are_found_wherever_they_stand():
    """New sequences are ranked far better than by letters at their places."""
    history, new = planted(300), SPACE.sample(300, stream(1, "new"))
    truth, flat = np.array([worth(s) for s in new]), np.ones(300)
    motifs, letters = (
        rank_correlation(part.fit(history, stream(0, "f")).model_moments(new)[0], truth, flat)
        for part in (Motifs(filters=4), BayesianLinear())
    )
    assert motifs > 0.75
    assert letters < 0.4


def test_predictions_out_of_fold_are_as_good_as_those_of_new_sequences():
    """They would be nearly perfect if a member had seen the row that it predicts."""
    history, new = planted(200), SPACE.sample(400, stream(1, "new"))
    posterior = Motifs(filters=4).fit(history, stream(0, "f"))
    seen = np.array([worth(s) for s in sorted(history.sequences)])
    out = rank_correlation(posterior.left_out, seen, np.ones(len(seen)))
    truth = np.array([worth(s) for s in new])
    of_one = posterior.draw(6, stream(0, "one of each member"))(new)
    fresh = np.mean([rank_correlation(its, truth, np.ones(400)) for its in of_one])
    assert out == pytest.approx(fresh, abs=0.15)
    assert out < 0.97


def test_the_motifs_of_a_draw_are_those_that_were_planted():
    """Without noise on filters, the two strongest letters of some filter are those of each motif, with its gap."""
    posterior = Motifs(epochs=60).fit(planted(300), stream(0, "m"))
    draw = posterior.draw(12, stream(0, "d"))
    found = draw.motifs()
    assert found.shape == (12, 8, Windows.of(16, 64).width, 2)
    strongest = set()
    for places, letters in np.moveaxis(found[:, :, :2].reshape(-1, 2, 2), 2, 1).tolist():
        first, last = sorted(zip(places, letters, strict=True))
        strongest.add((last[0] - first[0], first[1], last[1]))
    a, b, c, d = SPACE.alphabet.encode([_A + _B + _C + _D])[0].tolist()
    assert {(2, a, b), (1, c, d)} <= strongest


def test_after_the_last_letter_of_a_motif_there_is_nothing():
    """Entries below a tenth of the strongest are left out."""
    particles = random_particles(3, 2, Windows.of(5, 64), 4)
    particles.filters[...] = 0.0
    particles.filters[1, 2, 0] = 1.0  # the last place of the window, first filter
    particles.filters[1, 0, 4] = 0.05
    posterior = replace(Motifs(epochs=1).fit(planted(30), stream(0, "m")), particles=particles)
    draw = MotifDraw(posterior, np.array([1]), particles.coefficients[[1]])
    assert draw.motifs()[0, 0, :2].tolist() == [[4, 2], [-1, -1]]
    assert (draw.motifs()[0, 1] == -1).all()


def test_a_draw_is_evaluated_at_its_own_sequences():
    posterior = Motifs(filters=3, members=3, epochs=20).fit(planted(60), stream(0, "f"))
    draw, codes = posterior.draw(5, stream(0, "d")), SPACE.padded_codes(SPACE.sample(10, stream(2, "own")))
    own = draw.own(codes.reshape(5, 2, -1))
    every = draw(SPACE.alphabet.decode(codes)).reshape(5, 5, 2)
    np.testing.assert_allclose(own, every[np.arange(5), np.arange(5)], rtol=1e-6)


def test_assumed_values_update_coefficients_like_a_linear_regression():
    """Written out with the normal equations of training rows and assumed rows together."""
    history = planted(80)
    posterior = Motifs(filters=3, members=2, epochs=20, transform="standard").fit(history, stream(0, "f"))
    new = SPACE.sample(3, stream(3, "new"))
    told = posterior.model_moments(new)[0] + np.array([1.0, -0.5, 0.2])
    after = posterior.condition(new, told)
    known, found = (posterior.particles.of_all(its) for its in (posterior.rows, SPACE.padded_codes(new)))
    for p, own in enumerate(posterior.particles.coefficients):
        rows = np.vstack([known[p], found[p]])
        precision = np.append(posterior.weights, np.ones(3)) / posterior.noise
        values = np.append(known[p] @ own, told)  # training rows are as the particle predicts them
        left = np.eye(len(own)) + (rows.T * precision) @ rows
        expected = np.linalg.solve(left, own + rows.T @ (precision * values))
        np.testing.assert_allclose(after._coefficients[0, p], expected, rtol=1e-6, atol=1e-8)


def test_several_beliefs_have_a_mean_each_and_one_spread():
    posterior = Motifs(filters=3, members=2, epochs=20).fit(planted(60), stream(0, "f"))
    new = SPACE.sample(4, stream(3, "new"))
    told = np.stack([posterior.model_moments(new)[0] + move for move in (1.0, -1.0)])
    both = posterior.condition(new, told)
    mean, std = both.model_moments(new)
    assert mean.shape == (2, 4)
    np.testing.assert_allclose(mean[0], posterior.condition(new, told[0]).model_moments(new)[0])
    assert std.shape == (4,)
    assert both.draw(4, stream(0, "d"))(new).shape == (4, 4)


def test_equal_values_and_failures_alone_give_a_finite_belief():
    same = history_of(SPACE, [Told(s, 0.0) for s in SPACE.sample(30, stream(0, "d"))])
    failed = history_of(SPACE, [Told(s, "not_expressed") for s in SPACE.sample(30, stream(0, "d"))])
    for history in (same, failed):
        mean, std = Motifs(epochs=5).fit(history, stream(0, "f")).moments(SPACE.sample(5, stream(1, "d")))
        assert np.isfinite([mean, std]).all()
        assert (std > 0).all()


def test_a_few_values_eighty_decades_above_the_others_do_not_overflow():
    """In float32, sinh overflows at 89, and these are at 180."""
    sequences = SPACE.sample(60, np.random.default_rng(0))
    values = np.append(np.exp(np.linspace(0.0, 5.0, 57)), [1e78, 1e79, 1e80])
    rows = [Told(s, v, 0.1) for s, v in zip(sequences, values.tolist(), strict=True)]
    posterior = Motifs(filters=2, members=2, epochs=20).fit(history_of(SPACE, rows), stream(0, "fit"))
    assert posterior.link.is_log
    assert posterior.link.targets(posterior.to_model_scale(values)).max() > 100
    assert np.isfinite([*posterior.model_moments(sequences), *posterior.moments(sequences)]).all()


def test_motifs_suit_spaces_in_which_they_can_move():
    few = Space.of_length(DNA, 20, parent="A" * 20, fixed=tuple(range(9)))
    assert not Motifs().suits(history_of(few))
    assert Motifs().suits(history_of(SPACE))
