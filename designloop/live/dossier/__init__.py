"""The dossier of a round: what people must know of each design before they order it, as data."""
