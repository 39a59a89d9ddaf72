"""The page of a study: the verdict in words, and what it rests on, one setting at a time and across settings."""
