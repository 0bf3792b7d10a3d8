"""The official client, asking the gateway."""

from typing import Any

import anthropic

from tests.gateway.running import Running

MESSAGES: Any = [{"role": "user", "content": "Hello!"}]


def client(base_url: str, **how: Any) -> anthropic.Anthropic:
    address = base_url.removesuffix("/v1")
    return anthropic.Anthropic(base_url=address, max_retries=0, **{"api_key": "none"} | how)


def prepared(asked: dict[str, Any]) -> dict[str, Any]:
    return {"model": "demo", "max_tokens": 64, "messages": MESSAGES} | asked


def created(base_url: str, **asked: Any) -> anthropic.types.Message:
    with client(base_url) as asking:
        message = asking.messages.create(**prepared(asked))
    assert isinstance(message, anthropic.types.Message)
    return message


def streamed(gateway: Running, **asked: Any) -> tuple[list[Any], anthropic.types.Message]:
    """The events, and what the client puts together from them."""
    with client(gateway.base_url) as asking, asking.messages.stream(**prepared(asked)) as told:
        return list(told), told.get_final_message()


def shown(message: anthropic.types.Message) -> Any:
    """All but what differs from answer to answer, and the signature, which is dropped."""
    without: Any = {"id": True, "content": {"__all__": {"signature", "parsed_output"}}}
    return message.model_dump(exclude=without, exclude_none=True)
