"""What is refused before it reaches the engine, with a message that names no content.

Rule: what the second interface would end its engine for, and a directive that the gateway has not sealed,
are a client's mistake (400), never an engine's death.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from steering.directive import ARGUMENT, open_directive
from steering.settings import Settings

# Of vLLM's second interface. Longer lists raise in its worker.
MOST = {"logit_bias": 1024, "allowed_token_ids": 1024, "stop_token_ids": 128, "bad_words": 128}


def check_sizes(parameters: Any) -> None:
    for name, most in MOST.items():
        found = getattr(parameters, name, None)
        if found is not None and len(found) > most:
            raise ValueError(f"{name}: expected at most {most} items, found {len(found)}")


@dataclass(frozen=True, slots=True)
class Door:
    """`require`: no request comes in without a directive."""

    key: bytes = field(repr=False)
    require: bool

    @classmethod
    def of(cls, settings: Settings) -> Self:
        return cls(settings.read_key(), settings.require)

    def check(self, arguments: Mapping[str, Any] | None, now: float) -> None:
        """Raises DirectiveError, a ValueError."""
        text = (arguments or {}).get(ARGUMENT)
        if text is not None:
            open_directive(text, self.key, now)
        elif self.require:
            raise ValueError("expected a directive; requests come through the gateway only")
