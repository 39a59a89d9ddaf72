"""Networks: letters in, logits of letters out. Those trained here, and those of the `transformers` library."""
