"""Code that several commands share: reading campaigns, sequences and models, and printing summaries and tables."""
