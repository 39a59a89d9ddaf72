"""Inference: how a trained model samples, infills, and computes likelihoods."""
