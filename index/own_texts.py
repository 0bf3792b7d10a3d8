"""The texts that the semantic half of an entry is made of: what it knows, and the same about others.

Rule: who gives questions knows best what is asked. Only an entry without any is probed with made ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from index.derive import derive_all
from index.knowledge import Known, known_texts
from index.neighbours import half_neighbours, half_strangers, strangers, whole_neighbours
from index.probes import Asker, probes
from policy.entry import Entry

# Strangers by question: more of one question's would say the same again.
MOST_DRAWS = 5
# Where a number of negatives is asked for, they say little new rather than nothing.
MOST_STRICT_DRAWS = 100

Asked = tuple[str, Sequence[str]]
Vary = Callable[[str, Sequence[str], int], list[str]]


@dataclass(frozen=True, slots=True)
class OwnTexts:
    """`names`: per entry, given and derived; `probed`: per entry its probes, in groups that ask one thing."""

    entries: Sequence[Entry]
    names: Sequence[Sequence[str]]
    probed: Sequence[Sequence[Sequence[str]]]

    @classmethod
    def of(
        cls,
        entries: Sequence[Entry],
        names: Sequence[Sequence[str]] | None = None,
        asker: Asker | None = None,
    ) -> "OwnTexts":
        """`names` are derived here when absent."""
        names = names if names is not None else _names(entries)
        probed = [_probed(entry, own, asker) for entry, own in zip(entries, names, strict=True)]
        return cls(entries, names, probed)

    def each(self) -> list["OwnTexts"]:
        """Those of each entry apart."""
        entries = zip(self.entries, self.names, self.probed, strict=True)
        return [OwnTexts([entry], [names], [probed]) for entry, names, probed in entries]

    def known(self) -> list[list[Known]]:
        pairs = zip(self.entries, self.probed, strict=True)
        return [known_texts(entry, probed) for entry, probed in pairs]

    def exchanged(self) -> list[str]:
        """The entries' questions about somebody else. Probes about people who share half a name with the
        subject are no ground: they come nearer to a question about it than the probe itself.
        """
        given = (half_neighbours(question, names) for question, names in self._questions())
        made = (whole_neighbours(question, names) for question, names in self._probes())
        return list(dict.fromkeys(chain(chain.from_iterable(given), chain.from_iterable(made))))

    def strangers(self, wanted: int, *, strict: bool = False) -> list[str]:
        return _drawn(self._questions() + self._probes(), strangers, wanted, strict)

    def half_strangers(self, wanted: int, *, strict: bool = False) -> list[str]:
        return _drawn(self._questions(), half_strangers, wanted, strict)

    def _questions(self) -> list[Asked]:
        pairs = zip(self.entries, self.names, strict=True)
        return [(pair.question, names) for entry, names in pairs for pair in entry.questions]

    def _probes(self) -> list[Asked]:
        pairs = zip(self.probed, self.names, strict=True)
        return [(question, names) for probed, names in pairs for question in chain.from_iterable(probed)]


def _names(entries: Sequence[Entry]) -> list[tuple[str, ...]]:
    return [(*entry.names, *found.names) for entry, found in zip(entries, derive_all(entries), strict=True)]


def _probed(entry: Entry, names: Sequence[str], asker: Asker | None) -> list[list[str]]:
    if entry.questions:
        return []
    asked = [[question] for passage in entry.passages for question in (asker(passage) if asker else ())]
    return [*chain.from_iterable(probes(passage, names) for passage in entry.passages), *asked]


def _drawn(questions: Sequence[Asked], vary: Vary, wanted: int, strict: bool = False) -> list[str]:
    """About as many as are wanted, evenly from all questions."""
    some = questions[:: max(1, len(questions) // max(1, wanted))]
    draws = min(MOST_STRICT_DRAWS if strict else MOST_DRAWS, -(-wanted // max(1, len(some))))
    found = (vary(question, names, draws) for question, names in some)
    return list(dict.fromkeys(chain.from_iterable(found)))
