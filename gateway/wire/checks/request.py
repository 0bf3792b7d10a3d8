"""The body of a check: a chat request, and what of it is to be checked.

Rule: all but two fields belong to the chat request and are read by its contract: a check scans what would be
scanned before an answer, and refuses what would be refused.
"""

from dataclasses import dataclass

import orjson

from gateway.errors import Json, bad_request
from gateway.strict_json import JsonError, parse
from gateway.wire.contract import Contract
from gateway.wire.reading import expected, kind_of, read


@dataclass(frozen=True, slots=True)
class Check:
    """`chat` is the request to read. `answer` is the text to check where it is no prompt; `named`: the prompt
    came as `input`.
    """

    chat: bytes
    answer: str | None
    named: bool


def read_check(contract: Contract, raw: bytes) -> Check:
    try:
        value = parse(raw)
    except JsonError as error:
        raise bad_request(f"The body: {error}.", code="invalid_json") from None
    if not isinstance(value, dict):
        raise expected("an object", (), kind_of(value))
    named = contract.shapes[contract.root]
    own = read(contract, {name: value[name] for name in value if name in named}).body
    chat = {name: value[name] for name in value if name not in named}
    return _check(own.get("input"), own.get("surface") == "answer", chat)


def _check(text: object, is_answer: bool, chat: Json) -> Check:
    given = isinstance(text, str)
    if is_answer and not given:
        raise expected("a string", ("input",), "none")
    if not is_answer and given == ("messages" in chat):
        raise expected("either a string, or `messages`", ("input",), "both" if given else "none")
    if "messages" not in chat:
        # A chat request has at least one; one that says nothing is no prompt.
        chat["messages"] = [{"role": "user", "content": "" if is_answer else text}]
    answer = text if is_answer and isinstance(text, str) else None
    return Check(orjson.dumps(chat), answer, given and not is_answer)
