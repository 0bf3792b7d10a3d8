"""What vLLM loads by `--middleware unsay.middleware.Unsay`: the gateway in the engine's own process.

Rule: without settings that can be used the server does not start.
"""

from typing import Any

from gateway.app import routed
from gateway.inside.begun import begun
from gateway.inside.layer import Layer
from unsay.console import log_to_stderr
from unsay.middleware_files import apart, source


class Unsay:
    """The class that `--middleware` wants: it is called with the engine's application."""

    def __init__(self, app: Any) -> None:
        log_to_stderr()
        self._layer = Layer(app, routed(), lambda connections: begun(source(), apart(), connections))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._layer(scope, receive, send)
