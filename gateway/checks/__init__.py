"""Verdicts without answers: texts come in, and what would become of them goes out."""
