"""How many tokens a request and its answer have.

Rule: numbers only; the rest of a usage could tell what other clients asked. Inside the gateway they have the
names that chat completions give them.
"""

from gateway.errors import Json

COUNTS = ("prompt_tokens", "completion_tokens", "total_tokens")
DETAILS = "completion_tokens_details"


def usage_of(found: object) -> Json | None:
    if not isinstance(found, dict):
        return None
    kept: Json = {name: found[name] for name in COUNTS if type(found.get(name)) is int}
    details = found.get(DETAILS)
    if isinstance(details, dict) and type(details.get("reasoning_tokens")) is int:
        kept[DETAILS] = {"reasoning_tokens": details["reasoning_tokens"]}
    return kept or None


def tokens(characters: int) -> int:
    """About four characters to a token; a prompt's template adds a few that nobody sees."""
    return max(1, (characters + 3) // 4)


def estimated(prompt: int, completion: int) -> Json:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}
