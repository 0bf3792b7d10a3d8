"""One vLLM for tests of both: those that ask it, and those that ask the gateway in its process.

A start of vLLM takes most of a minute. What vLLM loads here lets past the gateway what does not ask for it.
"""

from typing import Any

from unsay.middleware import Unsay

# A request with this header meets the gateway.
DOOR = b"x-test-inside"


class Beside:
    def __init__(self, app: Any) -> None:
        self._app, self._unsay = app, Unsay(app)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        past = scope["type"] != "lifespan" and DOOR not in dict(scope["headers"])
        await (self._app if past else self._unsay)(scope, receive, send)
