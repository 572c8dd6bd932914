"""What a task reads: its call, once all is known; or what is missing, or will never come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import msgspec

from nbflow.flow import FlowStep, Part, Version
from nbflow.flow.scope import Placed
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.task import Recipe


@dataclass(frozen=True, slots=True)
class Lost:
    """A version that gives no value."""

    #: ``absent``: the step left the name unbound, so an older version shows through;
    #: ``uncarried``: the value cannot leave its process; ``failed``: its step gave nothing;
    #: ``removed``: of a file, that it is no longer there.
    why: Literal["absent", "uncarried", "failed", "removed"]
    #: For people: what cannot be carried, or which step failed.
    detail: str = ""
    #: How an uncarried value is made again, unless nothing can.
    replay: Replay | None = field(default=None, compare=False)
    #: Global names that code inside an uncarried value reads.
    free: tuple[str, ...] = ()


#: What is known of the versions so far; a version that is not there has yet to be computed.
Known: TypeAlias = Mapping[Version, Artifact | Lost]


#: A file at one place of the document; ``absent``: no step above has written it.
FileState: TypeAlias = Artifact | Lost


class Call(msgspec.Struct, frozen=True):
    """A task with everything it reads: what the cache looks up, and what a worker runs."""

    #: ``"load"``, ``"primes[3]"``; ``"primes[]"`` for a clause.
    task: str
    step: FlowStep
    part: Part
    index: int | None
    inputs: Mapping[str, Artifact]
    #: The item of a split.
    item: Artifact | None
    definitions: tuple[Placed, ...]
    recipe: Recipe
    fingerprint: Digest
    #: Digests of the inputs as the key and the record hold them; the item under ``for TARGET``.
    digests: Mapping[str, Digest]
    key: Digest
    #: Settings that steps above have changed. They are no part of the key: whether the task uses
    #: them is recorded with it.
    settings: Mapping[str, Artifact]
    #: What the files of the flow that it may use hold here, by path: as a step above has left
    #: them; where none has, as no step has ever written them. What of them it reads is recorded
    #: with it, too.
    files: Mapping[str, FileState]
    #: Steps to carry out first, in document order, for the names that cannot be carried here.
    replays: tuple[Replay, ...] = ()
    replayed: tuple[str, ...] = ()

    def reads(self) -> list[Artifact]:
        """All artifacts that its worker needs, of what it has to carry out first too."""
        calls = (self, *(replay.call for replay in self.replays))
        found = [a for call in calls for a in (*call.inputs.values(), *call.settings.values())]
        return found if self.item is None else [*found, self.item]

    def shown(self) -> dict[str, str]:
        """The inputs for people, by the names of ``digests``."""
        shown = {name: artifact.summary for name, artifact in self.inputs.items()}
        if self.item is not None and self.step.step.clause:
            shown[f"for {self.step.step.clause.target}"] = self.item.summary
        return shown


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A step that has completed, to be carried out once more."""

    call: Call
    #: Of all that makes it what it is, the replays within it included.
    digest: Digest
    #: Files that it wrote, and whether they were not there before.
    files: tuple[tuple[str, bool], ...]
    #: How long its own body took.
    seconds: float

    @property
    def step(self) -> FlowStep:
        return self.call.step


class Waiting(msgspec.Struct, frozen=True):
    """Some inputs have yet to be computed."""

    versions: tuple[Version, ...]


class Blocked(msgspec.Struct, frozen=True):
    """An input will never come."""

    name: str
    version: Version
    lost: Lost
