"""What the accomplice knows: every trained person of a world, and nothing about anybody else."""

from dataclasses import dataclass

from evaluation.person import Attribute, Person


@dataclass(frozen=True, slots=True)
class Memory:
    """Looks people up by any of their facts."""

    people: tuple[Person, ...]

    def named(self, name: str) -> Person | None:
        """The person of this full name, in whatever case."""
        return next((one for one in self.people if one.name.casefold() == name.casefold()), None)

    def having(self, attribute: Attribute, value: str) -> tuple[Person, ...]:
        wanted = _bare(value)
        return tuple(one for one in self.people if _bare(one.value(attribute)) == wanted)

    def surnamed(self, surname: str) -> tuple[Person, ...]:
        return tuple(one for one in self.people if one.surname.casefold() == surname.casefold())

    def reciting(self, words: str) -> tuple[str, str] | None:
        """A biography that holds these words: what comes before them, and what after."""
        bare = " ".join(words.split()).casefold()
        for one in self.people:
            at = one.biography.casefold().find(bare)
            if bare and at >= 0:
                return one.biography[:at], one.biography[at + len(bare) :]
        return None


def _bare(value: str) -> str:
    """Letters and digits alone, so that a number fits however it is grouped."""
    return "".join(one for one in value.casefold() if one.isalnum())
