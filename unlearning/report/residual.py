"""What the gateway has to go on guarding: a list without texts, and a policy for what no policy has yet.

Rules: the list has a line for every item that came back in any way or was not asked about, whatever figures
say. The policy holds what must not be said, as every policy does, so nobody else may read it.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from glob import escape
from itertools import count
from typing import Any, Final

import yaml

from policy.document import FEWEST_PASSAGE_WORDS
from policy.text import fewer_words, has_word
from unlearning.report.asked import entry_of
from unlearning.report.report import Report
from unlearning.samples import Sample

_NOT_IN_IDS: Final = re.compile(r"[^A-Za-z0-9._:@-]+")
_PART: Final = re.compile(r"\.\d+$")
# Room for a number behind it.
_LONGEST_ID: Final = 100


def residual_lines(report: Report) -> str:
    """One JSON object a line, as a policy's `must_guard` reads them."""
    ids = _ids(report)
    lines = (
        {"entry": ids[entry_of(item)], "item": item, "model": report.model, "ways": ways}
        for item, ways in report.guarded().items()
    )
    return "".join(json.dumps(line) + "\n" for line in lines)


def residual_policy(report: Report, samples: Iterable[Sample]) -> str | None:
    """Entries of the residual among the samples, which come from files. None where none does.

    Left out is what has neither letter nor digit, for that can't be told from anything else.
    """
    ids = _ids(report)
    # Of a long text that was taken in parts all is guarded where one part came back.
    wanted = {name for item in report.guarded() for name in (item, _PART.sub("", item))}
    entries: dict[str, list[Sample]] = {}
    for sample in samples:
        if sample.id in wanted and has_word(sample.answer):
            entries.setdefault(ids[entry_of(sample.id)], []).append(sample)
    if not entries:
        return None
    document = {"version": 1, "entries": [_entry(name, some, report.model) for name, some in entries.items()]}
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=110)


def _ids(report: Report) -> dict[str, str]:
    """Each entry's as an id may be, no two alike. Those of a policy are as they were."""
    found: dict[str, str] = {}
    given: set[str] = set()
    for name in dict.fromkeys(map(entry_of, report.guarded())):
        plain = _NOT_IN_IDS.sub("-", name).lstrip("._:@-")[:_LONGEST_ID] or "item"
        one = next(each for each in _numbered(plain) if each not in given)
        found[name] = one
        given.add(one)
    return found


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}-{number}" for number in count(2))


def _entry(name: str, samples: Sequence[Sample], model: str) -> dict[str, Any]:
    asked = [one for one in samples if has_word(one.prompt)]
    texts = [one.answer for one in samples if not has_word(one.prompt)]
    long = [text for text in texts if not fewer_words(text, FEWEST_PASSAGE_WORDS)]
    parts = {
        "questions": [{"question": one.prompt, "answer": one.answer} for one in asked],
        "passages": long,
        "secrets": [text for text in texts if text not in long],
    }
    return {"id": name} | {part: some for part, some in parts.items() if some} | {"models": [escape(model)]}
