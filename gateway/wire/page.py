"""Writes contracts down for people, one page a wire: `python -m gateway.wire.page docs/contracts`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.wire.contract import Contract, load_contract, wires
from gateway.wire.rule import AnswerTreatment, FieldRule, Treatment, Variants

TITLES = {
    Treatment.SCANNED: "reaches the model; every string, key and number in it is scanned first",
    Treatment.PASSED: "reaches the model server; its kind is checked, and it cannot hold text",
    Treatment.OWNED: "read by the gateway, which sends its own value",
    Treatment.STRIPPED: "accepted and dropped",
    Treatment.REFUSED: "a clear error, unless the value is harmless",
}
ANSWERS = {
    AnswerTreatment.TEXT: "guarded as it comes",
    AnswerTreatment.WHOLE: "guarded as one string; sent as it is, or the answer ends",
    AnswerTreatment.AGAIN: "text said once more; replaced by what was sent",
    AnswerTreatment.SHADOW: "the text in another form; dropped",
    AnswerTreatment.PASSED: "checked and sent on",
    AnswerTreatment.OWNED: "the gateway's own value",
    AnswerTreatment.STRIPPED: "dropped",
    AnswerTreatment.REFUSED: "ends the answer when it holds text",
}


def page(contract: Contract) -> str:
    return "\n".join(_lines(contract)) + "\n"


def _lines(contract: Contract) -> Iterator[str]:
    yield f"# The contract of `{contract.route}`"
    yield ""
    yield f"Made from `gateway/wire/{contract.wire}/contract.yaml` by"
    yield "`python -m gateway.wire.page docs/contracts`. Tests compare the two, and the contract with the"
    yield "fields of vLLM and of the official clients."
    yield ""
    yield "What stands here is all that there is: any other field of a request is refused (or dropped, with"
    yield "`unknown_fields: strip`), and any other field of an answer is dropped, or ends the answer when it"
    yield "holds text, because text that was not scanned may be part of the answer."
    if contract.shapes[contract.root]:
        yield from ("", "## Requests")
        for treatment in Treatment:
            yield from _treated(contract, treatment)
        for name, one in contract.variants.items():
            yield from _told_apart(name, one, "refused: a clear error")
    if contract.answer:
        yield from ("", "## Answers")
        for answer in AnswerTreatment:
            yield from _answered(contract, answer)
        for name, one in contract.answer_variants.items():
            yield from _told_apart(name, one, "ends the answer")


def _treated(contract: Contract, treatment: Treatment) -> Iterator[str]:
    rows = [
        f"| `{name if shape == contract.root else f'{shape}.{name}'}` | {_kind(rule)} | {rule.why} |"
        for shape, fields in contract.shapes.items()
        for name, rule in fields.items()
        if rule.treatment is treatment
    ]
    yield from _table(f"{treatment}: {TITLES[treatment]}", "| field | what it may be | why |", rows)


def _answered(contract: Contract, treatment: AnswerTreatment) -> Iterator[str]:
    rows = [
        f"| `{name if shape == 'body' else f'{shape}.{name}'}` | {rule.why} |"
        for shape, fields in contract.answer.items()
        for name, rule in fields.items()
        if rule.treatment is treatment
    ]
    yield from _table(f"{treatment}: {ANSWERS[treatment]}", "| field | why |", rows)


def _told_apart(name: str, one: Variants, refused: str) -> Iterator[str]:
    rows = [f"| `{value}` | `{shape}` |" for value, shape in one.of.items()]
    rows += [f"| none | `{one.otherwise}` |"] if one.otherwise else []
    rows += [f"| `{value}` | `{shape}`, where media are let through |" for value, shape in one.media.items()]
    rows += [
        f"| {', '.join(f'`{value}`' for value in values)} | {refused}. {why} |"
        for why, values in one.refused.items()
    ]
    yield from _table(f"`{name}`, told by its `{one.by}`", f"| `{one.by}` | what it is |", rows)


def _table(title: str, head: str, rows: list[str]) -> Iterator[str]:
    if rows:
        yield from ("", f"### {title}", "", head, "|---" * (head.count("|") - 1) + "|", *rows)


def _kind(rule: FieldRule) -> str:
    if rule.treatment is Treatment.REFUSED:
        return "only " + ", ".join(f"`{json.dumps(value)}`" for value in rule.harmless)
    if rule.treatment is Treatment.STRIPPED:
        return ", ".join(f"only `{value}`" for value in rule.only) or "anything"
    if rule.sends is not None:
        return f"{rule.kind}; sent as `{json.dumps(rule.sends)}`"
    said = ", ".join(f"`{value}`" for value in rule.values or rule.roles) or str(rule.kind).replace("_", " ")
    said += f" of `{rule.shape}`" if rule.shape else ""
    return said + (f", as {rule.role}" if rule.role else "") + (", required" if rule.required else "")


if __name__ == "__main__":
    for wire in wires():
        Path(sys.argv[1], f"{wire}.md").write_text(page(load_contract(wire)))
