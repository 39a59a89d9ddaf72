"""Pretraining: trains a transformer in a folder. Training can be stopped at any time and continued."""
