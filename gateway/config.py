"""How the server runs: `unsay.yaml`. Secrets come from the environment; nothing here is forgotten text."""

import ipaddress
import os
import re
from enum import StrEnum
from pathlib import Path
from shutil import which
from typing import Self

from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.config_admin import Admin
from gateway.config_audit import Audit
from gateway.config_encoder import EncoderAddress
from gateway.config_keys import Key, check_keys
from gateway.config_ledger import LedgerAddress
from gateway.config_models import ModelTable, check_models
from gateway.config_part import Part, is_address
from gateway.config_rewrite import Rewrite
from gateway.config_tracing import Tracing
from gateway.config_vectors import VectorSettings
from gateway.wire.media import MediaRule
from policy.policy import OnError
from policy.problem import wrong
from policy.signature import Trust
from policy.signing_key import PublicKey, SigningKeyError

# Timers of event loops take no number beyond all, and nobody means one.
DAY_S = 86_400


class RefusalShape(StrEnum):
    ANSWER = "answer"
    REFUSAL = "refusal"
    CONTENT_FILTER = "content_filter"
    ERROR = "error"


class UnknownFields(StrEnum):
    REFUSE = "refuse"
    STRIP = "strip"


class SteeringMode(StrEnum):
    REQUIRED = "required"
    PREFERRED = "preferred"
    OFF = "off"


class LogProbs(StrEnum):
    DROP = "drop"
    RELEASED = "released"


class Changes(StrEnum):
    NONE = "none"
    PROMPTS = "prompts"
    ALL = "all"


class Listen(Part):
    host: str = Field(
        default="127.0.0.1", description="Address to bind. Without keys only a loopback address is allowed."
    )
    port: int = Field(default=8080, ge=0, le=65535, description="Port to bind; 0 lets the system choose one.")
    workers: int = Field(
        default=1, ge=1, le=256, description="Processes that serve; they share one snapshot in memory."
    )


class Address(Part):
    """Where a model server is."""

    base_url: str = Field(
        default="http://127.0.0.1:8000/v1", description="OpenAI-compatible base URL, `/v1` included."
    )
    api_key_env: str | None = Field(
        default=None, description="Environment variable that holds the model server's key."
    )

    @field_validator("base_url")
    @classmethod
    def _http(cls, url: str) -> str:
        if not is_address(url):
            raise wrong("a URL like http://127.0.0.1:8000/v1")
        if "@" in url:
            raise wrong("a URL without a password", "Keep the key in the variable that `api_key_env` names")
        return url.rstrip("/")

    @field_validator("api_key_env")
    @classmethod
    def _variable(cls, name: str | None) -> str | None:
        if name is None:
            return None
        # Some write the key itself here: what does not look like a name is not shown.
        shown = name if re.fullmatch(r"[A-Z]+(_[A-Z]+)+", name) else "a name"
        if name not in os.environ:
            raise wrong("an environment variable that is set", got=f"{shown}, which is not")
        if not re.fullmatch(r"[!-~]+", os.environ[name].strip()):
            raise wrong("an environment variable that holds a key", got=f"{shown}, which does not")
        return name

    @property
    def api_key(self) -> SecretStr | None:
        return SecretStr(os.environ[self.api_key_env].strip()) if self.api_key_env else None


class Upstream(Address):
    """The model server."""

    connect_timeout_s: float = Field(default=5, gt=0, le=DAY_S, description="Longest wait for a connection.")
    idle_timeout_s: float = Field(
        default=300, gt=0, le=DAY_S, description="Longest silence of the model server."
    )
    connections: int = Field(default=1000, ge=1, description="Most requests at the model server at a time.")


class JudgeModel(Address):
    """A language model that is asked where the embedding index is in doubt: is this about that entry?

    It gets the question, the drafted sentence and the entry's texts, but for secrets: choose one that you
    trust with them. It can only have more withheld, never less. It must answer with one word.
    """

    model: str = Field(min_length=1, description="Its name there.")
    timeout_s: float = Field(default=3, gt=0, le=DAY_S, description="Longest wait for one answer.")
    concurrent: int = Field(default=8, ge=1, le=256, description="Most questions of one worker at a time.")
    on_error: OnError = Field(
        default=OnError.CLOSED,
        description="What no answer counts as, or one that is neither YES nor NO: closed takes the text for "
        "forgotten, open leaves it to the score, which lets it through.",
    )


class Limits(Part):
    body_bytes: int = Field(default=4 * 2**20, ge=1024, description="Largest request body.")
    bodies_bytes: int = Field(
        default=256 * 2**20,
        ge=1024,
        description="Most that one worker holds of all bodies, of requests and whole answers; more get 503. "
        "One alone may be larger.",
    )
    body_s: float = Field(
        default=30, gt=0, le=DAY_S, description="Longest time a request body may take to arrive."
    )
    event_bytes: int = Field(default=2**20, ge=1024, description="Largest single event of a streamed answer.")
    answer_bytes: int = Field(default=32 * 2**20, ge=1024, description="Largest whole answer.")
    header_bytes: int = Field(default=32_768, ge=1024, description="Largest request line and headers.")
    header_s: float = Field(
        default=15, gt=0, le=DAY_S, description="Longest time a request's headers may take to arrive."
    )
    media: MediaRule = Field(
        default=MediaRule.REFUSE,
        description="Images, sounds, films and files: refused; `read`, images alone, as data, whose words "
        "are read (`ocr`) and scanned; or let through unscanned, as data in the request, or also as an "
        "address, which the model server fetches.",
    )
    ocr: tuple[str, ...] = Field(
        default=("tesseract", "-", "-"),
        min_length=1,
        description="The program that reads images for `media: read`, from its standard input to its "
        "standard output; other languages with `-l eng+deu`, where they are installed.",
    )
    tokenizer: Path | None = Field(
        default=None,
        description="The served model's `tokenizer.json`, relative to this file: prompts that are token ids "
        "are read by it, and go on as text. Empty: they are refused.",
    )
    requests: int = Field(
        default=1000, ge=1, description="Most chat requests at a time in one worker; more wait in a queue."
    )
    queue: int = Field(default=1000, ge=0, description="Most requests that wait in one worker; more get 503.")
    queue_s: float = Field(
        default=10, gt=0, le=DAY_S, description="Longest wait in the queue; then the answer is 503."
    )
    requests_per_minute: float | None = Field(
        default=None,
        gt=0,
        description="Most requests of one key in a minute; more get 429. Empty: any number.",
    )
    near_hits: float = Field(
        default=100,
        ge=0,
        description="How often an hour one key may come near a forgotten passage; then near is a hit.",
    )
    connections: int = Field(
        default=4096, ge=1, description="Most open connections of one worker; more are told 503 and closed."
    )
    reader_s: float = Field(
        default=60, gt=0, le=DAY_S, description="Longest time a client may leave what was sent to it unread."
    )
    drain_s: float = Field(
        default=30,
        ge=0,
        le=DAY_S,
        description="How long answers under way may go on once the gateway is told to end.",
    )
    choices: int = Field(default=8, ge=1, le=128, description="Most answers to one request (`n`).")
    messages: int = Field(default=2000, ge=1, description="Most messages in one request.")
    answer_s: float = Field(default=900, gt=0, le=DAY_S, description="Longest time one answer may take.")
    judge_s: float = Field(
        default=10,
        gt=0,
        le=DAY_S,
        description="Longest wait for the embedding index; then the answer ends closed.",
    )

    @model_validator(mode="after")
    def _reads(self) -> Self:
        if self.media is MediaRule.READ and which(self.ocr[0]) is None:
            raise wrong("a program that is installed, such as Debian's tesseract-ocr", at=("ocr",))
        return self


class Memory(Part):
    """What a session said before: pieces of something forgotten that were sent in separate requests add up.

    A session is a user (`user` or `safety_identifier` of the body), a conversation (the header
    `X-Unsay-Conversation`), or a key where neither is named. Kept are keyed digests and counts.
    """

    path: Path | None = Field(
        default=None,
        description="An SQLite file; relative to this file. Empty: `memory.sqlite` beside the log.",
    )
    url: str | None = Field(
        default=None,
        description="Instead of a file: `postgresql://user@host/database` (the password as libpq finds it: "
        "PGPASSWORD, PGPASSFILE), or `sqlite://`: in memory, with one worker.",
    )
    ttl_s: float = Field(default=3600, gt=0, le=30 * DAY_S, description="How long what was said counts.")
    pieces_per_key: int = Field(
        default=100_000,
        ge=1024,
        description="Most that the sessions of one key keep, of 1,000,000 for all; then its oldest go.",
    )
    keys: bool = Field(
        default=True,
        description="Whether a request that names no user and no conversation belongs to its key's session. "
        "Turn it off where one key stands for many people.",
    )
    on_error: OnError = Field(
        default=OnError.CLOSED,
        description="What happens when it cannot be used: closed answers requests that need it with 503, "
        "open takes it for empty.",
    )

    @field_validator("url")
    @classmethod
    def _database(cls, url: str | None) -> str | None:
        if url is None or url == "sqlite://":
            return url
        if not re.match(r"postgresql://[^\s]+$", url):
            raise wrong("an address like postgresql://user@host/database, or sqlite://", got="another")
        if re.match(r"[^@/?]*:[^@/?]*@", url.removeprefix("postgresql://")) or "password=" in url:
            raise wrong(
                "an address without a password", "Put it where libpq looks: PGPASSWORD, PGPASSFILE", "one"
            )
        return url


class Steering(Part):
    """Unsay's plug-in inside vLLM: the model chooses other words, instead of having them taken away after.

    The gateway tells it under seal, with every request, what the answer must keep clear of; and makes sure by
    canaries that it obeys.
    """

    mode: SteeringMode = Field(
        default=SteeringMode.OFF,
        description="required: nothing is served by a model server that does not steer, and the gateway does "
        "not start before one; preferred: the filters serve alone then, and /readyz says so; off.",
    )
    strength: float = Field(
        default=1, ge=0, le=1, description="How strongly facts are steered away from; 0: only words are."
    )
    check_s: float = Field(
        default=10, gt=0, le=DAY_S, description="Seconds between two canaries to each model."
    )
    timeout_s: float = Field(
        default=10, gt=0, le=DAY_S, description="Longest wait for the answers to the canaries."
    )


class Bias(Part):
    """For model servers without the plug-in: each request asks to leave out what gives away the entries that
    it is about, as `logit_bias` and `bad_words`.

    The table is made by `unsay steer bias`. What is asked for can be read by who runs the model server.
    """

    table: Path = Field(description="What `unsay steer bias` wrote; relative to this file.")
    logit_bias: int = Field(
        default=300,
        ge=0,
        le=1024,
        description="Most biases of one request, the client's among them. OpenAI takes 300, vLLM 1,024.",
    )
    bad_words: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Most strings of one request, the client's among them. Only vLLM knows them, and takes "
        "64, as they are written.",
    )


class LiteLLM(Part):
    """The door for LiteLLM, `POST /beta/litellm_basic_guardrail_api`: its Generic Guardrail API.

    LiteLLM does not say whether it applies changes. It drops those of most streams.
    """

    changes: Changes = Field(
        default=Changes.NONE,
        description="Of which texts LiteLLM is sent a changed form, where a part must go; the others it is "
        "told to block. What it does not apply goes on as it was: docs/litellm.md says what it applies.",
    )


class Reload(Part):
    """The policy, its snapshot and this file are read again on SIGHUP and when they change."""

    watch_s: float = Field(
        default=1, ge=0, le=DAY_S, description="Seconds between two looks at the files; 0: only on SIGHUP."
    )


class Config(Part):
    """`unsay.yaml`. Paths are relative to the file."""

    listen: Listen = Listen()
    upstream: Upstream = Upstream()
    models: ModelTable = Field(
        default_factory=dict,
        description="Public model names, and the model server's, or more of a model, as below. No other can "
        "be asked for. Empty: the model server's own names.",
    )
    keys: tuple[Key, ...] = Field(
        default=(), description="Who may ask. Empty: anyone, on a loopback address only."
    )
    limits: Limits = Limits()
    refusal: RefusalShape = Field(
        default=RefusalShape.ANSWER, description="What a withheld answer looks like."
    )
    release_every_ms: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="Streamed text leaves at such moments only, all that is certain by then at once: times "
        "then tell nothing of where text was held. 0: as soon as it is certain.",
    )
    cloak_beat_ms: int = Field(
        default=50,
        ge=0,
        le=10_000,
        description="Under a policy's `cloak` prompts go on, and whole answers leave, at such moments after "
        "their request came: times then do not tell whether a name was found. Longer than a prompt takes to "
        "scan. 0: at once.",
    )
    logprobs: LogProbs = Field(
        default=LogProbs.DROP,
        description="Whether chat answers tell how likely their tokens were: never, or of what is released, "
        "each token that was said and no other. Who asks can then tell a withheld answer from one of a model "
        "that does not know. Not where the model is steered.",
    )
    twin_check: bool = Field(
        default=False,
        description="Whether the model is asked twice where the policy flags a prompt: also without what is "
        "flagged. What only the first answer tells was relearned, and the second is given.",
    )
    unknown_fields: UnknownFields = Field(
        default=UnknownFields.REFUSE, description="What happens to fields no contract names."
    )
    audit: Audit = Audit()
    memory: Memory | None = Field(
        default_factory=Memory, description="What sessions said before; `null` is off."
    )
    ledger: LedgerAddress | None = Field(
        default=None, description="The ledger of forget requests that is followed; empty: none is."
    )
    encoder: EncoderAddress | None = Field(
        default=None, description="Who turns texts into vectors; empty: the offline encoder, in each worker."
    )
    vectors: VectorSettings = VectorSettings()
    judge: JudgeModel | None = Field(
        default=None, description="Who is asked where the embedding index is in doubt; empty: nobody."
    )
    steering: Steering = Steering()
    rewrite: Rewrite = Rewrite()
    bias: Bias | None = Field(
        default=None,
        description="What a model server without the plug-in is asked to leave out; empty: nothing.",
    )
    tracing: Tracing | None = Field(default=None, description="Who is told of requests; empty: nobody.")
    litellm: LiteLLM | None = Field(
        default=None, description="The door for LiteLLM's guardrails; empty: there is none."
    )
    admin: Admin = Admin()
    reload: Reload = Reload()
    snapshot: Path = Field(default=Path("snapshot"), description="Folder of the compiled policy.")
    policy: Path = Field(default=Path("policy.yaml"), description="What is forgotten.")
    test_policy: bool = Field(
        default=False,
        description="Take a policy only when its own tests pass, at the start and when it changes.",
    )
    policy_keys: tuple[str, ...] = Field(
        default=(),
        description="Public keys (`ed25519:...`) whose signature on the policy counts (`unsay policy sign`). "
        "One that is there and does not hold is refused; the last good policy stays.",
    )
    require_signed_policy: bool = Field(
        default=False, description="Take no policy without a signature by one of `policy_keys`."
    )

    @field_validator("policy_keys")
    @classmethod
    def _public(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return tuple(str(PublicKey.parse(key)) for key in keys)
        except SigningKeyError:
            raise wrong("public keys, as `unsay policy sign` prints them: `ed25519:...`") from None

    @property
    def trust(self) -> Trust:
        """Whose signatures on the policy count."""
        return Trust(tuple(map(PublicKey.parse, self.policy_keys)), self.require_signed_policy)

    @model_validator(mode="after")
    def _checks(self) -> Self:
        if not self.keys and not is_loopback(self.listen.host):
            raise wrong("a loopback address while there are no keys", at=("listen", "host"))
        if not self.admin.keys and not is_loopback(self.admin.host):
            raise wrong("a loopback address while there are no keys under `admin`", at=("admin", "host"))
        if self.memory is not None and self.memory.url == "sqlite://" and self.listen.workers > 1:
            raise wrong("a file or a server while there are several workers", at=("memory", "url"))
        steered = self.steering.mode is not SteeringMode.OFF or self.bias is not None
        if steered and self.logprobs is not LogProbs.DROP:
            raise wrong("drop where `steering` or `bias` changes the odds", at=("logprobs",))
        if self.require_signed_policy and not self.policy_keys:
            raise wrong("at least one key, as a signature is required", at=("policy_keys",))
        check_models(self.models)
        check_keys(self.keys, self.models)
        return self

    def below(self, folder: Path) -> Self:
        """The same with its paths made absolute."""
        audit = self.audit.below(folder)
        memory = self.memory and self.memory.model_copy(
            update={"path": self.memory.path and folder / self.memory.path}
        )
        tokenizer = self.limits.tokenizer and folder / self.limits.tokenizer
        found = {
            "limits": self.limits.model_copy(update={"tokenizer": tokenizer}),
            "audit": audit,
            "memory": memory,
            "ledger": self.ledger and self.ledger.below(folder, audit.path),
            "bias": self.bias and self.bias.model_copy(update={"table": folder / self.bias.table}),
            "snapshot": folder / self.snapshot,
            "policy": folder / self.policy,
        }
        return self.model_copy(update=found)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
