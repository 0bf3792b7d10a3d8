"""Forget requests compiled once, and merged into snapshots."""
