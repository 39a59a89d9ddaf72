"""Readers load sequences and tables from the user's files."""
