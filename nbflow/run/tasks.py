"""The scheduler's vocabulary: tasks and their legal moves, events in, instructions out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from nbflow.flow import FlowStep, Part
from nbflow.plan import Call
from nbflow.plan.plan import outputs_of
from nbflow.records.artifact import Artifact
from nbflow.records.reason import Reason
from nbflow.records.task import ErrorText, Status, TaskRecord, TaskRun, stays
from nbflow.records.verdict import Reuse, Run
from nbflow.steps import INTERACTIVE_NAMES
from nbflow.store.codecs import Encoded

State: TypeAlias = Literal[
    "waiting", "deciding", "ready", "running", "completed", "cached", "failed", "cancelled",
    "skipped",
]  # fmt: skip

#: Every legal move; anything else is a bug, and raises with the task's story.
MOVES: frozenset[tuple[State, State]] = frozenset(
    {
        ("waiting", "deciding"),
        ("waiting", "skipped"),
        ("waiting", "failed"),
        ("waiting", "cancelled"),
        # The clause of a foreach that follows another's output: as that one's.
        ("waiting", "completed"),
        ("waiting", "cached"),
        ("deciding", "cached"),
        ("deciding", "ready"),
        ("deciding", "cancelled"),
        ("ready", "running"),
        ("ready", "cancelled"),
        # What it would read is another by now: it waits for the new start.
        ("deciding", "waiting"),
        ("ready", "waiting"),
        ("running", "completed"),
        ("running", "failed"),
        ("running", "cancelled"),
        # What it reads, or what it gave, was lost from the store.
        ("running", "waiting"),
        ("completed", "waiting"),
        ("cached", "waiting"),
    }
)
TERMINAL: frozenset[State] = frozenset({"completed", "cached", "failed", "cancelled", "skipped"})
#: A task in one of these goes on by itself.
ACTIVE: frozenset[State] = frozenset({"deciding", "ready", "running"})
_STATUS: Mapping[State, Status] = {"waiting": "queued", "deciding": "queued", "ready": "queued"}


# --- events --------------------------------------------------------------------------------------


class Decided(msgspec.Struct, frozen=True):
    """The cache was asked."""

    task: str
    verdict: Reuse | Run


class Completed(msgspec.Struct, frozen=True):
    """A worker finished, and its record is committed."""

    task: str
    record: TaskRecord
    #: What came out differently before, for the very same inputs.
    doubt: Reason | None = None


class Failed(msgspec.Struct, frozen=True):
    """A task raised, or its worker died."""

    task: str
    error: ErrorText
    seconds: float = 0.0
    log: Artifact | None = None
    #: A name that the task asked for and that nobody had given it.
    unbound: str = ""
    #: Names of the files that it looked at.
    files: Collection[str] = ()
    peak_bytes: int = 0


class Corrupt(msgspec.Struct, frozen=True):
    """A task could not begin: the content of artifacts that it reads is missing or damaged."""

    task: str
    digests: Collection[str]


class Cancel(msgspec.Struct, frozen=True):
    """The user asked to stop: nothing more starts, and what runs is killed."""


Event: TypeAlias = Decided | Completed | Failed | Corrupt | Cancel


# --- instructions --------------------------------------------------------------------------------


class Decide(msgspec.Struct, frozen=True):
    """Ask the cache about this call; answer with ``Decided``."""

    call: Call


class Launch(msgspec.Struct, frozen=True):
    """Start a worker on this call; answer with ``Completed``, ``Failed`` or ``Corrupt``."""

    call: Call


class Kill(msgspec.Struct, frozen=True):
    """End the worker of this task; answer with ``Failed`` as for any death."""

    task: str


class Keep(msgspec.Struct, frozen=True):
    """Store this list of splits' artifacts; no answer is needed."""

    encoded: Encoded


class Report(msgspec.Struct, frozen=True):
    """A task's status changed."""

    run: TaskRun


Instruction: TypeAlias = Decide | Launch | Kill | Keep | Report


# --- state ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Task:
    """One task of the run."""

    name: str
    step: FlowStep
    part: Part
    index: int | None = None
    item: Artifact | None = None
    occurrence: int = 0
    state: State = "waiting"
    #: All states it has been in, for the message of an illegal move.
    story: list[State] = field(default_factory=lambda: ["waiting"])
    #: Set from ``deciding`` on.
    call: Call | None = None
    reasons: tuple[Reason, ...] = ()
    #: Set when completed or cached.
    record: TaskRecord | None = None
    #: Of a foreach's clause, once all splits have ended: the lists of their outputs.
    joined: dict[str, Artifact] = field(default_factory=dict)
    error: ErrorText | None = None
    log: Artifact | None = None
    seconds: float = 0.0
    peak_bytes: int = 0
    #: Its record, while it runs again because some of what it gave was lost.
    former: TaskRecord | None = None
    #: How often it has run again for that reason, and the tasks that wait for it.
    remade: int = 0
    readers: list[Task] = field(default_factory=list)
    #: How many such tasks it waits for itself.
    awaits: int = 0

    def run(self) -> TaskRun:
        """The task as history and views see it."""
        record = self.record
        names = [n for n in self.step.outputs if n.isidentifier() and n not in INTERACTIVE_NAMES]
        held = outputs_of(record, names) if record else {}
        outputs = {name: held[name] for name in names if name in held}
        left = stays(record) if record else {}
        return TaskRun(
            task=self.name,
            cell=self.step.id,
            step=self.step.name,
            index=self.index,
            status=_STATUS.get(self.state, self.state),  # type: ignore[arg-type]
            seconds=self.seconds,
            key=self.call.key if self.call else None,
            reasons=self.reasons,
            outputs={**outputs, **self.joined} if self.joined else outputs,
            log=record.log if record else self.log,
            error=self.error,
            started=record.started if record else 0.0,
            replayed=record.replayed if record else (),
            replay_seconds=record.replay_seconds if record else 0.0,
            peak_bytes=record.peak_bytes if record else self.peak_bytes,
            uncarried=tuple(left[name] for name in names if name in left and name not in held),
        )


@dataclass(slots=True)
class Splits:
    """The splits of one foreach, as far as they are known."""

    tasks: dict[int, Task] = field(default_factory=dict)
    #: How many there will be; None until the clause, or the foreach followed, has told.
    total: int | None = None
    #: Splits in a terminal state, and those of them that gave no outputs.
    ended: int = 0
    failed: int = 0
    #: How often each item digest has come up.
    seen: Counter[str] = field(default_factory=Counter)
