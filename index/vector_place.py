"""Where vectors are looked for, when not in the snapshot's files: copied there once, by who comes first."""

from dataclasses import dataclass, field, replace

from sqlalchemy.exc import SQLAlchemyError

from index.database import kind_of
from index.postgres import AddressError
from index.postgres_vectors import PostgresVectors
from index.snapshot import Snapshot, SnapshotError
from index.vector_store import VectorStore
from index.vectors import KNOWLEDGE_FILE, NEIGHBOURS_FILE, Vectors


@dataclass(frozen=True, slots=True)
class VectorPlace:
    url: str = field(repr=False)
    wait_s: float

    def held(self, vectors: Vectors, snapshot: Snapshot) -> Vectors:
        """The same vectors, there. Raises SnapshotError where it cannot be used."""
        try:
            knowledge = self._copied(vectors.knowledge.index, snapshot, KNOWLEDGE_FILE)
            neighbours = self._copied(vectors.neighbours, snapshot, NEIGHBOURS_FILE)
        except (SQLAlchemyError, AddressError, OSError) as error:
            raise SnapshotError(f"vectors.url: PostgreSQL cannot be used ({kind_of(error)})") from None
        return Vectors(replace(vectors.knowledge, index=knowledge), neighbours)

    def _copied(self, rows: VectorStore, snapshot: Snapshot, name: str) -> PostgresVectors:
        """Named by the digest of its file, so that no two sets share a name."""
        return PostgresVectors.of(self.url, snapshot.manifest.files[name].sha256, rows, self.wait_s)
