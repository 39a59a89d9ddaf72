"""Laws of how a language model draws: samples and infills hang on the seed, and stay within what is allowed."""

import numpy as np

from designloop.core.alphabet import PAD
from designloop.core.random import stream
from designloop.testing.given import kind_of, require
from designloop.testing.subjects import Subject


class DrawingLaws:
    """Part of `LanguageModelContract`."""

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
        require(
            bool(fits.all()), "infill draws a letter that is not allowed at its position; draw among those that are"
        )

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
