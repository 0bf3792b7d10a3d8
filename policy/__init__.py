"""What must be forgotten, and what is done about it. Imports nothing of ours."""
