"""From the texts of one entry to what the gateway searches by, and to a trial of it.

Rule: texts are read, compiled and dropped. The exact part needs the policy alone; the semantic part needs the
encoder and the policy's own snapshot too, on whose innocent texts its threshold rests.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.admin.preview import alone
from gateway.admin.trouble import Unfinished
from gateway.rehearsal import Rehearsal
from gateway.workers.source import Opened
from index.encoder import Encoder, EncoderError
from index.judge import load_judge
from index.knowledge import retain_texts
from index.ledger.event import Part
from index.segment.compiling import compile_segment
from index.segment.error import SegmentError
from index.segment.onto import Merged, merge_onto
from index.segment.part import Part as Laid
from index.segment.segment import Segment
from index.segment.settings import Settings
from index.semantic_blob import SemanticSegmentError, from_bytes, to_bytes
from index.semantic_compile import compile_semantic
from index.semantic_merge import merge_vectors
from index.snapshot import Snapshot, SnapshotError
from policy.entry import Entry
from policy.policy import Policy

# What a snapshot or a segment that cannot be used is told as.
UNUSABLE = (SnapshotError, SegmentError, SemanticSegmentError, EncoderError)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A semantic part: of how many texts, how long the encoder took for them, and how long all of it did."""

    data: bytes
    texts: int
    encoder_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Compiler:
    """`snapshot`: the folder of the policy's own. `encoder`: None where the policy looks for no meaning."""

    policy: Policy
    snapshot: Path
    key: bytes
    encoder: Encoder | None

    def exact(self, entry: Entry) -> bytes:
        """Raises BuildError."""
        retain = retain_texts(self.policy.entries)
        return compile_segment([entry], Settings.of(self.policy), retain, self.key).to_bytes(self.key)

    def semantic(self, entry: Entry) -> Meaning | None:
        """None where the policy does not look for meaning. Raises Unfinished."""
        if self.encoder is None:
            return None
        try:
            base = Snapshot.load(self.snapshot, self.key)
            found = compile_semantic([entry], base, self.encoder, self.key)
            timing = found.timing
            return Meaning(to_bytes(found, self.key), timing.texts, timing.encoder_s, timing.total_s)
        except UNUSABLE as error:
            raise Unfinished(str(error)) from error

    @contextmanager
    def tried(self, request: str, parts: Mapping[Part, bytes], model: str) -> Iterator[Rehearsal]:
        """The policy's snapshot with this request on top, in which it alone does something."""
        with TemporaryDirectory(prefix="unsay-preview-") as folder:
            try:
                opened = self._merged(parts, Path(folder))
            except UNUSABLE as error:
                raise Unfinished(str(error)) from error
            yield Rehearsal(opened, alone(self.policy, request), model)

    def _merged(self, parts: Mapping[Part, bytes], folder: Path) -> Opened:
        exact = Laid(Segment.from_bytes(parts[Part.EXACT], self.key))
        semantic = parts.get(Part.SEMANTIC)
        vectors = [] if semantic is None else [from_bytes(semantic, self.key)]
        base = Snapshot.load(self.snapshot, self.key)

        def merged(ids: Sequence[str], draft: Path) -> Merged:
            return merge_vectors(base, ids, vectors, draft)

        merge_onto(self.snapshot, [exact], folder, self.key, semantic=merged)
        snapshot = Snapshot.load(folder, self.key)
        if self.encoder is None or snapshot.manifest.encoder is None:
            return Opened(snapshot, None)
        return Opened(snapshot, load_judge(snapshot, self.encoder, self.key))
