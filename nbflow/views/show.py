"""One run, step, split or value from the history; and what a task put out."""

from __future__ import annotations

import pprint
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.task import RunRecord, TaskRun
from nbflow.results import Logs
from nbflow.views.blocks import WIDTH, Badge, Code, Heading, Row, Table, line
from nbflow.views.durations import duration, moment, plural, size
from nbflow.views.folding import StepTasks
from nbflow.views.page import Page, Part, page
from nbflow.views.problems import problems, traceback
from nbflow.views.reasons import phrase
from nbflow.views.runs import parameters
from nbflow.views.tasks import table
from nbflow.views.wording import Worded, joined

#: Over the columns of a foreach's tasks, and of what a task gave.
_TASKS = ("task", "status", "time", "outputs")
_OUTPUTS = ("output", "value", "size", "digest")


def run(subject: RunRecord) -> Page:
    """When, with which parameters, and what became of each step."""
    head = f"{subject.flow} · run {subject.id} · {moment(subject.started)}"
    given = parameters(subject.parameters)
    tags = " ".join(f"#{tag}" for tag in subject.tags)
    told_of = [text for text in (given, origin(subject), tags, subject.note) if text]
    told: list[Part] = [line(), problems(subject.hazards)] if subject.hazards else []
    return page(head, *told_of, line(), table(subject), *told)


def origin(subject: RunRecord) -> str:
    """Who ran it, where, and what was checked out: ``ada on mill · commit 1a2b3c4``."""
    who = " on ".join(filter(None, (subject.user, subject.host)))
    commit = f"commit {subject.commit[:7]}" if subject.commit else ""
    changed = " with changes" if subject.dirty else ""
    return " · ".join(filter(None, (f"by {who}" if who else "", commit + changed)))


def step(subject: StepTasks, gone: Collection[Digest] = ()) -> Page:
    """The tasks of one step, with what each gave.

    Parameters
    ----------
    gone
        What is not kept any more.
    """
    if not subject.foreach:
        return page(*(task(each, gone) for each in subject.tasks))
    rows = tuple(Row(_cells(each, gone), each.status) for each in subject.tasks)
    splits = plural(len(subject.tasks), "split")
    return page(
        joined(subject.step, splits, duration(subject.seconds)),
        Table(rows, tuple(map(Worded, _TASKS)), limits=(28, 9, 9), right=2),
    )


def task(subject: TaskRun, gone: Collection[Digest] = ()) -> Page:
    """One task: status, time, reasons, and each output with its type and size, if it is kept."""
    badge = Badge(subject.status, Worded(subject.status))
    peak = Worded("peak memory %1", size(subject.peak_bytes)) if subject.peak_bytes else ""
    taken = joined(duration(subject.seconds), peak)
    parts: list[Part] = [line(f"{subject.task} · ", badge, " · ", taken, mark=subject.status)]
    parts += [line(phrase(reason), indent=2) for reason in subject.reasons]
    rows = tuple(
        Row((name, artifact.summary, _size(artifact, gone), artifact.digest[:12]))
        for name, artifact in subject.outputs.items()
    )
    if rows:
        parts.append(
            Table(rows, tuple(map(Worded, _OUTPUTS)), limits=(24, 28, 9), right=2, indent=4)
        )
    for one in subject.uncarried:
        parts.append(line(Worded("`%1` stays in the step: %2", one.name, one.told), indent=4))
    if subject.error is not None:
        parts += [line(), traceback(subject.error)]
    return page(*parts)


def value(subject: object) -> Page:
    """A value as Python writes it, in as few lines as its own repr allows."""
    return page(Code(pprint.pformat(subject, width=WIDTH, compact=True, sort_dicts=False)))


def log(outputs: Iterable[Mapping[str, Any]]) -> str:
    """What a task put out, as a terminal shows it: streams as they are, displays as text."""
    return str(Logs(outputs))


def heading(name: str) -> Page:
    """The line above what one of several tasks put out."""
    return page(Heading(name, "quiet"))


def _size(artifact: Artifact, gone: Collection[Digest]) -> str:
    return Worded("collected") if artifact.digest in gone else size(artifact.bytes)


def _cells(task: TaskRun, gone: Collection[Digest]) -> tuple[str | Badge, ...]:
    given = ", ".join(
        f"{name} {artifact.summary}" + " (collected)" * (artifact.digest in gone)
        for name, artifact in task.outputs.items()
    )
    badge = Badge(task.status, Worded(task.status))
    return task.task, badge, duration(task.seconds), given
