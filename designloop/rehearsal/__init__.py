"""A rehearsal simulates the rest of a live campaign, many times, from what really happened so far."""
