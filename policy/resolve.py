"""From the document to the policy: files are read, and what needs more than one field is checked.

Rule: resolving goes on after a problem, so that an operator sees all of them at once.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import partial
from itertools import chain, groupby
from operator import itemgetter
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from policy.action import Action
from policy.cases import Case, Cases
from policy.digest import digest
from policy.document import (
    CONTENT,
    CaseDocument,
    CasesDocument,
    EntryDocument,
    FileDocument,
    PassageRecord,
    PolicyDocument,
    QuestionDocument,
    QuestionRecord,
    ResidualRecord,
    RetainRecord,
    RolesDocument,
    RuleDocument,
)
from policy.entry import Concept, Entry, Question, Retain
from policy.faults import explain
from policy.passages import FilePassages, Piece, held, piece_of
from policy.policy import Coverage, Policy, Rule, Semantic, Verbatim, Views, When
from policy.problem import Problem, shortened
from policy.sources import Source, SourceError, Sources, parse_row, rows_of
from policy.surface import Role
from policy.yaml_tree import Json, Path, Tree, field_name

# So many lines of a file without `source` count as one source: neighbours in a file tend to belong together.
BLOCK = 20

R = TypeVar("R", bound=BaseModel)
T = TypeVar("T")


@dataclass(slots=True)
class Resolver:
    file: str
    tree: Tree
    sources: Sources
    # Whether passages of files are left there, and read again when they are asked for.
    apart: bool = False
    problems: list[Problem] = field(default_factory=list)

    def policy(self, document: PolicyDocument) -> Policy:
        self._check_ids(document)
        self._check_detectors(document)
        entries = tuple(self.entry(one, ("entries", place)) for place, one in enumerate(document.entries))
        ids = {entry.id for entry in entries}
        self._check_guarded(document.must_guard, entries)
        rules = tuple(self._rule(rule, ("rules", place), ids) for place, rule in enumerate(document.rules))
        detectors = document.detectors
        verbatim, coverage, semantic = detectors.verbatim, detectors.coverage, detectors.semantic
        policy = Policy(
            entries=entries,
            digest="",
            rules=rules,
            verbatim=Verbatim(verbatim.window, verbatim.reveal) if verbatim else None,
            coverage=Coverage(coverage.share) if coverage else None,
            semantic=Semantic(semantic.false_positive_rate) if semantic else None,
            notice=document.notice,
            cloak=document.cloak,
            on_error=document.on_error,
            cases=self._cases(document.tests),
            misspelled=detectors.names.misspelled,
            views=Views(detectors.views.depth) if detectors.views else None,
        )
        return replace(policy, digest="" if self.problems else digest(policy))

    def _report(self, path: Path, expected: str, got: str, hint: str = "") -> None:
        line = self.tree.line(path)
        self.problems.append(Problem(self.file, line, field_name(path), expected, got, hint))

    # What needs more than one field.

    def _check_ids(self, document: PolicyDocument) -> None:
        first: dict[str, int] = {}
        for place, entry in enumerate(document.entries):
            path: Path = ("entries", place, "id")
            if entry.id in first:
                line = self.tree.line(("entries", first[entry.id], "id"))
                self._report(path, "an id of its own", f"{shortened(entry.id)} again (first on line {line})")
            first.setdefault(entry.id, place)

    def _check_detectors(self, document: PolicyDocument) -> None:
        verbatim = document.detectors.verbatim
        if verbatim and verbatim.reveal >= verbatim.window:
            path: Path = ("detectors", "verbatim", "reveal")
            expected = f"at most {verbatim.window - 1} (less than the window of {verbatim.window})"
            self._report(path, expected, f"the number {verbatim.reveal}")

    def _check_guarded(self, lists: Sequence[FileDocument], entries: Sequence[Entry]) -> None:
        """Each entry is told once for each model, however many of its items came back."""
        patterns = {entry.id: entry.models for entry in entries}
        told: set[tuple[str, str]] = set()
        for place, item in enumerate(lists):
            path: Path = ("must_guard", place, "file")
            for source, line, record in self._records(item, path, ResidualRecord, (".jsonl",), empty=True):
                about = record.entry, record.model
                bound = any(fnmatchcase(record.model, one) for one in patterns.get(record.entry, ()))
                if bound or about in told:
                    continue
                told.add(about)
                named = shortened(record.entry), shortened(record.model)
                expected = f"an entry {named[0]} that binds the model {named[1]}"
                got = "one that doesn't" if record.entry in patterns else "none"
                self._lay(Problem(source.shown, line, "entry", expected, got), path)

    def _check_entry(self, entry: EntryDocument, path: Path) -> None:
        if not any((entry.names, entry.passages, entry.questions, entry.secrets, entry.concept)):
            expected = f"at least one of {', '.join(CONTENT[:-1])} and {CONTENT[-1]}"
            self._report(path, expected, f"none in the entry {shortened(entry.id)}")
        if entry.start and entry.end and entry.end <= entry.start:
            expected = f"a time after `from` ({entry.start.isoformat()})"
            self._report((*path, "until"), expected, entry.end.isoformat())

    def _rule(self, rule: RuleDocument, path: Path, ids: set[str]) -> Rule:
        named = rule.when.entry
        if named is not None and named not in ids:
            self._report(
                (*path, "when", "entry"), "the id of an entry", shortened(named), _nearest(named, ids)
            )
        return Rule(When(rule.when.reason, named), _by_role(rule), rule.answer)

    def _cases(self, tests: CasesDocument) -> Cases:
        return Cases(
            tuple(self._list_of_cases(tests.must_withhold, ("tests", "must_withhold"))),
            tuple(self._list_of_cases(tests.must_answer, ("tests", "must_answer"))),
            tests.codes,
        )

    def _list_of_cases(self, items: Sequence[str | CaseDocument], path: Path) -> Iterator[Case]:
        for place, item in enumerate(items):
            where: Path = (*path, place)
            case = CaseDocument(prompt=item) if isinstance(item, str) else item
            if (case.prompt is None) == (not case.messages):
                self._report(where, "either `prompt` or `messages`", "both" if case.prompt else "neither")
            yield Case(_said(case), case.answer, field_name(where), self.tree.line(where))

    # Entries and their files.

    def entry(self, entry: EntryDocument, path: Path) -> Entry:
        self._check_entry(entry, path)
        concept = entry.concept
        return Entry(
            id=entry.id,
            reason=entry.reason,
            names=entry.names,
            passages=self._all_passages(entry.passages, (*path, "passages")),
            questions=tuple(self._questions(entry.questions, (*path, "questions"))),
            secrets=entry.secrets,
            concept=Concept(concept.description, concept.examples) if concept else None,
            retain=tuple(self._retain(entry.retain, (*path, "retain"))),
            models=entry.models,
            keys=entry.keys,
            start=entry.start,
            end=entry.end,
        )

    def _all_passages(self, items: Sequence[str | FileDocument], path: Path) -> Sequence[str]:
        pieces = list(self._passages(items, path))
        return (
            FilePassages(pieces) if self.apart else tuple(chain.from_iterable(one.read() for one in pieces))
        )

    def _passages(self, items: Sequence[str | FileDocument], path: Path) -> Iterator[Piece]:
        for place, item in enumerate(items):
            match item:
                case str():
                    yield held((item,))
                case FileDocument():
                    found = self._records(item, (*path, place, "file"), PassageRecord, (".txt", ".jsonl"))
                    for source, records in groupby(found, key=itemgetter(0)):
                        texts = [record.text for _, _, record in records]
                        yield piece_of(source, texts, self.sources.most) if self.apart else held(texts)

    def _questions(self, items: Sequence[QuestionDocument | FileDocument], path: Path) -> Iterator[Question]:
        for place, item in enumerate(items):
            match item:
                case QuestionDocument():
                    yield Question(item.question, item.answer)
                case FileDocument():
                    found = self._records(item, (*path, place, "file"), QuestionRecord, (".jsonl",))
                    yield from (Question(record.question, record.answer) for _, _, record in found)

    def _retain(self, items: Sequence[str | FileDocument], path: Path) -> Iterator[Retain]:
        for place, item in enumerate(items):
            match item:
                case str():
                    yield Retain(item, field_name((*path, place)))
                case FileDocument():
                    found = self._records(item, (*path, place, "file"), RetainRecord, (".txt", ".jsonl"))
                    for source, line, record in found:
                        text = record.text or " ".join(filter(None, (record.question, record.answer)))
                        yield Retain(text, record.source or _block(source, line))

    def _records(
        self, item: FileDocument, path: Path, model: type[R], suffixes: tuple[str, ...], empty: bool = False
    ) -> Iterator[tuple[Source, int, R]]:
        """Every record of every file that the item names, checked, with its line. `empty`: or none."""
        for source in self._attempt(lambda: self.sources.find(item.file, suffixes), path) or ():
            text = self._attempt(partial(self.sources.text, source), path)
            if text is None:
                continue
            rows = [(1, text)] if source.is_text else list(rows_of(text))
            if not rows and not empty:
                self._lay(Problem(source.shown, 1, "", "at least one record", "none"), path)
            for line, row in rows:
                record = self._record(row, line, source, path, model)
                if record is not None:
                    yield source, line, record

    def _record(self, row: str, line: int, source: Source, path: Path, model: type[R]) -> R | None:
        file = source.shown
        value: Json = {"text": row.strip()}
        if not source.is_text:
            parsed = self._attempt(lambda: (parse_row(row, file, line),), path)
            if parsed is None:
                return None
            value = parsed[0]
            if isinstance(value, str) and "text" in model.model_fields:
                value = {"text": value}
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for problem in explain(error, model, Tree(value, {(): line}), file, hidden=lambda _: True):
                self._lay(problem, path)
        return None

    def _attempt(self, read: Callable[[], T], path: Path) -> T | None:
        """What it reads; None, and the problem kept, where it can't."""
        try:
            return read()
        except SourceError as error:
            self._lay(error.problem, path)
            return None

    def _lay(self, problem: Problem, path: Path) -> None:
        """Keeps the problem, at the field that led to it where it names no file of its own."""
        line = self.tree.line(path)
        if problem.file:
            origin = f"{field_name(path)}, {self.file}:{line}"
            self.problems.append(replace(problem, origin=origin))
        else:
            self.problems.append(replace(problem, file=self.file, line=line, field=field_name(path)))


def _nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f"Did you mean `{near[0]}`?" if near else ""


def _by_role(rule: RuleDocument) -> Mapping[Role, Action]:
    match rule.prompt:
        case RolesDocument() as roles:
            return {role: Action(action) for role, action in roles.by_role().items()}
        case action:
            return {role: Action(action) for role in Role}


def _said(case: CaseDocument) -> tuple[tuple[Role, str], ...]:
    if case.prompt is not None:
        return ((Role.USER, case.prompt),)
    return tuple((Role(message.role), message.content) for message in case.messages)


def _block(source: Source, line: int) -> str:
    return f"{source.name}#{(line - 1) // BLOCK}"
