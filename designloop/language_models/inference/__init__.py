"""Inference: how a trained model samples, infills, and says how likely a sequence is."""
