"""One answer of the model server that is there whole, and what the guard made of it.

Rule: what a draft says is what came out of the guard. A choice is clean where nothing was taken out of it, so
it holds no window of a forgotten passage and no forgotten string that the conversation did not supply.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from filters.answer_guard import Taken
from gateway.answer import CHANGES, Answer
from gateway.errors import Json
from policy.action import Action
from policy.surface import Channel

DETAILS = "completion_tokens_details"


@dataclass(frozen=True, slots=True)
class Draft:
    """`usage` is what would be told of it, `counted` what the model server said. `near`: how often what it
    says came near a forgotten passage.
    """

    answer: Answer
    choices: list[Json]
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
        message = self.message(choice)
        calls = calls or "tool_calls" in message or "function_call" in message
        return Action.REWRITE in actions and Action.REFUSE not in actions and not calls

    def message(self, choice: int) -> Json:
        message = self._choice(choice)["message"]
        assert isinstance(message, dict)
        return message

    def text(self, choice: int) -> str:
        content = self.message(choice).get("content")
        return content if isinstance(content, str) else ""

    def reasoning(self, choice: int) -> Json:
        """What it says before its content, where nothing of that was taken out."""
        if any(taken.key.channel is Channel.REASONING for taken in self._withheld(choice)):
            return {}
        found = self.message(choice)
        return {name: found[name] for name in ("reasoning", "reasoning_content") if name in found}

    def released(self, choice: int) -> int:
        """How many characters are sent of it."""
        return sum(self.answer.sent(choice, channel) for channel in Channel)

    def finish(self, choice: int) -> str:
        finish = self._choice(choice)["finish_reason"]
        return finish if isinstance(finish, str) else "stop"

    def count(self, name: str) -> int | None:
        found = (self.counted or {}).get(name)
        return found if isinstance(found, int) else None

    @property
    def reasoned(self) -> int | None:
        """How many tokens were reasoning, where the model server tells."""
        details = (self.counted or {}).get(DETAILS)
        found = details.get("reasoning_tokens") if isinstance(details, dict) else None
        return found if isinstance(found, int) else None

    def _choice(self, index: int) -> Json:
        return next(choice for choice in self.choices if choice["index"] == index)

    def _withheld(self, choice: int) -> Iterator[Taken]:
        for taken in self.answer.findings:
            if taken.key.choice == choice and taken.verdict.action in CHANGES:
                yield taken
