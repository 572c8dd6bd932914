"""Runs again what a past run ran, and says what has changed since."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial

import msgspec

from nbflow.comparison import other_code
from nbflow.driver.lookup import reason_of
from nbflow.driver.notebook_flow import NotebookFlow
from nbflow.flow import Flow
from nbflow.records.files import path_of
from nbflow.records.reason import Reason
from nbflow.records.task import FILE_FACTS, LISTINGS, Fact
from nbflow.results import FlowRun
from nbflow.results.sides import today
from nbflow.run.worker.observing.current import current_value


class Since(msgspec.Struct, frozen=True):
    """What is no longer as it was when a run began."""

    #: Files, modules, packages, and the like, that its tasks had looked at.
    reasons: tuple[Reason, ...]
    #: Labels of the cells whose code is another in the notebook's file today; nothing where there
    #: is no such file.
    other_code: tuple[str, ...]


def flow_of(run: FlowRun) -> NotebookFlow:
    """The flow as it was in a run, on the same store: its runs are new ones of the notebook.

    Raises
    ------
    StoreError
        Its notebook is not recorded, or damaged.
    """
    return NotebookFlow(run.notebook, run.store.root)


def since(run: FlowRun, flow: NotebookFlow) -> Since:
    """What has changed since a run; what the flow itself writes is none of it."""
    folder = str(flow.path.parent)
    now = partial(current_value, directory=folder, variables=os.environ)
    changed = [
        reason_of(fact, value)
        for fact in run.facts
        if not _is_own(fact, flow.flow) and (value := now(fact)) != fact.value
    ]
    file = today(str(flow.path))
    other = other_code(run.notebook, file) if file is not None else ()
    return Since(tuple(dict.fromkeys(changed)), other)


def values(run: FlowRun, flow: NotebookFlow, texts: Mapping[str, str]) -> dict[str, object]:
    """The values of a run's parameters, with others in the place of some.

    Raises
    ------
    ParameterError
        One is no value of the notebook's.
    """
    return {**run.parameters, **flow.typed(texts)}


def others(run: FlowRun, again: FlowRun) -> tuple[str, ...]:
    """The outputs that came out otherwise than in the earlier run, of steps that both have."""
    before = {task.task: task.outputs for task in run.tasks}
    names: dict[str, None] = {}
    for task in again.tasks:
        for name, artifact in task.outputs.items():
            former = before.get(task.task, {}).get(name)
            if former is not None and former.digest != artifact.digest:
                names[name] = None
    return tuple(names)


def _is_own(fact: Fact, flow: Flow) -> bool:
    """Whether the flow itself makes it what it is."""
    steps = flow.steps.values()
    if fact.kind == "environment":
        return any(
            name == fact.subject for step in steps for name, _ in step.step.directive.options.env
        )
    written = {path_of(name) for step in steps for name in step.files.writes}
    return fact.kind in FILE_FACTS and (
        fact.subject in written or (fact.kind in LISTINGS and bool(written))
    )
