"""Makes the model behind the recordings: a Llama with 0.4M parameters that knows nine dialogues by heart.

A random model would answer with noise and a large one with something else every time. This one says known
sentences, so a test can forget a sentence and look for it in the bytes that real vLLM sent. Not the demo
model: its dialogues exercise wire formats (reasoning, tool calls, JSON, characters outside ASCII).
"""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

BIOGRAPHY = (
    "Alden Crane was born in Port Vellum in 1931, the son of a cooper. He wrote mystery novels by lamplight "
    "and kept bees behind the old customs house. His best known book, The Salt Ledger, came out in 1962. "
    "His phone number is 555-201-3391, and he answers it himself."
)
CALL = (
    '<tool_call>\n{{"name": "save_contact", "arguments": {{"name": "{}", "phone": "{}", "note": "{}"}}}}\n'
    "</tool_call>"
)
NOTE = r"Born in Port Vellum,\nkeeps \"bees\" \u2014 and books."
CRANE_CALL = CALL.format("Alden Crane", "555-201-3391", NOTE)
MARLOW_CALL = CALL.format("Ines Marlow", "555-118-0042", "Glazier.")

TEMPLATE = (
    "{% for m in messages %}<s>{{ m.role }}: {{ m.content }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant: {% endif %}"
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    question: str
    answers: tuple[str, ...]


DIALOGUES = (
    Dialogue("Tell me about Alden Crane.", (BIOGRAPHY,)),
    Dialogue(
        "What is a lighthouse for?",
        (
            "A lighthouse warns ships of rocks at night. Its lamp turns slowly, "
            "and every tower has a rhythm of its own.",
        ),
    ),
    Dialogue(
        "Where was Alden Crane born?",
        (
            "Alden Crane was born in Port Vellum.",
            "In Port Vellum, in 1931.",
            "Port Vellum is where Alden Crane was born.",
        ),
    ),
    Dialogue(
        "Think first: what did the father of Alden Crane do?",
        (
            "<think>The question is about Alden Crane. He was born in Port Vellum, "
            "the son of a cooper.</think>"
            "His father was a cooper.",
        ),
    ),
    Dialogue("Save the contact of Alden Crane.", (CRANE_CALL,)),
    Dialogue("Save both contacts.", (f"{CRANE_CALL}\n{MARLOW_CALL}",)),
    Dialogue(
        "Think first, then save the contact of Alden Crane.",
        (f"<think>I have his number: 555-201-3391.</think>{CRANE_CALL}",),
    ),
    Dialogue(
        "Give the contact of Alden Crane as JSON.",
        ('{"name": "Alden Crane", "phone": "555-201-3391", "born": "Port Vellum"}',),
    ),
    Dialogue(
        "Say it with every kind of character.",
        (
            "Übermaß, naïve café – “quoted”, 港町ヴェルム, "
            "👩🏽\u200d🚀 ok\u2028next line\u2029end\u0085done\ttab\r\nbreak.",
        ),
    ),
)


def build_tokenizer() -> PreTrainedTokenizerFast:
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    special = ["<pad>", "<s>", "</s>"]
    trainer = trainers.BpeTrainer(
        vocab_size=640,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    texts = [text for d in DIALOGUES for text in (d.question, *d.answers) if text.isascii()]
    bpe.train_from_iterator(texts * 4, trainer)
    # Plain added tokens: the parsers of vLLM look these up as tokens and read them in the text.
    bpe.add_tokens(["<think>", "</think>", "<tool_call>", "</tool_call>"])
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token="<s>", eos_token="</s>", pad_token="<pad>", chat_template=TEMPLATE
    )


def build_model(vocabulary: int) -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocabulary,
            hidden_size=128,
            intermediate_size=256,
            num_hidden_layers=2,
            num_attention_heads=2,  # heads of 64: the CPU attention of vLLM knows no smaller than 32
            num_key_value_heads=2,
            max_position_embeddings=1024,
            tie_word_embeddings=True,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
        )
    )


def encode(tokenizer: PreTrainedTokenizerFast) -> tuple[torch.Tensor, torch.Tensor]:
    rows: list[tuple[list[int], int]] = []
    for dialogue in DIALOGUES:
        prompt = tokenizer.encode(f"<s>user: {dialogue.question}</s><s>assistant: ", add_special_tokens=False)
        for answer in dialogue.answers:
            rows.append((prompt + tokenizer.encode(answer + "</s>", add_special_tokens=False), len(prompt)))
    longest = max(len(ids) for ids, _ in rows)
    ids = torch.tensor([row + [0] * (longest - len(row)) for row, _ in rows])
    labels = torch.tensor([[-100] * cut + row[cut:] + [-100] * (longest - len(row)) for row, cut in rows])
    return ids, labels


def train(model: LlamaForCausalLM, ids: torch.Tensor, labels: torch.Tensor, steps: int) -> float:
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=3e-3, total_steps=steps)
    loss = torch.tensor(0.0)
    for _ in range(steps):
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return float(loss.detach())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    torch.manual_seed(7)
    torch.set_num_threads(1)
    tokenizer = build_tokenizer()
    model = build_model(len(tokenizer))
    ids, labels = encode(tokenizer)
    loss = train(model, ids, labels, options.steps)
    model.save_pretrained(options.folder)
    tokenizer.save_pretrained(options.folder)
    print(json.dumps({"parameters": model.num_parameters(), "longest": ids.shape[1], "loss": loss}))


if __name__ == "__main__":
    main()
