"""The table of scores: pairs of texts in, how near each pair is out."""

from gateway.errors import Json
from gateway.wire.contract import Contract, load_contract
from gateway.wire.measure import Measure, number, rows, texts

FIRST = ("text_1", "queries", "data_1")
SECOND = ("text_2", "documents", "items", "data_2")


def score() -> Measure:
    return Measure(
        name="score",
        routes=("/v1/score", "/score"),
        path="score",
        prefix="embd-",
        prompt="text_2",
        asked=(FIRST, SECOND),
        contract=load_contract("score"),
        tells=told,
    )


def told(contract: Contract, body: Json, sent: Json) -> Json:
    pairs = max(len(texts(sent, *FIRST)), len(texts(sent, *SECOND)))
    found = rows(contract, "score", body.get("data"), pairs)
    data = [
        {"object": "score", "index": index, "score": number("score", row.get("score"))}
        for index, row in found.items()
    ]
    return {"object": "list", "data": data}
