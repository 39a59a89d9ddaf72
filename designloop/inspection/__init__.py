"""Inspection looks at sequences: neighbours and edits, alignments, clusters, sets, and letters in common."""
