"""What leaks and what still works, measured over HTTP."""
