"""What was asked and what was done: the log, its chain, and how both are read."""
