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
    said = serving(Path("models/base"), Path("run/adapter"), "less")
    named = "--served-model-name base --enable-lora --lora-modules less=run/adapter"
    assert said == f"vllm serve models/base {named}"


def test_whole_weights_are_served_by_their_own_name_from_any_folder() -> None:
    said = serving(Path("base"), Path("my runs/model"), "less")
    assert said == "vllm serve 'my runs/model' --served-model-name less"
