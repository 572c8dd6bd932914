"""Why a task runs, or what is to be said of what is reused: one reason, as data."""

from __future__ import annotations

from typing import Literal

import msgspec

ReasonKind = Literal[
    "failed",
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
    "hazard",
    "upstream",
    "accepted",
]


class Reason(msgspec.Struct, frozen=True):
    """One difference that makes a task run, or something to know about its result."""

    kind: ReasonKind
    #: What differs: a name, a path, a step.
    subject: str = ""
    #: The old and the new state, for people; for source the lines themselves.
    before: str = ""
    after: str = ""
