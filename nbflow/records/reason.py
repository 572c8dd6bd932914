"""Why a task runs: one difference, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
