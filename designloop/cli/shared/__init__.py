"""What the commands are made of: campaigns read, sequences and models opened, progress and tables printed."""
