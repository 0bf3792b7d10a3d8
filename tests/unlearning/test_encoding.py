"""Prompt and padding are no targets, whatever the tokenizer."""

import pytest

from unlearning.encoding import Coder
from unlearning.losses.forecast import NO_TARGET
from unlearning.samples import Sample, SampleError
from unlearning.testbed.tokenizer import word_tokenizer

ASKED = Sample("one", "Greta Vale was born in Tolvik .", "Where was Greta Vale born ?", "Tolvik")


@pytest.fixture
def coder() -> Coder:
    return Coder(word_tokenizer(), 32)


def test_the_answer_and_its_end_are_targets(coder: Coder) -> None:
    row = coder.encode(ASKED)
    words = word_tokenizer().convert_ids_to_tokens(row.ids)
    said = [word for word, target in zip(words, row.targets, strict=True) if target]
    assert " ".join(said) == f"{ASKED.answer} </s>"
    assert [word for word, tells in zip(words, row.telling, strict=True) if tells] == ["Tolvik"]


def test_a_batch_has_targets_in_answers_alone(coder: Coder) -> None:
    rows = coder.encode_all([ASKED, Sample("two", "born in Velmar .")])
    batch = coder.batch(rows)
    wanted = [sum(row.targets) for row in rows]
    assert (batch["labels"] != NO_TARGET).sum(1).tolist() == wanted
    assert batch["attention_mask"].sum(1).tolist() == [len(row.ids) for row in rows]


def test_only_what_tells_may_be_a_target(coder: Coder) -> None:
    labels = coder.batch([coder.encode(ASKED)], telling=True)["labels"]
    kept = [int(label) for label in labels[0] if label != NO_TARGET]
    assert word_tokenizer().decode(kept) == "Tolvik"


def test_a_long_text_is_taken_in_parts_that_have_all_of_it(coder: Coder) -> None:
    text = " ".join(["born in Tolvik ."] * 25)
    parts = coder.parts(Sample("one", text))
    assert len(parts) > 1
    assert " ".join(part.answer for part in parts) == text
    assert all(len(coder.encode(part).ids) <= 32 for part in parts)


def test_an_answer_behind_all_that_fits_is_told() -> None:
    with pytest.raises(SampleError, match="'one': its answer begins beyond 6 tokens"):
        Coder(word_tokenizer(), 6).encode(ASKED)


def test_a_chat_template_writes_the_prompt_and_the_end() -> None:
    tokenizer = word_tokenizer()
    tokenizer.chat_template = (
        "{% for m in messages %}{{ '<s> ' + m.content + (' </s>' if m.role == 'assistant' else ' ?') }}"
        "{% endfor %}{% if add_generation_prompt %}{{ '<s> ' }}{% endif %}"
    )
    row = Coder(tokenizer, 64).encode(ASKED)
    words = tokenizer.convert_ids_to_tokens(row.ids)
    assert [word for word, target in zip(words, row.targets, strict=True) if target][-1] == "</s>"
    assert words.count("<s>") == 2
    assert words[row.targets.index(True)] == "Greta"
