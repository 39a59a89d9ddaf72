"""A live campaign is the loop with a real lab: order sheets go out, and files with results come in."""
