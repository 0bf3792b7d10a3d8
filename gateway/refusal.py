"""Answers that the gateway writes itself, and the endings of those it stops.

Rule: one constant shape, whatever was found: the same status, the same headers, the same fields as an answer
of the model, and no word of what was withheld. Usage is an estimate from lengths: no model counted tokens.
"""

from dataclasses import dataclass

from gateway.answer import Answer
from gateway.config import RefusalShape
from gateway.wire.answer import Choice, Texts
from gateway.wire.keys import text_key
from policy.surface import Channel


@dataclass(frozen=True, slots=True)
class Refusal:
    """A withheld answer. What a program parses gets `refusal`, which the official clients understand."""

    notice: str
    shape: RefusalShape
    machine_read: bool

    @property
    def finish(self) -> str:
        return "content_filter" if self.shape is RefusalShape.CONTENT_FILTER else "stop"

    def texts(self, choice: int) -> Texts:
        if self.shape is RefusalShape.CONTENT_FILTER:
            return ()
        by_refusal = self.machine_read or self.shape is RefusalShape.REFUSAL
        return ((text_key(choice, Channel.REFUSAL if by_refusal else Channel.CONTENT, 0), self.notice),)

    def ending(self, answer: Answer, choice: int) -> Texts:
        """What ends a choice that was stopped: nothing, where its prose ends with the notice already."""
        stopped = answer.stopped(choice)
        assert stopped is not None
        if stopped.channel is Channel.CONTENT and not self.machine_read:
            return ()
        told = self.texts(choice)
        apart = "\n\n" if answer.sent(choice, Channel.CONTENT) else ""
        return tuple((key, apart + text if key.channel is Channel.CONTENT else text) for key, text in told)

    def choice(self, index: int) -> Choice:
        return Choice(index, self.texts(index), self.finish)
