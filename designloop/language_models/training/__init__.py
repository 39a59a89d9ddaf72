"""Training: minibatches, what a network is asked about them, and how its weights follow; fine-tuning too."""
