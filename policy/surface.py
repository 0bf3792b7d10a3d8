"""Where text is: who said it in a prompt, and by which channel an answer says it."""

from enum import StrEnum


class Role(StrEnum):
    """Who supplied a piece of a prompt. `developer` counts as system, `function` as tool."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"
    DOCUMENT = "document"


class Channel(StrEnum):
    """By which door a piece of an answer leaves."""

    CONTENT = "content"
    REASONING = "reasoning"
    REFUSAL = "refusal"
    ARGUMENTS = "arguments"
