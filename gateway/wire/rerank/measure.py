"""The table of reranking: a query and documents in, how near each is out.

Rule: a document that the answer repeats is the one that went on, whatever the model server says it was.
"""

from gateway.errors import Json
from gateway.wire.answer import cleaned
from gateway.wire.contract import Contract, load_contract
from gateway.wire.measure import Measure, number, rows, texts


def rerank() -> Measure:
    return Measure(
        name="rerank",
        routes=("/v1/rerank", "/rerank", "/v2/rerank"),
        path="rerank",
        prefix="rerank-",
        prompt="documents",
        asked=(("query",), ("documents",)),
        contract=load_contract("rerank"),
        tells=told,
    )


def told(contract: Contract, body: Json, sent: Json) -> Json:
    documents = texts(sent, "documents")
    found = rows(contract, "result", body.get("results"), len(documents))
    return {"results": [_result(contract, index, row, documents[index]) for index, row in found.items()]}


def _result(contract: Contract, index: int, row: Json, document: str) -> Json:
    result: Json = {"index": index, "relevance_score": number("result", row.get("relevance_score"))}
    if "document" in row:
        cleaned(contract, "document", row["document"])
        result["document"] = {"text": document}
    return result
