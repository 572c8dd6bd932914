"""Verdicts on tasks, and the reasons for them, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from nbflow.records.task import TaskRecord

ReasonKind = Literal[
    "never-ran",
    "source",
    "definition",
    "setup",
    "option",
    "input",
    "parameter",
    "file",
    "module",
    "package",
    "environment",
    "missing-artifact",
    "forced",
    "not-cached",
    "not-reproducible",
    "upstream",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One difference that makes a task run."""

    kind: ReasonKind
    #: What differs: a name, a path, a step.
    subject: str = ""
    #: The old and the new state, for people; for source the lines themselves.
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Reuse:
    """The record holds: its outputs are this task's outputs."""

    record: TaskRecord


@dataclass(frozen=True, slots=True)
class Run:
    """The task must run."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """It depends on what these steps give when they have run."""

    waiting_on: tuple[str, ...]


Verdict: TypeAlias = Reuse | Run | Unknown
