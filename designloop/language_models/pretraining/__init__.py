"""Pretraining: a transformer trained into a folder, which can be stopped at any time and gone on with."""
