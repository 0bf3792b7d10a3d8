"""What is said about forget requests, by people and to them, over HTTP and on the command line.

Rules: nothing is taken that is not listed. What is told holds ids, times and figures, never a text.
"""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from gateway.admin.preview import LIMIT, Counts
from index.ledger.event import Event, Kept, State
from policy.entry import Reason

Token = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$")]
Words = Annotated[str, Field(max_length=200, description="Why, on one line. It is kept for good and shown.")]
Figure = Annotated[str, Field(pattern=r"^[ -~]{0,128}$")]
Share = Annotated[float, Field(gt=0, le=1, description="Of what is asked, so much is withheld.")]


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=True)


class AddDocument(Said):
    """Ask that something be forgotten."""

    entry: dict[str, Any] = Field(description="What, as an entry of a policy, its texts written out.")
    why: Words = ""
    source: Kept = Field(
        default=Kept.NONE,
        description="What is kept of the texts: none, a reference to where they lie, or they encrypted.",
    )
    reference: str = Field(default="", max_length=1000, description="Where they lie.")
    then: Event | None = Field(
        default=None, description="monitor or enforce: also put it in force. Needs the role operator."
    )
    share: Share = 1.0


class MoveDocument(Said):
    """Bring a request into another state, or agree that somebody else does."""

    event: Event = Field(description="stage, monitor, enforce, expire or restore; or shred its kept texts.")
    why: Words = ""
    share: Share = 1.0


class RowsDocument(Said):
    """Sample traffic: texts, or objects with `prompt` or `messages`, and `answer` where there is one."""

    rows: tuple[Any, ...] = Field(min_length=1, description="The rows, as in a `.jsonl` file.")
    model: str = Field(default="default", max_length=256, description="The model that would be asked.")


class TryDocument(RowsDocument):
    """The same about an entry that nobody has added yet."""

    entry: dict[str, Any] = Field(description="What would be forgotten, as an entry of a policy.")


class CompileDocument(Said):
    """Compile the request anew: what was pending, or after the encoder has changed."""

    entry: dict[str, Any] | None = Field(
        default=None, description="Its texts once more, word for word; empty: those that were kept encrypted."
    )


class ReceiptDocument(Said):
    """Ask for a receipt."""

    evaluation: dict[Token, int | float | Figure] | None = Field(
        default=None, max_length=64, description="Figures of an evaluation, to be signed with it."
    )


class ApprovalDocument(Said):
    event: Event
    actor: str
    share: float


class ChangeDocument(Said):
    sequence: int
    event: Event
    at: datetime
    actor: str


class ForceDocument(Said):
    """From when on a replica had the request's last move in force, by part of its segment."""

    replica: str
    part: str
    sequence: int
    generation: int
    at: datetime
    after_s: float = Field(description="Seconds after the record that asked for it, by the clocks of both.")


class RequestDocument(Said):
    """A forget request. `semantic`: compiled, pending, or off where the policy does not look for meaning."""

    id: str
    state: State
    since: datetime
    requester: str
    reason: Reason
    commitment: str
    models: tuple[str, ...]
    keys: tuple[str, ...]
    start: datetime | None = Field(validation_alias="from", serialization_alias="from")
    until: datetime | None
    share: float
    source: Kept
    reference: str
    counts: dict[str, int]
    exact: str
    semantic: str
    approvals: tuple[ApprovalDocument, ...] = ()
    awaits: tuple[Event, ...] = Field(
        default=(), description="Moves that need somebody's approval and have none yet."
    )
    in_force: tuple[ForceDocument, ...] = ()
    preview: dict[str, Any] | None = Field(default=None, description="Figures of the last preview.")
    remark: str = Field(default="", description="What could not be done, and why.")
    history: tuple[ChangeDocument, ...] = ()


class ListDocument(Said):
    requests: tuple[RequestDocument, ...]
    more: bool = Field(description="Whether there are more after the last one.")


class PreviewDocument(Said):
    """What a request would have withheld of sample traffic. Rows count from 1."""

    rows: int
    refused: int
    redacted: int
    answers: int
    share: float
    limit: float
    above: bool
    places: tuple[int, ...]
    semantic: str = Field(description="Whether meaning was looked for: compiled, pending (not yet) or off.")
    more_places: bool

    @classmethod
    def of(cls, counts: Counts, semantic: str, limit: float = LIMIT) -> "PreviewDocument":
        return cls(
            rows=counts.rows,
            refused=counts.refused,
            redacted=counts.redacted,
            answers=counts.answers,
            share=counts.share,
            limit=limit,
            above=counts.share > limit,
            places=tuple(counts.places),
            semantic=semantic,
            more_places=counts.withheld > len(counts.places),
        )


class ReplicaDocument(Said):
    """The newest report of a replica: which record it had in force, and since when."""

    replica: str
    sequence: int
    at: datetime


class LedgerDocument(Said):
    """Where the ledger stands. `head`: the digest of its last record."""

    records: int
    head: str
    key: str
    approve: tuple[Event, ...]
    most_open: int | None
    texts_a_day: int | None
    replicas: tuple[ReplicaDocument, ...] = ()
