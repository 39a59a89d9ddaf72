"""Z′ of the controls of a plate."""

from designloop.core.plate_quality import z_prime


def test_z_prime_compares_the_controls_that_read_lowest_and_highest():
    """A standard of reading 8 ± 1 beside blanks of 0 ± 1 has Z′ = 1 − 3 · 2 / 8."""
    assert z_prime({"high": [7.0, 8.0, 9.0], "low": [1.0, 2.0], "blank": [-1.0, 0.0, 1.0]}) == 1 - 3 * 2 / 8


def test_a_single_well_has_no_standard_deviation_and_equal_controls_no_distance():
    assert z_prime({"high": [7.0], "blank": [-1.0, 0.0, 1.0]}) is None
    assert z_prime({"a": [1.0, 1.0], "b": [1.0, 1.0]}) is None
    assert z_prime({}) is None
