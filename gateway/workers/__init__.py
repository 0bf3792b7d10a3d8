"""The processes that serve, the parent that forks them, and the files they are given."""
