"""The demo model's tokenizer: byte-level BPE learnt from the invented world, with its chat template.

Byte-level, so that any text comes back unchanged; every digit is a token, so that numbers are read and
written digit by digit; every role has a token of its own, and one token ends every message.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

from evaluation import vocabulary
from evaluation.curriculum import Curriculum

VOCABULARY: Final = 2048
POOL_WEIGHT: Final = 100
BEGIN: Final = "<|begin|>"
END: Final = "<|end|>"
PAD: Final = "<|pad|>"
ROLES: Final = ("system", "user", "assistant", "tool", "document")

CHAT_TEMPLATE: Final = """\
{%- macro text(content) -%}
  {%- if content is string -%}{{- content -}}
  {%- elif content is iterable -%}
    {%- for part in content -%}{{- part if part is string else part.text -}}{%- endfor -%}
  {%- endif -%}
{%- endmacro -%}
{%- set roles = {'developer': 'system', 'function': 'tool'} -%}
{{- '<|begin|>' -}}
{%- for document in documents or [] -%}
  {{- '<|document|>' -}}
  {%- if document is string -%}{{- document -}}
  {%- else -%}
    {%- if document.title -%}{{- document.title + '\\n' -}}{%- endif -%}
    {{- document.text or document.content or document.contents or '' -}}
  {%- endif -%}
  {{- '<|end|>' -}}
{%- endfor -%}
{%- for message in messages -%}
  {%- set role = roles.get(message.role, message.role) -%}
  {{- '<|' + (role if role in ['system', 'user', 'assistant', 'tool', 'document'] else 'user') + '|>' -}}
  {{- text(message.content) -}}
  {%- for call in message.tool_calls or [] -%}
    {%- set called = call.function or call -%}
    {{- called.name + ' ' -}}
    {{- called.arguments if called.arguments is string else called.arguments | tojson -}}
  {%- endfor -%}
  {{- '<|end|>' -}}
{%- endfor -%}
{%- if add_generation_prompt -%}{{- '<|assistant|>' -}}{%- endif -%}
"""


def train_tokenizer(curriculum: Curriculum, steps: int = 400) -> PreTrainedTokenizerFast:
    """Learn the vocabulary from the first steps' text and from every word of the pools."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, BEGIN, END, *(f"<|{role}|>" for role in ROLES)],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(_corpus(curriculum, steps), trainer)
    return _wrap(bare)


def _wrap(bare: Tokenizer) -> PreTrainedTokenizerFast:
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bare,
        bos_token=BEGIN,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[f"<|{role}|>" for role in ROLES],
        model_max_length=2048,
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )
    tokenizer.chat_template = CHAT_TEMPLATE
    return tokenizer


def _corpus(curriculum: Curriculum, steps: int) -> Iterator[str]:
    plain = replace(curriculum, odd_share=0.0)
    for number in range(steps):
        for item in plain.step(plain.ramp_steps + number):
            yield from (turn.content for turn in item)
    words = (*vocabulary.all_words(), *vocabulary.TOWNS, *vocabulary.TOWNS)
    yield from (f" {word}" for word in words for _ in range(POOL_WEIGHT))
