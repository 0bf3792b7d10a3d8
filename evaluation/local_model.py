"""A model folder answering chats in this process: greedy, in float32, many prompts at a time."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from evaluation.told import Message

SHIPPED: Final = Path(__file__).parent / "demo_model"


class LocalModel:
    """Loads a folder once and answers lists of conversations."""

    def __init__(self, folder: Path = SHIPPED, batch: int = 64) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left", local_files_only=True)
        self._model = AutoModelForCausalLM.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True
        ).eval()
        self._batch = batch

    def __call__(self, conversations: Sequence[Sequence[Message]], longest: int) -> list[str]:
        """The answers, in the order of the conversations; prompts of like length share a batch."""
        prompts = [self._prompt(one) for one in conversations]
        order = sorted(range(len(prompts)), key=lambda index: len(prompts[index]))
        answers = [""] * len(prompts)
        for start in range(0, len(order), self._batch):
            chosen = order[start : start + self._batch]
            for index, text in zip(
                chosen, self._generate([prompts[one] for one in chosen], longest), strict=True
            ):
                answers[index] = text
        return answers

    def render(self, conversation: Sequence[Any], documents: Sequence[dict[str, str]] = ()) -> str:
        """The prompt as text, as an engine would build it."""
        given = list(documents) or None
        options = {"documents": given, "add_generation_prompt": True, "tokenize": False}
        return str(self.tokenizer.apply_chat_template(list(conversation), **options))

    def encode(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.tokenizer.decode(list(ids)))

    def _prompt(self, conversation: Sequence[Message]) -> list[int]:
        rendered = self.tokenizer.apply_chat_template(list(conversation), add_generation_prompt=True)
        return list(rendered["input_ids"])

    def _generate(self, prompts: Sequence[list[int]], longest: int) -> list[str]:
        padded: Any = self.tokenizer.pad({"input_ids": list(prompts)}, return_tensors="pt")
        with torch.inference_mode():
            said = self._model.generate(**padded, do_sample=False, max_new_tokens=longest)
        new = said[:, padded["input_ids"].shape[1] :]
        return list(self.tokenizer.batch_decode(new, skip_special_tokens=True))
