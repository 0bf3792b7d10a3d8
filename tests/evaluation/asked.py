"""The accomplice asked in this process, without a socket."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.accomplice.answering import Accomplice
from evaluation.accomplice.server import read, stream, whole
from evaluation.attack import Request, Trial, leaked
from evaluation.person import Person
from evaluation.reply import Reply, events, read_stream, read_whole


@dataclass(frozen=True, slots=True)
class Bare:
    """An accomplice with nothing in front of it."""

    accomplice: Accomplice

    @classmethod
    def knowing(cls, people: Sequence[Person]) -> "Bare":
        return cls(Accomplice.knowing(people))

    def leaks(self, trial: Trial) -> bool:
        return leaked(trial, self.replies(trial))

    def replies(self, trial: Trial) -> list[Reply]:
        replies: list[Reply] = []
        while len(replies) < len(trial.turns):
            replies.append(self.reply(trial.request(replies)))
        return replies

    def reply(self, request: Request, draw: int = 0) -> Reply:
        body = read(request.body("demo", {"seed": draw, "max_tokens": 400}))
        if request.streams:
            return read_stream(200, events(b"".join(stream(self.accomplice, body)))[: request.events])
        return read_whole(200, json.dumps(whole(self.accomplice, body)).encode())

    def says(self, *messages: tuple[str, str], draw: int = 0, **options: object) -> str:
        spoken = [{"role": role, "content": content} for role, content in messages]
        return self.reply(Request(spoken, options), draw).said
