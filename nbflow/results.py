"""The results of a run: its tasks, and the steps' values, loaded when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from nbflow.errors import FlowError
from nbflow.records.artifact import Artifact
from nbflow.records.problem import Problem
from nbflow.records.task import RunRecord, TaskRecord, TaskRun, Uncarried
from nbflow.store.store import Store


class StepResult:
    """What a step gave in a run: its outputs as attributes, loaded on first access.

    >>> run["load"].data  # doctest: +SKIP
    array([...])

    For a foreach, ``run["primes"].primes`` is the list over all splits and ``run["primes"][0]`` the
    result of one split.
    """

    def __init__(
        self, store: Store, name: str, tasks: tuple[TaskRun, ...], namespace: dict[str, Any]
    ) -> None:
        self._store = store
        self._name = name
        self._namespace = namespace
        #: The step's tasks in this run, splits by index.
        self.tasks = tasks
        self._values: dict[str, object] = {}

    @property
    def outputs(self) -> Mapping[str, Artifact]:
        """Artifacts by output name; those of a foreach are lists over its splits."""
        return outputs_by_name(self.tasks)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name not in self._values:
            outputs = self.outputs
            if name not in outputs:
                if (one := stayed_by_name(self.tasks).get(name)) is not None:
                    raise AttributeError(f"`{name}` stays in step `{self._name}`: {one.told}")
                known = ", ".join(f"`{n}`" for n in outputs) or "none"
                raise AttributeError(f"step `{self._name}` gave no `{name}`; its outputs: {known}")
            self._values[name] = self._load(outputs[name])
        return self._values[name]

    def __getitem__(self, index: int) -> StepResult:
        for task in self.tasks:
            if task.index == index:
                return StepResult(self._store, task.task, (task,), self._namespace)
        count = sum(task.index is not None for task in self.tasks)
        told = f"its splits: 0 to {count - 1}" if count else "it has none"
        raise IndexError(f"step `{self._name}` has no split {index}; {told}")

    def __iter__(self) -> Iterator[StepResult]:
        """The results of a foreach's splits, by index."""
        return (self[task.index] for task in self.tasks if task.index is not None)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.outputs]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}: {artifact.summary}" for name, artifact in self.outputs.items())
        return f"<{self._name}: {shown or 'no outputs'}>"

    def _load(self, artifact: Artifact) -> object:
        return self._store.load(artifact, self._namespace)


@dataclass(frozen=True, slots=True)
class FlowRun:
    """One execution of a flow, as it ended."""

    record: RunRecord
    store: Store
    #: Where the run's values live: what shares a class in the notebook shares it here.
    _namespace: dict[str, Any] = field(
        default_factory=lambda: {"__name__": "__main__"}, repr=False, compare=False
    )

    @property
    def id(self) -> str:
        return self.record.id

    @property
    def status(self) -> Literal["running", "completed", "failed", "cancelled", "interrupted"]:
        return self.record.status

    @property
    def seconds(self) -> float:
        """Wall seconds from start to end."""
        return self.record.seconds

    @property
    def tasks(self) -> tuple[TaskRun, ...]:
        """Every task, in document order of the steps, splits by index."""
        return self.record.tasks

    @property
    def hazards(self) -> tuple[Problem, ...]:
        """Constructs in this run that nbflow cannot vouch for."""
        return self.record.hazards

    def __getitem__(self, step: str) -> StepResult:
        tasks = tuple(task for task in self.tasks if task.step == step)
        if not tasks:
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(t.step for t in self.tasks))
            raise FlowError(f"the run has no step `{step}`", f"Its steps: {names}.")
        return StepResult(self.store, step, tasks, self._namespace)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(task.step for task in self.tasks))

    def outputs_of(self, cell: str) -> list[dict[str, Any]]:
        """The recorded outputs of a step's cell (nbformat), splits by index."""
        outputs: list[dict[str, Any]] = []
        for task in self.tasks:
            if task.cell == cell:
                outputs += self.logged(task)
        return outputs

    def logged(self, task: TaskRun) -> list[dict[str, Any]]:
        """The recorded outputs of one task (nbformat)."""
        return logged(self.store, task)

    def artifacts_of(self, cell: str) -> dict[str, Artifact]:
        """The artifacts of a step's outputs, by name."""
        return dict(outputs_by_name([task for task in self.tasks if task.cell == cell]))

    def __repr__(self) -> str:
        return f"<run {self.id}: {self.status}, {len(self.tasks)} tasks, {self.seconds:.2f} s>"


def logged(store: Store, task: TaskRun | TaskRecord) -> list[dict[str, Any]]:
    """What a store has recorded of a task's outputs (nbformat)."""
    if task.log is None:
        return []
    outputs = store.load(task.log)
    assert isinstance(outputs, list)
    return outputs


def outputs_by_name(tasks: Sequence[TaskRun]) -> Mapping[str, Artifact]:
    """Artifacts of one step's tasks; a foreach's clause holds the lists over its splits."""
    whole = [task for task in tasks if task.index is None] or tasks
    return {name: artifact for task in whole for name, artifact in task.outputs.items()}


def stayed_by_name(tasks: Sequence[TaskRun]) -> Mapping[str, Uncarried]:
    """What one step's tasks gave under a name, and could not hand on."""
    return {one.name: one for task in tasks for one in task.uncarried}
