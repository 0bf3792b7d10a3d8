"""The gateway in the engine's own process, as a layer of its web application."""
