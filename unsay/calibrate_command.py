"""`unsay calibrate` and `unsay feedback`: thresholds that keep their promise, and what people say of them."""

from pathlib import Path
from typing import Annotated

import typer

from unsay.console import fail, failures, note, progress_line, say

Audit = Annotated[list[Path] | None, typer.Option("--audit", help="Audit log; may be given several times.")]
Snapshot = Annotated[Path, typer.Option("--out", help="Snapshot folder.")]


def calibrate(
    policy: Annotated[Path, typer.Argument(help="Policy file.")],
    folder: Snapshot = Path(".unsay/snapshot"),
    key: Annotated[Path, typer.Option(help="Key file, used unless UNSAY_INDEX_KEY is set.")] = Path(
        ".unsay/index.key"
    ),
    negatives: Annotated[
        list[Path] | None,
        typer.Option(help="Innocent texts of your own, one a line (.txt) or a .jsonl file; several times."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="unsay.yaml, for its `encoder`; without it the offline one is asked.")
    ] = None,
    audit: Audit = None,
    report: Annotated[Path, typer.Option(help="Folder for the report: Markdown and PNG.")] = Path(
        ".unsay/calibration"
    ),
    anew: Annotated[
        bool, typer.Option("--anew", help="Count no more what earlier calls were given.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only look whether recent traffic has drifted away.")
    ] = False,
) -> None:
    """Set the threshold of the semantic detector on 3,000 innocent texts or more, and show what it rests on.

    Refused when they cannot carry the policy's rate of false alarms: the last snapshot then stays. Reported
    false alarms (`unsay feedback`) lift the threshold above them. Both stay with the snapshot, as numbers,
    when the policy changes, until others are given.

    Examples:

      unsay calibrate policy.yaml --negatives questions.txt --audit .unsay/audit.jsonl

      unsay calibrate policy.yaml --check --audit .unsay/audit.jsonl     ends with 1 when traffic has drifted
    """
    from gateway.audit.scores import scores_of
    from index.encoder import EncoderError
    from index.ground import CalibrationError
    from index.manifest import SnapshotError
    from index.passage import BuildError
    from policy.file import PolicyError

    with failures(
        PolicyError, BuildError, CalibrationError, EncoderError, SnapshotError, OSError, ValueError
    ):
        if check:
            _check(folder, audit or [])
        else:
            scores = scores_of(audit) if audit else None
            _calibrate(policy, config, folder, key, negatives or [], scores, report, anew=anew)


def _check(folder: Path, audit: list[Path]) -> None:
    from gateway.audit.scores import scores_of
    from index.calibration import Calibration
    from index.manifest import read_manifest
    from unsay.calibrating import drift

    if not audit:
        fail("--check: expected --audit with the log of recent traffic, found none")
    manifest = read_manifest(folder)
    if manifest.calibration is None:
        fail(f"{folder}: expected a snapshot with semantic detection, found one without")
    found = drift(Calibration.from_json(manifest.calibration), scores_of(audit, manifest.generation))
    say(str(found))
    raise typer.Exit(1 if found.drifted else 0)


def _calibrate(
    file: Path,
    config: Path | None,
    folder: Path,
    key_file: Path,
    negatives: list[Path],
    scores: object,
    report: Path,
    *,
    anew: bool,
) -> None:
    from gateway.audit.scores import Scores
    from index.build import build
    from index.ground import Ground
    from index.judge import load_judge
    from index.snapshot import Snapshot as Compiled
    from policy.file import load_policy
    from unsay.calibrating import WANTED, draw, innocent_texts, recall, summary
    from unsay.snapshots import find_encoder, find_key

    policy, key = load_policy(file), find_key(key_file, folder)
    encoder = find_encoder(policy, config)
    if encoder is None:
        fail(f"{file}: expected detectors.semantic, found null: there is no threshold to set")
    known = scores if isinstance(scores, Scores) else None
    ground = Ground(
        tuple(innocent_texts(negatives)),
        tuple(known.reported) if known else (),
        WANTED,
        strict=True,
        anew=anew,
    )
    manifest = build(policy, folder, key, encoder, progress_line(), ground=ground)
    judge = load_judge(Compiled.load(folder, key), encoder, key)
    calibration = judge.calibration
    report.mkdir(parents=True, exist_ok=True)
    draw(calibration, report / "calibration.png")
    told = summary(calibration, recall(policy.entries, judge), known)
    (report / "calibration.md").write_text(told, encoding="utf-8")
    say(told)
    note(f"generation {manifest.generation} is in {folder}, the report in {report}")


def feedback(
    request: Annotated[str, typer.Argument(help="The request's id: `x-request-id`, or `unsay audit show`.")],
    audit: Annotated[Path, typer.Option(help="The audit log that it goes to.")] = Path(".unsay/audit.jsonl"),
    false_alarm: Annotated[
        bool, typer.Option("--false-alarm", help="Something innocent was withheld.")
    ] = False,
    missed: Annotated[bool, typer.Option("--missed", help="Something forgotten was let through.")] = False,
) -> None:
    """Say that a decision was wrong. It counts in the next `unsay calibrate --audit`.

    Of what was missed only the number counts: describe it in the policy, as a question or a name.

    Example: unsay feedback req_5f2c... --false-alarm
    """
    import orjson
    from pydantic import ValidationError

    from gateway.audit.file import AuditError, AuditFile
    from gateway.feedback import Feedback, Kind

    if false_alarm == missed:
        fail("expected either --false-alarm or --missed, found " + ("both" if missed else "neither"))
    with failures(AuditError, OSError, ValueError):
        if not audit.exists():
            fail(f"{audit}: expected an audit log, found no file")
        try:
            said = Feedback(request=request, kind=Kind.MISSED if missed else Kind.FALSE_ALARM)
        except ValidationError:
            fail("expected a request's id, `req_` with letters and digits behind it, found another text")
        file = AuditFile(audit)
        try:
            file.append([orjson.dumps(said.record())])
            file.sync()
        finally:
            file.close()
    note("recorded")
