"""Asks for answers of two kinds in a random order, so that whatever else the machine does is in both."""

import http.client
import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from random import Random

from evaluation.outside import Outside


@dataclass(frozen=True, slots=True)
class Prompt:
    """`own`: what the client writes in it and the answer may repeat, which is no part of what is told.
    `about`: whom or what it is about.
    """

    text: str
    own: str
    about: str


@dataclass(frozen=True, slots=True)
class Told:
    """What came back."""

    about: str
    outside: Outside


@dataclass(frozen=True, slots=True)
class Kind:
    port: int
    draws: Callable[[Random], Prompt]


def answers(kinds: Sequence[Kind], each: int, streamed: bool, seed: int) -> list[list[Told]]:
    """So many of each kind."""
    chance, told = Random(seed), [list[Told]() for _ in kinds]
    for kind in kinds:
        ask(kind.port, kind.draws(chance), streamed)
    order = [place for place in range(len(kinds)) for _ in range(each)]
    chance.shuffle(order)
    for place in order:
        prompt = kinds[place].draws(chance)
        told[place].append(Told(prompt.about, ask(kinds[place].port, prompt, streamed)))
    return told


def ask(port: int, prompt: Prompt, streamed: bool) -> Outside:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=120)) as line:
        line.connect()
        return _asked(line, prompt, streamed)


def _asked(line: http.client.HTTPConnection, prompt: Prompt, streamed: bool) -> Outside:
    said = {"role": "user", "content": prompt.text}
    body = {"model": "demo", "messages": [said], "max_tokens": 60, "stream": streamed}
    raw = json.dumps(body | ({"stream_options": {"include_usage": True}} if streamed else {}))
    began, arrived, pieces = time.perf_counter(), list[float](), list[bytes]()
    line.request("POST", "/v1/chat/completions", raw, {"Content-Type": "application/json"})
    response = line.getresponse()
    arrived.append(time.perf_counter() - began)
    while piece := response.read1():
        arrived.append(time.perf_counter() - began)
        pieces.append(piece)
    headers = {name.lower(): value for name, value in response.getheaders()}
    own = prompt.own.encode()
    return Outside(response.status, headers, b"".join(pieces).replace(own, b"x" * len(own)), arrived)
