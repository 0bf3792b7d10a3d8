"""The tokens of an answer and how likely the model found each: nothing else of what log probabilities tell.

Rule: what is not as it should be counts as nothing told. No text of it goes anywhere.
"""

from math import isfinite

from gateway.wire.answer import Token


def tokens_of(found: object) -> tuple[Token, ...]:
    """Of the field `logprobs` of a chat choice."""
    if not isinstance(found, dict) or not isinstance(listed := found.get("content"), list):
        return ()
    try:
        tokens = tuple(map(_token, listed))
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(token for token in tokens if token.data)


def _token(item: object) -> Token:
    if not isinstance(item, dict):
        raise TypeError("no token")
    listed, token, likely = item.get("bytes"), item.get("token"), item.get("logprob")
    if not isinstance(likely, int | float) or not isfinite(likely) or likely > 0:
        raise ValueError("no logarithm of a likelihood")
    if isinstance(listed, list):
        return Token(bytes(listed), likely)
    if isinstance(token, str):
        return Token(token.encode(), likely)
    raise TypeError("no token")
