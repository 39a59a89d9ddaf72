"""The page of a study: the verdict in words, and the results behind it, by setting and across settings."""
