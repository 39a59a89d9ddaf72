"""File formats: our own checkpoints and arrays, and the folders and tokenizers of `transformers`."""
