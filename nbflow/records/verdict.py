"""Verdicts on tasks: reuse, run for these reasons, or unknown yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from nbflow.records.reason import Reason
from nbflow.records.task import TaskRecord


@dataclass(frozen=True, slots=True)
class Reuse:
    """The record holds: its outputs are this task's outputs."""

    record: TaskRecord
    #: What is to be said of it: that it was accepted, or did not come out the same again.
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """The task must run."""

    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """It depends on what these steps give when they have run."""

    waiting_on: tuple[str, ...]


Verdict: TypeAlias = Reuse | Run | Unknown
