"""The shapes that ``--json`` prints, written down once: decoding into them validates."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from nbflow.records.reason import ReasonKind
from nbflow.records.task import FactKind, Status

StepStatus: TypeAlias = Literal[
    "fresh", "new", "stale", "failed", "unknown", "blocked", "not-reproducible"
]
Verdict: TypeAlias = Literal["reuse", "run", "unknown", "blocked"]


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """An object with exactly these keys."""


class Reason(Shape):
    kind: ReasonKind
    subject: str | UnsetType = UNSET
    before: str | UnsetType = UNSET
    after: str | UnsetType = UNSET


class Output(Shape):
    digest: str
    type: str
    bytes: int


class Error(Shape):
    name: str
    message: str
    traceback: list[str]
    number: int
    line: int


class Task(Shape):
    task: str
    step: str
    index: int | None
    status: Status
    seconds: float
    peak_bytes: int
    #: Steps that were carried out once more within it.
    replayed: list[str]
    reasons: list[Reason]
    outputs: dict[str, Output]
    #: Why these stay in the task's process.
    uncarried: dict[str, str]
    #: There when it failed.
    error: Error | UnsetType = UNSET


class Problem(Shape):
    code: str
    severity: Literal["error", "warning"]
    #: Cell id; None for the notebook as a whole.
    cell: str | None
    number: int
    line: int | None
    message: str
    remedy: str


class Run(Shape):
    """``run``."""

    #: None when nothing could run.
    run: str | None
    status: Literal["completed", "failed", "cancelled"]
    seconds: float
    tasks: list[Task]
    problems: list[Problem]
    hazards: list[Problem]


class StepPlan(Shape):
    """``why``."""

    step: str
    cell: str
    verdict: Verdict
    reasons: list[Reason]
    waiting_on: list[str]
    replays: list[str]
    tasks: int
    reused: int
    seconds: float | None


class Plan(Shape):
    """``plan``."""

    steps: list[StepPlan]
    problems: list[Problem]


class StepState(StepPlan):
    status: StepStatus
    inputs: list[str]
    outputs: list[str]


class State(Shape):
    """``status``."""

    flow: str
    steps: list[StepState]
    problems: list[Problem]


class GraphStep(Shape):
    step: str
    cell: str
    number: int
    kind: Literal["step", "foreach"]
    inputs: list[str]
    outputs: list[str]


class Edge(Shape):
    #: Cell ids.
    source: str
    target: str
    names: list[str]
    replayed: bool


class Graph(Shape):
    """``graph``."""

    flow: str
    steps: list[GraphStep]
    edges: list[Edge]
    problems: list[Problem]


class OneOfRuns(Shape):
    run: str
    flow: str
    #: Absolute path.
    notebook: str
    status: Literal["running", "completed", "failed", "cancelled", "interrupted"]
    #: Seconds since the epoch.
    started: float
    seconds: float
    #: Values as Python writes them.
    parameters: dict[str, str]
    steps: list[str]
    tags: list[str]
    note: str
    user: str
    host: str
    commit: str
    #: None where nobody could tell.
    dirty: bool | None


class PastRun(OneOfRuns):
    """``show RUN``."""

    tasks: list[Task]
    problems: list[Problem]
    hazards: list[Problem]


class ComparedRun(OneOfRuns):
    #: Cells; None where nobody can tell.
    other_code: list[str] | None


class Varied(Shape):
    name: str
    #: Of each run; None of one that has none.
    values: list[str | None]
    differs: bool


class Surrounding(Varied):
    kind: FactKind


class CellCode(Shape):
    cell: str
    sources: list[str | None]


class StepTimes(Shape):
    step: str
    seconds: list[float | None]
    statuses: list[Status | None]
    peak_bytes: list[int | None]


class Column(Shape):
    name: str
    type: str
    low: float | None
    mean: float | None
    high: float | None
    missing: int


class Given(Shape):
    state: Literal["there", "collected", "stays"]
    summary: str
    digest: str | None
    number: float | None = None
    columns: list[Column] | UnsetType = UNSET


class ComparedOutput(Shape):
    step: str
    name: str
    differs: bool
    given: list[Given | None]
    #: Of numbers: which runs gave the greatest, and the least.
    max: list[int] | UnsetType = UNSET
    min: list[int] | UnsetType = UNSET


class PutOut(Shape):
    step: str
    texts: list[str | None]
    #: How many.
    pictures: list[int]
    collected: list[bool]


class Comparison(Shape):
    """``compare``: whatever has one entry for each run is in their order."""

    runs: list[ComparedRun]
    parameters: list[Varied]
    code: list[CellCode]
    surroundings: list[Surrounding]
    steps: list[StepTimes]
    outputs: list[ComparedOutput]
    put_out: list[PutOut]


class SweptRun(OneOfRuns):
    """One of ``sweep``."""

    #: None of one that is infinite, or not a number.
    numbers: dict[str, float | None]


class Rerun(Run):
    """``rerun``."""

    #: The earlier run.
    of: str
    changed: list[Reason]
    #: Cells, and names of outputs.
    other_code: list[str]
    other_outputs: list[str]


class Reopened(Shape):
    """``open`` and ``restore``."""

    run: str
    notebook: str
    #: Steps whose outputs are gone.
    collected: list[str]


class Value(Shape):
    """``show RUN/STEP/NAME``: ``value`` where JSON can say it, else ``repr``."""

    name: str
    type: str
    value: Any = UNSET
    repr: str | UnsetType = UNSET


class StepUsage(Shape):
    step: str
    cell: str
    results: int
    bytes: int
    #: Seconds since the epoch.
    used: float


class FlowUsage(Shape):
    flow: str
    bytes: int
    steps: list[StepUsage]


class Usage(Shape):
    """``store``."""

    store: str
    bytes: int
    unneeded: int
    aside: int
    flows: list[FlowUsage]


class Collected(Shape):
    """``gc``."""

    dry_run: bool
    results: int
    artifacts: int
    freed: int
    left: int
    live: list[str]


class Damage(Shape):
    kind: Literal["damaged", "missing"]
    digest: str
    #: ``flow/step/name``.
    needed_by: list[str]


class Checked(Shape):
    """``store verify``."""

    artifacts: int
    bytes: int
    repaired: bool
    damages: list[Damage]


class Forgotten(Shape):
    """``clear``."""

    flow: str
    steps: list[str]
    forgotten: int


class StepVerification(Shape):
    step: str
    cell: str
    outcome: Literal["same", "different", "failed", "skipped"]
    tasks: int
    seconds: float
    differences: list[Reason]
    uncompared: list[str]
    why: str


class Verification(Shape):
    """``verify``."""

    flow: str
    passed: bool
    steps: list[StepVerification]


class Accepted(Shape):
    """``accept``."""

    step: str
    accepted: str
    results: int


class Failing(Shape):
    number: int
    error: str


class ConvertedCell(Shape):
    #: Of the original cells that it is made of.
    numbers: list[int]
    became: Literal["step", "foreach", "parameters", "setup", "ordinary", "kept"]
    name: str
    clause: str
    why: str
    #: None when nothing was run.
    verdict: Literal["equal", "varies", "differs", "unreached"] | None
    difference: str


class Converted(Shape):
    """``convert``."""

    #: None when nothing was written.
    output: str | None
    equal: bool | None
    #: What the flow is warned of; cells are numbered as in the original.
    warnings: list[Problem]
    fails: Failing | None
    cells: list[ConvertedCell]


class Refusal(Shape):
    """``check``, and a command other than ``run`` that cannot do its work."""

    problems: list[Problem]


#: ``runs``; ``show RUN/STEP``; ``logs``: nbformat outputs by task.
Runs: TypeAlias = list[OneOfRuns]
Tasks: TypeAlias = list[Task]
Logs: TypeAlias = dict[str, list[dict[str, Any]]]
