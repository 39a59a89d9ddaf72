"""The contract suite of language models names the mend of a faulty one; that it passes sound ones, their room shows."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA, PAD
from designloop.core.spaces import Space
from designloop.language_models import Markov
from designloop.language_models.base import LanguageModel
from designloop.language_models.markov import MarkovModel
from designloop.testing import LanguageModelContract
from designloop.testing.subjects import Subject

pytest_plugins = ["pytester"]
SPACE = Space(alphabet=DNA, min_length=4, max_length=8)
CORPUS = ["ACGTACGT", "ACGTAC", "CGTACGTA", "GTACG"]
PLAIN = Space(alphabet=DNA, min_length=4, max_length=8)
SUITE = """from designloop.language_models import Markov
from designloop.testing import LanguageModelContract
class TestMine(LanguageModelContract):
    model = "my_model.py:Mine"
    is_exact = True
"""
SOUND = """from designloop.language_models.markov import Markov
class Mine(Markov):
    pass
"""


class Exact(LanguageModelContract):
    is_exact = True


def faulty(**methods: Callable[..., Any]) -> LanguageModel:
    """A bigram model with these methods in the place of its own."""
    model_class = type("Faulty", (MarkovModel,), methods)

    class Described(LanguageModel):
        def pretrained(self, corpus, space):
            sound = Markov().pretrained(corpus or CORPUS, space)
            return model_class(**{field.name: getattr(sound, field.name) for field in fields(sound)})

    return Described()


def by_company(self, sequences):
    found = MarkovModel.log_likelihood(self, sequences)
    return found - found.max(initial=-1e9)


def unlikely(self, sequences):
    return np.full(len(sequences), -np.inf)


def whatever_stands_there(self, codes, asked):
    found = MarkovModel.letter_probabilities(self, codes, asked)
    return found ** np.where(codes[asked] == 0, 1, 2)[:, None] / 1.0


def shared(self, codes, asked):
    found = whatever_stands_there(self, codes, asked)
    return found / found.sum(axis=1, keepdims=True)


def all_hidden(self, codes, asked):
    return MarkovModel.letter_probabilities(self, np.where(asked, 0, codes).astype(np.int16), asked)


def without_the_last(self, sequences):
    return MarkovModel.embed(self, [sequence[:-1] for sequence in sequences])


def globally(self, n, space, rng, *, temperature=1.0):
    return MarkovModel.sample(self, n, space, np.random.default_rng(np.random.randint(2**31)))  # noqa: NPY002


def unbound(self, n, space, rng, *, temperature=1.0):
    return MarkovModel.sample(self, n, PLAIN, rng)


def everything(self, codes, missing, space, rng, **options):
    return MarkovModel.infill(self, codes, codes != PAD, space, rng)


def in_place(self, codes, missing, space, rng, **options):
    codes[missing] = 0
    return MarkovModel.infill(self, codes, missing, space, rng)


def peeking(self, codes, missing, space, rng, **options):
    rng = np.random.default_rng(int(np.maximum(codes, 0).sum()))
    return MarkovModel.infill(self, codes, missing, space, rng)


def forbidden(self, codes, missing, space, rng, **options):
    return MarkovModel.infill(self, codes, missing, PLAIN, rng)


def in_itself(self, sequences, weights, adaptation, rng):
    self.table[:] = MarkovModel.adapt(self, sequences, weights, adaptation, rng).table
    return self


def averse(self, sequences, weights, adaptation, rng):
    return MarkovModel.adapt(self, sequences, weights.max() - weights, adaptation.with_(kl=0), rng)


def sharper(self, n, space, rng, *, temperature=1.0):
    return MarkovModel.sample(self, n, space, rng, temperature=0.5)


def doubled(self, sequences):
    return MarkovModel.letter_log_likelihoods(self, sequences) * 2


FAULTS = [
    ("likelihoods_are_one_finite_float_for_each_sequence", {"log_likelihood": unlikely}, "return finite numbers"),
    ("company_changes_no_likelihood", {"log_likelihood": by_company}, "other sequences and padding must not affect it"),
    (
        "letter_probabilities_are_a_distribution_at_each_place",
        {"letter_probabilities": whatever_stands_there},
        "does not sum to 1",
    ),
    ("what_stands_at_a_place_does_not_matter_to_its_probabilities", {"letter_probabilities": shared}, "hide it"),
    (
        "places_are_asked_one_at_a_time_in_row_major_order",
        {"letter_probabilities": all_hidden},
        "hide one position at a",
    ),
    ("every_letter_changes_the_embedding", {"embed": without_the_last}, "every letter must affect it"),
    ("the_same_seed_gives_the_same_samples", {"sample": globally}, "draw everything from the `rng` argument"),
    ("no_global_generator_is_touched", {"sample": globally}, "uses the global generator of numpy"),
    ("samples_honour_the_space", {"sample": unbound}, "respect its fixed and allowed letters"),
    (
        "infilling_leaves_the_other_letters_and_the_padding_alone",
        {"infill": everything},
        "changes letters that are not missing",
    ),
    ("infilling_leaves_its_arguments_alone", {"infill": in_place}, "work on a copy"),
    ("infilling_honours_allowed_letters", {"infill": forbidden}, "draws a letter that is not allowed"),
    ("what_stood_at_a_missing_place_changes_nothing", {"infill": peeking}, "hide them first"),
    ("company_changes_no_infill", {"infill": peeking}, "compute each sequence independently"),
    ("adapting_leaves_the_pretrained_model_as_it_was", {"adapt": in_itself}, "adapt a copy"),
    ("adapting_raises_the_likelihood_of_what_it_is_given", {"adapt": averse}, "raise the weighted log-likelihood"),
    ("samples_come_as_often_as_their_likelihood_says", {"sample": sharper}, "or set `is_exact = False`"),
    ("probabilities_of_all_sequences_of_a_length_sum_to_one", {"letter_log_likelihoods": doubled}, "do not sum to 1"),
]


@pytest.mark.parametrize(("law", "fault", "sentence"), FAULTS, ids=[law for law, _, _ in FAULTS])
def test_a_planted_fault_is_named_with_its_mend(law, fault, sentence):
    with pytest.raises(pytest.fail.Exception, match=sentence):
        getattr(Exact(), f"test_{law}")(Subject(faulty(**fault), CORPUS, SPACE))
    getattr(Exact(), f"test_{law}")(Subject(Markov(), CORPUS, SPACE))


def test_a_users_file_passes_its_suite(pytester):
    pytester.makepyfile(my_model=SOUND, test_mine=SUITE)
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py")
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"passed"}
    assert outcomes["passed"] > 20


def test_what_is_no_language_model_is_named(pytester):
    pytester.makepyfile(test_mine=SUITE.replace("my_model.py:Mine", "markof"))
    result = pytester.runpytest("-p", "no:cacheprovider", "test_mine.py", "-k", "reads_back")
    result.stdout.fnmatch_lines(["*`model` is not a language model: *Did you mean 'markov'?*"])


@pytest.mark.parametrize(
    ("space", "sentence"),
    [
        (Space.of_pool(DNA, ["ACGT", "ACGA", "ACGC", "ACGG"]), "`space` has a pool; .* use a space without one"),
        (
            Space.of_length(DNA, 2, allowed={0: "A", 1: "AC"}),
            "`space` holds 2 sequences; expected at least three",
        ),
        (Space.of_length(DNA, 1), "`space` has sequences of one letter; expected at least two"),
    ],
)
def test_a_space_that_the_suite_cannot_be_run_on_is_told(request, space, sentence):
    suite = type("Mine", (LanguageModelContract,), {"model": "markov", "space": space})()
    with pytest.raises(pytest.fail.Exception, match=sentence):
        LanguageModelContract.subject.__wrapped__(suite, request)
