"""Forget requests: what people ask, who may, and what became of it. Never on the port of the gateway."""
