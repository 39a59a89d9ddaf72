"""Studies run many campaigns side by side, and say what can be told from them."""
