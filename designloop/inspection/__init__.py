"""Inspection analyses sequences: nearest neighbours and edits, alignments, clusters, logos and summaries."""
