"""Readers take sequences and tables from a user's files: the file they are told, no other."""
