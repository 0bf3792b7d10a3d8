"""The table of embeddings: texts in, a vector of each out."""

from base64 import b64decode, b64encode

import numpy as np

from gateway.errors import Json
from gateway.wire.answer import WireError
from gateway.wire.contract import Contract, load_contract
from gateway.wire.measure import Measure, rows, texts

NUMBERS = {int, float}


def embeddings() -> Measure:
    return Measure(
        name="embeddings",
        routes=("/v1/embeddings",),
        path="embeddings",
        prefix="embd-",
        prompt="input",
        asked=(("input",),),
        contract=load_contract("embeddings"),
        tells=told,
    )


def told(contract: Contract, body: Json, sent: Json) -> Json:
    as_bytes = sent.get("encoding_format") == "base64"
    found = rows(contract, "embedding", body.get("data"), len(texts(sent, "input")))
    data = [
        {"object": "embedding", "index": index, "embedding": _vector(row.get("embedding"), as_bytes)}
        for index, row in found.items()
    ]
    return {"object": "list", "data": data}


def _vector(value: object, as_bytes: bool) -> object:
    """Numbers, or where they were asked for their bytes."""
    if isinstance(value, str) and as_bytes:
        return _bytes(value)
    if not isinstance(value, list) or not set(map(type, value)) <= NUMBERS:
        raise WireError("embedding: expected numbers")
    return value


def _bytes(value: str) -> str:
    """What stands for anything but numbers is an error."""
    try:
        vector = np.frombuffer(b64decode(value, validate=True), "<f4")
    except ValueError:
        raise WireError("embedding: expected the bytes of numbers") from None
    if not np.isfinite(vector).all():
        raise WireError("embedding: expected finite numbers")
    return b64encode(vector.tobytes()).decode()
