"""Gateways as they are started for real that follow one ledger, and whoever writes into it.

What is forgotten are texts of words that nobody uses, each another; the model server recites them all.
"""

import json
import os
import random
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index.key import VARIABLE
from index.ledger.act import Act, Add, Attach, Move
from index.ledger.event import Event, Part
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from index.ledger.record import Record
from index.segment.compiling import compile_segment
from index.segment.settings import Settings
from policy.entry import Entry
from policy.file import load_policy
from policy.signing_key import SigningKey
from tests.gateway.canned import Asked, Canned, Script, spoken
from tests.gateway.running import Answered, Running
from tests.gateway.served import ENTRY, Served, policy_text, served, until

KEY = bytes(range(32))
WHO = "ann"
ASK = "Recite "
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


@dataclass(slots=True)
class Texts:
    """Forgotten texts by their numbers."""

    seed: int = 0
    words: int = 30
    _made: dict[int, str] = field(default_factory=dict)

    def text(self, number: int) -> str:
        if number not in self._made:
            self._made[number] = self._drawn(number)
        return self._made[number]

    def _drawn(self, number: int) -> str:
        draw = random.Random(f"{self.seed} {number}")
        said = [
            "".join(draw.choice(CONSONANTS) + draw.choice(VOWELS) for _ in range(draw.randint(2, 4)))
            for _ in range(self.words)
        ]
        return " ".join(said).capitalize() + "."

    def recited(self, asked: Asked) -> Script:
        """By a model that knows them all."""
        said = asked.json["messages"][-1]["content"].removeprefix(ASK)
        return spoken(self.text(int(said)), asked)


@dataclass(slots=True)
class Fleet:
    """`address`: of the ledger. `replicas` are added one by one."""

    folder: Path
    address: Path | str
    upstream: str
    texts: Texts
    replicas: list[Served] = field(default_factory=list)

    @property
    def policy(self) -> Path:
        return self.folder / "policy.yaml"

    def keys(self) -> Keys:
        return Keys(KEY, SigningKey((self.folder / "signing").read_bytes()))

    def prepare(self, **policy: Any) -> Ledger:
        """The ledger, begun."""
        (self.folder / "signing").write_bytes(secrets.token_bytes(32))
        self.policy.write_text(policy_text(ENTRY, **policy))
        return Ledger.open(self.address, self.keys())

    def settings(self, **ledger: Any) -> dict[str, Any]:
        where = {"url": self.address} if isinstance(self.address, str) else {"path": str(self.address)}
        return {"ledger": {**where, **ledger}, "memory": None}

    @contextmanager
    def replica(self, name: str, workers: int = 1, **ledger: Any) -> Iterator[Served]:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "policy.yaml").write_text(self.policy.read_text())
        settings = self.settings(replica=name, **ledger)
        with served(self.upstream, folder, workers, **settings) as gateway:
            yield gateway

    def acts(
        self, request: str, *numbers: int, event: Event = Event.ENFORCE, share: float = 1.0
    ) -> list[Act]:
        """All it takes to have these texts forgotten, or monitored."""
        entry = Entry(request, passages=tuple(map(self.texts.text, numbers)))
        segment = compile_segment((entry,), Settings.of(load_policy(self.policy)), {}, KEY).to_bytes(KEY)
        token = f"add-{request}"
        return [
            Add(entry, WHO, token=token),
            Attach(request, WHO, Part.EXACT, segment),
            Move(request, WHO, event, share=share),
        ]


def recite(gateway: Running, number: int, **fields: Any) -> Answered:
    return gateway.chat(f"{ASK}{number}", **fields)


def leaks(texts: Texts, number: int, answered: Answered) -> bool:
    """Whether an answer says a text."""
    if answered.status != 200:
        return False
    said = answered.text() if b"data: " in answered.body[:8] else content(answered)
    return texts.text(number) in said


def content(answered: Answered) -> str:
    return str(json.loads(answered.body)["choices"][0]["message"]["content"])


def in_force(gateway: Served, record: Record) -> bool:
    """Whether the gateway says that this record is in force."""
    return bool(gateway.ready()["ledger"]["sequence"] >= record.sequence)


@contextmanager
def fleet(
    folder: Path,
    canned: Canned,
    address: Path | str,
    replicas: int = 1,
    workers: int = 1,
    policy: dict[str, Any] | None = None,
    **ledger: Any,
) -> Iterator[tuple[Fleet, Ledger]]:
    """So many gateways that follow a new ledger."""
    texts = Texts(secrets.randbits(32))
    canned.answers = texts.recited
    found = Fleet(folder, address, canned.base_url, texts)
    with ExitStack() as stack:
        stack.enter_context(index_key())
        writer = found.prepare(**(policy or {}))
        stack.callback(writer.close)
        for number in range(replicas):
            name = f"replica-{number}"
            found.replicas.append(stack.enter_context(found.replica(name, workers, **ledger)))
        yield found, writer


@contextmanager
def index_key() -> Iterator[None]:
    """In the environment of all that is started."""
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = KEY.hex()
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def until_in_force(found: Fleet, record: Record) -> None:
    for gateway in found.replicas:
        until(lambda gateway=gateway: in_force(gateway, record))  # type: ignore[misc]
