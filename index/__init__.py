"""Forgotten content made searchable without being readable."""
