"""One answer of the model server that is there whole, and what the guard made of it.

Rule: what a draft says is what came out of the guard. A choice is clean where nothing was taken out of it, so
it holds no window of a forgotten passage and no forgotten string that the conversation did not supply.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from filters.answer_guard import Taken
from gateway.answer import CHANGES, Answer
from gateway.errors import Json
from gateway.wire.answer import Choice, Texts
from gateway.wire.usage import DETAILS
from policy.action import Action
from policy.surface import Channel


@dataclass(frozen=True, slots=True)
class Draft:
    """`usage` is what would be told of it, `counted` what the model server said. `near`: how often what it
    says came near a forgotten passage.
    """

    answer: Answer
    choices: tuple[Choice, ...]
    usage: Json | None
    counted: Json | None
    near: int

    def clean(self, choice: int) -> bool:
        return self.answer.stopped(choice) is None and not any(self._withheld(choice))

    def rewritable(self, choice: int) -> bool:
        """Whether the policy wants it written anew. Calls that a program runs are never made up."""
        found = list(self._withheld(choice))
        actions = {taken.verdict.action for taken in found}
        calls = any(taken.key.channel is Channel.ARGUMENTS for taken in found)
        calls = calls or any(key.channel is Channel.ARGUMENTS for key, _ in self.texts(choice))
        return Action.REWRITE in actions and Action.REFUSE not in actions and not calls

    def texts(self, choice: int) -> Texts:
        return self._choice(choice).texts

    def text(self, choice: int) -> str:
        return "".join(text for key, text in self.texts(choice) if key.channel is Channel.CONTENT)

    def reasoning(self, choice: int) -> Texts:
        """What it says before its content, where nothing of that was taken out."""
        if any(taken.key.channel is Channel.REASONING for taken in self._withheld(choice)):
            return ()
        return tuple(each for each in self.texts(choice) if each[0].channel is Channel.REASONING and each[1])

    def released(self, choice: int) -> int:
        """How many characters are sent of it."""
        return sum(self.answer.sent(choice, channel) for channel in Channel)

    def finish(self, choice: int) -> str:
        return self._choice(choice).finish

    def count(self, name: str) -> int | None:
        found = (self.counted or {}).get(name)
        return found if isinstance(found, int) else None

    @property
    def reasoned(self) -> int | None:
        """How many tokens were reasoning, where the model server tells."""
        details = (self.counted or {}).get(DETAILS)
        found = details.get("reasoning_tokens") if isinstance(details, dict) else None
        return found if isinstance(found, int) else None

    def _choice(self, index: int) -> Choice:
        return next(choice for choice in self.choices if choice.index == index)

    def _withheld(self, choice: int) -> Iterator[Taken]:
        for taken in self.answer.findings:
            if taken.key.choice == choice and taken.verdict.action in CHANGES:
                yield taken
