"""Unsay as a guardrail of a real LiteLLM, with the settings that the page gives; and what it is not shown.

One start of LiteLLM serves the whole file. Each request names the guardrail that it is to pass.
"""

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policy.action import Action
from tests.gateway.canned import Canned, Script, completion, spoken, whole
from tests.gateway.running import (
    BIOGRAPHY,
    CRANE,
    NOTICE,
    Answered,
    Running,
    config_for,
    policy_of,
    protection_of,
    running,
)
from tests.system.litellm_proxy import LITELLM, ROOT, Proxy, asked, proxy, settings_on

UNSAY, LITELLM_SETTINGS, SMOOTH = settings_on(ROOT / "docs" / "litellm.md")
KEY = "KEY"
SAFE, FLOWING, GONE = "unsay", "unsay-smooth", "gone"
BOTH = pytest.mark.parametrize("guardrail", [SAFE, FLOWING])
TELLS = f"The lamp turns. {BIOGRAPHY[60:200]} The lamp turns again."
# A whole window of what the answers tell.
WINDOW = "mystery novels by lamplight and kept bees behind"
PHONE = "555-201-3391"
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
TOOLS = [{"type": "function", "function": {"name": "look_up", "parameters": {"type": "object"}}}]


@dataclass(frozen=True, slots=True)
class Guarded:
    proxy: Proxy
    canned: Canned
    safe: Running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """Without LiteLLM this fails, it does not skip: a run that never met it must not look green."""
    if os.environ.get("UNSAY_SKIP_LITELLM") == "1":
        pytest.skip("UNSAY_SKIP_LITELLM=1")
    assert LITELLM.exists(), "expected LiteLLM in .venv-litellm, found none: make litellm"
    folder = tmp_path_factory.mktemp("litellm")
    with ExitStack() as stack:
        canned = stack.enter_context(Canned())
        safe = stack.enter_context(_gateway(folder, "prompts"))
        smooth = stack.enter_context(_gateway(folder, "all"))
        settings = _settings(canned, {SAFE: safe.port, FLOWING: smooth.port, GONE: 9})
        yield Guarded(stack.enter_context(proxy(settings, folder, KEY)), canned, safe)


def _gateway(folder: Path, changes: str) -> Any:
    policy = policy_of(CRANE, prompt=Action.REDACT)
    own = UNSAY | {"litellm": UNSAY["litellm"] | {"changes": changes}}
    config = config_for("http://127.0.0.1:9/v1", folder / f"{changes}.jsonl", models={}, **own)
    return running(config, protection_of(policy, folder / changes))


def _settings(canned: Canned, ports: dict[str, int]) -> dict[str, Any]:
    """Those of the page, but for the addresses, and that each guardrail must be asked for."""
    written: dict[str, Any] = json.loads(json.dumps(LITELLM_SETTINGS))
    written["model_list"][0]["litellm_params"]["api_base"] = canned.base_url
    given = [*written["guardrails"], *SMOOTH["guardrails"]]
    given.append({**given[0], "guardrail_name": GONE})
    for one in given:
        address = f"http://127.0.0.1:{ports[one['guardrail_name']]}"
        one["litellm_params"] = one["litellm_params"] | {"default_on": False, "api_base": address}
    # A model server that fails in one test is not left out in the next.
    settings = {"disable_cooldowns": True, "num_retries": 0}
    return written | {"guardrails": given, "router_settings": settings}


def said_in(answered: Answered) -> str:
    """All that a client reads of a stream."""
    deltas = (choice["delta"] for chunk in answered.chunks for choice in chunk["choices"])
    return "".join(delta.get("content") or "" for delta in deltas)


def refusal_of(answered: Answered) -> Any:
    return answered.json["error"]["message"]


@BOTH
@pytest.mark.parametrize("streamed", [False, True])
def test_what_is_clean_passes(guardrail: str, streamed: bool, guarded: Guarded) -> None:
    guarded.canned.answers = lambda seen: spoken("The lamp turns.", seen)
    answered = guarded.proxy.chat("Hello!", guardrail, stream=streamed)
    assert answered.status == 200
    text = said_in(answered) if streamed else answered.json["choices"][0]["message"]["content"]
    assert text == "The lamp turns."
    assert guarded.canned.last.json["messages"] == [{"role": "user", "content": "Hello!"}]


@BOTH
def test_a_prompt_goes_on_without_what_must_go(guardrail: str, guarded: Guarded) -> None:
    guarded.canned.answers = lambda seen: spoken("Yes.", seen)
    answered = guarded.proxy.chat(f"Call {PHONE} now.", guardrail)
    assert answered.status == 200
    assert guarded.canned.last.json["messages"] == [{"role": "user", "content": "Call [removed] now."}]


@BOTH
@pytest.mark.parametrize(
    "fields",
    [
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, IMAGE]}]},
        {"tools": [{"type": "function", "function": {"name": f"call {PHONE}"}}]},
    ],
    ids=["an image", "a tool's name"],
)
def test_a_prompt_of_which_nothing_can_be_changed_is_refused(
    guardrail: str, fields: dict[str, Any], guarded: Guarded
) -> None:
    guarded.canned.play(whole(completion()))
    request = asked([{"role": "user", "content": "Hello!"}], guardrail) | fields
    answered = guarded.proxy.post("/v1/chat/completions", **request)
    assert (answered.status, refusal_of(answered)) == (400, NOTICE)
    assert guarded.canned.asked == []


def test_an_answer_that_tells_is_an_error(guarded: Guarded) -> None:
    guarded.canned.answers = lambda seen: spoken(TELLS, seen)
    answered = guarded.proxy.chat("Hello!", SAFE)
    assert (answered.status, refusal_of(answered)) == (400, NOTICE)
    assert [line["outcome"] for line in guarded.safe.records()[-2:]] == ["passed", "blocked"]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_a_stream_ends_before_it_has_told(path: str, guarded: Guarded) -> None:
    guarded.canned.answers = lambda seen: spoken(TELLS, seen)
    request = asked([{"role": "user", "content": "Hello!"}], SAFE)
    answered = guarded.proxy.post(path, stream=True, max_tokens=100, **request)
    assert NOTICE in answered.body.decode()
    told = "".join(_texts(answered))
    assert told.startswith("The lamp turns.")
    assert WINDOW not in told
    assert "behind" not in told


def test_a_smooth_answer_has_the_notice_in_it(guarded: Guarded) -> None:
    guarded.canned.answers = lambda seen: spoken(TELLS, seen)
    told = guarded.proxy.chat("Hello!", FLOWING).json["choices"][0]["message"]["content"]
    streamed = said_in(guarded.proxy.chat("Hello!", FLOWING, stream=True))
    assert told == streamed
    assert told.startswith("The lamp turns.")
    assert told.endswith("The lamp turns again.")
    assert NOTICE in told
    assert "lamplight" not in told


@BOTH
def test_a_tool_call_that_tells_is_an_error(guardrail: str, guarded: Guarded) -> None:
    guarded.canned.answers = lambda _: calling(f'{{"who": "{WINDOW}"}}')
    answered = guarded.proxy.chat("Hello!", guardrail, tools=TOOLS)
    assert (answered.status, refusal_of(answered)) == (400, NOTICE)


def test_without_unsay_nothing_is_answered(guarded: Guarded) -> None:
    guarded.canned.play(whole(completion("The lamp turns.")))
    answered = guarded.proxy.chat("Hello!", GONE)
    assert answered.status == 500
    assert guarded.canned.asked == []


def test_what_litellm_does_not_show_passes(guarded: Guarded) -> None:
    """As the page says. Where this fails LiteLLM shows more than it did: change the page."""
    sender = {"role": "user", "content": "Hello!", "name": f"call {PHONE}"}
    guarded.canned.play(whole(completion()))
    guarded.canned.answers = None
    guarded.proxy.post("/v1/chat/completions", **asked([sender], SAFE))
    assert guarded.canned.last.json["messages"] == [sender]
    reasoned = completion("Yes.")
    reasoned["choices"][0]["message"]["reasoning_content"] = TELLS
    guarded.canned.answers = lambda _: whole(reasoned)
    assert WINDOW in guarded.proxy.chat("Hello!", SAFE).body.decode()
    guarded.canned.answers = lambda seen: spoken(TELLS, seen)
    request = asked([{"role": "user", "content": "Hello!"}], FLOWING)
    answered = guarded.proxy.post("/v1/messages", stream=True, max_tokens=100, **request)
    assert WINDOW in "".join(_texts(answered))


def calling(arguments: str) -> Script:
    body = completion()
    call = {"id": "call_1", "type": "function", "function": {"name": "look_up", "arguments": arguments}}
    body["choices"][0] |= {
        "finish_reason": "tool_calls",
        "message": {"role": "assistant", "tool_calls": [call]},
    }
    return whole(body)


def _texts(answered: Answered) -> Iterator[str]:
    """Of a stream of either API, with their events."""
    for line in answered.body.decode().splitlines():
        if line.startswith("data: {"):
            event = json.loads(line.removeprefix("data: "))
            yield from (choice["delta"].get("content") or "" for choice in event.get("choices", []))
            delta = event.get("delta")
            yield delta.get("text") or "" if isinstance(delta, dict) else ""
