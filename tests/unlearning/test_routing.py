"""What a run says to its operator fits the gateway's settings and the model server."""

from pathlib import Path

import yaml

from gateway.config_models import ServedModel
from unlearning.routing import fragment, serving


def test_the_fragment_is_what_the_gateway_reads() -> None:
    models = yaml.safe_load(fragment("chat: main", "meta/llama", "llama-unlearned"))["models"]
    served = ServedModel.model_validate(models["chat: main"])
    assert served.asked == ("llama-unlearned",)
    assert served.model == "meta/llama"


def test_an_adapter_is_served_beside_its_model() -> None:
    said = serving(Path("base"), Path("run/adapter"), "less")
    assert said == "vllm serve base --enable-lora --lora-modules less=run/adapter"
    assert serving(Path("base"), Path("run/model"), "less") == "vllm serve run/model --served-model-name less"
