"""Where the vectors of the semantic detector are looked for."""

from enum import StrEnum
from typing import Final, Self

from pydantic import Field, model_validator

from gateway.config_part import Part
from index.vector_place import VectorPlace
from policy.problem import wrong

DAY_S: Final = 86_400


class Store(StrEnum):
    FAISS = "faiss"
    POSTGRES = "postgres"


class VectorSettings(Part):
    """Vectors of what is forgotten, of millions of passages: in files that the workers of a host share, or in
    PostgreSQL with pgvector, which many hosts share. The detector finds the same in both.
    """

    store: Store = Field(default=Store.FAISS, description="`faiss`: files of the snapshot; or `postgres`.")
    url: str | None = Field(
        default=None,
        description="`postgresql://user@host/database` (the password in PGPASSWORD or PGPASSFILE), with the "
        "extension `vector`. Who can write there can weaken the semantic detector.",
    )
    timeout_s: float = Field(
        default=10, gt=0, le=DAY_S, description="Longest wait for PostgreSQL; then the answer ends closed."
    )

    @model_validator(mode="after")
    def _has_url(self) -> Self:
        if (self.store is Store.POSTGRES) != (self.url is not None):
            raise wrong("`url` with `store: postgres`, and with no other", got="one without the other")
        return self

    @property
    def place(self) -> VectorPlace | None:
        return None if self.url is None else VectorPlace(self.url, self.timeout_s)
