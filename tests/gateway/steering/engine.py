"""What the engine's plug-in does, as far as a gateway can see it: a part of the canned model server."""

import time
from dataclasses import dataclass, field
from typing import Any

from steering.directive import ARGUMENT, Directive, open_directive
from tests.gateway.canned import Asked, Script, completion, spoken, whole
from tests.gateway.running import KEY

# What a model without a plug-in says.
OWN = [7, 8, 9, 10]


def directive_of(asked: Asked) -> Directive:
    """What the gateway told the engine; an error where it told nothing, or nothing that is sealed."""
    return open_directive(asked.json["vllm_xargs"][ARGUMENT], KEY, time.time())


def token_ids(tokens: Any) -> Script:
    body = completion("")
    body["choices"][0]["token_ids"] = list(tokens)
    return whole(body)


@dataclass(slots=True)
class Engine:
    """`obeys`: what becomes of a canary's tokens; None says the model's own. `text`: all other answers."""

    obeys: str | None = "raised"
    text: str = "Hi."
    canaries: list[Directive] = field(default_factory=list)

    def answer(self, asked: Asked) -> Script:
        if "return_token_ids" not in asked.json:
            return spoken(self.text, asked)
        if self.obeys is None:
            return token_ids(OWN)
        directive = directive_of(asked)
        self.canaries.append(directive)
        return token_ids(getattr(directive.canary, self.obeys))
