"""Samples as a model reads them: token ids, and which of them it is to say.

Rule: a token is a target when its text reaches into the answer, so that prompt and padding never are; the
tokenizer sees one whole text, as it does when it serves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase

from steering.divergence.reader import Reader
from unlearning.losses.forecast import NO_TARGET
from unlearning.samples import Sample, SampleError


@dataclass(frozen=True, slots=True)
class Encoded:
    """Of every token: `targets` says whether the model is to say it, `telling` whether the key has it."""

    id: str
    ids: tuple[int, ...]
    targets: tuple[bool, ...]
    telling: tuple[bool, ...]


class Coder:
    """Writes samples as the chat template has them, or else with a space between prompt and answer."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, longest: int) -> None:
        if not tokenizer.is_fast:
            raise SampleError(
                "expected a fast tokenizer, which says where its tokens stand, found a slow one"
            )
        self._tokenizer = tokenizer
        self._longest = longest
        self._pad = tokenizer.pad_token_id or 0

    def encode(self, sample: Sample) -> Encoded:
        """Raises SampleError for an answer that does not begin within the longest text."""
        prompt, text = self._written(sample)
        coded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        ids, places = coded["input_ids"][: self._longest], coded["offset_mapping"][: self._longest]
        first, last = (len(prompt) + place for place in sample.telling)
        targets = tuple(place[1] > len(prompt) for place in places)
        telling = tuple(place[1] > first and place[0] < last for place in places)
        if not any(targets[1:]):
            raise SampleError(f"sample {sample.id!r}: its answer begins beyond {self._longest} tokens")
        return Encoded(sample.id, tuple(ids), targets, telling)

    def reader(self, size: int) -> Reader:
        """The same tokenizer, as steering reads with it."""
        return Reader(self._tokenizer.backend_tokenizer, size)

    @property
    def ends(self) -> tuple[int, ...]:
        """What a model says when it has said all."""
        end = self._tokenizer.eos_token_id
        return () if end is None else (end,)

    def text(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))

    def encode_all(self, samples: Iterable[Sample]) -> tuple[Encoded, ...]:
        return tuple(self.encode(sample) for sample in samples)

    def parts(self, sample: Sample) -> list[Sample]:
        """A text without a prompt that is too long, taken in parts; anything else as it is."""
        coded = self._tokenizer(sample.answer, add_special_tokens=False, return_offsets_mapping=True)
        places = coded["offset_mapping"]
        most = self._longest - 2
        if sample.prompt or len(places) <= most:
            return [sample]
        spans = [places[at : at + most] for at in range(0, len(places), most)]
        return [
            Sample(f"{sample.id}.{number}", sample.answer[span[0][0] : span[-1][1]])
            for number, span in enumerate(spans)
            # One token is foretold by nothing.
            if len(span) > 1
        ]

    def batch(
        self, rows: Sequence[Encoded], *, telling: bool = False, width: int | None = None
    ) -> dict[str, torch.Tensor]:
        """What a model takes, padded on the right. `telling`: of each answer, only what tells is a target."""
        width = width or max(len(row.ids) for row in rows)
        return {
            "input_ids": _matrix([row.ids for row in rows], width, self._pad),
            "attention_mask": _matrix([(1,) * len(row.ids) for row in rows], width, 0),
            "labels": _matrix([_labels(row, telling) for row in rows], width, NO_TARGET),
        }

    def _written(self, sample: Sample) -> tuple[str, str]:
        """The prompt as the model sees it, and the same with the answer behind it."""
        if self._tokenizer.chat_template and sample.prompt:
            return self._as_chat(sample)
        start = self._tokenizer.bos_token or ""
        prompt = f"{start}{sample.prompt} " if sample.prompt else start
        return prompt, prompt + sample.answer + (self._tokenizer.eos_token or "")

    def _as_chat(self, sample: Sample) -> tuple[str, str]:
        """With the template's own end of an answer, where it writes one."""
        asked = [{"role": "user", "content": sample.prompt}]
        told = [*asked, {"role": "assistant", "content": sample.answer}]
        prompt: Any = self._tokenizer.apply_chat_template(asked, tokenize=False, add_generation_prompt=True)
        whole: Any = self._tokenizer.apply_chat_template(told, tokenize=False)
        if whole.startswith(prompt + sample.answer):
            return prompt, whole.rstrip()
        return prompt, prompt + sample.answer + (self._tokenizer.eos_token or "")


def _labels(row: Encoded, telling: bool) -> tuple[int, ...]:
    wanted = row.telling if telling and any(row.telling[1:]) else row.targets
    return tuple(one if target else NO_TARGET for one, target in zip(row.ids, wanted, strict=True))


def _matrix(rows: Sequence[Sequence[int]], width: int, filler: int) -> torch.Tensor:
    return torch.tensor([[*row, *[filler] * (width - len(row))] for row in rows], dtype=torch.long)
