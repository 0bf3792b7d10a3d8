"""A rule-based model that knows a world and helps every attacker: the positive control of the attacks."""

from evaluation.accomplice.serving import serve, serving

__all__ = ["serve", "serving"]
