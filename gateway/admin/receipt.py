"""A receipt: what became of one forget request, in figures that somebody else can check.

Rules: it holds commitments, ids, times and figures, never a text. Every line of it stands in the ledger, but
for what was measured: the calibration of the snapshot, and an evaluation that was handed in.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from gateway.admin.documents import LedgerDocument, RequestDocument
from index.calibration import Calibration
from index.ledger.record import Record
from index.manifest import SnapshotError, read_manifest
from policy.yaml_tree import Json

Figures = Mapping[str, Any]
VERSION: Final = 1
# Of a record's body; the rest is in the request, or in no receipt's reader's interest.
_TOLD: Final = ("why", "share", "event", "part", "sha256", "bytes", "kind", "figures")


def statement(
    request: RequestDocument,
    records: Sequence[Record],
    ledger: LedgerDocument,
    calibration: Figures | None,
    evaluation: Figures | None,
    at: datetime,
) -> dict[str, Json]:
    told = request.model_dump(mode="json", by_alias=True, exclude={"history", "preview", "remark", "awaits"})
    return {
        "version": VERSION,
        "issued": at.isoformat(timespec="seconds"),
        "request": told,
        "records": [_record(one) for one in records],
        "calibration": None if calibration is None else dict(calibration),
        "evaluation": None if evaluation is None else dict(evaluation),
        "ledger": {"records": ledger.records, "head": ledger.head, "key": ledger.key},
    }


def _record(record: Record) -> Json:
    body = {name: record.body[name] for name in _TOLD if name in record.body}
    return {
        "sequence": record.sequence,
        "digest": record.digest,
        "at": record.at.isoformat(),
        "actor": record.actor,
        "event": str(record.event),
        "body": body,
    }


def calibration_of(*snapshots: Path) -> Figures | None:
    """The figures of the first of these snapshots that there is, if it looks for meaning."""
    for folder in snapshots:
        try:
            manifest = read_manifest(folder)
        except SnapshotError:
            continue
        if manifest.calibration is None:
            return None
        return {
            "generation": manifest.generation,
            **_calibration(Calibration.from_json(manifest.calibration)),
        }
    return None


def _calibration(found: Calibration) -> Figures:
    strata = [
        {"kind": one.kind, "innocent_texts": one.negatives, "rate_carried": one.promised}
        for one in found.strata
    ]
    return {"rate_asked": found.asked, "threshold": found.threshold, "grey": found.grey, "strata": strata}


def readable(said: Mapping[str, Any]) -> str:
    """The same for people."""
    return "\n".join(_lines(said)) + "\n"


def _lines(said: Mapping[str, Any]) -> Iterator[str]:
    request = said["request"]
    yield f"Receipt of the forget request {request['id']}, issued {said['issued']}"
    yield ""
    share = f", of {request['share']:.0%} of what is asked" if request["share"] < 1 else ""
    yield f"State       {request['state']} since {request['since']}{share}"
    yield f"Reason      {request['reason']}, asked for by {request['requester']}"
    yield f"Commitment  {request['commitment']}"
    counts = ", ".join(f"{count} {kind}" for kind, count in request["counts"].items() if count)
    yield f"Holds       {counts}; of the texts is kept: {request['source']}"
    yield f"Binds       models {' '.join(request['models'])}; keys {' '.join(request['keys'])}"
    yield f"Compiled    exact part: {request['exact']}; semantic part: {request['semantic']}"
    yield ""
    yield "What happened"
    yield from (f"  {line}" for line in _happened(said["records"]))
    yield ""
    yield "In force at"
    yield from (f"  {line}" for line in _in_force(request["in_force"]))
    yield ""
    yield f"Calibration {_calibrated(said['calibration'])}"
    yield f"Evaluation  {_evaluated(said['evaluation'])}"
    ledger = said["ledger"]
    yield f"Ledger      {ledger['records']} records, the last with digest {ledger['head']}"
    yield f"Key         {ledger['key']}"


def _happened(records: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for one in records:
        body = one["body"]
        about = [str(body[name]) for name in ("event", "part", "kind") if name in body]
        share = [f"share {body['share']:g}"] if body.get("share", 1) != 1 else []
        why = [f"({body['why']})"] if body.get("why") else []
        figures = [f"{name} {value}" for name, value in body.get("figures", {}).items()]
        yield " ".join([one["at"], one["event"], *about, *share, "by", one["actor"], *why, *figures])


def _in_force(found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not found:
        yield "no replica that has reported"
    for one in found:
        after = f"{one['after_s']:g} s after it was asked for"
        yield f"{one['at']} {one['replica']}: {one['part']} part, generation {one['generation']}, {after}"


def _calibrated(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return "none: no snapshot that looks for meaning was at hand"
    texts = sum(one["innocent_texts"] for one in figures["strata"])
    return (
        f"threshold {figures['threshold']:.4f} for {figures['rate_asked']:.3%} of innocent prompts, "
        f"on {texts} innocent texts (generation {figures['generation']})"
    )


def _evaluated(figures: Mapping[str, Any] | None) -> str:
    if figures is None:
        return "none was handed in"
    return ", ".join(
        f"{name} {value}" for name, value in figures.items() if not isinstance(value, dict | list)
    )
