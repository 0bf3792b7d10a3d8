"""A forgotten window in any string of any request that a client can send is seen, or goes nowhere."""

from pathlib import Path

import pytest

from filters.prompt import PromptScanner
from gateway.wire.contract import load_contract
from gateway.wire.media import MediaRule
from tests.gateway.running import CRANE, policy_of
from tests.gateway.test_leaks import WINDOWS
from tests.gateway.wire.asking import doors, scanner_of
from tests.gateway.wire.client_schemas import BETAS, REQUESTS, schema_of

TEXT = WINDOWS[10]
# Of each API: how many places of its clients' models reach the model server.
MANY = {"chat": 25, "completions": 3, "responses": 20, "messages": 20, "count_tokens": 20, "embeddings": 1}


@pytest.fixture(scope="module")
def scanner(tmp_path_factory: pytest.TempPathFactory) -> PromptScanner:
    return scanner_of(policy_of(CRANE), tmp_path_factory.mktemp("planted"))


@pytest.mark.parametrize(("wire", "model"), [*REQUESTS.items(), *BETAS.items()])
def test_no_string_of_a_request_reaches_the_model_unseen(
    wire: str, model: object, scanner: PromptScanner
) -> None:
    reached, unseen = doors(load_contract(wire), schema_of(model), TEXT, scanner)
    assert unseen == set()
    assert len(reached) >= MANY[wire]


@pytest.mark.parametrize("wire", ["chat", "responses", "messages"])
def test_an_address_of_media_is_text(wire: str, scanner: PromptScanner) -> None:
    address = f"https://pictures.example/{TEXT}"
    reached, unseen = doors(load_contract(wire), schema_of(REQUESTS[wire]), address, scanner, MediaRule.ANY)
    assert unseen == set()
    assert [place for place in reached if "<image" in place or "<input_image" in place]


def test_the_tests_can_fail(tmp_path: Path) -> None:
    """Where nothing is forgotten nothing is seen, so every place is a door."""
    reached, unseen = doors(
        load_contract("chat"), schema_of(REQUESTS["chat"]), TEXT, scanner_of(policy_of(), tmp_path)
    )
    assert unseen == reached != set()
