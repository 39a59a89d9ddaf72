"""Numbers for a reader."""

import pytest

from designloop.report.words import correlation, money, percent, value, with_error


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.2107, "0.211"),
        (2.8, "2.80"),
        (12, "12.0"),
        (1234.5, "1.23e+03"),
        (0, "0"),
        (-0.5, "−0.500"),
        (-1e-5, "−1e-05"),
        (None, "–"),
    ],
)
def test_values_have_three_digits(number, text):
    assert value(number) == text


def test_a_value_is_as_exact_as_its_error():
    assert with_error(0.4404, 0.0203) == "0.440 ± 0.020"
    assert with_error(-3.14159, 0.26) == "−3.14 ± 0.26"
    assert with_error(123.4, 25.2) == "123 ± 25"
    assert with_error(2.0, 0.0) == "2.00"
    assert with_error(None, 1.0) == with_error(float("nan"), 1.0) == "–"


def test_the_rest_reads_as_it_should():
    assert (money(233688.4), percent(0.123), percent(0.123, 1)) == ("233,688", "12%", "12.3%")
    assert (correlation(0.456), correlation(-0.1), correlation(None)) == ("0.46", "−0.10", "–")
