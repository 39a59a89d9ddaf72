"""Progress displays: a bar in a terminal or a notebook, lines in a file."""
