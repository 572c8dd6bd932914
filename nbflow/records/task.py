"""What is remembered of a task and of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.files import file_name, gathered
from nbflow.records.lesson import Lesson
from nbflow.records.problem import Problem
from nbflow.records.reason import Reason

FactKind = Literal[
    "file",
    "listing",
    "matching",
    "absent",
    "there",
    "size",
    "modified",
    "mode",
    "link",
    "module",
    "environment",
    "distribution",
    "python",
    "platform",
    "locale",
    "timezone",
    "ambient",
    "hazard",
]
#: Those whose subject is the path of something that steps may write; a directory's ends with a
#: slash.
FILE_FACTS: frozenset[FactKind] = frozenset(
    {"file", "listing", "matching", "absent", "there", "size", "modified", "mode", "module"}
)
#: Those that are about names in a directory; what matches is named by a pattern behind the path.
LISTINGS: frozenset[FactKind] = frozenset({"listing", "matching"})
#: Those that follow from the variables of the environment.
OF_VARIABLES: frozenset[FactKind] = frozenset({"environment", "locale", "timezone"})
RunStatus: TypeAlias = Literal["running", "completed", "failed", "cancelled", "interrupted"]
Status = Literal["queued", "running", "completed", "failed", "cancelled", "cached", "skipped"]

#: The status of a step is the first of these that one of its tasks has.
PRECEDENCE: tuple[Status, ...] = (
    "failed",
    "running",
    "cancelled",
    "queued",
    "skipped",
    "completed",
    "cached",
)


class Fact(NamedTuple):
    """Something outside the flow that a task was observed to depend on.

    A tuple, since a task may read ten thousand files.
    """

    kind: FactKind
    #: Path (relative to the notebook's directory when below it), module, variable, distribution,
    #: ambient state, kind of hazard.
    subject: str
    #: Digest, version or value as of the task; of a look, what was there; of an ambient state that
    #: no step had changed, nothing; of a hazard, what was called or asked.
    value: str
    #: Of a file that was read, in bytes, where it is known: for people.
    size: int | None = None
    #: Of a file that was read, where no later content can have the same: tells its state on this
    #: machine apart without reading it; 0 where nothing does.
    state: int = 0


class Change(msgspec.Struct, frozen=True):
    """Something that a task was observed to change, beside its outputs."""

    #: ``input``: an input's value differs afterwards; ``file``: a file was written;
    #: ``binds``: a name the source did not show was bound; ``ambient``: an ambient state is
    #: another; ``draws``: a global generator was used in the state in which the task found it;
    #: ``state``: something else is kept on a class or function; ``object``: the object that was
    #: loaded under the name of an output has other content; ``axes``: a pandas index in an input
    #: has other names; ``memory``: so has memory that an input's arrays, frames and columns
    #: show; ``asks``: a display asked for a name in vain, and went on without.
    kind: Literal[
        "input", "file", "binds", "ambient", "draws", "state", "object", "axes", "memory", "asks"
    ]
    subject: str
    #: The state afterwards, where it can be carried; None of a file that was removed.
    artifact: Artifact | None = None
    #: Of a file: whether it was not there before.
    new: bool = False
    #: As of an uncarried value: global names that code inside it reads.
    free: tuple[str, ...] = ()

    @property
    def of_name(self) -> bool:
        """Whether it leaves another value under a name, or another state."""
        return self.kind in ("input", "binds", "ambient", "state")


#: What names can share.
Thing: TypeAlias = Literal["objects", "axes", "memory"]


class Shared(msgspec.Struct, frozen=True):
    """Names under which the same mutable objects can be reached once a task's body has run."""

    #: Names as the task found them, and as it leaves them.
    read: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    #: What they share. Of indexes nothing but the names can be changed; memory is that of frames
    #: and columns, which arrays or other frames show as well.
    what: Thing = "objects"
    #: Why those that it leaves cannot be stored together; empty when they can.
    why: str = ""
    #: Whether what they share is equal to itself only, as the keys of a dict can be.
    apart: bool = False


class Uncarried(msgspec.Struct, frozen=True):
    """An output that could not be stored: its name, the attribute path and the type there."""

    name: str
    path: str
    #: Empty where it could be, until the step changed it.
    type: str
    why: str
    #: Global names that code inside the value reads when it goes on.
    free: tuple[str, ...] = ()

    @property
    def told(self) -> str:
        """That it cannot be carried, in a few words, for who has its name before him."""
        if not self.type:
            return self.why
        what = self.type if self.path == self.name else f"`{self.path}` ({self.type})"
        return f"{what} cannot be carried"

    @property
    def detail(self) -> str:
        """What cannot be carried, and why."""
        if not self.type:
            return f"`{self.name}` {self.why}"
        return f"`{self.path}` ({self.type}) cannot be carried: {self.why}"


class Recipe(msgspec.Struct, frozen=True):
    """What makes up a step's fingerprint; kept once per digest, to explain later misses."""

    #: Digest of the body's normalised syntax tree.
    body: Digest
    #: The user's lines, for the difference.
    source: str
    #: Definitions reached: label (names joined by ``", "``) to (digest, source).
    definitions: Mapping[str, tuple[Digest, str]]
    #: Set-up cells and configuration magics: (digest, source) in order.
    setup: tuple[tuple[Digest, str], ...]
    #: Options that can affect values, as text.
    options: Mapping[str, str]


class TaskRecord(msgspec.Struct, frozen=True):
    """One completed task: enough to reuse it, to explain it, and to replay it."""

    #: Cache key: fingerprint and input digests.
    key: Digest
    cell: str
    step: str
    #: Split index, or None for a step that is not a foreach (and for evaluating the clause).
    index: int | None
    #: Digest of the Recipe, i.e. the fingerprint.
    recipe: Digest
    inputs: Mapping[str, Digest]
    outputs: Mapping[str, Artifact]
    #: The inputs for people, by name: what a later miss shows as the old value.
    shown: Mapping[str, str] = msgspec.field(default_factory=dict)
    #: Whether it ran the step's body, or evaluated a foreach's clause.
    part: Literal["body", "clause"] = "body"
    #: For a foreach's clause: the items, in iteration order.
    items: tuple[Artifact, ...] = ()
    #: Names the source may bind, which this task left unbound.
    absent: tuple[str, ...] = ()
    uncarried: tuple[Uncarried, ...] = ()
    facts: tuple[Fact, ...] = ()
    changes: tuple[Change, ...] = ()
    shares: tuple[Shared, ...] = ()
    hazards: tuple[Problem, ...] = ()
    #: Names of the steps that were carried out once more within the task, and how much of
    #: ``seconds`` that took.
    replayed: tuple[str, ...] = ()
    replay_seconds: float = 0.0
    #: Why it was accepted for what the step has become, though another source or other inputs gave
    #: it; empty of what was computed.
    accepted: str = ""
    #: Outputs of the cell (nbformat outputs, in order), as a JSON artifact; None without any.
    log: Artifact | None = None
    #: Wall seconds of the body.
    seconds: float = 0.0
    #: Start, seconds since the epoch.
    started: float = 0.0
    #: Peak resident set of the worker in bytes.
    peak_bytes: int = 0


def files_at_rest(record: TaskRecord | None) -> dict[str, tuple[int, str]]:
    """The states and digests of files that a task has read, where the one tells the other."""
    facts = record.facts if record is not None else ()
    return {f.subject: (f.state, f.value) for f in facts if f.state and f.kind == "file"}


def lesson_of(record: TaskRecord) -> Lesson:
    """What a task was seen to read and to leave, whether its source shows it or not."""
    read = {change.subject for change in record.changes if change.kind in ("draws", "asks")}
    # What one split leaves under a name reaches no other step; its files do.
    named = {c.subject for c in record.changes if c.of_name and record.index is None}
    written = {file_name(c.subject) for c in record.changes if c.kind == "file"}
    return Lesson(
        reads=files_read(record.facts) | read,
        leaves=frozenset(named | written),
        uncarried=frozenset(stays(record)) if record.index is None else frozenset(),
    )


def results(
    outputs: Mapping[str, Artifact], changes: Iterable[Change], items: Iterable[Artifact]
) -> dict[str, Artifact | None]:
    """All that a task has given and that can be compared, by what it is called."""
    found: dict[str, Artifact | None] = {**outputs}
    for change in changes:
        if change.kind == "file":
            is_name_too = change.subject in outputs
            found[f"./{change.subject}" if is_name_too else change.subject] = change.artifact
        elif change.of_name:
            found.setdefault(change.subject, change.artifact)
    return found | {f"item {place}": item for place, item in enumerate(items)}


def alike(one: tuple[Fact, ...], other: tuple[Fact, ...]) -> bool:
    """Whether two lists of facts say the same, whenever the files were last touched."""
    return one == other or {fact[:3] for fact in one} == {fact[:3] for fact in other}


def files_read(facts: Iterable[Fact]) -> frozenset[str]:
    """The names of the files, and of the directories' listings, that a task looked at."""
    return gathered([file_name(_looked_at(fact)) for fact in facts if fact.kind in FILE_FACTS])


def listed(fact: Fact) -> tuple[str, str]:
    """The directory whose names one of ``LISTINGS`` is about, and a pattern if not all count."""
    if fact.kind == "listing":
        return fact.subject, ""
    folder, slash, _ = fact.subject.rstrip("/").rpartition("/")
    return f"{folder}{slash}", fact.subject.removeprefix(f"{folder}{slash}")


def _looked_at(fact: Fact) -> str:
    return listed(fact)[0] if fact.kind in LISTINGS else fact.subject


_CHANGED = "cannot be carried once the step has changed it"


def stays(record: TaskRecord) -> dict[str, Uncarried]:
    """What a task leaves under a name that cannot leave its process, by that name."""
    changed = {
        change.subject: Uncarried(change.subject, change.subject, "", _CHANGED, change.free)
        for change in record.changes
        if change.of_name and change.artifact is None
    }
    return changed | {one.name: one for one in record.uncarried}


class ErrorText(msgspec.Struct, frozen=True):
    """An exception as text: exceptions never travel as pickles."""

    name: str
    message: str
    traceback: tuple[str, ...]
    #: Where in the notebook: cell number and 1-based line; 0 when unknown.
    number: int = 0
    line: int = 0


class TaskRun(msgspec.Struct, frozen=True):
    """What became of one task in one run."""

    #: ``"primes[0]"``, ``"load"``.
    task: str
    cell: str
    step: str
    index: int | None
    status: Status
    seconds: float
    key: Digest | None = None
    reasons: tuple[Reason, ...] = ()
    outputs: Mapping[str, Artifact] = msgspec.field(default_factory=dict)
    log: Artifact | None = None
    #: Exception name and message, and the traceback's lines (ANSI colours), when it failed.
    error: ErrorText | None = None
    #: When it started, or when what is reused did, seconds since the epoch; 0 when it has not.
    started: float = 0.0
    #: As in its record.
    replayed: tuple[str, ...] = ()
    replay_seconds: float = 0.0
    #: Outputs that stay in the task's process.
    uncarried: tuple[Uncarried, ...] = ()
    #: Peak resident set of its worker in bytes; of what is reused, of the worker that made it.
    peak_bytes: int = 0
    #: Of a task that runs, or ran when its run was broken off: what it had put out (nbformat).
    words: tuple[Mapping[str, Any], ...] = ()


class RunRecord(msgspec.Struct, frozen=True):
    """One execution of a flow."""

    #: Short sortable id, unique in the store.
    id: str
    #: Absolute path of the notebook.
    notebook: str
    #: Stem of the notebook's name.
    flow: str
    #: Parameter values as Python writes them.
    parameters: Mapping[str, str]
    status: RunStatus
    started: float
    seconds: float = 0.0
    #: Not there where only runs are listed: they are read when somebody asks for them.
    tasks: tuple[TaskRun, ...] = ()
    #: Names of the steps that were asked for; none when all were.
    steps: tuple[str, ...] = ()
    #: Constructs in the run that nbflow cannot vouch for.
    hazards: tuple[Problem, ...] = ()
    #: Who ran it, and on which machine; empty where the system does not tell.
    user: str = ""
    host: str = ""
    #: What the notebook's repository had checked out, and whether files of it had been changed
    #: since; empty and None where there is none, or nobody could tell in time.
    commit: str = ""
    dirty: bool | None = None
    #: Digests of its tasks, of the notebook as it was, and of what its tasks have looked at.
    story: Digest | None = None
    document: Digest | None = None
    surroundings: Digest | None = None
    #: What people say of it.
    tags: tuple[str, ...] = ()
    note: str = ""
