"""Receipts on the command line: written, and checked by who was given one."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.admin.comparison import compared
from gateway.admin.documents import ReceiptDocument
from gateway.admin.ledger_desk import KIND
from gateway.admin.receipt import readable
from policy.signed import LARGEST, SignedError, opened
from policy.signing_key import PublicKey
from unsay.console import note, say
from unsay.forget_place import Place, desk_at, ledger_desk

REPORT_BYTES = 256 << 20


def written(place: Place, request: str, out: Path | None, evaluation: Path | None) -> str:
    """The receipt as people read it, or the signed paper itself where JSON is wanted."""
    figures = None if evaluation is None else figures_of(evaluation)
    with desk_at(place) as desk:
        paper = desk.receipt(request, ReceiptDocument(evaluation=figures))
    if out is not None:
        out.write_bytes(paper)
        note(f"signed: {out}")
    return paper.decode().rstrip("\n") if place.as_json else readable(json.loads(paper)).rstrip("\n")


def checked(file: Path, key: str | None) -> str:
    """What the receipt states, once its signature holds."""
    return f"{readable(_stated(file, key))}\nThe signature holds: {PublicKey.given(key or '')}"


def live_now(place: Place, file: Path, key: str | None) -> bool:
    """Whether what the receipt states is so now. Raises ValueError where the ledger contradicts it."""
    stated = _stated(file, key)
    since = compared(stated, _now(place, str(stated["request"]["id"]), key or ""))
    say(str(since))
    return since.holds


def _now(place: Place, request: str, key: str) -> Mapping[str, Any]:
    """What a receipt of now states: of a ledger at hand without its key, over HTTP as it is signed there."""
    if place.admin is not None:
        with desk_at(place) as desk:
            paper = desk.receipt(request, ReceiptDocument())
        return _signed(paper, key, "the ledger's receipt of now")
    with ledger_desk(place, writes=False) as own:
        if own.opened.key != PublicKey.given(key):
            raise ValueError(f"expected a ledger of the key {PublicKey.given(key).id}, found another's")
        return own.stated(request, ReceiptDocument())


def _stated(file: Path, key: str | None) -> Mapping[str, Any]:
    if key is None:
        raise ValueError("--verify: expected --key with the ledger's public key, found none")
    with file.open("rb") as opening:
        return _signed(opening.read(LARGEST + 1), key, str(file))


def _signed(paper: bytes, key: str, name: str) -> Mapping[str, Any]:
    try:
        return opened(KIND, paper, [PublicKey.given(key)])
    except SignedError as error:
        raise ValueError(f"{name}: not taken: {error}") from None


def figures_of(report: Path) -> dict[str, Any]:
    """Those of a report of `unsay evaluate` that say what leaked, and the digest of the whole report."""
    with report.open("rb") as opening:
        data = opening.read(REPORT_BYTES + 1)
    try:
        said = json.loads(data)
        rows = said["rows"]
        return {
            "report_sha256": sha256(data).hexdigest(),
            "made": str(said["made"]),
            "unsay": str(said["version"]),
            "rows": len(rows),
            "missed": sum(row["verdict"] == "missed" for row in rows),
            "tries": sum(row["tries"] for row in rows),
            "leaks": sum(row["leaks"] for row in rows),
        }
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{report}: expected a report of `unsay evaluate` (.json), found another") from None
