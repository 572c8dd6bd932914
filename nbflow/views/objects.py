"""The JSON objects that programs read: the one place that knows their shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from nbflow.errors import NbflowError
from nbflow.flow import Flow, FlowStep
from nbflow.plan import Plan, StepPlan
from nbflow.records.artifact import Artifact
from nbflow.records.problem import Problem
from nbflow.records.reason import Reason
from nbflow.records.task import ErrorText, RunRecord, TaskRun
from nbflow.views.plan import state

Object: TypeAlias = dict[str, Any]


def text(value: object) -> str:
    """An object as the JSON text that ``--json`` prints."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def run(subject: RunRecord, problems: Iterable[Problem] = ()) -> Object:
    """A run as ``nbflow run --json`` prints it."""
    return {
        "run": subject.id,
        "status": subject.status,
        "seconds": subject.seconds,
        "tasks": [task(each) for each in subject.tasks],
        "problems": [problem(each) for each in problems],
        "hazards": [problem(each) for each in subject.hazards],
    }


def refused(problems: Iterable[Problem]) -> Object:
    """A run that could not start, in the shape of a run."""
    return {
        "run": None,
        "status": "failed",
        "seconds": 0.0,
        "tasks": [],
        "problems": [problem(each) for each in problems],
        "hazards": [],
    }


def task(subject: TaskRun) -> Object:
    """What became of one task; with its error when it failed."""
    told: Object = {
        "task": subject.task,
        "step": subject.step,
        "index": subject.index,
        "status": subject.status,
        "seconds": subject.seconds,
        "replayed": list(subject.replayed),
        "reasons": [reason(each) for each in subject.reasons],
        "outputs": {name: artifact(each) for name, each in subject.outputs.items()},
        "uncarried": {one.name: one.told for one in subject.uncarried},
    }
    if subject.error is not None:
        told["error"] = error_text(subject.error)
    return told


def reason(subject: Reason) -> Object:
    """A reason: its kind, and the parts that it has."""
    parts = {"subject": subject.subject, "before": subject.before, "after": subject.after}
    return {"kind": subject.kind, **{name: part for name, part in parts.items() if part}}


def artifact(subject: Artifact) -> Object:
    """An artifact: enough to compare and to find it."""
    return {"digest": subject.digest, "type": subject.type, "bytes": subject.bytes}


def error_text(subject: ErrorText) -> Object:
    """A task's exception, as text."""
    return {
        "name": subject.name,
        "message": subject.message,
        "traceback": list(subject.traceback),
        "number": subject.number,
        "line": subject.line,
    }


def problem(subject: Problem) -> Object:
    """A problem or hazard."""
    return {
        "code": subject.code,
        "severity": subject.severity,
        "cell": subject.cell,
        "number": subject.number,
        "line": subject.line,
        "message": subject.message,
        "remedy": subject.remedy,
    }


def as_problem(subject: NbflowError) -> Problem:
    """An error that ended a command, as a problem of the notebook as a whole."""
    name = type(subject).__name__.removesuffix("Error")
    code = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
    return Problem(code.lstrip("-"), subject.message, subject.remedy)


def problems(subjects: Iterable[Problem]) -> Object:
    """What a command other than ``run`` prints when it cannot do its work."""
    return {"problems": [problem(each) for each in subjects]}


def plan(subject: Plan, problems: Iterable[Problem] = ()) -> Object:
    """A plan: a verdict for each step, with its reasons and the expected seconds."""
    return {
        "steps": [step_plan(each) for each in subject.steps],
        "problems": [problem(each) for each in problems],
    }


def step_plan(subject: StepPlan) -> Object:
    """The verdict on one step."""
    return {
        "step": subject.step,
        "cell": subject.cell,
        "verdict": subject.verdict,
        "reasons": [reason(each) for each in subject.reasons],
        "waiting_on": list(subject.waiting_on),
        "replays": list(subject.replays),
        "tasks": subject.tasks,
        "reused": subject.reused,
        "seconds": subject.seconds,
    }


def status(flow: Flow, subject: Plan, problems: Iterable[Problem] = ()) -> Object:
    """What is current: each step with its state, and the names it reads and gives."""
    return {
        "flow": flow.name,
        "steps": [
            {**step_plan(each), "status": state(each), **_names(flow.steps[each.cell])}
            for each in subject.steps
        ],
        "problems": [problem(each) for each in problems],
    }


def graph(flow: Flow, problems: Iterable[Problem] = ()) -> Object:
    """The steps of a flow, and the names that travel between their cells."""
    return {
        "flow": flow.name,
        "steps": [
            {
                "step": step.name,
                "cell": step.id,
                "number": step.step.cell.number,
                "kind": step.step.kind,
                **_names(step),
            }
            for step in flow.steps.values()
        ],
        "edges": [
            {
                "source": edge.source,
                "target": edge.target,
                "names": list(edge.names),
                "replayed": edge.replayed,
            }
            for edge in flow.edges()
        ],
        "problems": [problem(each) for each in problems],
    }


def _names(step: FlowStep) -> Object:
    inputs = dict.fromkeys((*step.clause.inputs, *step.body.inputs))
    return {"inputs": list(inputs), "outputs": list(step.outputs)}


def runs(subjects: Iterable[RunRecord]) -> list[Object]:
    """The history: each run without its tasks."""
    return [
        {
            "run": subject.id,
            "flow": subject.flow,
            "status": subject.status,
            "started": subject.started,
            "seconds": subject.seconds,
            "parameters": dict(subject.parameters),
            "steps": list(subject.steps),
        }
        for subject in subjects
    ]


def tasks(subjects: Iterable[TaskRun]) -> list[Object]:
    """Some tasks of a run."""
    return [task(subject) for subject in subjects]


def value(name: str, subject: object) -> Object:
    """A value: itself where JSON can say it, else as Python writes it."""
    try:
        json.dumps(subject, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        return {"name": name, "type": type(subject).__qualname__, "repr": repr(subject)}
    return {"name": name, "type": type(subject).__qualname__, "value": subject}


def logs(outputs: Mapping[str, Sequence[Mapping[str, Any]]]) -> Object:
    """The recorded outputs of tasks, as nbformat has them."""
    return {task: list(each) for task, each in outputs.items()}
