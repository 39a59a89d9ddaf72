"""A posterior draw is one function, the same at every call, that agrees with what was measured."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import RNA
from designloop.core.errors import InputError
from designloop.core.past import Past, read_past
from designloop.core.records import Event
from designloop.core.spaces import Space
from designloop.oracles import PosteriorDraw
from designloop.testing import OracleContract

SPACE = Space.of_length(RNA, 6)
WEIGHTS = np.random.default_rng(0).normal(0.0, 1.0, (6, 4))
LINEAR = {"kind": "bayesian-linear", "transform": "standard", "emphasis": 0.0}


def linear(sequence: str) -> float:
    return float(sum(WEIGHTS[i, "ACGU".index(letter)] for i, letter in enumerate(sequence)))


def sequences(n: int, seed: int = 1) -> list[str]:
    return list(dict.fromkeys(SPACE.sample(2 * n, np.random.default_rng(seed))))[:n]


def written(folder: Path, n: int = 40, error: float | None = 0.1, offset: float = 0.0, **more: Any) -> str:
    """The past of a campaign with n measured sequences and others that were not expressed."""
    rng, known = np.random.default_rng(2), sequences(n)
    starts = [
        {
            "sequence": s,
            "value": linear(s) + offset * (i % 2) + rng.normal(0.0, error or 0.1),
            "std_error": error,
            "outcome": "observed",
        }
        for i, s in enumerate(known)
    ]
    starts += [{"sequence": s, "outcome": "not_expressed"} for s in more.get("failed", [])]
    return past_of(folder, starts, more.get("scale", "linear"))


def past_of(folder: Path, starts: list[dict[str, Any]], scale: str = "linear") -> str:
    """The file of a past that begins with these."""
    opened = Event(0, "opened", None, {"starts": starts, "scale": scale, "floor": None})
    file = folder / "past.json"
    Past(0, opened, (), {}).write(file)
    return str(file)


def oracle(file: str, seed: int = 0, surrogate: Any = LINEAR, **more: Any) -> PosteriorDraw:
    return PosteriorDraw(past=file, space=SPACE, surrogate=surrogate, seed=seed, **more)


class TestDraw(OracleContract):
    @pytest.fixture
    def oracle(self, tmp_path: Path) -> PosteriorDraw:
        return oracle(written(tmp_path))


@pytest.mark.parametrize("surrogate", [LINEAR, {**LINEAR, "transform": "ranks"}, "auto"])
def test_a_draw_is_one_function(surrogate: Any, tmp_path: Path):
    """Whatever it is asked together with, and in any order; another seed is another function."""
    asked = sequences(80, seed=3)
    its = oracle(written(tmp_path), 5, surrogate)
    values = its(asked)
    assert np.array_equal(its(asked[::-1])[::-1], values)
    assert np.array_equal(np.concatenate([its([one]) for one in asked[:5]]), values[:5])
    assert not np.allclose(oracle(its.past, 6, surrogate)(asked), values)


def test_draws_agree_with_exact_measurements_and_differ_elsewhere(tmp_path: Path):
    """Without noise, every draw has the measured values; what a linear model does not explain is drawn around it."""
    file = written(tmp_path, error=0.001, offset=1.0)
    known, other = sequences(40), [s for s in sequences(300, seed=4) if s not in sequences(40)][:60]
    measured = [start.value for start in read_past(file).known.starts]
    draws = np.array([oracle(file, seed)([*known, *other]) for seed in range(12)])
    assert np.abs(draws[:, :40] - measured).max() < 0.02
    assert draws[:, 40:].std(axis=0).min() > 0.1


def test_a_truth_agrees_with_its_value_where_errors_grow_with_the_values(tmp_path: Path):
    """Errors of 10%, values that a linear model cannot explain: the expected truths of the largest are near them."""
    rng, known = np.random.default_rng(5), sequences(60)
    true = np.exp([linear(s) / 2 for s in known])
    values = true * (1.0 + 0.1 * rng.standard_normal(60))
    starts = [_start(s, float(v), 0.1 * float(v)) for s, v in zip(known, values, strict=True)]
    its = oracle(past_of(tmp_path, starts))
    largest = np.argsort(values)[-8:]
    draws = np.array([its.with_(seed=seed)([known[i] for i in largest]) for seed in range(40)])
    off = (draws.mean(axis=0) - values[largest]) / (0.1 * values[largest])
    assert np.abs(off).max() < 1.7
    assert abs(off.mean()) < 0.8


def test_a_truth_lies_beyond_the_limit_that_its_reading_did(tmp_path: Path):
    """Half of the readings were below a limit: their truths are above it only within the error of a well."""
    known, limit = sequences(60), float(np.median([linear(s) for s in sequences(60)]))
    starts = [_start(s, max(linear(s) ** 3 / 4, limit), 0.05, linear(s) ** 3 / 4 < limit) for s in known]
    below = [start["sequence"] for start in starts if start["outcome"] == "below_detection"]
    assert len(below) > 20
    its = oracle(past_of(tmp_path, starts))
    draws = np.array([its.with_(seed=seed)(below) for seed in range(40)])
    assert draws.max() < limit + 4 * 0.05
    assert (draws > limit).mean() < 0.05
    functions = np.array([its.belief.draw(seed)(below)[0] for seed in range(40)])
    top = its.belief.posterior.to_model_scale(np.array([limit + 4 * 0.05]))
    assert (functions > top).any(), "the functions alone lie above it"


def _start(sequence: str, value: float, error: float | None, is_below: bool = False) -> dict[str, Any]:
    outcome = "below_detection" if is_below else "observed"
    return {"sequence": sequence, "value": value, "std_error": error, "outcome": outcome}


def test_draws_have_the_spread_of_the_posterior(tmp_path: Path):
    """At sequences far from the measured ones, the mean over draws is that of the posterior, within its error."""
    its = oracle(written(tmp_path, n=25))
    asked = sequences(40, seed=9)
    draws = np.array([its.with_(seed=seed)(asked) for seed in range(60)])
    mean, sd = its.belief.posterior.moments(asked)
    assert np.abs((draws.mean(axis=0) - mean) / (sd / 60**0.5)).mean() < 2.0
    assert 0.6 < np.median(draws.std(axis=0) / sd) < 1.4


def test_noise_is_that_of_reported_errors_else_what_is_not_explained(tmp_path: Path):
    told = oracle(written(tmp_path, error=0.25)).belief
    assert told.has_known_errors
    assert told.sd_of_a_well == pytest.approx(0.25)
    (tmp_path / "unknown").mkdir()
    guessed = oracle(written(tmp_path / "unknown", error=None)).belief
    assert not guessed.has_known_errors
    assert guessed.unexplained == 0
    assert 0.05 < guessed.sd_of_a_well < 0.3, "the values have an error of 0.1"


def test_sequences_that_failed_stay_so_and_those_with_a_value_have_one(tmp_path: Path):
    failed = [s for s in sequences(200, seed=6) if s.startswith("A") and s not in sequences(40)][:15]
    its = oracle(written(tmp_path, failed=failed))
    assert np.isnan(its(failed)).all()
    assert np.isfinite(its(sequences(40))).all()
    lost = [np.isnan(its.with_(seed=seed)(SPACE.sample(200, np.random.default_rng(0)))).mean() for seed in range(3)]
    assert 0.1 < np.mean(lost) < 0.5, "15 of 55 failed"
    fewer = its.with_(failed_by_lab=0.25)(SPACE.sample(200, np.random.default_rng(0)))
    assert np.isnan(fewer).mean() < lost[0], "a lab that fails by itself leaves less to the truth"


def test_the_scale_is_that_of_the_assay(tmp_path: Path):
    assert oracle(written(tmp_path, scale="log")).scale == "log"


def test_a_file_without_a_past_is_refused(tmp_path: Path):
    for text in ("{}", "sequence,value\nACGUAC,1\n", '{"form": "other"}', "[1]"):
        (tmp_path / "past.json").write_text(text)
        with pytest.raises(InputError, match="holds no past of a live campaign; `designloop rehearse DIR` writes one"):
            read_past(str(tmp_path / "past.json"))
