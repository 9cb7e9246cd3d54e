"""What a study found: its table, what follows from it, and the record that reports read."""
