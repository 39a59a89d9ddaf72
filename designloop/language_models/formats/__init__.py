"""What stands on disk: checkpoints and arrays of our own, and the folders and tokenizers of `transformers`."""
