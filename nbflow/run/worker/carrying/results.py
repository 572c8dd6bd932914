"""What a task hands on, as it comes together."""

from __future__ import annotations

import resource
import sys
from dataclasses import dataclass, field

from nbflow.errors import UncarriableError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import Source
from nbflow.records.problem import Problem
from nbflow.records.task import Change, Shared, Uncarried


@dataclass
class Results:
    """Artifacts by name, and what else there is to tell."""

    outputs: dict[str, Artifact] = field(default_factory=dict)
    items: list[Artifact] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    uncarried: list[Uncarried] = field(default_factory=list)
    #: Files among the changes that others may have made.
    guesses: tuple[str, ...] = ()
    changes: list[Change] = field(default_factory=list)
    shares: list[Shared] = field(default_factory=list)
    hazards: list[Problem] = field(default_factory=list)
    #: Content of the small artifacts.
    data: dict[Digest, bytes] = field(default_factory=dict)


def hidden_mutation(body: Source, name: str) -> Problem:
    """A split changes what no other split sees."""
    return Problem(
        code="hidden-mutation",
        message=f"step `{body.step}` changes `{name}` in a way its source does not show",
        remedy=f"Assign the result to a name (`{name} = …`), or copy `{name}` before.",
        number=body.number,
        severity="warning",
    )


def unwritten(body: Source, name: str) -> Problem:
    """A step changes an array that another one has mapped from a file."""
    return Problem(
        code="unwritten-file",
        message=f"step `{body.step}` changes `{name}`, which another step has mapped from a file: "
        "the change does not reach the file",
        remedy=f"Map the file anew in this cell (`{name} = np.memmap(…, mode='r+')`), or make one "
        "step of the two cells.",
        number=body.number,
        severity="warning",
    )


def changed_while_read(subject: str) -> Problem:
    """A file was written while the task read it."""
    return Problem(
        code="file-changed-while-read",
        message=f"the file `{subject}` changed while the step was reading it",
        remedy="Run the step again once nobody writes the file.",
        severity="warning",
    )


def read_from_a_pipe(subject: str) -> Problem:
    """What it gave, it does not give again."""
    return Problem(
        code="pipe",
        message=f"`{subject}` is a pipe or a device, which the step reads: nobody can tell whether "
        "it would give the same again",
        remedy="The step runs each time; to keep what it reads, have another program write a file.",
        severity="warning",
    )


def uncarried(name: str, error: UncarriableError, free: tuple[str, ...]) -> Uncarried:
    """An output that stays in its process."""
    return Uncarried(name=name, path=error.path, type=error.type_name, why=error.why, free=free)


def in_use(name: str, value: object, free: tuple[str, ...]) -> Uncarried:
    """An output that code goes on with, in the process of the step."""
    why = "a thread or task that goes on may change it"
    return Uncarried(name=name, path=name, type=type(value).__name__, why=why, free=free)


def peak_bytes() -> int:
    """Peak resident set of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
