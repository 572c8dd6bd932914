"""One run, step, split or value from the history; and what a task put out."""

from __future__ import annotations

import pprint
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nbflow.records.artifact import Artifact
from nbflow.records.task import RunRecord, TaskRun
from nbflow.views.durations import duration, moment, size
from nbflow.views.folding import StepTasks
from nbflow.views.problems import traceback
from nbflow.views.reasons import phrase
from nbflow.views.runs import parameters
from nbflow.views.tasks import table
from nbflow.views.text import WIDTH, columns, mark, paint, plural


def run(subject: RunRecord) -> str:
    """When, with which parameters, and what became of each step."""
    head = f"{subject.flow} · run {subject.id} · {moment(subject.started)}"
    given = parameters(subject.parameters)
    return "\n".join([head, *([given] if given else []), "", table(subject)])


def step(subject: StepTasks) -> str:
    """The tasks of one step, with what each gave."""
    if not subject.foreach:
        return "\n".join(task(each) for each in subject.tasks)
    rows = [
        (each.task, each.status, duration(each.seconds), _given(each.outputs))
        for each in subject.tasks
    ]
    lines = [
        f"  {mark(each.status)} {line}"
        for each, line in zip(subject.tasks, columns(rows, (28, 9, 9), right=2), strict=True)
    ]
    head = f"{subject.step} · {plural(len(subject.tasks), 'split')} · {duration(subject.seconds)}"
    return "\n".join([head, *lines])


def task(subject: TaskRun) -> str:
    """One task: status, time, reasons, and each output with its type and size."""
    lines = [
        f"{mark(subject.status)} {subject.task} · {subject.status} · {duration(subject.seconds)}"
    ]
    lines += [f"  {phrase(reason)}" for reason in subject.reasons]
    rows = [
        (name, artifact.summary, size(artifact.bytes), artifact.digest[:12])
        for name, artifact in subject.outputs.items()
    ]
    lines += [f"    {line}" for line in columns(rows, (24, 28, 9), right=2)]
    if subject.error is not None:
        lines += ["", traceback(subject.error)]
    return "\n".join(lines)


def value(subject: object) -> str:
    """A value as Python writes it, in as few lines as its own repr allows."""
    return pprint.pformat(subject, width=WIDTH, compact=True, sort_dicts=False)


def log(outputs: Iterable[Mapping[str, Any]]) -> str:
    """What a task put out, as a terminal shows it: streams as they are, displays as text."""
    return "".join(_shown(output) for output in outputs)


def heading(name: str) -> str:
    """The line above what one of several tasks put out."""
    return paint(f"── {name}", "quiet")


def _given(outputs: Mapping[str, Artifact]) -> str:
    return ", ".join(f"{name} {artifact.summary}" for name, artifact in outputs.items())


def _shown(output: Mapping[str, Any]) -> str:
    match output["output_type"]:
        case "stream":
            return _joined(output["text"])
        case "error":
            return _joined([f"{line}\n" for line in output["traceback"]])
        case _:
            data: Mapping[str, Any] = output.get("data", {})
            if "text/plain" in data:
                return _joined(data["text/plain"]) + "\n"
            return f"<{', '.join(sorted(data))}>\n"


def _joined(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else "".join(text)
