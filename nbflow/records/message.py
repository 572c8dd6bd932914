"""The messages between the scheduler and its workers: one request in, events out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.problem import Problem
from nbflow.records.task import Change, ErrorText, Fact, Shared, Uncarried


class Source(msgspec.Struct, frozen=True):
    """A piece of the notebook's source, and the place that tracebacks name for it."""

    text: str
    #: Cell number, as in ``cell [3]``.
    number: int
    #: 1-based line of the text's first line in its cell.
    line: int = 1
    #: Step name; empty for ordinary cells.
    step: str = ""
    #: Whether an exception ends it without ending what follows.
    may_raise: bool = False


class Replay(msgspec.Struct, frozen=True):
    """A step carried out once more within a task, for values that only one process can hold."""

    body: Source
    definitions: tuple[tuple[Source, tuple[str, ...]], ...]
    held: Mapping[int, tuple[str, ...]]
    #: As that step itself had them.
    inputs: Mapping[str, Artifact]
    settings: Mapping[str, Artifact] = {}
    seed: int = 0
    env: Mapping[str, str] = {}
    #: Names that the body's own definitions bind.
    defines: tuple[str, ...] = ()
    #: Files that the step wrote, and whether they were not there before.
    files: tuple[tuple[str, bool], ...] = ()
    #: What it has from replays before it, as in a request.
    replayed: tuple[str, ...] = ()
    left: Mapping[str, str] = {}


class TaskRequest(msgspec.Struct, frozen=True):
    """Everything a worker needs to run one task."""

    #: ``"primes[0]"``; unique in the run.
    task: str
    #: ``body`` runs the step's body; ``splits`` evaluates a foreach's clause into its items.
    kind: Literal["body", "splits"]
    #: The body; for ``splits`` an expression that gives the list of items.
    body: Source
    #: Run before everything else: set-up cells and configuration magics.
    setup: tuple[Source, ...]
    #: Definitions reached, in document order, with the names each needs when it is executed.
    definitions: tuple[tuple[Source, tuple[str, ...]], ...]
    #: Names the worker loads before the body runs, and generators whose state it takes over.
    inputs: Mapping[str, Artifact]
    #: Names to store afterwards, and ambient states; those left unbound or as they were found are
    #: reported as absent.
    outputs: tuple[str, ...]
    #: Names of which those that share objects are stored together.
    together: tuple[str, ...] = ()
    #: Names that the body's own definitions bind: never stored, never reported.
    defines: tuple[str, ...] = ()
    #: By place among the definitions: inputs that hold already what its execution does to them.
    held: Mapping[int, tuple[str, ...]] = {}
    #: For a split: the assignment target (``"k, v"``) and the item bound to it.
    target: str = ""
    item: Artifact | None = None
    #: Content of the small artifacts among the inputs, by digest.
    data: Mapping[Digest, bytes] = {}
    #: Settings that steps above have changed, as they left them.
    settings: Mapping[str, Artifact] = {}
    seed: int = 0
    env: Mapping[str, str] = {}
    #: Files whose content counts (``--file``), relative to ``cwd``.
    files: tuple[str, ...] = ()
    #: Files of the flow that it may read or write: what each of them holds now, by path.
    watched: Mapping[str, str] = {}
    #: Those of them that its source seems to read.
    watched_reads: tuple[str, ...] = ()
    #: States and digests of files that it read when it ran last: what is still in such a state
    #: need not be read again.
    known: Mapping[str, tuple[int, str]] = {}
    #: Working directory: the notebook's.
    cwd: str = "."
    #: Root directory of the local artifacts.
    artifacts: str = ""
    #: Modules that cells above import: what they say as they are loaded, those have said.
    imported: frozenset[str] = frozenset()
    #: Steps to carry out first, in document order, and the names that the task reads from them.
    replays: tuple[Replay, ...] = ()
    replayed: tuple[str, ...] = ()
    #: All names that the replays leave, and which step has changed each of them in place since:
    #: those that a replayed value shares an object with.
    left: Mapping[str, str] = {}


class Output(msgspec.Struct, frozen=True, tag="output"):
    """One output message, live: an nbformat output, or an update to an earlier one.

    ``content["output_type"]`` is ``stream``, ``display_data``, ``execute_result``, or (live only)
    ``update_display_data`` or ``clear_output``.
    """

    task: str
    content: dict[str, Any]


class Finished(msgspec.Struct, frozen=True, tag="finished"):
    """The body ran to its end and its outputs are stored (or named as uncarried)."""

    task: str
    outputs: dict[str, Artifact]
    items: tuple[Artifact, ...] = ()
    absent: tuple[str, ...] = ()
    uncarried: tuple[Uncarried, ...] = ()
    facts: tuple[Fact, ...] = ()
    #: Installed packages that it used.
    packages: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    #: Files that it may have changed: a program was given their names, and they are others now.
    guesses: tuple[str, ...] = ()
    shares: tuple[Shared, ...] = ()
    hazards: tuple[Problem, ...] = ()
    #: How much of ``seconds`` went into steps that were carried out once more.
    replay_seconds: float = 0.0
    #: The recorded outputs of the cell, consolidated as a front end would; bounded in size.
    log: Artifact | None = None
    #: Content of the small artifacts among the results, by digest, for the scheduler to commit.
    data: dict[Digest, bytes] = {}
    seconds: float = 0.0
    peak_bytes: int = 0


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """The body raised, or the worker died (then ``error`` says how)."""

    task: str
    error: ErrorText
    log: Artifact | None = None
    data: dict[Digest, bytes] = {}
    seconds: float = 0.0
    peak_bytes: int = 0
    #: Artifacts whose content was missing or damaged: the body has not run.
    lost: tuple[str, ...] = ()
    #: The name that the body asked for in vain, as ``exec("x + 1")`` does unseen.
    unbound: str = ""
    #: Names of the files that it looked at, as far as it came.
    files: tuple[str, ...] = ()


class Started(msgspec.Struct, frozen=True, tag="started"):
    """A worker process has begun with the task."""

    task: str
    pid: int


class Writing(msgspec.Struct, frozen=True, tag="writing"):
    """A task is about to write, move or remove a file for the first time."""

    task: str
    path: str
    #: What the file held before; None where there was none, or it is too large to keep.
    before: Artifact | None = None
    data: dict[Digest, bytes] = {}


WorkerEvent: TypeAlias = Output | Finished | Failed | Started | Writing
