"""The engine's plug-in, as the gateway sees it: what it is told, and whether it obeys."""
