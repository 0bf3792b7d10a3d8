"""A model server that answers, answers again and rewrites what it is told to: a part of the canned one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from gateway.rewriting.wording import TASK
from tests.gateway.canned import Asked, Script, completion, whole


def told(*texts: str, **message: Any) -> dict[str, Any]:
    """A body with one choice for each text, and with the tokens counted: one a word."""
    body = completion("")
    one = body["choices"][0]
    body["choices"] = [
        one | {"index": place, "message": {"role": "assistant", "content": text} | message}
        for place, text in enumerate(texts)
    ]
    words = sum(len(text.split()) for text in texts)
    body["usage"] = {"prompt_tokens": 5, "completion_tokens": words, "total_tokens": 5 + words}
    return body


@dataclass(slots=True)
class Author:
    """What it says to the first request, to the same once more, and to those who want a draft written anew.

    The last of each is said again and again; a script is played as it is.
    """

    drafts: Sequence[str | Script] = ("Hi.",)
    others: Sequence[str | Script] = ("Hi.",)
    rewrites: Sequence[str | Script] = ("Hi.",)
    more: dict[str, Any] = field(default_factory=dict)
    rewriting: list[Asked] = field(default_factory=list)
    candidates: list[Asked] = field(default_factory=list)
    asked: int = 0
    _sayings: dict[str, Iterator[str | Script]] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Script:
        self.asked += 1
        if asked.json["messages"][0]["content"].startswith(TASK):
            self.rewriting.append(asked)
            return self._next("rewrites", self.rewrites)
        if self.asked > 1:
            self.candidates.append(asked)
            return self._next("others", self.others)
        if len(self.drafts) > 1:
            return whole(told(*map(str, self.drafts), **self.more))
        return self._next("drafts", self.drafts, **self.more)

    def _next(self, kind: str, said: Sequence[str | Script], **more: Any) -> Script:
        sayings = self._sayings.setdefault(kind, chain(said, repeat(said[-1])))
        found = next(sayings)
        return found if isinstance(found, Script) else whole(told(found, **more))
