"""The contract suite of language models: results depend only on the sequence and the seed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA
from designloop.core.cache import cache_folder, forgetting
from designloop.core.config import build, read_text, to_yaml
from designloop.core.counting import many
from designloop.core.errors import DesignloopError
from designloop.core.parts import Part
from designloop.core.random import global_states, stream
from designloop.core.spaces import Space
from designloop.language_models.base import Adaptation, LanguageModel, SequenceModel
from designloop.testing.drawing import DrawingLaws
from designloop.testing.given import described, given, require
from designloop.testing.judging import JudgingLaws
from designloop.testing.subjects import Subject, chance_of, floats, same

_N_CORPUS = 40
_N_DRAWN = 4000
_LEAST_CHANCE = 1e-4


class _Holder(Part):
    model: LanguageModel


class LanguageModelContract(JudgingLaws, DrawingLaws):
    """Tests of a language model. Subclass it and set `model`: a part, a kind, or path/to/file.py:Name.

    `model` may be an attribute, a method or a pytest fixture; so may `space` (the alphabet and lengths of the test) and
    `corpus` (by default drawn from the space). The space needs at least three sequences of two letters or more, and no
    pool.
    """

    model: Any = None
    space: Any = Space(alphabet=DNA, min_length=4, max_length=8)
    corpus: Any = ()
    adaptation: Adaptation = Adaptation(kl=0.01)
    is_exact: bool = False
    """True: the product of the letters' probabilities is that of the sequence, and samples have these frequencies."""

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        """The model under test."""
        space: Space = given(self, "space", request)
        require(space.min_length > 1, "`space` has sequences of one letter; expected at least two")
        require(space.pool is None, "`space` has a pool; the suite fixes letters and edits, so use a space without one")
        size = space.size
        require(size is None or size > 2, f"`space` holds {many(size or 0, 'sequence')}; expected at least three")
        corpus: Sequence[str] = given(self, "corpus", request)
        drawn = space.sample(_N_CORPUS, stream(0, "language-model-contract", "corpus"))
        part = described(_Holder, "model", given(self, "model", request), "a language model")
        return Subject(part, list(corpus) or drawn, space)

    def test_adapting_raises_the_likelihood_of_what_it_is_given(self, subject: Subject) -> None:
        measured = subject.sequences[:8]
        weights = np.linspace(0.0, 2.0, len(measured))
        rng = stream(0, "language-model-contract", "adapt")
        adapted = subject.model.adapt(measured, weights, self.adaptation, rng)
        before, after = (weights @ model.log_likelihood(measured) for model in (subject.model, adapted))
        require(
            bool(after > before),
            f"adapting lowers the likelihood of its own sequences (weighted sum {after:.4g}, before {before:.4g}); "
            "raise the weighted log-likelihood",
        )

    def test_adapting_leaves_the_pretrained_model_as_it_was(self, subject: Subject) -> None:
        before = subject.model.log_likelihood(subject.sequences)
        rng = stream(0, "language-model-contract", "adapt")
        subject.model.adapt(subject.sequences[:8], np.ones(8), self.adaptation, rng)
        after = subject.model.log_likelihood(subject.sequences)
        require(bool((before == after).all()), "adapt changes the pretrained model; adapt a copy")

    def test_kept_and_loaded_again_it_is_the_same_model(
        self, subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DESIGNLOOP_CACHE", raising=False)
        answers = []
        for _ in range(2):
            with forgetting(), cache_folder(tmp_path):
                answers.append(_answers(subject.part.pretrained(subject.corpus, subject.space), subject))
        for what, one in answers[0].items():
            require(
                bool(np.array_equal(one, answers[1][what])),
                f"{what} differs after the model is cached and loaded; save everything that determines it, and train "
                "it reproducibly",
            )

    def test_no_global_generator_is_touched(self, subject: Subject) -> None:
        _answers(subject.model, subject)  # so that all imports are done
        before = global_states()
        with forgetting():
            _answers(subject.part.pretrained(subject.corpus, subject.space), subject)
        subject.model.adapt(subject.sequences[:8], np.ones(8), self.adaptation, np.random.default_rng(0))
        moved = [name for name, state in global_states().items() if state != before[name]]
        require(
            not moved, f"the model uses the global generator of {' and '.join(moved)}; draw from the `rng` argument"
        )

    def test_without_a_corpus_it_works_or_says_why_not(self, subject: Subject) -> None:
        try:
            model = subject.part.pretrained([], subject.space)
        except DesignloopError:
            return
        floats(model.log_likelihood(subject.sequences), (len(subject.sequences),), "without a corpus, log_likelihood")
        samples = model.sample(8, subject.space, np.random.default_rng(0))
        require(
            len(samples) == 8 and bool(subject.space.contains(samples).all()),
            "without a corpus, samples are outside the space; return the uniform model, or raise an InputError",
        )

    def test_the_description_reads_back(self, subject: Subject) -> None:
        try:
            text = to_yaml(_Holder(model=subject.part).describe())
            again = build(_Holder, read_text(text, "the description")).model
        except DesignloopError as error:
            pytest.fail(f"the model cannot be described and read back: {error}", pytrace=False)
        require(
            again == subject.part,
            "the description gives a different model when it is read back; make every setting a field",
        )

    def test_probabilities_of_all_sequences_of_a_length_sum_to_one(self, subject: Subject) -> None:
        self._skip_unless_exact()
        every = subject.small.enumerate()
        letters = subject.model.letter_log_likelihoods(every).sum(axis=1)
        same(
            np.atleast_1d(np.exp(letters).sum()),
            np.ones(1),
            f"the probabilities of all {len(every)} sequences of {subject.small.max_length} letters do not sum to 1",
        )
        of_length = subject.model.log_likelihood(every) - letters
        same(
            of_length,
            np.full(len(every), of_length.max()),
            "letter_log_likelihoods do not add up to log_likelihood, apart from the length",
        )
        require(bool((of_length <= 1e-9).all()), "a length has a probability above 1")

    def test_samples_come_as_often_as_their_likelihood_says(self, subject: Subject) -> None:
        self._skip_unless_exact()
        every = subject.small.enumerate()
        place = {sequence: i for i, sequence in enumerate(every)}
        drawn = subject.model.sample(_N_DRAWN, subject.small, stream(0, "language-model-contract", "frequencies"))
        counts = np.bincount([place[sequence] for sequence in drawn], minlength=len(every))
        chance = chance_of(counts, np.exp(subject.model.log_likelihood(every)))
        require(
            chance > _LEAST_CHANCE,
            f"the frequencies of samples do not match log_likelihood (chi-square, p = {chance:.2g}); sample from the "
            "same distribution, or set `is_exact = False`",
        )

    def _skip_unless_exact(self) -> None:
        if not self.is_exact:
            pytest.skip("the likelihood is an estimate; set `is_exact = True` if it is exact")


def _answers(model: SequenceModel, subject: Subject) -> dict[str, Any]:
    """The results of all methods of a model."""
    rng = stream(0, "language-model-contract", "answers")
    return {
        "log_likelihood": model.log_likelihood(subject.sequences),
        "letter_log_likelihoods": model.letter_log_likelihoods(subject.sequences),
        "letter_probabilities": model.letter_probabilities(subject.codes, subject.missing),
        "embed": model.embed(subject.sequences),
        "sample": np.array(model.sample(8, subject.bound, rng)),
        "infill": model.infill(subject.codes, subject.missing, subject.space, rng),
    }
