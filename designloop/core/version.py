"""The version of designloop, in a file that imports nothing: every room may ask for it."""

__version__ = "0.2.0"
