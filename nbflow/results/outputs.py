"""What tasks gave and put out, as the history has it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nbflow.errors import StoreError
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


def logged(store: Store, task: TaskRun | TaskRecord, run: str = "") -> list[dict[str, Any]]:
    """What a store has recorded of a task's outputs (nbformat), as the task itself left them.

    Parameters
    ----------
    run
        Id of the run that the task is of, for what is said when they are gone.

    Raises
    ------
    StoreError
        They are not kept any more, or damaged.
    """
    return next(settled([recorded(store, task, run)]))


def recorded(store: Store, task: TaskRun | TaskRecord, run: str = "") -> list[dict[str, Any]]:
    """The same, as a front end was told: displays with their ids, and updates of other cells'."""
    if task.log is None:
        return [dict(each) for each in task.words] if isinstance(task, TaskRun) else []
    name = task.task if isinstance(task, TaskRun) else task.step
    outputs = fetched(store, task.log, f"what `{name}` put out", run)
    assert isinstance(outputs, list)
    return outputs


def settled(tasks: Iterable[list[dict[str, Any]]]) -> Iterator[list[dict[str, Any]]]:
    """The outputs (nbformat) of tasks one after another, as the updates below leave them.

    >>> here = {"transient": {"display_id": "here"}}
    >>> above = [{"output_type": "display_data", "data": {"text/plain": "1"}, **here}]
    >>> below = [{"output_type": "update_display_data", "data": {"text/plain": "2"}, **here}]
    >>> list(settled([above, below]))
    [[{'output_type': 'display_data', 'data': {'text/plain': '2'}}], []]
    """
    displays: dict[str, list[dict[str, Any]]] = {}
    whole: list[list[dict[str, Any]]] = []
    for outputs in tasks:
        whole.append(kept := [])
        for output in outputs:
            identifier = output.get("transient", {}).get("display_id")
            plain = {key: value for key, value in output.items() if key != "transient"}
            if identifier is not None:
                for above in displays.setdefault(identifier, []):
                    above |= {key: plain[key] for key in ("data", "metadata") if key in plain}
            if plain["output_type"] != "update_display_data":
                kept.append(plain)
                if identifier is not None:
                    displays[identifier].append(plain)
    yield from whole


def said(store: Store, task: TaskRun, run: str = "") -> list[dict[str, Any]]:
    """The same, with the error at its end where the task has failed."""
    return [*logged(store, task, run), *([error_output(task.error)] if task.error else [])]


def fetched(
    store: Store,
    artifact: Artifact,
    what: str,
    run: str = "",
    namespace: dict[str, Any] | None = None,
) -> object:
    """The value of an artifact that a run of the past has left.

    Raises
    ------
    StoreError
        It is not kept any more, or damaged, or its class is in a module that is not found here.
    """
    if not store.present([artifact]):
        again = f"`nbflow rerun {run}` makes it again." if run else "Run the notebook again."
        raise StoreError(f"{what} is no longer kept: it was collected", again)
    try:
        return store.load(artifact, namespace)
    except ModuleNotFoundError as error:
        raise StoreError(
            f"{what} cannot be loaded: no module `{error.name}` is found from here",
            "Put its folder, such as the notebook's, on the path first: `sys.path.append(...)`.",
        ) from None


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
