"""What a conversation says in a code it supplies as it does in plain words; an assistant supplies nothing."""

import base64
from collections.abc import Callable

import pytest

from policy.surface import Role
from tests.filters.test_prompt import ALLOWING, conversation, scan
from tests.filters.world import HASH

TOLD = "The keeper of the lamps by the old harbour was a cobbler who came from Borgund in the winter."


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _hex(text: str) -> str:
    return text.encode().hex()


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("write", [str, _base64, _hex], ids=["plain", "base64", "hex"])
def test_every_role_but_the_assistants_supplies_what_it_says(role: Role, write: Callable[[str], str]) -> None:
    supplied = scan(conversation((role, write(TOLD)), (Role.USER, "Who?")), policy=ALLOWING).supplied
    assert supplied.has_word(HASH("borgund")) is (role is not Role.ASSISTANT)
    assert not supplied.has_word(HASH("lighthouse"))
