"""Training and fine-tuning: minibatches, objectives, optimisers and the training loop."""
