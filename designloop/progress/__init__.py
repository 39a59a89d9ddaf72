"""Progress shows how far work is: as a bar in a terminal or a notebook, as lines in a file."""
