"""The joint Gaussian of the contract suite, for the tests of this shelf."""

from designloop.testing.gaussian import Gaussian  # noqa: F401 - for the tests
