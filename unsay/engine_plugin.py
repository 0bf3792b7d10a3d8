"""What the engine loads by `--logits-processors unsay.engine_plugin:Steering`.

Rule: it steers only with our own packages, as the `unsay` command does.
"""

from typing import Any

from steering.vllm import Steering as VllmSteering
from unsay.origin import check_origin

NEEDED = ("policy", "index", "steering", "unsay")


class Steering(VllmSteering):
    def __init__(self, config: Any, *rest: Any) -> None:
        check_origin(NEEDED)
        super().__init__(config, *rest)
