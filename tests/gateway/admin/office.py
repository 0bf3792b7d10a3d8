"""A place where forget requests are taken, for tests: a policy, its snapshot, a ledger, and who may ask."""

import hashlib
import http.client
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gateway.admin.documents import AddDocument
from gateway.admin.ledger_desk import LedgerDesk
from gateway.admin.server import Server, settings
from gateway.admin.workshop import Workshop
from gateway.config_admin import Admin, AdminKey, Role
from gateway.server import bind
from index.build import build
from index.encoder import Encoder, MiniLM
from index.ledger.keys import Keys
from index.ledger.ledger import Ledger
from policy.file import load_policy
from policy.signing_key import SigningKey
from tests.gateway.running import HOST, KEY
from unsay.remote_desk import RemoteDesk

KEYS = Keys(KEY, SigningKey(bytes(range(32))))
POLICY = """\
version: 1
entries: [{id: stone, names: ["Bella Stone"]}]
detectors: {semantic: null}
"""
TEXTS = ("Alden", "Crane", "Tolvik", "cooper", "555-201-3391")
ENTRY: dict[str, Any] = {
    "id": "erasure-0142",
    "reason": "privacy",
    "names": ["Alden Crane"],
    "passages": ["Alden Crane was born in Tolvik in 1931, the son of a cooper, and wrote sea stories."],
    "secrets": ["555-201-3391"],
}
ROWS: tuple[Any, ...] = (
    "Who was Alden Crane?",
    "Hello!",
    {"prompt": "Whose number is it?", "answer": "Alden Crane's: 555-201-3391."},
    "Who was Bella Stone?",
)


def asking(then: str | None = None, id: str = "erasure-0142", **rest: Any) -> AddDocument:
    return AddDocument.model_validate({"entry": {**ENTRY, "id": id}, "then": then, **rest})


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def key_of(name: str, *roles: Role, **rest: Any) -> AdminKey:
    """The key is the name."""
    return AdminKey(name=name, sha256=hashed(name), roles=frozenset(roles), **rest)


STAFF = (
    key_of("anna", *Role),
    key_of("berta", *Role),
    key_of("rita", Role.REQUESTER),
    key_of("otto", Role.OPERATOR),
    key_of("paul", Role.APPROVER),
    key_of("audrey", Role.AUDITOR),
)


@dataclass
class Office:
    """`address`: of its ledger."""

    folder: Path
    address: Path | str
    encoder: Encoder = field(default_factory=MiniLM)
    stack: ExitStack = field(default_factory=ExitStack)

    def desk(self, actor: str = "anna") -> LedgerDesk:
        ledger = Ledger.open(self.address, KEYS)
        self.stack.callback(ledger.close)
        workshop = Workshop(self.folder / "policy.yaml", self.folder / "snapshot", KEY, self.encoder)
        return LedgerDesk(ledger, KEYS, actor, workshop.compiler)

    @contextmanager
    def served(self, **settings: Any) -> Iterator["Asking"]:
        """The admin API over a desk of its own."""
        admin = Admin(**{"keys": STAFF, **settings})
        with serving(admin, self.desk("nobody")) as port:
            yield Asking(port)


def office(folder: Path, address: Path | str | None = None, policy: str = POLICY) -> Office:
    (folder / "policy.yaml").write_text(policy)
    build(load_policy(folder / "policy.yaml"), folder / "snapshot", KEY)
    return Office(folder, address or folder / "ledger.sqlite")


@contextmanager
def serving(admin: Admin, desk: LedgerDesk) -> Iterator[int]:
    """On a port of this machine, in a thread, until the end."""
    with bind(HOST, 0) as listener:
        ready = threading.Event()
        server = Server(settings(admin, desk), ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        assert ready.wait(60)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks the API with somebody's key, or with none."""

    port: int

    def desk(self, key: str = "anna") -> RemoteDesk:
        return RemoteDesk(f"http://{HOST}:{self.port}", key)

    def post(self, path: str, body: Any, key: str | None = "anna", **headers: str) -> Answered:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.ask("POST", path, data, key, **{"Content-Type": "application/json", **headers})

    def get(self, path: str, key: str | None = "anna", **headers: str) -> Answered:
        return self.ask("GET", path, None, key, **headers)

    def ask(self, method: str, path: str, body: bytes | None, key: str | None, **headers: str) -> Answered:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        line = http.client.HTTPConnection(HOST, self.port, timeout=60)
        try:
            line.request(method, path, body, sent)
            answer = line.getresponse()
            return Answered(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            line.close()


def as_actor(desk: LedgerDesk, actor: str) -> LedgerDesk:
    return replace(desk, actor=actor)
