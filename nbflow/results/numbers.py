"""The numbers that a run gave: what experiments are told apart by."""

from __future__ import annotations

from collections import Counter

from nbflow.errors import NbflowError
from nbflow.records.task import RunRecord, TaskRun
from nbflow.results.outputs import outputs_by_name
from nbflow.results.sides import may_be_numbers, numbers
from nbflow.store.store import Store


def numbers_of(run: RunRecord, store: Store) -> dict[str, float]:
    """The outputs of a run's steps that are numbers, and the entries of dicts of numbers.

    In document order, by name; by step and name where several steps give it. What was collected
    is not among them.
    """
    found: dict[tuple[str, str], float] = {}
    by_step: dict[str, list[TaskRun]] = {}
    for task in run.tasks:
        by_step.setdefault(task.step, []).append(task)
    for step, tasks in by_step.items():
        for name, artifact in outputs_by_name(tasks).items():
            if not may_be_numbers(artifact):
                continue
            try:
                value = store.load(artifact, {"__name__": "__main__"})
            except NbflowError:
                continue
            for part, number in (numbers(value) or {}).items():
                found[step, name + part] = number
    names = Counter(name for _, name in found)
    return {
        name if names[name] == 1 else f"{step}.{name}": number
        for (step, name), number in found.items()
    }
