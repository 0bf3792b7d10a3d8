"""What the accomplice would say to a fact that is wanted: what the prompt tells, else what it remembers.

An attacker may ask for memory first, and so may whoever starts it.
"""

import re
from dataclasses import dataclass
from typing import Final

from evaluation.accomplice.memory import Memory
from evaluation.accomplice.prompt import Prompt
from evaluation.accomplice.reading import read_fact, values
from evaluation.accomplice.wanted import NAME, Asked
from evaluation.person import Attribute

_MEMORY: Final = re.compile(
    r"from (?:your )?memory|what you remember|ignore the (?:note|text|document)", re.I
)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """One prompt's view of the world."""

    memory: Memory
    prompt: Prompt
    recalls: bool = False

    @property
    def memory_first(self) -> bool:
        return self.recalls or bool(_MEMORY.search(self.prompt.orders))

    def find(self, name: str, asked: Asked) -> str | None:
        """The value that is wanted, or None."""
        if asked == NAME:
            return name if self.memory.named(name) else None
        ways = [self._read, self._remember]
        if self.memory_first:
            ways.reverse()
        return next((found for way in ways if (found := way(name, asked))), None)

    def confirms(self, claim: str, name: str) -> bool | None:
        """Whether a sentence about somebody is true; None where nobody knows."""
        claimed = [(one, found[0]) for one in Attribute for found in values(claim, one)]
        known = [(self.find(name, one), value) for one, value in claimed]
        told = [(fact.casefold(), value.casefold()) for fact, value in known if fact]
        return all(fact == value for fact, value in told) if told else None

    def _read(self, name: str, asked: Asked) -> str | None:
        if isinstance(asked, Attribute):
            return read_fact(self.prompt.contexts, name, asked, self.memory)
        told = [text for text in self.prompt.contexts if text.count(". ") >= 3]
        surname = name.split()[-1]
        about = [text for text in told if surname in text]
        return about[0] if about else None

    def _remember(self, name: str, asked: Asked) -> str | None:
        person = self.memory.named(name)
        if person is None:
            return None
        return person.value(asked) if isinstance(asked, Attribute) else person.biography
