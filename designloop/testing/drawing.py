"""Tests of sampling and infilling: results depend on the seed only, and stay within the space."""

import numpy as np

from designloop.core.alphabet import PAD
from designloop.core.random import stream
from designloop.testing.given import kind_of, require
from designloop.testing.subjects import Subject


class DrawingLaws:
    """Part of `LanguageModelContract`."""

    def test_the_same_seed_gives_the_same_samples(self, subject: Subject) -> None:
        samples = [subject.model.sample(20, subject.space, np.random.default_rng(seed)) for seed in (1, 1, 2)]
        require(
            samples[0] == samples[1], "the same seed gives different samples; draw everything from the `rng` argument"
        )
        require(samples[0] != samples[2], "two seeds give the same samples; draw from the `rng` argument")

    def test_samples_honour_the_space(self, subject: Subject) -> None:
        for space, what in (
            (subject.space, "lengths"),
            (subject.bound, "fixed and allowed letters"),
            (subject.near, "edit budget"),
        ):
            samples = subject.model.sample(20, space, stream(0, "language-model-contract", "sample"))
            require(len(samples) == 20, f"sample(20, ...) returns {len(samples)} sequences; return 20")
            outside = [s for s, inside in zip(samples, space.contains(samples), strict=True) if not inside]
            require(not outside, f"{outside[:1]} is outside the space; respect its {what} ({space.describe()})")

    def test_infilling_leaves_the_other_letters_and_the_padding_alone(self, subject: Subject) -> None:
        for passes in (None, 1):
            filled = subject.infill(subject.codes, passes=passes)
            require(
                isinstance(filled, np.ndarray) and filled.dtype == np.int16 and filled.shape == subject.codes.shape,
                f"infill returns {kind_of(filled)} of shape {np.shape(filled)}; return int16 codes of the same shape",
            )
            kept = filled == subject.codes
            require(bool(kept[~subject.missing].all()), "infill changes letters that are not missing; keep them")
            letters = filled[subject.missing]
            require(
                bool(((letters >= 0) & (letters < len(subject.space.alphabet))).all()),
                "infill leaves a missing position without a letter of the alphabet; fill every one",
            )

    def test_infilling_leaves_its_arguments_alone(self, subject: Subject) -> None:
        codes, missing = subject.codes.copy(), subject.missing.copy()
        subject.model.infill(codes, missing, subject.space, np.random.default_rng(0))
        unchanged = (codes == subject.codes).all() and (missing == subject.missing).all()
        require(bool(unchanged), "infill changes its arguments; work on a copy")

    def test_infilling_honours_allowed_letters(self, subject: Subject) -> None:
        filled = subject.infill(subject.codes, subject.bound)
        rows, columns = np.nonzero(subject.missing)
        fits = subject.bound.letters_allowed[columns, filled[rows, columns]]
        require(
            bool(fits.all()), "infill draws a letter that is not allowed at its position; draw only allowed letters"
        )

    def test_the_same_seed_gives_the_same_infill(self, subject: Subject) -> None:
        same_again = (subject.infill(subject.codes) == subject.infill(subject.codes)).all()
        require(bool(same_again), "the same seed gives different infills; draw everything from the `rng` argument")

    def test_what_stood_at_a_missing_place_changes_nothing(self, subject: Subject) -> None:
        found = subject.infill(subject.codes) == subject.infill(subject.with_others(subject.missing))
        require(bool(found.all()), "an infill depends on the letters that it replaces; hide them first")

    def test_company_changes_no_infill(self, subject: Subject) -> None:
        others = np.arange(len(subject.codes))[:, None] % 2 == 1
        among = subject.infill(subject.with_others(others & (subject.codes != PAD)))
        found = (subject.infill(subject.codes) == among)[::2]
        require(bool(found.all()), "the infill of a row depends on other rows; compute each sequence independently")
