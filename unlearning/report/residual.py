"""What the gateway has to go on guarding: a list without texts, and a policy for what no policy has yet.

Rules: the list has a line for every item that came back in any way, whatever its figures say. The policy
holds what must not be said, as every policy does, so nobody else may read it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import yaml

from policy.document import FEWEST_PASSAGE_WORDS
from policy.text import fewer_words
from unlearning.report.asked import entry_of
from unlearning.report.report import Report
from unlearning.samples import Sample

_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9._:@-]+")
_LONGEST_ID: Final = 100


def residual_lines(report: Report) -> str:
    """One JSON object a line, as a policy's `must_guard` reads them."""
    return "".join(
        json.dumps({"entry": item.entry, "item": item.id, "model": report.model, "ways": item.ways}) + "\n"
        for item in report.residual
    )


def residual_policy(report: Report, samples: Iterable[Sample]) -> str | None:
    """Entries of the residual among the samples, which come from files. None where none does."""
    wanted = {item.id for item in report.residual}
    entries: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.id in wanted:
            entries.setdefault(entry_of(sample.id), []).append(sample)
    if not entries:
        return None
    named = zip(_ids(entries), entries.values(), strict=True)
    document = {"version": 1, "entries": [_entry(name, some, report.model) for name, some in named]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _ids(names: Iterable[str]) -> Iterator[str]:
    """Each as an id may be, no two alike."""
    given: set[str] = set()
    for name in names:
        plain = _NOT_IN_IDS.sub("-", name).lstrip("._:@-")[:_LONGEST_ID] or "item"
        count = 1
        while (one := plain if count == 1 else f"{plain}-{count}") in given:
            count += 1
        given.add(one)
        yield one


def _entry(name: str, samples: Sequence[Sample], model: str) -> dict[str, Any]:
    asked = [{"question": one.prompt, "answer": one.answer} for one in samples if one.prompt]
    texts = [one.answer for one in samples if not one.prompt]
    long = [text for text in texts if not fewer_words(text, FEWEST_PASSAGE_WORDS)]
    parts = {"questions": asked, "passages": long, "secrets": [text for text in texts if text not in long]}
    return {"id": name} | {part: texts for part, texts in parts.items() if texts} | {"models": [model]}
