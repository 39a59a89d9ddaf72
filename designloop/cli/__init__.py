"""The command line: one verb per command. It parses, calls one library function, and prints."""
