"""Writes a contract down for people: `python -m gateway.wire.page chat > docs/contracts/chat.md`."""

import json
import sys
from collections.abc import Iterator

from gateway.wire.contract import AnswerTreatment, Contract, FieldRule, Treatment, load_contract

TITLES = {
    Treatment.SCANNED: "reaches the model; every string, key and number in it is scanned first",
    Treatment.PASSED: "reaches the model server; its kind is checked, and it cannot hold text",
    Treatment.OWNED: "read by the gateway, which sends its own value",
    Treatment.STRIPPED: "accepted and dropped",
    Treatment.REFUSED: "a clear error, unless the value is harmless",
}
ANSWERS = {
    AnswerTreatment.TEXT: "guarded as it comes",
    AnswerTreatment.WHOLE: "guarded as one string; sent as it is, or the choice ends",
    AnswerTreatment.SHADOW: "the text in another form; dropped",
    AnswerTreatment.PASSED: "checked and sent on",
    AnswerTreatment.OWNED: "the gateway's own value",
    AnswerTreatment.STRIPPED: "dropped",
}


def page(contract: Contract) -> str:
    return "\n".join(_lines(contract)) + "\n"


def _lines(contract: Contract) -> Iterator[str]:
    yield f"# The contract of `{contract.route}`"
    yield ""
    yield f"Made from `gateway/wire/{contract.wire}/contract.yaml` by"
    yield f"`python -m gateway.wire.page {contract.wire}`; a test compares the two, and the contract with the"
    yield "fields of vLLM and of the official client."
    yield ""
    yield "What stands here is all that there is: any other field of a request is refused (or dropped, with"
    yield "`unknown_fields: strip`), and any other field of an answer is dropped, or ends the answer when it"
    yield "holds text, because text that was not scanned may be part of the answer."
    yield ""
    yield "## Requests"
    for treatment in Treatment:
        yield from _treated(contract, treatment)
    yield ""
    yield "## Answers"
    for answer in AnswerTreatment:
        yield from _answered(contract, answer)


def _treated(contract: Contract, treatment: Treatment) -> Iterator[str]:
    yield ""
    yield f"### {treatment}: {TITLES[treatment]}"
    yield ""
    yield "| field | what it may be | why |"
    yield "|---|---|---|"
    for shape, fields in contract.shapes.items():
        for name, rule in fields.items():
            if rule.treatment is treatment:
                yield f"| `{_field(contract, shape, name)}` | {_kind(rule)} | {rule.why} |"


def _answered(contract: Contract, treatment: AnswerTreatment) -> Iterator[str]:
    yield ""
    yield f"### {treatment}: {ANSWERS[treatment]}"
    yield ""
    yield "| field | why |"
    yield "|---|---|"
    for shape, fields in contract.answer.items():
        for name, rule in fields.items():
            if rule.treatment is treatment:
                yield f"| `{name if shape == 'body' else f'{shape}.{name}'}` | {rule.why} |"


def _field(contract: Contract, shape: str, name: str) -> str:
    return name if shape == contract.root else f"{shape}.{name}"


def _kind(rule: FieldRule) -> str:
    if rule.treatment is Treatment.REFUSED:
        return "only " + ", ".join(f"`{json.dumps(value)}`" for value in rule.harmless)
    if rule.treatment is Treatment.STRIPPED:
        return ", ".join(f"only `{value}`" for value in rule.only) or "anything"
    said = ", ".join(f"`{value}`" for value in rule.values) or str(rule.kind).replace("_", " ")
    said += f" of `{rule.shape}`" if rule.shape else ""
    return said + (f", as {rule.role}" if rule.role else "") + (", required" if rule.required else "")


if __name__ == "__main__":
    sys.stdout.write(page(load_contract(sys.argv[1])))
