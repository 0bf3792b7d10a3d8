"""What a contract lets through of a request and of an answer, as its data says.

Rule: no code of the gateway is asked, but for the loading of the data. What the contract drops, or what the
gateway says itself, is not there. In an answer null, an empty list and an empty object are not there either.
"""

from collections.abc import Mapping
from typing import Any

from gateway.wire.contract import Contract
from gateway.wire.rule import AnswerRule, AnswerTreatment, FieldRule, Treatment, Variants

Shapes = Mapping[str, Mapping[str, FieldRule]] | Mapping[str, Mapping[str, AnswerRule]]

GOING_ON = frozenset({Treatment.SCANNED, Treatment.PASSED})
COMING_BACK = frozenset(
    {AnswerTreatment.TEXT, AnswerTreatment.WHOLE, AnswerTreatment.AGAIN, AnswerTreatment.PASSED}
)
TEXTS = COMING_BACK - {AnswerTreatment.PASSED}


class Text(str):
    """Said by the model; it may come in other pieces."""


def going_on(contract: Contract, body: Any) -> Any:
    """What a model server gets of a request, without the model's name."""
    asked = _Asked(contract.shapes, contract.variants).of(contract.root, body)
    constants = {
        name: rule.sends for name, rule in contract.shapes[contract.root].items() if rule.sends is not None
    }
    return asked | constants


def coming_back(contract: Contract, value: Any, start: str = "body") -> Any:
    """What a client gets of an answer, or of one event of it."""
    return _Told(contract.answer, contract.answer_variants).of(start, value)


class _Walk:
    def __init__(self, shapes: Shapes, variants: Mapping[str, Variants]) -> None:
        self._shapes, self._variants = shapes, variants

    def of(self, name: str, value: Any) -> Any:
        match value:
            case list():
                return [self.of(name, each) for each in value]
            case dict():
                return self._shaped(self._shapes[self._shape(name, value)], value)
        # A string, where there may be parts.
        return value

    def _shape(self, name: str, value: dict[str, Any]) -> str:
        told = self._variants.get(name)
        if told is None:
            return name
        said = value.get(told.by)
        shape = told.of[said] if said is not None else told.otherwise
        assert shape is not None
        return shape

    def _shaped(self, rules: Mapping[str, Any], value: dict[str, Any]) -> Any:
        raise NotImplementedError


class _Asked(_Walk):
    def _shaped(self, rules: Mapping[str, FieldRule], value: dict[str, Any]) -> Any:
        sent = {name: rules[name] for name in value if rules[name].treatment in GOING_ON}
        return {
            name: self.of(rule.shape, value[name]) if rule.shape else value[name]
            for name, rule in sent.items()
        }


class _Told(_Walk):
    def _shaped(self, rules: Mapping[str, AnswerRule], value: dict[str, Any]) -> Any:
        named = {name: rules[name] for name in value if name in rules}
        kept = {
            name: self._held(rule, value[name])
            for name, rule in named.items()
            if rule.treatment in COMING_BACK
        }
        return {name: held for name, held in kept.items() if held not in (None, [], {})}

    def _bare(self, name: str, value: Any) -> bool:
        """Whether nothing of it is let through but the word that tells what it is."""
        told = self._variants.get(name)
        if told is None or not isinstance(value, dict):
            return False
        rules = self._shapes[self._shape(name, value)]
        return not any(rule.treatment in COMING_BACK for field, rule in rules.items() if field != told.by)

    def _held(self, rule: AnswerRule, value: Any) -> Any:
        if rule.shape:
            return None if self._bare(rule.shape, value) else self.of(rule.shape, value)
        if isinstance(value, str) and rule.treatment in TEXTS:
            return Text(value)
        # Of a closed list the first word stands for those that are not on it.
        return (
            rule.values[0] if rule.values and isinstance(value, str) and value not in rule.values else value
        )
