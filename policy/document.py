"""The policy file as the operator writes it. Every key is here with its meaning; other keys are errors.

The models check one field at a time. What needs other fields or other files is checked in
policy/resolve.py, where the line of every field is at hand.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
    model_validator,
)

from policy.action import Action
from policy.entry import Reason
from policy.policy import DEFAULT_NOTICE, OnError
from policy.problem import wrong
from policy.surface import Role
from policy.text import fewer_words, has_word, is_unicode, word_count

FEWEST_PASSAGE_WORDS = 4


def _worded(text: str) -> str:
    if not is_unicode(text):
        raise wrong("Unicode text")
    if not has_word(text):
        raise wrong("text with at least one letter or digit")
    return text


def _passage(text: str) -> str:
    if fewer_words(text, FEWEST_PASSAGE_WORDS):
        words = word_count(text)
        expected = f"a passage of at least {FEWEST_PASSAGE_WORDS} words"
        raise wrong(
            expected, "Give shorter strings under `secrets`", f"{words} {'word' if words == 1 else 'words'}"
        )
    return text


def _time(value: object) -> datetime:
    expected = "a time with its zone, such as 2026-11-01T00:00:00Z"
    if not isinstance(value, str):
        raise wrong(expected)
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise wrong(expected) from None
    if time.tzinfo is None:
        raise wrong(expected, "Add Z or an offset such as +01:00")
    return time


Worded = Annotated[str, Field(min_length=1), AfterValidator(_worded)]
Passage = Annotated[Worded, AfterValidator(_passage)]
Label = Annotated[str, Field(min_length=1)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]{0,127}$")]
Time = Annotated[datetime, PlainValidator(_time), WithJsonSchema({"type": "string", "format": "date-time"})]
PromptAction = Literal["allow", "flag", "redact", "refuse"]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


# Tags stand in pydantic's error locations; the angle brackets let policy/faults.py tell them from keys.
def _text_or_file(value: object) -> str | None:
    match value:
        case str():
            return "<text>"
        case Mapping() | FileDocument():
            return "<file>"
        case _:
            return None


def _pair_or_file(value: object) -> str | None:
    match value:
        case FileDocument():
            return "<file>"
        case Mapping() if "file" in value:
            return "<file>"
        case Mapping() | QuestionDocument():
            return "<pair>"
        case _:
            return None


def _text_or_case(value: object) -> str | None:
    match value:
        case str():
            return "<text>"
        case Mapping() | CaseDocument():
            return "<case>"
        case _:
            return None


def _action_or_roles(value: object) -> str:
    return "<roles>" if isinstance(value, Mapping | RolesDocument) else "<action>"


def _either(choose: Any, expected: str) -> Discriminator:
    return Discriminator(
        choose,
        custom_error_type="expected",
        custom_error_message="expected {expected}",
        custom_error_context={"expected": expected, "hint": "", "got": ""},
    )


class FileDocument(Section):
    """Texts that are kept in files."""

    file: str = Field(
        min_length=1,
        description="A path or a glob, relative to the policy file. A `.txt` file is one text; a `.jsonl` "
        "file has one record a line. It must match at least one file.",
    )


class QuestionDocument(Section):
    """Knowledge to protect, as a question and its answer."""

    question: Worded = Field(description="A question whose answer must be forgotten.")
    answer: Worded = Field(description="The answer that must not be given.")


class ConceptDocument(Section):
    """A topic, described in words and examples."""

    description: Worded = Field(description="What the topic is, in a sentence or two.")
    examples: tuple[Worded, ...] = Field(default=(), description="Texts that belong to the topic.")


TextItem = Annotated[
    Annotated[Worded, Tag("<text>")] | Annotated[FileDocument, Tag("<file>")],
    _either(_text_or_file, 'text or {file: "..."}'),
]
PassageItem = Annotated[
    Annotated[Passage, Tag("<text>")] | Annotated[FileDocument, Tag("<file>")],
    _either(_text_or_file, 'text or {file: "..."}'),
]
QuestionItem = Annotated[
    Annotated[QuestionDocument, Tag("<pair>")] | Annotated[FileDocument, Tag("<file>")],
    _either(_pair_or_file, '{question: "...", answer: "..."} or {file: "..."}'),
]
CONTENT = ("names", "passages", "questions", "secrets", "concept")


class EntryDocument(Section):
    """One thing to forget. At least one of names, passages, questions, secrets and concept is needed."""

    id: Id = Field(description="Names the entry in logs and rules, never in answers. No two are alike.")
    reason: Reason = Field(default=Reason.OTHER, description="Why it must be forgotten; rules can go by it.")
    names: tuple[Worded, ...] = Field(default=(), description="The subject's name and its aliases.")
    passages: tuple[PassageItem, ...] = Field(
        default=(), description="Texts protected word for word, at least four words each; or files of them."
    )
    questions: tuple[QuestionItem, ...] = Field(
        default=(), description="Knowledge to protect, as questions with answers; or `.jsonl` files of them."
    )
    secrets: tuple[Worded, ...] = Field(
        default=(),
        description="Strings that must not be said about the subject: a phone number, a birthplace.",
    )
    concept: ConceptDocument | None = Field(
        default=None, description="A topic, described in words and examples."
    )
    retain: tuple[TextItem, ...] = Field(
        default=(),
        description="Near misses that must keep working; or files of them. They sharpen the thresholds.",
    )
    models: tuple[Label, ...] = Field(
        default=("*",),
        min_length=1,
        description="Patterns (`*`, `?`) of the model names that the entry binds: of the public name, of "
        "the model server's, or of any other public name of the same model.",
    )
    keys: tuple[Label, ...] = Field(
        default=("*",),
        min_length=1,
        description="Patterns of the names of the API keys that it binds. Where the gateway has no keys it "
        "binds everybody.",
    )
    start: Time | None = Field(
        default=None, alias="from", description="In force from this time on. Needs a zone."
    )
    end: Time | None = Field(
        default=None, alias="until", description="In force until this time. Needs a zone."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": [key], "properties": {key: {"minItems": 1} if key != "concept" else {}}}
                for key in CONTENT
            ]
        }
    )


class WhenDocument(Section):
    """What a rule is about; `{}` is everything."""

    reason: Reason | None = Field(default=None, description="Entries with this reason.")
    entry: str | None = Field(default=None, description="The entry with this id.")


class RolesDocument(Section):
    """An action for each role; a role that is left out is refused."""

    system: PromptAction = Field(default="refuse", description="System and developer messages.")
    user: PromptAction = Field(default="refuse", description="User messages.")
    assistant: PromptAction = Field(
        default="refuse", description="Earlier answers that the client sends along."
    )
    tool: PromptAction = Field(default="refuse", description="Tool and function results.")
    document: PromptAction = Field(default="refuse", description="Documents sent beside the messages.")

    def by_role(self) -> dict[Role, PromptAction]:
        return {
            Role.SYSTEM: self.system,
            Role.USER: self.user,
            Role.ASSISTANT: self.assistant,
            Role.TOOL: self.tool,
            Role.DOCUMENT: self.document,
        }


PromptItem = Annotated[
    Annotated[PromptAction, Tag("<action>")] | Annotated[RolesDocument, Tag("<roles>")],
    _either(_action_or_roles, "an action or a map of actions by role"),
]


class RuleDocument(Section):
    """What is done about the entries it matches. The first rule that matches wins."""

    when: WhenDocument = Field(description="Which entries the rule is about; `{}` matches all.")
    prompt: PromptItem = Field(
        default="refuse",
        description="What is done when the conversation itself supplies the knowledge, also when the answer "
        "repeats it: allow, flag, redact or refuse, or a map of these by role.",
    )
    answer: Action = Field(
        default=Action.REDACT,
        description="What is done when the model recalls the knowledge by itself: allow, flag, redact, "
        "rewrite (the gateway asks for another answer; see `rewrite` in its settings) or refuse.",
    )


class VerbatimDocument(Section):
    """Finds passages word for word."""

    window: int = Field(default=8, ge=4, le=32, description="So many words in a row are a match.")
    reveal: int = Field(
        default=2, ge=0, le=31, description="At most so many words of a match are seen. Less than `window`."
    )


class CoverageDocument(Section):
    """Finds passages that were edited, filled with other words, cut into pieces or put in another order."""

    share: float = Field(
        default=0.5,
        ge=0.1,
        le=1,
        description="A text that holds this share of what a passage tells says the passage.",
    )


class ViewsDocument(Section):
    """Finds what prompts say in codes: base64, ciphers, letters apart, words reversed and the like."""

    depth: int = Field(
        default=3, ge=1, le=3, description="So many codes, one in the other, are undone in a prompt."
    )


class SemanticDocument(Section):
    """Finds knowledge said in other words."""

    false_positive_rate: float = Field(
        default=0.001,
        gt=0,
        le=0.1,
        description="The share of innocent texts that may be taken for a finding.",
    )


class NamesDocument(Section):
    """Finds names. As they are written they are always found."""

    misspelled: bool = Field(
        default=True,
        description="Also with a wrong letter in a word, or with initials or a middle name in between.",
    )


class DetectorsDocument(Section):
    """How forgotten things are found. Names and secrets are always looked for."""

    names: NamesDocument = Field(default_factory=NamesDocument, description="How exactly names are compared.")

    verbatim: VerbatimDocument | None = Field(
        default_factory=VerbatimDocument, description="Passages word for word; `null` is off."
    )
    coverage: CoverageDocument | None = Field(
        default_factory=CoverageDocument, description="Passages in an edited form; `null` is off."
    )
    views: ViewsDocument | None = Field(
        default_factory=ViewsDocument, description="What prompts say in codes and disguises; `null` is off."
    )
    semantic: SemanticDocument | None = Field(
        default_factory=SemanticDocument, description="Knowledge in other words; `null` is off."
    )


class MessageDocument(Section):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant", "tool"] = Field(description="Who says it.")
    content: Worded = Field(description="What is said.")


class CaseDocument(Section):
    """A conversation, and what a model would answer. Either `prompt` or `messages`."""

    prompt: Worded | None = Field(default=None, description="What the user asks.")
    messages: tuple[MessageDocument, ...] = Field(
        default=(), description="The same as a conversation of several turns."
    )
    answer: Worded | None = Field(
        default=None,
        description="What a model would answer. Without it the case is about the prompt alone.",
    )


CaseItem = Annotated[
    Annotated[Worded, Tag("<text>")] | Annotated[CaseDocument, Tag("<case>")],
    _either(_text_or_case, 'text or {prompt: "...", answer: "..."}'),
]


class CasesDocument(Section):
    """What the policy must do. `unsay policy test` tries it; with `test_policy` the gateway does, too."""

    must_withhold: tuple[CaseItem, ...] = Field(
        default=(),
        description="The prompt must not go on as it is, or where there is an answer, that must not leave as "
        "it is. A text alone is a prompt.",
    )
    must_answer: tuple[CaseItem, ...] = Field(
        default=(), description="Prompt and answer must pass unchanged. A text alone is a prompt."
    )
    codes: tuple[Label, ...] = Field(
        default=(),
        description="Codes, such as base64 and ROT13, in which `must_withhold` is tried as well.",
    )


class PolicyDocument(Section):
    """A policy file."""

    version: Literal[1] = Field(description="The version of this format: 1.")
    entries: tuple[EntryDocument, ...] = Field(description="The things to forget.")
    rules: tuple[RuleDocument, ...] = Field(
        default=(),
        description="What is done about findings, first match wins. "
        "Where no rule matches: prompt refuse, answer redact.",
    )
    detectors: DetectorsDocument = Field(
        default_factory=DetectorsDocument, description="How forgotten things are found."
    )
    notice: Worded = Field(
        default=DEFAULT_NOTICE, description="The constant text that replaces what was withheld."
    )
    cloak: tuple[Worded, ...] = Field(
        default=(),
        description="Names that nobody has. Where there are some, a prompt that would be refused really goes "
        "on to the model, with one of them in place of a forgotten name and without what else must go, and "
        "its guarded answer is given: it looks and takes as long as any other. All answers are then judged, "
        "and all tokens estimated. Give twenty or more, as strange to the model as possible.",
    )
    on_error: OnError = Field(
        default=OnError.CLOSED,
        description="What happens when scanning itself fails: closed ends the answer with an error, open "
        "lets it pass unscanned.",
    )
    must_guard: tuple[FileDocument, ...] = Field(
        default=(),
        description="Lists of what models still knew after unlearning, as `unsay unlearn` writes them "
        "(`residual.jsonl`). Every entry in them must be one of `entries` and bind the model.",
    )
    tests: CasesDocument = Field(
        default_factory=CasesDocument, description="What the policy must do, to be tried before it is used."
    )

    model_config = ConfigDict(title="Unsay policy")


class ResidualRecord(Section):
    """One line of a `.jsonl` file of what must stay guarded. No text of what it is about stands in it."""

    entry: Label = Field(description="The entry's id.")
    item: Label = Field(description="Which of its questions or texts came back.")
    model: Label = Field(description="The model that still knew it.")
    ways: list[Label] = Field(
        description="How it came back: asked, in context, rounded, taught, or not asked at all."
    )


class PassageRecord(Section):
    """One line of a `.jsonl` file of passages; a line may also be a JSON string."""

    text: Passage = Field(description="One passage.")
    source: Label | None = Field(default=None, description="Where it comes from.")


class QuestionRecord(QuestionDocument):
    """One line of a `.jsonl` file of questions."""

    source: Label | None = Field(default=None, description="Where it comes from.")


class RetainRecord(Section):
    """One line of a `.jsonl` file of retain texts; a line may also be a JSON string."""

    text: Worded | None = Field(default=None, description="A near miss.")
    question: Worded | None = Field(
        default=None, description="A near miss as a question, in place of `text`."
    )
    answer: Worded | None = Field(default=None, description="The question's answer.")
    source: Label | None = Field(
        default=None,
        description="What belongs together, such as an author. Texts of one source are never split between "
        "the margins and the setting of the threshold.",
    )

    @model_validator(mode="after")
    def _one_of(self) -> "RetainRecord":
        if (self.text is None) == (self.question is None) or (
            self.text is not None and self.answer is not None
        ):
            raise wrong("either `text`, or `question` with or without `answer`")
        return self
