"""What the splits of a foreach give together, and what a reader is told when they give nothing."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from nbflow.flow import Flow, Version
from nbflow.plan import Lost
from nbflow.plan.plan import output_state
from nbflow.records.artifact import Artifact
from nbflow.records.task import ErrorText
from nbflow.run.tasks import Task
from nbflow.store.codecs import Encoded, encode_splits


def split_state(task: Task, name: str) -> Artifact | Lost:
    """What one ended split gives for an output name."""
    if task.record is None:
        return Lost("failed", task.step.name)
    state = output_state(task.record, name)
    if isinstance(state, Lost):
        detail = state.detail or f"`{task.name}` leaves it unbound"
        return Lost("uncarried", detail)
    return state


def gathered(tasks: Iterable[Task], name: str) -> Encoded | Lost:
    """The list of an output over all splits, or why there is none."""
    parts: list[Artifact] = []
    for task in tasks:
        state = split_state(task, name)
        if isinstance(state, Lost):
            return state
        parts.append(state)
    return encode_splits(parts)


def unreadable(task: Task, version: Version, lost: Lost, flow: Flow) -> ErrorText:
    """The error of a task that reads what its producer could not hand on."""
    source = flow.steps[version.cell]
    given = task.step.needs(task.part).inputs.get(version.name)
    here, there = task.step.step.cell.number, source.step.cell.number
    remedy = f"make `{version.name}` again where it is used"
    if lost.replay is not None:
        remedy = "take `--no-replay` off"
    return ErrorText(
        "UncarriableError",
        f"`{version.name}` of step `{source.name}`, cell [{there}], cannot be read in another "
        f"step: {lost.detail}\nMake cells [{there}] and [{here}] one step, or {remedy}.",
        (),
        here,
        given.line if given else 0,
    )


def left_out(task: Task, name: str, error: ErrorText, flow: Flow) -> ErrorText:
    """The error of a task that misses a name, because a step above hides it by its options."""
    for cell, lesson in flow.learnt.items():
        step = flow.steps.get(cell)
        if step is None or step.index >= task.step.index or name not in lesson.leaves:
            continue
        options, number = step.step.directive.options, step.step.cell.number
        for option, names in (("--in", options.inputs), ("--out", options.outputs)):
            if names is not None and name not in names:
                why = (
                    f"`{name}` comes from step `{step.name}`, whose {option} leaves it out.\n"
                    f"Add `{name}` to the {option} of cell [{number}], or take that option off."
                )
                return replace(error, name="WithheldError", message=why)
    return error
