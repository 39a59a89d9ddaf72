"""Programs are processes outside Python that answer questions in JSON lines: one line in, one line out."""
