"""What is refused before it reaches the engine, with a message that names no content.

Rule: what the second interface would end its engine for, and a directive that the gateway has not sealed,
are a client's mistake (400), never an engine's death.
"""

from collections.abc import Mapping
from typing import Any

from steering.directive import ARGUMENT, open_directive
from steering.settings import Settings

# Of vLLM's second interface. Longer lists raise in its worker.
MOST = {"logit_bias": 1024, "allowed_token_ids": 1024, "stop_token_ids": 128, "bad_words": 128}


def check_sizes(parameters: Any) -> None:
    for name, most in MOST.items():
        found = getattr(parameters, name, None)
        if found is not None and len(found) > most:
            raise ValueError(f"{name}: expected at most {most} items, found {len(found)}")


def check_directive(arguments: Mapping[str, Any] | None, settings: Settings, now: float) -> None:
    """Raises DirectiveError, a ValueError."""
    text = (arguments or {}).get(ARGUMENT)
    if text is not None:
        open_directive(text, settings.read_key(), now)
    elif settings.require:
        raise ValueError("expected a directive; requests come through the gateway only")
