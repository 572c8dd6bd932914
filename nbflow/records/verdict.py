"""Verdicts on tasks: reuse, run for these reasons, or unknown yet."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from nbflow.records.reason import Reason
from nbflow.records.task import TaskRecord


class Reuse(msgspec.Struct, frozen=True):
    """The record holds: its outputs are this task's outputs."""

    record: TaskRecord
    #: What is to be said of it: that it was accepted, or did not come out the same again.
    reasons: tuple[Reason, ...] = ()


class Run(msgspec.Struct, frozen=True):
    """The task must run."""

    reasons: tuple[Reason, ...]


class Unknown(msgspec.Struct, frozen=True):
    """It depends on what these steps give when they have run."""

    waiting_on: tuple[str, ...]


Verdict: TypeAlias = Reuse | Run | Unknown
