"""What sessions said before: who they are, what is kept of them, and where."""
