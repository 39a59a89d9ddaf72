"""What every language model promises: it samples, infills and judges by the sequence alone, and by its seed alone."""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from designloop.core.alphabet import DNA, PAD
from designloop.core.cache import cache_folder, forgetting
from designloop.core.config import build, read_text, to_yaml
from designloop.core.errors import DesignloopError
from designloop.core.parts import Part
from designloop.core.random import stream
from designloop.core.space import Space
from designloop.language_models.base import Adaptation, LanguageModel, SequenceModel
from designloop.testing.given import given, kind_of, require
from designloop.testing.subjects import Subject, alone_as_together, chance_of, floats, same

_N_CORPUS = 40
_N_DRAWN = 4000
_LEAST_CHANCE = 1e-4


class _Holder(Part):
    model: LanguageModel


class LanguageModelContract:
    """Subclass it, with `model` as an attribute, a method or a pytest fixture: a part, a kind, or path/to/file.py:Name.

    Likewise `space`, whose letters and lengths it is tested on, and `corpus`, else drawn from the space.
    """

    model: Any = None
    space: Any = Space(alphabet=DNA, min_length=4, max_length=8)
    corpus: Any = ()
    adaptation: Adaptation = Adaptation(kl=0.01)
    is_exact: bool = False
    """True: its letters' probabilities multiply to its sequences', and samples come as often as these say."""

    @pytest.fixture
    def subject(self, request: pytest.FixtureRequest) -> Subject:
        """The model under test."""
        space: Space = given(self, "space", request)
        require(space.min_length > 1, "`space` has sequences of one letter; the suite wants two at least")
        corpus: Sequence[str] = given(self, "corpus", request)
        drawn = space.sample(_N_CORPUS, stream(0, "language-model-contract", "corpus"))
        return Subject(_read(given(self, "model", request)), list(corpus) or drawn, space)

    def test_likelihoods_are_one_finite_float_for_each_sequence(self, subject: Subject) -> None:
        likelihoods = subject.model.log_likelihood(subject.sequences)
        floats(likelihoods, (len(subject.sequences),), "log_likelihood")
        require(bool((likelihoods <= 1e-9).all()), "a log_likelihood is above 0; return logs of probabilities")
        floats(subject.model.log_likelihood([]), (0,), "log_likelihood of no sequences")

    def test_letters_have_a_likelihood_each_and_none_behind_the_end(self, subject: Subject) -> None:
        letters = subject.model.letter_log_likelihoods(subject.sequences)
        floats(letters, subject.codes.shape, "letter_log_likelihoods")
        require(bool((letters <= 1e-9).all()), "a letter's log likelihood is above 0; return logs of probabilities")
        require(
            bool((letters[subject.codes == PAD] == 0).all()),
            "letter_log_likelihoods gives padding a likelihood; return 0 behind the end of a sequence",
        )

    def test_company_changes_no_likelihood(self, subject: Subject) -> None:
        alone_as_together(subject.model.log_likelihood, subject, "the log_likelihood")

    def test_company_changes_no_letters_likelihood(self, subject: Subject) -> None:
        # The letters' context may hang on how the model shares its passes out, but not on other sequences.
        alone_as_together(
            lambda sequences: _trimmed(subject.model, sequences), subject, "the sum of letter_log_likelihoods"
        )

    def test_letter_probabilities_are_a_distribution_at_each_place(self, subject: Subject) -> None:
        found = subject.model.letter_probabilities(subject.codes, subject.missing)
        floats(found, (int(subject.missing.sum()), len(subject.space.alphabet)), "letter_probabilities")
        require(bool((found >= 0).all()), "letter_probabilities returns a negative number; return probabilities")
        same(found.sum(axis=1), np.ones(len(found)), "a row of letter_probabilities does not sum to one")

    def test_what_stands_at_a_place_does_not_matter_to_its_probabilities(self, subject: Subject) -> None:
        asked = np.zeros_like(subject.missing)
        asked[:, 1] = True  # one place a row: what stands at a place is given to all others
        same(
            subject.model.letter_probabilities(subject.codes, asked),
            subject.model.letter_probabilities(subject.with_others(asked), asked),
            "letter_probabilities hang on the letter that stands at the place; hide it",
        )

    def test_places_are_asked_one_at_a_time_in_row_major_order(self, subject: Subject) -> None:
        together = subject.model.letter_probabilities(subject.codes, subject.missing)
        for place, (row, column) in enumerate(np.argwhere(subject.missing)):
            asked = np.zeros_like(subject.missing[:1])
            asked[0, column] = True
            same(
                together[place],
                subject.model.letter_probabilities(subject.codes[row : row + 1], asked)[0],
                f"letter_probabilities at position {column + 1} of {subject.sequences[row]!r} are others when it is "
                "asked alone; hide one place at a time, and give the others their letters",
            )

    def test_embeddings_are_one_finite_row_for_each_sequence(self, subject: Subject) -> None:
        found = subject.model.embed(subject.sequences)
        floats(found, (len(subject.sequences), None), "embed")
        alone_as_together(subject.model.embed, subject, "the embedding")

    def test_every_letter_changes_the_embedding(self, subject: Subject) -> None:
        before = subject.model.embed(subject.sequences[:1])
        for place in range(len(subject.sequences[0])):
            here = np.arange(subject.codes.shape[1]) == place
            changed = subject.space.alphabet.decode(subject.with_others(here[None])[:1])
            require(
                bool(np.abs(subject.model.embed(changed) - before).max() > 0),
                f"{changed[0]!r} and {subject.sequences[0]!r} have one embedding; let each letter be read",
            )

    def test_the_same_seed_gives_the_same_samples(self, subject: Subject) -> None:
        samples = [subject.model.sample(20, subject.space, np.random.default_rng(seed)) for seed in (1, 1, 2)]
        require(samples[0] == samples[1], "one seed gives two samples; draw everything from the `rng` handed in")
        require(samples[0] != samples[2], "two seeds give the same samples; draw from the `rng` handed in")

    def test_samples_honour_the_space(self, subject: Subject) -> None:
        for space, what in (
            (subject.space, "lengths"),
            (subject.bound, "fixed and allowed letters"),
            (subject.near, "edit budget"),
        ):
            samples = subject.model.sample(20, space, stream(0, "language-model-contract", "sample"))
            require(len(samples) == 20, f"sample(20, ...) returns {len(samples)} sequences; return as many as asked")
            outside = [s for s, inside in zip(samples, space.contains(samples), strict=True) if not inside]
            require(not outside, f"{outside[:1]} is outside the space; honour its {what} ({space.describe()})")

    def test_infilling_leaves_the_other_letters_and_the_padding_alone(self, subject: Subject) -> None:
        for passes in (None, 1):
            filled = subject.infill(subject.codes, passes=passes)
            require(
                isinstance(filled, np.ndarray) and filled.dtype == np.int16 and filled.shape == subject.codes.shape,
                f"infill returns {kind_of(filled)} of shape {np.shape(filled)}; return int16 codes of the shape given",
            )
            kept = filled == subject.codes
            require(bool(kept[~subject.missing].all()), "infill changes what is not missing; leave it as it was")
            letters = filled[subject.missing]
            require(
                bool(((letters >= 0) & (letters < len(subject.space.alphabet))).all()),
                "infill leaves a missing place without a letter of the alphabet; fill each",
            )

    def test_infilling_leaves_its_arguments_alone(self, subject: Subject) -> None:
        codes, missing = subject.codes.copy(), subject.missing.copy()
        subject.model.infill(codes, missing, subject.space, np.random.default_rng(0))
        unchanged = (codes == subject.codes).all() and (missing == subject.missing).all()
        require(bool(unchanged), "infill writes into the arrays it was given; work on a copy")

    def test_infilling_honours_allowed_letters(self, subject: Subject) -> None:
        filled = subject.infill(subject.codes, subject.bound)
        rows, columns = np.nonzero(subject.missing)
        fits = subject.bound.letters_allowed[columns, filled[rows, columns]]
        require(bool(fits.all()), "infill draws a letter that is not allowed at its position; draw among those that are")

    def test_the_same_seed_gives_the_same_infill(self, subject: Subject) -> None:
        same_again = (subject.infill(subject.codes) == subject.infill(subject.codes)).all()
        require(bool(same_again), "one seed gives two infills; draw everything from the `rng` handed in")

    def test_what_stood_at_a_missing_place_changes_nothing(self, subject: Subject) -> None:
        found = subject.infill(subject.codes) == subject.infill(subject.with_others(subject.missing))
        require(bool(found.all()), "an infill hangs on the letters it is to replace; hide them first")

    def test_company_changes_no_infill(self, subject: Subject) -> None:
        others = np.arange(len(subject.codes))[:, None] % 2 == 1
        among = subject.infill(subject.with_others(others & (subject.codes != PAD)))
        found = (subject.infill(subject.codes) == among)[::2]
        require(bool(found.all()), "a row's infill hangs on the letters of other rows; let no sequence see another")

    def test_adapting_raises_the_likelihood_of_what_it_is_given(self, subject: Subject) -> None:
        measured, weights = subject.sequences[:8], np.linspace(0.0, 2.0, 8)
        rng = stream(0, "language-model-contract", "adapt")
        adapted = subject.model.adapt(measured, weights, self.adaptation, rng)
        before, after = (weights @ model.log_likelihood(measured) for model in (subject.model, adapted))
        require(
            bool(after > before),
            f"the adapted model finds what it was given less likely (weighted sum {after:.4g}, and {before:.4g} before); "
            "train it to raise it, and mind the weights",
        )

    def test_adapting_leaves_the_pretrained_model_as_it_was(self, subject: Subject) -> None:
        before = subject.model.log_likelihood(subject.sequences)
        rng = stream(0, "language-model-contract", "adapt")
        subject.model.adapt(subject.sequences[:8], np.ones(8), self.adaptation, rng)
        after = subject.model.log_likelihood(subject.sequences)
        require(bool((before == after).all()), "adapting changes the pretrained model itself; adapt a copy of it")

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
                f"kept and loaded again, the model answers {what} differently; keep all that shapes it, and make it "
                "the same way each time",
            )

    def test_no_global_generator_is_touched(self, subject: Subject) -> None:
        _answers(subject.model, subject)  # so that what it imports is imported
        before = _global_states()
        with forgetting():
            _answers(subject.part.pretrained(subject.corpus, subject.space), subject)
        subject.model.adapt(subject.sequences[:8], np.ones(8), self.adaptation, np.random.default_rng(0))
        moved = [name for name, state in _global_states().items() if state != before[name]]
        require(not moved, f"the global generator of {' and '.join(moved)} is moved; draw from the `rng` handed in")

    def test_without_a_corpus_it_works_or_says_why_not(self, subject: Subject) -> None:
        try:
            model = subject.part.pretrained([], subject.space)
        except DesignloopError:
            return
        floats(model.log_likelihood(subject.sequences), (len(subject.sequences),), "without a corpus, log_likelihood")
        samples = model.sample(8, subject.space, np.random.default_rng(0))
        require(
            len(samples) == 8 and bool(subject.space.contains(samples).all()),
            "without a corpus, samples lie outside the space; return the uniform model, or raise an InputError",
        )

    def test_the_description_reads_back(self, subject: Subject) -> None:
        try:
            text = to_yaml(_Holder(model=subject.part).describe())
            again = build(_Holder, read_text(text, "the description")).model
        except DesignloopError as error:
            pytest.fail(f"the model cannot be described and read back: {error}", pytrace=False)
        require(again == subject.part, "the description reads back as another model; make every setting a field")

    def test_probabilities_of_all_sequences_of_a_length_sum_to_one(self, subject: Subject) -> None:
        self._skip_unless_exact()
        every = subject.small.enumerate()
        letters = subject.model.letter_log_likelihoods(every).sum(axis=1)
        same(
            np.atleast_1d(np.exp(letters).sum()),
            np.ones(1),
            f"the probabilities of all {len(every)} sequences of {subject.small.max_length} letters do not sum to one",
        )
        of_length = subject.model.log_likelihood(every) - letters
        same(of_length, np.full(len(every), of_length.max()), "letters do not add up to their sequence, but for its length")
        require(bool((of_length <= 1e-9).all()), "a length has a probability above one")

    def test_samples_come_as_often_as_their_likelihood_says(self, subject: Subject) -> None:
        self._skip_unless_exact()
        every = subject.small.enumerate()
        place = {sequence: i for i, sequence in enumerate(every)}
        drawn = subject.model.sample(_N_DRAWN, subject.small, stream(0, "language-model-contract", "frequencies"))
        counts = np.bincount([place[sequence] for sequence in drawn], minlength=len(every))
        chance = chance_of(counts, np.exp(subject.model.log_likelihood(every)))
        require(
            chance > _LEAST_CHANCE,
            f"samples do not come as often as their log_likelihood says (chi-square, p = {chance:.2g}); sample what it "
            "is the likelihood of, or say `is_exact = False`",
        )

    def _skip_unless_exact(self) -> None:
        if not self.is_exact:
            pytest.skip("its likelihood is an estimate; `is_exact = True` says it is not")


def _read(value: Any) -> LanguageModel:
    try:
        return _Holder(model=value).model
    except ValueError as error:
        pytest.fail(
            f"`model` is not a language model: {error}; set it to a part, a kind, or a path/to/file.py:Name",
            pytrace=False,
        )


def _trimmed(model: SequenceModel, sequences: list[str]) -> Any:
    return model.letter_log_likelihoods(sequences).sum(axis=1)


def _answers(model: SequenceModel, subject: Subject) -> dict[str, Any]:
    """What a model says to every question."""
    rng = stream(0, "language-model-contract", "answers")
    return {
        "log_likelihood": model.log_likelihood(subject.sequences),
        "letter_log_likelihoods": model.letter_log_likelihoods(subject.sequences),
        "letter_probabilities": model.letter_probabilities(subject.codes, subject.missing),
        "embed": model.embed(subject.sequences),
        "sample": np.array(model.sample(8, subject.bound, rng)),
        "infill": model.infill(subject.codes, subject.missing, subject.space, rng),
    }


def _global_states() -> dict[str, Any]:
    """What the generators that all share would draw next."""
    words = np.random.get_state()  # noqa: NPY002 - to see it untouched
    states = {"random": random.getstate(), "numpy": (words[1].tobytes(), *words[2:])}  # type: ignore[union-attr]
    if (torch := sys.modules.get("torch")) is not None:
        states["torch"] = torch.get_rng_state().numpy().tobytes()
    return states
