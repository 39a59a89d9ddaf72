"""Vectors from a file are features, and a campaign says beforehand which sequences have none."""

from pathlib import Path

import numpy as np
import pytest
from histories import SPACES, Told, distinct, history_of, worth

from designloop.campaign import Campaign
from designloop.core.alphabet import DNA
from designloop.core.errors import InputError
from designloop.core.random import stream
from designloop.core.sources import sources_of
from designloop.core.spaces import Space
from designloop.surrogates import BayesianLinear, RandomForest
from designloop.surrogates.base import Surrogate
from designloop.surrogates.embeddings import VectorFile, features_of
from designloop.testing import SurrogateContract

POOL = Space.of_pool(DNA, distinct(SPACES["one length"], 80, seed=9))
assert POOL.pool is not None
VECTORS = np.random.default_rng(3).standard_normal((80, 6)) * [1.0, 5.0, 0.1, 100.0, 1.0, 0.0] + 7.0


def written(folder: Path, sequences=POOL.pool, vectors=VECTORS) -> str:
    file = folder / "vectors.csv"
    header = ["sequence", *(f"e{i}" for i in range(vectors.shape[1]))]
    lines = [",".join([s, *map(repr, row)]) for s, row in zip(sequences, vectors.tolist(), strict=True)]
    file.write_text("\n".join([",".join(header), *lines]) + "\n", encoding="utf-8")
    return str(file)


def test_features_are_standardised_and_as_long_as_one_hot_rows(tmp_path):
    """A dimension that is constant tells nothing, and a unit of a dimension does not matter."""
    history = history_of(POOL)
    part = VectorFile(path=written(tmp_path))
    rows = features_of(history, part, with_letters=False)(POOL.pool).dense()
    assert rows.shape == (80, 5)
    np.testing.assert_allclose(rows.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose((rows**2).sum(axis=1).mean(), POOL.max_length)
    own = VECTORS[:, :5] - VECTORS[:, :5].mean(axis=0)
    np.testing.assert_allclose(rows, own / own.std(axis=0) * np.sqrt(8 / 5), atol=1e-9)
    both = features_of(history, part, with_letters=True)(POOL.pool).dense()
    np.testing.assert_array_equal(both[:, :5], rows)
    np.testing.assert_array_equal(both[:, 5:], features_of(history, None, with_letters=False)(POOL.pool).dense())


@pytest.mark.parametrize("surrogate", [BayesianLinear, RandomForest])
def test_a_surrogate_learns_what_vectors_know_and_letters_do_not(surrogate, tmp_path):
    """Values are a function of the vectors alone: predictions of new sequences follow them."""
    values = (VECTORS[:, 0] - VECTORS[:, 1] / 5.0).tolist()
    history = history_of(POOL, [Told(s, v) for s, v in zip(POOL.pool[:60], values[:60], strict=True)])
    seen = surrogate(embedding={"path": written(tmp_path)}).fit(history, stream(0, "fit")).moments(POOL.pool[60:])[0]
    blind = surrogate().fit(history, stream(0, "fit")).moments(POOL.pool[60:])[0]
    assert np.corrcoef(seen, values[60:])[0, 1] > 0.7
    assert np.corrcoef(blind, values[60:])[0, 1] < 0.5


def test_the_order_of_the_file_does_not_matter(tmp_path):
    history = history_of(POOL, [Told(s, worth(s)) for s in POOL.pool[:40]])
    found = []
    for name, order in (("one", np.arange(80)), ("other", np.random.default_rng(1).permutation(80))):
        (tmp_path / name).mkdir()
        path = written(tmp_path / name, [POOL.pool[i] for i in order], VECTORS[order])
        part = BayesianLinear(embedding=VectorFile(path=path))
        found.append(part.fit(history, stream(0, "fit")).moments(POOL.pool))
    np.testing.assert_array_equal(*found)


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> str:
    return written(tmp_path_factory.mktemp("vectors"))


class OnVectors(SurrogateContract):
    space = POOL


class TestLinearOnVectors(OnVectors):
    @pytest.fixture
    def surrogate(self, file: str) -> Surrogate:
        return BayesianLinear(embedding={"path": file})


class TestForestOnVectors(OnVectors):
    @pytest.fixture
    def surrogate(self, file: str) -> Surrogate:
        return RandomForest(trees=30, embedding=VectorFile(path=file), with_letters=True)


def campaign(path: str, **changes) -> Campaign:
    described = {
        "oracle": {"kind": "nk", "length": 8, "neighbours": 1, "alphabet": "dna"},
        "space": {"pool": list(POOL.pool)},
        "lab": "instant",
        "strategy": {
            "kind": "model-guided", "generator": "enumerate",
            "surrogate": {"kind": "bayesian-linear", "embedding": {"path": path}},
        },
        "scheduler": {"kind": "rounds", "batch_size": 8},
        "budget": {"designs": 16},
    }  # fmt: skip
    return Campaign.model_validate({**described, **changes})


def test_a_campaign_runs_in_a_pool_and_records_the_file(tmp_path):
    path = written(tmp_path)
    result = campaign(path).run(seed=0)
    assert len(result.observations()) == 16
    (key,) = sources_of(campaign(path)).files
    assert key == "strategy.surrogate.embedding.path"
    before = sources_of(campaign(path)).files[key]
    written(tmp_path, vectors=VECTORS + 1.0)
    assert sources_of(campaign(path)).files[key] != before


def test_a_sequence_without_a_vector_is_named_before_the_run(tmp_path):
    path = written(tmp_path, POOL.pool[:77], VECTORS[:77])
    with pytest.raises(InputError, match=rf"has no vector of {POOL.pool[77]} and 2 others; add it, or restrict"):
        campaign(path).known()


def test_a_starting_sequence_without_a_vector_is_named_before_the_run(tmp_path):
    path = written(tmp_path, POOL.pool[:77], VECTORS[:77])
    few = {"space": {"pool": list(POOL.pool[:70])}, "prior": {"starts": [POOL.pool[3]]}}
    campaign(path, **few).known()
    (tmp_path / "old.csv").write_text(f"sequence,value\n{POOL.pool[79]},1.0\n", encoding="utf-8")
    starts = {"starts": {"path": str(tmp_path / "old.csv"), "value": "value"}}
    with pytest.raises(InputError, match=f"has no vector of {POOL.pool[79]};"):
        campaign(path, space=few["space"], prior=starts).known()


def test_a_space_larger_than_the_file_is_refused_with_the_mend(tmp_path):
    with pytest.raises(InputError, match=r"vectors of 80 sequences, but the space holds 65,536 sequences; restrict it"):
        campaign(written(tmp_path), space=None).known()


def test_during_a_run_too_a_sequence_without_a_vector_is_named(tmp_path):
    part = RandomForest(embedding={"path": written(tmp_path)})
    posterior = part.fit(history_of(POOL, [Told(s, worth(s)) for s in POOL.pool[:9]]), stream(0, "fit"))
    with pytest.raises(InputError, match="has no vector of AAAAAAAA"):
        posterior.moments(["AAAAAAAA"])


@pytest.mark.parametrize(
    ("embedding", "sentence"),
    [
        ("vectors.csv", r"expected a language model or a file, as in `\{path: vectors.csv\}`"),
        ({"path": "v.csv", "mutant": "name"}, "`mutant` requires the parent sequence"),
        ({"path": "v.csv", "sequenc": "name"}, "unknown key 'sequenc'. Did you mean 'sequence'"),
        ("markof", "unknown language model 'markof'. Did you mean 'markov'"),
        ({"order": 2}, "expected a language model: a short name, or a mapping with the key 'kind'"),
    ],
)
def test_a_wrong_embedding_is_answered_once_with_the_mend(embedding, sentence):
    with pytest.raises(ValueError, match=sentence) as caught:
        BayesianLinear(embedding=embedding)
    assert caught.value.error_count() == 1


def test_a_missing_file_is_named():
    with pytest.raises(InputError, match="does not exist"):
        BayesianLinear(embedding={"path": "/nowhere/v.csv"}).fit(history_of(POOL), stream(0, "fit"))


def test_the_description_reads_back(tmp_path):
    part = BayesianLinear(embedding={"path": "v.csv", "sequence": "variant"})
    assert part.describe()["embedding"]["sequence"] == "variant"
    assert BayesianLinear.model_validate({k: v for k, v in part.describe().items() if k != "kind"}) == part
    assert BayesianLinear(embedding="markov").describe()["embedding"]["kind"] == "markov"
