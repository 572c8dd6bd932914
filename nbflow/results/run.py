"""The results of one run: its tasks, and the steps' values, loaded when they are looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import msgspec
from msgspec.structs import replace

from nbflow.errors import FlowError, ParameterError, StoreError
from nbflow.records.artifact import Artifact
from nbflow.records.problem import Problem
from nbflow.records.task import Fact, RunRecord, RunStatus, TaskRun
from nbflow.results.outputs import (
    Logs,
    fetched,
    outputs_by_name,
    recorded,
    said,
    settled,
    stayed_by_name,
)
from nbflow.store.store import Store

# A list of runs answers at once: what reads notebooks, and compares them, is imported when used.
if TYPE_CHECKING:
    from nbflow.comparison import Comparison
    from nbflow.records.notebook import Notebook


class StepResult:
    """What a step gave in a run: its outputs as attributes, loaded on first access.

    >>> run["load"].data  # doctest: +SKIP
    array([...])

    For a foreach, ``run["primes"].primes`` is the list over all splits and ``run["primes"][0]`` the
    result of one split. An output that is called like something of this class, ``logs`` say, is
    ``run["load"]["logs"]``.
    """

    def __init__(
        self,
        store: Store,
        run: str,
        name: str,
        tasks: tuple[TaskRun, ...],
        namespace: dict[str, Any],
    ) -> None:
        self._store = store
        self._run = run
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
            self._values[name] = self._load(name, outputs[name])
        return self._values[name]

    @property
    def logs(self) -> Logs:
        """What the step put out (nbformat), splits by index; printed, as a terminal shows it.

        Of a task that has failed, the error stands at the end.
        """
        return Logs(output for task in self.tasks for output in said(self._store, task, self._run))

    @overload
    def __getitem__(self, index: int) -> StepResult: ...

    @overload
    def __getitem__(self, index: str) -> Any: ...

    def __getitem__(self, index: int | str) -> Any:
        """One split of a foreach, by its number; or an output, by its name."""
        if isinstance(index, str):
            return self.__getattr__(index)
        for task in self.tasks:
            if task.index == index:
                return StepResult(self._store, self._run, task.task, (task,), self._namespace)
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

    def _load(self, name: str, artifact: Artifact) -> object:
        what = f"`{name}` of step `{self._name}`"
        return fetched(self._store, artifact, what, self._run, self._namespace)


@dataclass(frozen=True)
class FlowRun:
    """One execution of a flow, as it ended."""

    #: What is known of it; its tasks too where they have been read already.
    head: RunRecord
    store: Store
    #: Where the run's values live: what shares a class in the notebook shares it here.
    _namespace: dict[str, Any] = field(
        default_factory=lambda: {"__name__": "__main__"}, repr=False, compare=False
    )

    @cached_property
    def record(self) -> RunRecord:
        """All that is known of it, with its tasks."""
        if self.head.tasks:
            return self.head
        return replace(self.head, tasks=self.store.history.tasks(self.head))

    @property
    def id(self) -> str:
        return self.head.id

    @property
    def status(self) -> RunStatus:
        return self.head.status

    @property
    def seconds(self) -> float:
        """Wall seconds from start to end."""
        return self.head.seconds

    @property
    def tags(self) -> tuple[str, ...]:
        """As given by :meth:`tag`, as they are now."""
        return self._now().tags

    @property
    def note(self) -> str:
        """As given by :meth:`annotate`, as it is now."""
        return self._now().note

    def tag(self, *tags: str) -> None:
        """Give the run tags: words by which it can be found.

        Raises
        ------
        ParameterError
            One is no word of letters, digits and ``. _ + -``.
        """
        for tag in tags:
            check_tag(tag)
        self.store.history.tag(self.head, tags)

    def untag(self, *tags: str) -> None:
        """Take tags away from the run.

        Raises
        ------
        ParameterError
            It does not have one of them.
        """
        known = self._now().tags
        for tag in tags:
            if tag not in known:
                told = ", ".join(f"`{each}`" for each in known) or "none"
                raise ParameterError(f"run {self.id} has no tag `{tag}`", f"Its tags: {told}.")
        self.store.history.tag(self.head, tags, remove=True)

    def annotate(self, note: str) -> None:
        """Put a note to the run, in place of an earlier one; an empty one takes it away."""
        self.store.history.annotate(self.head, " ".join(note.split()))

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The values of all its parameters, those included that were not given."""
        return {name: _value(text) for name, text in self.head.parameters.items()}

    @cached_property
    def notebook(self) -> Notebook:
        """The notebook as it was when the run began.

        Raises
        ------
        StoreError
            It is not recorded, or damaged.
        """
        from nbflow import cells

        return cells.parse(msgspec.json.decode(self.document), Path(self.head.notebook))

    @property
    def document(self) -> bytes:
        """The same as it is stored: an nbformat document without outputs, with all metadata.

        Raises
        ------
        StoreError
            It is not recorded, or damaged.
        """
        document = self.store.history.notebook(self.head)
        if document is None:
            raise StoreError(f"the notebook of run {self.id} is not recorded")
        return document

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What its tasks have looked at: files, modules, packages, variables."""
        return self.store.history.facts(self.head)

    @property
    def tasks(self) -> tuple[TaskRun, ...]:
        """Every task, in document order of the steps, splits by index."""
        return self.record.tasks

    @property
    def hazards(self) -> tuple[Problem, ...]:
        """Constructs in this run that nbflow cannot vouch for."""
        return self.head.hazards

    def __getitem__(self, step: str) -> StepResult:
        tasks = tuple(task for task in self.tasks if task.step == step)
        if not tasks:
            names = ", ".join(f"`{name}`" for name in dict.fromkeys(t.step for t in self.tasks))
            raise FlowError(f"the run has no step `{step}`", f"Its steps: {names}.")
        return StepResult(self.store, self.id, step, tasks, self._namespace)

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(task.step for task in self.tasks))

    def compare(self, *others: FlowRun) -> Comparison:
        """This run beside others, as data; what was collected of them is told, and left out."""
        from nbflow.comparison import compare
        from nbflow.results import sides

        return compare([sides.side(run.record, run.store) for run in (self, *others)])

    def outputs_of(self, cell: str) -> list[dict[str, Any]]:
        """The recorded outputs of a step's cell (nbformat), splits by index."""
        outputs: list[dict[str, Any]] = []
        for task in self.tasks:
            if task.cell == cell:
                outputs += self.logged(task)
        return outputs

    def logged(self, task: TaskRun) -> list[dict[str, Any]]:
        """The recorded outputs of one task (nbformat), as the tasks below it have left them."""
        outputs = recorded(self.store, task, self.id)
        if any("transient" in output for output in outputs):
            return self._settled.get(task.task, [])
        return outputs

    @cached_property
    def _settled(self) -> Mapping[str, list[dict[str, Any]]]:
        """The outputs of all tasks that are kept; displays are as updates have left them."""
        kept = [t for t in self.tasks if t.log is None or self.store.present([t.log])]
        outputs = settled(recorded(self.store, task, self.id) for task in kept)
        return {task.task: found for task, found in zip(kept, outputs, strict=True)}

    def artifacts_of(self, cell: str) -> dict[str, Artifact]:
        """The artifacts of a step's outputs, by name."""
        return dict(outputs_by_name([task for task in self.tasks if task.cell == cell]))

    def _now(self) -> RunRecord:
        """What is recorded of it by now."""
        return next(iter(self.store.history.named(self.id)), self.head)

    def __repr__(self) -> str:
        return f"<run {self.id}: {self.status}, {len(self.tasks)} tasks, {self.seconds:.2f} s>"


def check_tag(tag: str) -> None:
    """Refuse what cannot be a tag.

    Raises
    ------
    ParameterError
        It is no word of letters, digits and ``. _ + -``.
    """
    if not re.fullmatch(r"[\w.+-]+", tag):
        raise ParameterError(f"`{tag}` is no tag", "Write one word of letters, digits and . _ + -")


def _value(text: str) -> Any:
    """The value that Python writes so."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return float(text)  # those that are no literals: inf and nan
