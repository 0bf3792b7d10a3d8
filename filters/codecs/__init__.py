"""Codes that people put text in, and what texts in them read."""
