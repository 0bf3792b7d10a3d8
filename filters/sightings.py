"""Every forgotten string that a prompt contains, also one that is cut over several messages.

Rule: a string is looked for in all messages in their order, and in those of each role alone, so that neither
the end of a message nor a "Go on." in between hides it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from filters.also_read import AlsoRead, also_read
from filters.codecs.oddness import odd_spans
from filters.codecs.readings import DEPTH
from filters.coverage import NOTHING as COVERS_NOTHING
from filters.coverage import cover
from filters.covering import widened
from filters.forgotten import Forgotten, is_strong
from filters.joined import Joined, Part, Places
from filters.loose_sightings import loose_names
from filters.near import count_runs
from filters.pieces import Piece
from filters.segment import Segment
from filters.spelled_sightings import Heard, by_letters
from filters.views import Views
from index.loose_names import Loose
from index.rolling import WordHash
from index.snapshot import Phrase
from index.table_search import Found as Hit
from index.traits import BEGINS, NAMES, TELLS
from index.units import Unit, digits, units
from index.whole_text import WholeText
from policy.finding import Detector

# Stands between the texts and what was also read in them: no string has a unit without text.
_BARRIER = WholeText([""], b" ")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A string of the entry at `place`. A weak one counts only when something else makes the entry active.

    `near`: it is only what comes near a window. `phrase`: what a name or a secret is. `view`: how it was
    read, where it does not stand there as it is. `shared`: a name that may as well be another's: by itself it
    is nothing, but the answer may be about the entry.
    """

    place: int
    detector: Detector
    key: int
    strong: bool
    parts: tuple[Part, ...]
    near: bool = False
    phrase: Phrase | None = None
    view: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Sightings:
    """`words` are the prompt's units, for what else is asked about them. `near` counts the near-hits.
    `given`: the digests of the passages' pairs that stand in text which supplies. `told`: what was told of
    passages that are not there, for the session, and `marks` where it told so much before. `read_whole`:
    nothing was left unread because it was too much.
    """

    found: tuple[Sighting, ...]
    words: Joined
    near: int
    given: frozenset[int] = frozenset()
    told: tuple[Piece, ...] = ()
    marks: tuple[Piece, ...] = ()
    read_whole: bool = True


def look(
    forgotten: Forgotten,
    segments: Sequence[Segment],
    remembered: Sequence[Piece] = (),
    *,
    near_is_hit: bool,
    depth: int = DEPTH,
) -> Sightings:
    """What is encoded or disguised in the texts is looked at like the texts, as many codes deep as `depth`
    says: not at all where it is 0. `remembered` is what the session said before.
    """
    snapshot = forgotten.snapshot
    read = [WholeText.of(segment.text) for segment in segments]
    odd = [odd_spans(segment.text) for segment in segments] if depth else []
    also, read_whole = also_read(segments, read, odd, snapshot.anchors, depth) if depth else ([], True)
    read += chain.from_iterable((_BARRIER, each.whole) for each in also)
    words, numbers = _joined([segment.text for segment in segments], read, also, snapshot.word_hash)
    spelled = list(chain.from_iterable(text.words for text in read))
    # Nearly no word matters to most tables, and what none matters to is not asked.
    wanted = snapshot.traits.together(spelled)
    in_words = Views.of(words, segments, max(snapshot.passages.longest, snapshot.phrases.longest))
    windows = [
        (places, hit)
        for places, hit in in_words.hits(snapshot.passages)
        if forgotten.window_entry(hit.owner) is not None and words.view(places) is not None
    ]
    found = [_window(forgotten, words, places, hit) for places, hit in windows if near_is_hit or not hit.near]
    if wanted & BEGINS:
        found += (_phrase(forgotten, words, *hit) for hit in in_words.hits(snapshot.phrases))
    if wanted & NAMES:
        found += (_phrase(forgotten, words, *hit) for hit in loose_names(snapshot.loose, words, spelled))
    if len(numbers.hashes):
        in_numbers = Views.of(numbers, segments, snapshot.digits.longest)
        found += (_phrase(forgotten, numbers, *hit) for hit in in_numbers.hits(snapshot.digits))
    if depth:
        found += (_spelled(forgotten, heard) for heard in by_letters(snapshot.letters, segments, odd, also))
    coverage = COVERS_NOTHING
    if wanted & TELLS:
        coverage = cover(forgotten, in_words, words, segments, remembered, near_is_hit=near_is_hit)
    found += (
        Sighting(each.place, Detector.COVERAGE, each.key, True, each.parts) for each in coverage.covered
    )
    near = _near(windows) + coverage.near
    seen = _once_each(filter(None, found))
    return Sightings(seen, words, near, coverage.given, coverage.told, coverage.marks, read_whole)


def _near(windows: Sequence[tuple[Places, Hit]]) -> int:
    near = [places.tolist() for places, hit in windows if hit.near]
    return count_runs(near, (places.tolist() for places, hit in windows if not hit.near))


def _joined(
    own: Sequence[str], read: Sequence[WholeText], also: Sequence[AlsoRead], word_hash: WordHash
) -> tuple[Joined, Joined]:
    """The words of all texts, and their digits."""
    hashes = word_hash.many(list(chain.from_iterable(text.words for text in read)))
    # Letters before a text's first digit end no run: none is open there.
    figures = [text.figures.lstrip() if text is not _BARRIER else text.figures for text in read]
    texts = [*own, *chain.from_iterable(("", each.text) for each in also)]
    counts = [len(text.words) for text in read]
    numbers, sizes = word_hash.figures(b"".join(figures)), [len(each) for each in figures]
    return Joined.of(texts, hashes, counts, units, also), Joined.of(texts, numbers, sizes, _figures, also)


def _figures(text: str) -> list[Unit]:
    figures = digits(text)
    return widened(figures, units(text)) if figures else figures


def _window(forgotten: Forgotten, joined: Joined, places: Places, hit: Hit) -> Sighting | None:
    place = forgotten.window_entry(hit.owner)
    if place is None:
        return None
    parts, view = joined.parts(places), joined.view(places) or ""
    return Sighting(place, Detector.VERBATIM, hit.digest, True, parts, hit.near, view=view)


def _once_each(found: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """What several readings show at one place is seen there once."""
    each = {
        (seen.place, seen.detector, seen.key, seen.parts, seen.near): seen for seen in reversed(list(found))
    }
    return tuple(reversed(each.values()))


def _spelled(forgotten: Forgotten, heard: Heard) -> Sighting | None:
    """Where chance may spell it too, it counts as an ordinary word does."""
    match, is_passage, sure = heard.spelling
    if is_passage:
        place = forgotten.window_entry(match.owner)
        if place is None:
            return None
        return Sighting(place, Detector.VERBATIM, match.key, sure, heard.parts, view=heard.view)
    phrase = forgotten.phrase(match.owner, capitals=True)
    if phrase is None:
        return None
    strong = sure and is_strong(phrase)
    return Sighting(
        phrase.entry, phrase.detector, match.key, strong, heard.parts, phrase=phrase, view=heard.view
    )


def _phrase(forgotten: Forgotten, joined: Joined, places: Places, hit: Hit | Loose) -> Sighting | None:
    phrase, view = forgotten.phrase(hit.owner, joined.are_capital(places)), joined.view(places)
    if phrase is None or view is None:
        return None
    parts, shared = joined.parts(places), isinstance(hit, Loose) and hit.shared
    strong = is_strong(phrase) and not shared
    return Sighting(
        phrase.entry, phrase.detector, hit.digest, strong, parts, phrase=phrase, view=view, shared=shared
    )
