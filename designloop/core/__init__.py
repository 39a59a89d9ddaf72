"""Core: sequences, alphabets and spaces, records, history, named randomness, parts and their registry, errors."""
