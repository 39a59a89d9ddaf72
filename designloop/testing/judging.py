"""Tests of likelihoods, probabilities and embeddings: results depend on the sequence only."""

import numpy as np

from designloop.core.alphabet import PAD
from designloop.testing.given import require
from designloop.testing.subjects import Subject, alone_as_together, floats, same


class JudgingLaws:
    """Part of `LanguageModelContract`."""

    def test_likelihoods_are_one_finite_float_for_each_sequence(self, subject: Subject) -> None:
        likelihoods = subject.model.log_likelihood(subject.sequences)
        floats(likelihoods, (len(subject.sequences),), "log_likelihood")
        require(bool((likelihoods <= 1e-9).all()), "a log_likelihood is above 0; return logs of probabilities")
        floats(subject.model.log_likelihood([]), (0,), "log_likelihood of no sequences")

    def test_letters_have_a_likelihood_each_and_none_behind_the_end(self, subject: Subject) -> None:
        letters = subject.model.letter_log_likelihoods(subject.sequences)
        floats(letters, subject.codes.shape, "letter_log_likelihoods")
        require(bool((letters <= 1e-9).all()), "a letter_log_likelihood is above 0; return logs of probabilities")
        require(
            bool((letters[subject.codes == PAD] == 0).all()),
            "letter_log_likelihoods is not 0 at padding; return 0 after the end of a sequence",
        )

    def test_company_changes_no_likelihood(self, subject: Subject) -> None:
        alone_as_together(subject.model.log_likelihood, subject, "the log_likelihood")

    def test_company_changes_no_letters_likelihood(self, subject: Subject) -> None:
        alone_as_together(subject.model.letter_log_likelihoods, subject, "letter_log_likelihoods")

    def test_letter_probabilities_are_a_distribution_at_each_place(self, subject: Subject) -> None:
        found = subject.model.letter_probabilities(subject.codes, subject.missing)
        floats(found, (int(subject.missing.sum()), len(subject.space.alphabet)), "letter_probabilities")
        require(bool((found >= 0).all()), "letter_probabilities returns a negative number; return probabilities")
        same(found.sum(axis=1), np.ones(len(found)), "a row of letter_probabilities does not sum to 1")

    def test_what_stands_at_a_place_does_not_matter_to_its_probabilities(self, subject: Subject) -> None:
        asked = np.zeros_like(subject.missing)
        asked[:, 1] = True  # one position per row, because the letter there is given to all others
        same(
            subject.model.letter_probabilities(subject.codes, asked),
            subject.model.letter_probabilities(subject.with_others(asked), asked),
            "letter_probabilities depend on the letter at the same position; hide it",
        )

    def test_places_are_asked_one_at_a_time_in_row_major_order(self, subject: Subject) -> None:
        together = subject.model.letter_probabilities(subject.codes, subject.missing)
        for place, (row, column) in enumerate(np.argwhere(subject.missing)):
            asked = np.zeros_like(subject.missing[:1])
            asked[0, column] = True
            same(
                together[place],
                subject.model.letter_probabilities(subject.codes[row : row + 1], asked)[0],
                f"letter_probabilities at position {column + 1} of {subject.sequences[row]!r} differ when only it is "
                "requested; hide one position at a time, and keep the other letters",
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
            away = np.abs(subject.model.embed(changed) - before).max()
            require(
                bool(away > 0),
                f"{changed[0]!r} and {subject.sequences[0]!r} have the same embedding; every letter must affect it",
            )
