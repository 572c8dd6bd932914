"""The JSON objects that programs read: the one place that knows their shapes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from nbflow.errors import NbflowError
from nbflow.flow import Flow, FlowStep
from nbflow.plan import Plan, StepPlan
from nbflow.records.artifact import Artifact
from nbflow.records.problem import Problem
from nbflow.records.reason import Reason
from nbflow.records.task import ErrorText, RunRecord, TaskRun
from nbflow.records.verification import Verification
from nbflow.store.collecting import Collected
from nbflow.store.damage import Checked
from nbflow.views.plan import state
from nbflow.views.store import Usage

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


def past_run(subject: RunRecord) -> Object:
    """A run of the history, with all that is recorded of it."""
    return {**run(subject), **listed(subject)}


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
        "peak_bytes": subject.peak_bytes,
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
    """What ``check`` prints, and a command other than ``run`` that cannot do its work."""
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
    return [listed(subject) for subject in subjects]


def listed(subject: RunRecord) -> Object:
    """One run of the history without its tasks."""
    return {
        "run": subject.id,
        "flow": subject.flow,
        "notebook": subject.notebook,
        "status": subject.status,
        "started": subject.started,
        "seconds": subject.seconds,
        "parameters": dict(subject.parameters),
        "steps": list(subject.steps),
        "tags": list(subject.tags),
        "note": subject.note,
        "user": subject.user,
        "host": subject.host,
        "commit": subject.commit,
        "dirty": subject.dirty,
    }


def reopened(run: str, path: str, lost: Iterable[str]) -> Object:
    """Where the notebook of a run was written, and the steps whose outputs are gone."""
    return {"run": run, "notebook": path, "collected": list(lost)}


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


def usage(root: str, subject: Usage) -> Object:
    """What a store holds, by flow and step."""
    return {
        "store": root,
        "bytes": subject.bytes,
        "unneeded": subject.unneeded,
        "aside": subject.aside,
        "flows": [
            {
                "flow": flow,
                "bytes": size,
                "steps": [
                    {
                        "step": step.step,
                        "cell": step.cell,
                        "results": step.results,
                        "bytes": step.bytes,
                        "used": step.used,
                    }
                    for step in subject.steps
                    if step.flow == flow
                ],
            }
            for flow, size in subject.flows.items()
        ],
    }


def collected(subject: Collected, dry_run: bool) -> Object:
    """What was freed of a store, or would be."""
    return {
        "dry_run": dry_run,
        "results": subject.results,
        "artifacts": subject.artifacts,
        "freed": subject.freed,
        "left": subject.left,
        "live": list(subject.live),
    }


def checked(subject: Checked) -> Object:
    """What is damaged in a store, and whether it was put aside."""
    return {
        "artifacts": subject.artifacts,
        "bytes": subject.bytes,
        "repaired": subject.repaired,
        "damages": [
            {"kind": each.kind, "digest": each.digest, "needed_by": list(each.needed_by)}
            for each in subject.damages
        ],
    }


def forgotten(flow: str, steps: Iterable[str], count: int) -> Object:
    """How many results of a flow, or of some of its steps, were forgotten."""
    return {"flow": flow, "steps": list(steps), "forgotten": count}


def verification(flow: str, subject: Verification) -> Object:
    """What came of doing the steps of a flow once more."""
    return {
        "flow": flow,
        "passed": subject.passed,
        "steps": [
            {
                "step": step.step,
                "cell": step.cell,
                "outcome": step.outcome,
                "tasks": step.tasks,
                "seconds": step.seconds,
                "differences": [reason(each) for each in step.differences],
                "uncompared": list(step.uncompared),
                "why": step.why,
            }
            for step in subject.steps
        ],
    }


def accepted(step: str, why: str, count: int) -> Object:
    """How many results of a step were accepted, and why."""
    return {"step": step, "accepted": why, "results": count}


def exported(to: str, folder: Path, files: Iterable[Path]) -> Object:
    """What an export has written, the files by their place in the folder."""
    names = [path.relative_to(folder).as_posix() for path in files]
    return {"to": to, "folder": str(folder), "files": names}
