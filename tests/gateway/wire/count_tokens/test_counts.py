"""A count of tokens: the prompt is scanned, and only a number comes back, which tells nothing."""

from typing import Any

import anthropic
import pytest

from tests.gateway.canned import Canned, whole
from tests.gateway.running import Running
from tests.gateway.wire.messages.asking import MESSAGES, client, created

TOLD = {"input_tokens": 23, "context_management": {"original_input_tokens": 23}}


def counted(gateway: Running, messages: Any = MESSAGES, **asked: Any) -> anthropic.types.MessageTokensCount:
    with client(gateway.base_url) as asking:
        return asking.messages.count_tokens(model="demo", messages=messages, **asked)


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


def test_the_model_server_counts_and_its_number_alone_comes_back(strict: Running, canned: Canned) -> None:
    canned.play(whole(TOLD))
    told = counted(strict, system="Be brief.")
    assert told.model_dump(exclude_none=True) == {"input_tokens": 23}
    assert canned.last.path == "/v1/messages/count_tokens"
    assert canned.last.json == {"model": "demo", "system": "Be brief.", "messages": MESSAGES}
    assert strict.records()[-1]["route"] == "count_tokens"


@pytest.mark.parametrize("fields", [{}, {"system": "Alden Crane"}])
def test_a_refused_prompt_is_counted_like_the_usage_of_its_refusal(
    strict: Running, canned: Canned, fields: dict[str, Any]
) -> None:
    canned.play(whole(TOLD))
    messages = said("Who is Alden Crane?")
    told = counted(strict, messages, **fields).input_tokens
    assert told == created(strict.base_url, messages=messages, **fields).usage.input_tokens
    assert told > 0
    assert not canned.asked


def test_a_secret_and_another_of_its_kind_count_alike(strict: Running, canned: Canned) -> None:
    canned.play(whole(TOLD))
    one, other = (
        counted(strict, said(f"Is the number of Alden Crane {number}?"))
        for number in ("555-201-3391", "555-201-3392")
    )
    assert one == other


@pytest.mark.parametrize(
    "told", [{}, {"input_tokens": "Alden Crane"}, {"input_tokens": 1, "note": "Crane"}, []]
)
def test_what_is_no_number_is_an_error(strict: Running, canned: Canned, told: Any) -> None:
    canned.play(whole(told))
    with pytest.raises(anthropic.InternalServerError) as caught:
        counted(strict)
    assert "Crane" not in str(caught.value)
