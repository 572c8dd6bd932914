"""What tasks gave and put out, as the history has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nbflow.records.artifact import Artifact
from nbflow.records.task import ErrorText, TaskRecord, TaskRun, Uncarried
from nbflow.store.store import Store


class Logs(list[Mapping[str, Any]]):
    """Outputs of a step or task (nbformat), in order."""

    def __str__(self) -> str:
        return "".join(map(_as_text, self))


def _as_text(output: Mapping[str, Any]) -> str:
    """An output as a terminal shows it: streams as they are, displays as text."""
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


def logged(store: Store, task: TaskRun | TaskRecord) -> list[dict[str, Any]]:
    """What a store has recorded of a task's outputs (nbformat)."""
    if task.log is None:
        return [dict(each) for each in task.words] if isinstance(task, TaskRun) else []
    outputs = store.load(task.log)
    assert isinstance(outputs, list)
    return outputs


def said(store: Store, task: TaskRun) -> list[dict[str, Any]]:
    """The same, with the error at its end where the task has failed."""
    return [*logged(store, task), *([error_output(task.error)] if task.error else [])]


def error_output(error: ErrorText) -> dict[str, Any]:
    """An error as an output (nbformat)."""
    traceback = list(error.traceback) or [f"{error.name}: {error.message}"]
    told = {"ename": error.name, "evalue": error.message, "traceback": traceback}
    return {"output_type": "error", **told}


def outputs_by_name(tasks: Sequence[TaskRun]) -> Mapping[str, Artifact]:
    """Artifacts of one step's tasks; a foreach's clause holds the lists over its splits."""
    whole = [task for task in tasks if task.index is None] or tasks
    return {name: artifact for task in whole for name, artifact in task.outputs.items()}


def stayed_by_name(tasks: Sequence[TaskRun]) -> Mapping[str, Uncarried]:
    """What one step's tasks gave under a name, and could not hand on."""
    return {one.name: one for task in tasks for one in task.uncarried}
