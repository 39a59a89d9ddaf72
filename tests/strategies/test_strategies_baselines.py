"""The baselines: uniform, natural, and evolved."""

import numpy as np
from histories import SPACES, Told, distinct, history_of, picks, worth

from designloop.core.random import stream
from designloop.core.records import Order
from designloop.language_models import Markov
from designloop.strategies import Genetic, Random, RandomViable
from designloop.strategies.naturalness import Naturalness

SPACE = SPACES["one length"]
NATURAL = ["ACACACAC", "CACACACA", "ACACGTGT", "GTGTACAC", "CACAGTGT", "GTGTGTGT", "TGTGTGTG"] * 8
PAIRS = {s[i : i + 2] for s in NATURAL for i in range(7)}
MARKOV = Markov(pseudocount=1e-4)


def novel(sequence: str) -> int:
    """Pairs of neighbours that no natural sequence shows."""
    return sum(sequence[i : i + 2] not in PAIRS for i in range(7))


def test_random_does_not_look_at_values():
    sequences = distinct(SPACE, 20)
    one, other = (history_of(SPACE, [Told(s, sign * worth(s)) for s in sequences]) for sign in (1, -1))
    assert picks(Random(), one) == picks(Random(), other)


def test_random_viable_does_not_look_at_values():
    sequences = distinct(SPACE, 20)
    one, other = (history_of(SPACE, [Told(s, sign * worth(s)) for s in sequences], corpus=NATURAL) for sign in (1, -1))
    assert picks(RandomViable(model=MARKOV), one) == picks(RandomViable(model=MARKOV), other)


def test_random_viable_draws_what_nature_would_write():
    batch = picks(RandomViable(model=MARKOV), history_of(SPACE, corpus=NATURAL), n=20)
    assert sum(map(novel, batch)) == 0
    assert sum(map(novel, picks(Random(), history_of(SPACE, corpus=NATURAL), n=20))) > 20


def test_without_a_model_the_corpus_itself_is_drawn_from():
    """Each natural sequence once; when they run out, uniform ones, and the record says which is which."""
    proposal = RandomViable(model=None).propose(history_of(SPACE, corpus=NATURAL), Order(10), stream(0, "s"))
    assert {c.sequence for c in proposal.choices if c.origin == "corpus"} == set(NATURAL)
    assert [c.origin for c in proposal.choices].count("fill") == 3


def test_genetic_batches_descend_from_the_best():
    """With two survivors and few mutations, children look like them."""
    rows = [Told(s, worth(s)) for s in distinct(SPACE, 30)]
    parents = [row.sequence for row in sorted(rows, key=lambda row: -row.ending)[:2]]
    batch = picks(Genetic(model=None, survivors=2, mutations=0.01, recombination=0.0), history_of(SPACE, rows), n=12)
    assert all(min(sum(a != b for a, b in zip(s, p, strict=True)) for p in parents) == 1 for s in batch)


def test_genetic_keeps_to_what_looks_viable():
    """With the filter, and outcomes that follow naturalness, children show fewer pairs that nature does not."""
    rows = [Told(s, worth(s)) for s in sorted(set(NATURAL))]
    rows += [Told(s, "not_expressed") for s in distinct(SPACE, 80) if novel(s) >= 3]
    history = history_of(SPACE, rows, corpus=NATURAL)
    filtered, free = (sum(map(novel, picks(Genetic(model=m, surplus=50), history, n=12))) for m in (MARKOV, None))
    assert filtered < 0.6 * free


def test_genetic_begins_as_random_viable_does():
    history = history_of(SPACE, corpus=NATURAL)
    assert picks(Genetic(model=MARKOV), history) == picks(RandomViable(model=MARKOV), history)


def test_naturalness_is_believed_where_outcomes_follow_it_and_dropped_where_they_do_not():
    """Unnatural designs that gave values speak against it; unnatural ones that failed, for it."""
    unnatural = [s for s in distinct(SPACE, 80) if novel(s) >= 3][:20]
    natural = [Told(s, 1.0) for s in sorted(set(NATURAL))]
    follows = Naturalness.learnt(
        MARKOV, history_of(SPACE, natural + [Told(s, "not_expressed") for s in unnatural], corpus=NATURAL)
    )
    against = Naturalness.learnt(MARKOV, history_of(SPACE, natural + [Told(s, 2.0) for s in unnatural], corpus=NATURAL))
    assert follows.weight > 0.95
    assert against.weight < 0.05
    probes = ["ACACACAC", unnatural[0]]
    assert np.diff(follows(probes))[0] < -1.0
    assert abs(np.diff(against(probes))[0]) < 0.1


def test_without_a_corpus_nothing_is_said_of_naturalness():
    assert Naturalness.learnt(MARKOV, history_of(SPACE)) is None


def test_naturalness_of_no_sequence_is_nothing_and_never_above_certainty():
    view = Naturalness.learnt(MARKOV, history_of(SPACE, corpus=NATURAL))
    assert view([]).shape == (0,)
    assert (view(distinct(SPACE, 50)) <= 0).all()
