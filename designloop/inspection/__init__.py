"""Inspection looks at sequences: their nearest neighbours and edits, and the letters they have in common."""
