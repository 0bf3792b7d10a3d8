"""Checks: chat requests that nobody answers."""
