"""The page of a dossier: a round of a live campaign, for the people who decide before they order."""
