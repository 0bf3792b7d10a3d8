"""One thing a model may say to a prompt: what is to be forgotten, kept, or only compared with.

Rule: a sample is text; nothing here knows a tokenizer, and its text is never part of a message.
"""

from dataclasses import dataclass


class SampleError(ValueError):
    """A sample that can't be learnt from."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`key` is the part of the answer that tells; without one, all of it tells. A text has no prompt.
    `reworded` is the answer in other words, `wrong` are false ones: only reports ask for them."""

    id: str
    answer: str
    prompt: str = ""
    key: str = ""
    reworded: str = ""
    wrong: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.answer.strip():
            raise SampleError(f"sample {self.id!r}: expected an answer, found none")
        if self.key and self.key not in self.answer:
            raise SampleError(f"sample {self.id!r}: expected its key within its answer, found it nowhere")

    @property
    def telling(self) -> tuple[int, int]:
        """Where in the answer the key stands; the last place, for a name in it may come twice."""
        if not self.key:
            return 0, len(self.answer)
        start = self.answer.rindex(self.key)
        return start, start + len(self.key)

    @property
    def text(self) -> str:
        return f"{self.prompt} {self.answer}".strip()

    @property
    def asked(self) -> str:
        """The prompt; of a text, its first half."""
        words = self.answer.split()
        return self.prompt or " ".join(words[: max(1, len(words) // 2)])
