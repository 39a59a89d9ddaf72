"""Liabilities of sequences for synthesis and use: measures, limits as data, what violates a limit."""
