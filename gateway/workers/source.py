"""What is served stands in files: the settings, the policy with the files that it names, and its snapshot.

Rules: a file is taken whole or not at all; one that cannot be used changes nothing, is told, and does not
keep another from being taken. Forgotten texts are read in a process of their own, which hands none on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from gateway.config import Config
from gateway.config_encoder import EncoderAddress
from gateway.config_file import ConfigError, checked
from gateway.following.folder import Folder
from gateway.following.standing import Standing
from gateway.wire.spelled import TokenizerError, tokenizer_at
from index.biases import BiasError, read_biases
from index.build import build, is_stale
from index.checked import Checked
from index.encoder import EncoderError, MiniLM
from index.judge import load_judge
from index.key import IndexKeyError
from index.manifest import MANIFEST
from index.passage import BuildError
from index.progress import Progress, silent
from index.remote_encoder import RemoteEncoder
from index.similarity import Judge
from index.snapshot import Snapshot, SnapshotError
from policy.digest import without_entries
from policy.file import load_policy
from policy.policy import Policy
from policy.problem import PolicyError
from policy.seen import Look, look, look_at
from policy.signature import beside, check_signature
from policy.sources import Limits


class FilesError(ValueError):
    """The files cannot be used; the message says what was expected and found, and where."""


# What is in use from the start to the end of a gateway.
KEPT = (
    "listen",
    "upstream",
    "audit",
    "memory",
    "snapshot",
    "steering",
    "bias",
    "ledger",
    "encoder",
    "vectors",
)
KEPT_LIMITS = ("header_bytes", "header_s")
# Their messages are made for operators and show nothing of what is forgotten.
TOLD = (
    FilesError,
    ConfigError,
    PolicyError,
    BuildError,
    SnapshotError,
    EncoderError,
    IndexKeyError,
    BiasError,
    TokenizerError,
    OSError,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sight:
    """What the files looked like just before they were read."""

    files: Mapping[Path, Look]
    folder: Path
    named: Mapping[str, Mapping[str, Look]]

    def again(self) -> "Sight":
        """What the same files look like now."""
        most = Limits().files
        named = {pattern: look_at(self.folder, pattern, most) for pattern in self.named}
        return Sight({path: look(path) for path in self.files}, self.folder, named)


@dataclass(frozen=True, slots=True)
class Found:
    """What the files say, in a form that every worker can be handed. `problems` tell what was not taken.

    `standing`: what the ledger adds, where one is followed.
    """

    config: Config
    policy: Policy
    sight: Sight
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """`monitored`: what tells what would be done, where the ledger wants that."""

    snapshot: Snapshot
    judge: Judge | None
    monitored: "Opened | None" = None


@dataclass(slots=True)
class _Notes:
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def tried(self, read: Callable[[], T], last: T | None) -> T:
        """What it reads, or the last good one."""
        try:
            return read()
        except TOLD as error:
            if last is None:
                raise
            self.problems.append(str(error))
            return last


@dataclass(frozen=True, slots=True)
class Source:
    """`configure` reads the settings; `file` is where they stand, if they stand in a file.

    `complaint` says what is wrong with a policy by its own tests, asked where the settings want it. `also`
    makes what else is made of a policy, once its snapshot in this folder is; it raises FilesError.
    """

    configure: Callable[[], Config]
    key: bytes
    file: Path | None = None
    progress: Progress = silent
    encoder: MiniLM = field(default_factory=MiniLM)
    remote: dict[EncoderAddress, RemoteEncoder] = field(default_factory=dict)
    complaint: Callable[[Policy, str], str] | None = None
    also: Callable[[Policy, Path], None] | None = None
    checked: Checked = field(default_factory=Checked)

    def read(self, last: Found | None = None) -> Found:
        """Read all, and build the snapshot where it is another policy's. May take minutes and much memory."""
        notes, named = _Notes(), dict[str, Mapping[str, Look]]()
        seen = {} if self.file is None else {self.file: look(self.file)}
        config = notes.tried(lambda: self._configured(last, notes), None if last is None else last.config)
        seen |= {path: look(path) for path in (config.policy, beside(config.policy))}
        policy = notes.tried(
            lambda: self._built(_signed(load_policy(config.policy, seen=named), config), config),
            None if last is None else last.policy,
        )
        if last is not None and not named and notes.problems:
            # A policy that cannot even be parsed names no files.
            named = dict(last.sight.again().named)
        manifest = config.snapshot / MANIFEST
        sight = Sight(seen | {manifest: look(manifest)}, config.policy.parent, named)
        return Found(config, policy, sight, tuple(notes.problems), tuple(notes.remarks))

    def open(self, found: Found) -> Opened:
        """Map the snapshot. Quick, but for the first judge of a process, which loads its encoder."""
        if found.config.bias is not None:
            # Each worker reads it again; one that cannot be used is told before any begins.
            read_biases(found.config.bias.table, self.key)
        if found.config.ledger is None or found.standing is None:
            return self._opened(found, found.config.snapshot)
        folder = Folder.beside(found.config.snapshot)
        opened = self._opened(found, folder.enforced)
        if found.standing.made.monitored is None:
            return opened
        return replace(opened, monitored=self._opened(found, folder.monitored, monitored=True))

    def _opened(self, found: Found, folder: Path, *, monitored: bool = False) -> Opened:
        snapshot = Snapshot.load(folder, self.key, self.checked)
        if not snapshot.is_of(found.policy):
            raise SnapshotError(f"{snapshot.folder}: was built from another policy; build it again")
        if snapshot.monitored != monitored:
            # One for the other would withhold nothing.
            kinds = ("monitor", "serve") if monitored else ("serve", "monitor")
            raise SnapshotError("{}: expected a snapshot to {} with, found one to {}".format(folder, *kinds))
        if found.policy.semantic is None:
            return Opened(snapshot, None)
        encoder = self._encoder(found.config)
        encoder.load()
        return Opened(snapshot, load_judge(snapshot, encoder, self.key, found.config.vectors.place))

    def _encoder(self, config: Config) -> MiniLM | RemoteEncoder:
        """Asked once what it is, before workers are forked."""
        if config.encoder is None:
            return self.encoder
        if config.encoder not in self.remote:
            self.remote[config.encoder] = config.encoder.encoder()
        return self.remote[config.encoder]

    def _configured(self, last: Found | None, notes: _Notes) -> Config:
        config = self._beside(self.configure(), last, notes)
        if config.limits.tokenizer is not None:
            # Each process reads it again.
            tokenizer_at(config.limits.tokenizer)
        return config

    def _beside(self, config: Config, last: Found | None, notes: _Notes) -> Config:
        """The new settings, but for those that are in use from start to end."""
        if last is None:
            return config
        kept = unlike(config, last.config, KEPT)
        limits = unlike(config.limits, last.config.limits, KEPT_LIMITS)
        names = (*kept, *(f"limits.{name}" for name in limits))
        notes.remarks += [f"{name}: what was changed takes effect at the next start" for name in names]
        update = kept | {"limits": config.limits.model_copy(update=limits)}
        # Checked again: what is kept may not go with what is new.
        return checked(config.model_copy(update=update), "the settings kept from the start")

    def _built(self, policy: Policy, config: Config) -> Policy:
        self._check(policy, config)
        folder = config.snapshot
        encoder = None if policy.semantic is None else self._encoder(config)
        if is_stale(folder, policy, self.key, None if encoder is None else encoder.fingerprint):
            build(policy, folder, self.key, encoder, self.progress)
        if self.also is not None:
            self.also(policy, folder)
        return without_entries(policy)

    def _check(self, policy: Policy, config: Config) -> None:
        """Before its snapshot takes the place of the last one."""
        if config.test_policy and self.complaint is not None:
            complaint = self.complaint(policy, next(iter(config.models), "default"))
            if complaint:
                raise FilesError(f"{config.policy}: {complaint}")


def _signed(policy: Policy, config: Config) -> Policy:
    """The policy, unless who signed it, or nobody having done so, is against the settings."""
    check_signature(config.policy, policy, config.trust)
    return policy


def unlike(new: BaseModel, last: BaseModel, names: Iterable[str]) -> dict[str, object]:
    """The last values of those settings that changed."""
    return {name: getattr(last, name) for name in names if getattr(new, name) != getattr(last, name)}
