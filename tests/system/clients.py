"""What the official clients ask, each way that they have of asking it.

Rule: a way is the client's own call with the client's own arguments, and nothing that knows of a gateway.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from anthropic import Anthropic
from openai import OpenAI
from pydantic import create_model

from evaluation.wordings import Question

TOKENS = 120


@dataclass(frozen=True, slots=True)
class Clients:
    openai: OpenAI
    anthropic: Anthropic


@contextmanager
def clients(base_url: str) -> Iterator[Clients]:
    how: Any = {"api_key": "none", "max_retries": 0, "timeout": 300}
    with ExitStack() as stack:
        openai = stack.enter_context(OpenAI(base_url=base_url, **how))
        yield Clients(openai, stack.enter_context(Anthropic(base_url=base_url.removesuffix("/v1"), **how)))


@dataclass(frozen=True, slots=True)
class Way:
    """`wire`: the API that it asks. `formed`: it asks for an answer in the form that it is given."""

    client: str
    call: str
    wire: str
    ask: Callable[[Clients, Question], Any]
    formed: bool = False


def form(question: Question) -> Any:
    """A form in which the model cannot but say the answer."""
    fields: Any = {"said": (Literal[question.value], ...)}
    return create_model("Answer", **fields)


def chat(question: Question) -> dict[str, Any]:
    messages = [{"role": "user", "content": question.text}]
    return {"model": "demo", "messages": messages, "max_tokens": TOKENS, "temperature": 0}


def text(question: Question) -> dict[str, Any]:
    """As the model's template writes a conversation."""
    prompt = f"<|begin|><|user|>{question.text}<|end|><|assistant|>"
    return {"model": "demo", "prompt": prompt, "max_tokens": TOKENS, "temperature": 0}


def response(question: Question) -> dict[str, Any]:
    return {"model": "demo", "input": question.text, "max_output_tokens": TOKENS, "temperature": 0}


def message(question: Question) -> dict[str, Any]:
    messages = [{"role": "user", "content": question.text}]
    greedy = {"temperature": 0}
    return {"model": "demo", "messages": messages, "max_tokens": TOKENS, "extra_body": greedy}


def _chat_helper(by: Clients, question: Question) -> Any:
    with by.openai.chat.completions.stream(**chat(question)) as told:
        return told.get_final_completion()


def _chat_formed(by: Clients, question: Question) -> Any:
    with by.openai.chat.completions.stream(**chat(question), response_format=form(question)) as told:
        return told.get_final_completion()


def _response_helper(by: Clients, question: Question) -> Any:
    with by.openai.responses.stream(**response(question)) as told:
        return told.get_final_response()


def _response_formed(by: Clients, question: Question) -> Any:
    with by.openai.responses.stream(**response(question), text_format=form(question)) as told:
        return told.get_final_response()


def _message_helper(by: Clients, question: Question) -> Any:
    with by.anthropic.messages.stream(**message(question)) as told:
        return told.get_final_message()


def _message_formed(by: Clients, question: Question) -> Any:
    with by.anthropic.messages.stream(**message(question), output_format=form(question)) as told:
        return told.get_final_message()


WAYS = (
    Way(
        "openai",
        "chat.completions.create",
        "chat",
        lambda by, q: by.openai.chat.completions.create(**chat(q)),
    ),
    Way(
        "openai",
        "chat.completions.create(stream=True)",
        "chat",
        lambda by, q: list(by.openai.chat.completions.create(**chat(q), stream=True)),
    ),
    Way(
        "openai",
        "chat.completions.parse",
        "chat",
        lambda by, q: by.openai.chat.completions.parse(**chat(q), response_format=form(q)),
        formed=True,
    ),
    Way("openai", "chat.completions.stream", "chat", _chat_helper),
    Way("openai", "chat.completions.stream(response_format=…)", "chat", _chat_formed, formed=True),
    Way("openai", "completions.create", "completions", lambda by, q: by.openai.completions.create(**text(q))),
    Way(
        "openai",
        "completions.create(stream=True)",
        "completions",
        lambda by, q: list(by.openai.completions.create(**text(q), stream=True)),
    ),
    Way("openai", "responses.create", "responses", lambda by, q: by.openai.responses.create(**response(q))),
    Way(
        "openai",
        "responses.create(stream=True)",
        "responses",
        lambda by, q: list(by.openai.responses.create(**response(q), stream=True)),
    ),
    Way(
        "openai",
        "responses.parse",
        "responses",
        lambda by, q: by.openai.responses.parse(**response(q), text_format=form(q)),
        formed=True,
    ),
    Way("openai", "responses.stream", "responses", _response_helper),
    Way("openai", "responses.stream(text_format=…)", "responses", _response_formed, formed=True),
    Way("anthropic", "messages.create", "messages", lambda by, q: by.anthropic.messages.create(**message(q))),
    Way(
        "anthropic",
        "messages.create(stream=True)",
        "messages",
        lambda by, q: list(by.anthropic.messages.create(**message(q), stream=True)),
    ),
    Way(
        "anthropic",
        "messages.parse",
        "messages",
        lambda by, q: by.anthropic.messages.parse(**message(q), output_format=form(q)),
        formed=True,
    ),
    Way("anthropic", "messages.stream", "messages", _message_helper),
    Way("anthropic", "messages.stream(output_format=…)", "messages", _message_formed, formed=True),
)
