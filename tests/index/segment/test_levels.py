"""What came later lies in a level above: both are looked up as one snapshot of everything is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, example, given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from filters.answer_guard import AnswerGuard, TextKey
from filters.prompt import PromptScanner
from filters.prompt import Segment as Said
from index.follower import Follower
from index.pair_search import meet
from index.segment.below import Below
from index.segment.compiling import compile_segment
from index.segment.merge import Said as ManifestSaid
from index.segment.merge import merge
from index.segment.onto import merge_above
from index.segment.part import Part
from index.segment.settings import Settings
from index.snapshot import Snapshot
from index.table_search import find
from index.whole_text import WholeText
from policy.entry import Entry
from policy.policy import Policy
from policy.surface import Channel, Role
from tests.index.segment.drawn import ENTRIES, PASSAGE, RETAIN, SETTINGS, WHOLE
from tests.laws import CASES

KEY = bytes(range(32))
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
POLICY = Policy((), "0" * 64, semantic=None)
FEW = given_settings(
    max_examples=max(20, CASES // 20), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
POEM = "The lamplighter kept seven herons beside a crooked granite mill, and nobody asked why he did."
CRANE = Entry("crane", names=("Alden Crane",), passages=(POEM,), secrets=("555-201-3391",))
# A name of its own that is a possessive of the other's, a secret of both, and words of the other's passage.
CRANES = Entry(
    "cranes",
    names=("Beryl Cranes",),
    passages=(f"{POEM} A tall ferryman sold brass lanterns to the pilgrims.", POEM),
    secrets=("+46 8 1234 5678 90", "555-201-3391"),
)
# Together they say two words beside each other so often that the two tell nothing; neither half of them does.
CROWD = tuple(
    Entry(f"e{n}", passages=(f"quartermaster Skagerrak kel{n}aru zor{n}ipe wun{n}oko",)) for n in range(40)
)


def parts_of(entries: Sequence[Entry], settings: Settings, retain: dict[str, str]) -> list[Part]:
    """One for each entry, and one of nothing, as the first batch of a policy without entries is."""
    every = [[], *([entry] for entry in entries)]
    return [Part(compile_segment(some, settings, retain, KEY)) for some in every]


def in_one(parts: Sequence[Part], settings: Settings, folder: Path) -> Snapshot:
    merge(parts, folder, KEY, settings, ManifestSaid("", base=3))
    return Snapshot.load(folder, KEY)


def in_two(parts: Sequence[Part], first: int, settings: Settings, folder: Path) -> Snapshot:
    """The first ones below, the others above."""
    snapshot = in_one(parts[:first], settings, folder / "below")
    below = Below(snapshot, [part.segment for part in parts[:first]])
    merge_above(below, parts[:first], parts[first:], folder / "both", KEY, ledger=7)
    return Snapshot.load(folder / "both", KEY)


def tables(snapshot: Snapshot, text: str) -> dict[str, Any]:
    """What each table says of a text."""
    whole = WholeText.of(text)
    hashes, figures = snapshot.word_hash.many(whole.words), snapshot.word_hash.figures(whole.figures)
    followers = [Follower(table) for table in (snapshot.passages, snapshot.phrases)]
    meeting = meet(snapshot.pairs, hashes)
    return {
        "windows": find(snapshot.passages, hashes),
        "phrases": find(snapshot.phrases, hashes),
        "numbers": find(snapshot.digits, figures),
        "followed": [[each.push(word) for word in hashes.tolist()] for each in followers],
        "pairs": meeting.pairs(),
        "each pair": [snapshot.pairs.pairs(met.digest) for met in meeting.pairs()],
        "portions": meeting.portions(1, 0.1).tolist(),
        "letters": [
            snapshot.letters.read(whole.words[first : first + 8]).spelled for first in range(len(whole.words))
        ],
        "senses": [snapshot.loose.words[word] for word in whole.words],
        "meant": [snapshot.loose.words.meant(word) for word in whole.words],
        "loosely": snapshot.loose.may_stand_in(whole.words),
        "anchors": [
            (snapshot.anchors.holds(word), snapshot.anchors.bits(word), snapshot.anchors.turns[word])
            for word in whole.words
        ],
    }


def rows(snapshot: Snapshot) -> dict[str, Any]:
    """What is known of all phrases, passages and portions."""
    pairs, phrases = snapshot.pairs, sum(entry.names + entry.secrets for entry in snapshot.entries)
    return {
        "entries": snapshot.entries,
        "owners": list(snapshot.passage_entry),
        "facts": [snapshot.phrase(owner) for owner in range(phrases)],
        "sizes": (len(snapshot.passages), len(snapshot.phrases), len(snapshot.digits), len(pairs)),
        "portions": [pairs.portion(number) for number in range(pairs.portions)],
    }


def filtered(snapshot: Snapshot, text: str) -> tuple[Any, ...]:
    """What becomes of a text in a prompt, and in an answer."""
    prompts = PromptScanner(snapshot, POLICY, "demo", NOW)
    scanned = prompts.scan([Said(Role.USER, text, 0, ("messages", 0))])
    asked = prompts.scan([Said(Role.USER, "Go on.", 0, ("messages", 0))])
    guard, key = AnswerGuard(snapshot, POLICY, asked, model="demo"), TextKey(0, Channel.CONTENT)
    said = [guard.feed(key, f" {word}") for word in text.split()]
    return scanned.findings, scanned.sightings, said, guard.finish(key)


@example(CROWD, 20, {}, WHOLE, ["quartermaster Skagerrak kel7aru zor7ipe"])
@example((CRANE, CRANES), 1, {}, WHOLE, [POEM, "Alden Cranes, 5552013391"])
@FEW
@given(ENTRIES, st.integers(0, 4), RETAIN, SETTINGS, st.lists(PASSAGE, max_size=2))
def test_two_levels_are_looked_up_as_one_snapshot_of_everything(
    entries: tuple[Entry, ...], first: int, retain: dict[str, str], settings: Settings, texts: list[str]
) -> None:
    parts = parts_of(entries, settings, retain)
    with TemporaryDirectory() as folder:
        one = in_one(parts, settings, Path(folder) / "one")
        two = in_two(parts, 1 + min(first, len(entries)), settings, Path(folder))
        assert rows(two) == rows(one)
        said = [text for entry in entries for text in (*entry.passages, *entry.names, *entry.secrets)]
        for text in (*texts, *said, " ".join(said), "".join(said)[::-1]):
            assert tables(two, text) == tables(one, text)
            assert filtered(two, text) == filtered(one, text)
