"""What the panel beside a notebook is told: a whole flow, and all about one of its steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec.structs import replace

from nbflow.driver.elsewhere import going_on
from nbflow.results import said, settled
from nbflow.views import plan as plans
from nbflow.views import show
from nbflow.views.blocks import Heading
from nbflow.views.drawing import Standing, drawing
from nbflow.views.drawn import Drawing, Drawn
from nbflow.views.durations import when
from nbflow.views.folding import DONE, fold
from nbflow.views.grouping import Grouping, groups
from nbflow.views.lettering import short
from nbflow.views.logs import LogSection, section, sections, stamp
from nbflow.views.page import Page, Part, page
from nbflow.views.preview import preview
from nbflow.views.reasons import changed
from nbflow.views.svg import svg
from nbflow.views.wording import Worded

if TYPE_CHECKING:
    from nbflow.driver import NotebookFlow
    from nbflow.plan import Plan
    from nbflow.records.notebook import Cell
    from nbflow.records.problem import Problem
    from nbflow.records.task import TaskRun
    from nbflow.views.graph import GraphNode

Message = dict[str, Any]

#: Cards of a flow that may fit a panel, if only its arrows lead the right way.
_FEW = 300
#: Of so many splits it is shown what they have displayed, and what of it that is.
_DISPLAYING = 8
_DISPLAYS = ("display_data", "execute_result")
#: Most characters of what is wrong: an error may quote a whole cell.
_SAID = 1000
#: How many of the runs that came to a step are told, and among how many they are looked for.
_SHOWN, _LOOKED = 10, 100


class Going(NamedTuple):
    """A run in progress, as far as it has come."""

    tasks: Sequence[TaskRun] = ()
    #: What one of its tasks has put out so far (nbformat).
    said: Callable[[str], list[dict[str, Any]]] = lambda _: []


#: No run is in progress.
_NOTHING = Going()


class Shown(Drawn):
    """A flow as a page draws it: what is folded away in the notebook is one card.

    Parameters
    ----------
    grouping
        The cards and arrows.
    title
        Stands above them.
    problems
        What is wrong with its cells, by their ids.
    """

    def __init__(
        self, grouping: Grouping, title: str, problems: Mapping[str | None, Sequence[Problem]]
    ) -> None:
        super().__init__(grouping.nodes, grouping.edges, title)
        self.grouping = grouping
        self._problems = problems

    def update(self, nodes: Iterable[GraphNode]) -> set[str]:
        """Take in how steps stand now, and give the positions whose state is another."""
        wrong = (_wrong(node, self._problems.get(node.id, ())) for node in nodes)
        return super().update([self.grouping.changed(node) for node in wrong])


def drawn(flow: NotebookFlow, plan: Plan, cells: Iterable[Cell]) -> Shown:
    """The flow as it stands, as a page draws it.

    Parameters
    ----------
    cells
        The document: its headings say what is folded away.
    """
    nodes, edges = drawing(flow.flow, plan)
    problems: dict[str | None, list[Problem]] = {}
    for problem in flow.problems:
        problems.setdefault(problem.cell, []).append(problem)
    wrong = [_wrong(node, problems.get(node.id, ())) for node in nodes]
    return Shown(Grouping(groups(cells), wrong, edges), flow.flow.name, problems)


def _wrong(node: GraphNode, problems: Sequence[Problem]) -> GraphNode:
    """The node with what is wrong with its cell, and what is to be done."""
    if not problems:
        return node
    told = [text for problem in problems for text in (problem.message, problem.remedy) if text]
    # What is blocked says by whom, where it has no problem of its own.
    detail = problems[0].message if node.status == "blocked" else node.detail
    return replace(node, detail=detail, reasons=(*node.reasons, *told))


def told(
    flow: NotebookFlow, shown: Shown, running: bool = False, more: Sequence[Problem] = ()
) -> Message:
    """A whole flow for a page: the drawing, how all stands, and what is wrong with it.

    Parameters
    ----------
    more
        Problems that are not the notebook's own.
    """
    cells = [node.id if node.kind != "parameters" else None for node in shown.nodes]
    elsewhere = None if running else going_on(flow)
    shown.update(_elsewhere(flow, elsewhere or ()))
    return {
        "title": flow.flow.name,
        "path": str(flow.path),
        "now": time.time(),
        "running": running,
        "elsewhere": elsewhere is not None,
        "drawing": shown.drawing,
        "down": _down(shown, flow.flow.name),
        "states": shown.states,
        "cells": cells,
        "grouped": {cell: cells.index(card) for cell, card in shown.grouping.steps.items()},
        "problems": [_problem(each) for each in (*more, *flow.problems)],
    }


def _elsewhere(flow: NotebookFlow, tasks: Iterable[TaskRun]) -> Iterator[GraphNode]:
    """The steps that another process is to run, or runs: what has ended there, the store knows.

    Which text it has of them nobody here knows.
    """
    standing = Standing(flow.flow)
    for task in tasks:
        standing.changed(task)
    for node in standing.nodes():
        if node.status not in DONE:
            yield replace(node, detail=Worded("elsewhere"))


def _down(shown: Drawn, title: str) -> Drawing | None:
    if len(shown.nodes) > _FEW:
        return None
    return Drawn(shown.nodes, shown.edges, title, down=True).drawing


def picture(flow: NotebookFlow, shown: Drawn) -> Message:
    """The graph as it stands, as a picture of its own."""
    return {"picture": svg(shown.nodes, shown.edges, flow.flow.name)}


def details(flow: NotebookFlow, cell: str, going: Going = _NOTHING) -> Message:
    """All about one step: why it would run, what would run, what it gave, its past."""
    step = flow.flow.steps.get(cell)
    if step is None:
        return _pages(why=page(Worded("This cell is no step.")))
    past = _past(flow, cell, going.tasks, _SHOWN)
    pages = {"why": plans.why(flow.why(step.name)), "source": preview(flow.flow, step)}
    if not past:
        return _pages(**pages)
    answer = _pages(**pages, outputs=_given(past[-1]), history=_history(past))
    # Tables and plots; of what was printed the logs tell.
    displayed = ((task.task, _displayed(flow, task, going)) for task in past[-1][-_DISPLAYING:])
    return {**answer, "displayed": sections(displayed)}


def _pages(**pages: Page) -> Message:
    """Pages by name, and what stands in them in words of ours."""
    worded = {said: text for each in pages.values() for said, text in each.worded().items()}
    return {**{name: _bundle(each) for name, each in pages.items()}, "worded": worded}


def _given(tasks: Sequence[TaskRun]) -> Page:
    """What a step gave, or has given so far: of a foreach, split by split."""
    return page(*(show.step(each) for each in fold(tasks)))


def _history(past: Sequence[Sequence[TaskRun]]) -> Page:
    """The runs that came to a step, the last first: when, what became of it, what had changed."""
    now = time.time()
    parts: list[Part] = []
    # What was only reused is told by the run that made it.
    for tasks in reversed(past[:-1] if len(past) > 1 and _is_reused(past[-1]) else past):
        begun = min((task.started for task in tasks if task.started), default=0.0)
        parts.append(Heading(when(begun, now) if begun else Worded("not started"), "quiet"))
        reasons = dict.fromkeys(reason for task in tasks for reason in task.reasons)
        parts.append(page(_given(tasks), *chain.from_iterable(map(changed, reasons))))
    return page(*parts)


def previewed(flow: NotebookFlow, cell: str) -> list[LogSection]:
    """What the values look like that a step has given, as far as they are current."""
    step = flow.flow.steps.get(cell)
    found = flow.previews(step.name) if step is not None else {}
    return [
        section(name + task.removeprefix(step.name if step is not None else ""), outputs)
        for task, values in found.items()
        for name, outputs in values.items()
    ]


def logs(flow: NotebookFlow, cell: str, going: Going = _NOTHING, seen: str = "") -> Message:
    """What a step put out last, or has put out so far, with a stamp of it.

    Parameters
    ----------
    seen
        The stamp of what the page has already: that is not told again.
    """
    tasks = next(iter(_past(flow, cell, going.tasks, 1)), [])
    found = ((task.task, _logged(flow, task, going)) for task in tasks)
    told = sections(found)
    now = stamp(told)
    return {"stamp": now} if now == seen else {"stamp": now, "logs": told}


def _logged(flow: NotebookFlow, task: TaskRun, going: Going) -> list[dict[str, Any]]:
    if task.status == "running" and (words := going.said(task.task)):
        return next(settled([words]))
    return said(flow.store, task)


def _displayed(flow: NotebookFlow, task: TaskRun, going: Going) -> list[dict[str, Any]]:
    return [output for output in _logged(flow, task, going) if output["output_type"] in _DISPLAYS]


def _past(
    flow: NotebookFlow, cell: str, running: Sequence[TaskRun], last: int
) -> list[list[TaskRun]]:
    """The tasks of a step in the last so many runs that came to it, oldest first.

    Before the last one, none that only reused what it had.
    """
    found: list[list[TaskRun]] = []
    # What a run has to tell is read when it is its turn: a history can be long.
    # That in progress is in the history, too, as far as it was when it was last noted there.
    past = (run for run in reversed(flow.runs()) if not (running and run.status == "running"))
    for tasks in chain([running], (run.tasks for run in islice(past, _LOOKED))):
        own = [task for task in tasks if task.cell == cell]
        if found and _is_reused(own):
            continue
        if any(task.status not in ("skipped", "queued") for task in own):
            found.insert(0, own)
            if len(found) == last:
                break
    return found


def _is_reused(tasks: Iterable[TaskRun]) -> bool:
    return all(task.status == "cached" for task in tasks)


def _problem(problem: Problem) -> Message:
    return {
        "cell": problem.cell,
        "line": problem.line,
        "severity": problem.severity,
        "message": short(problem.message, _SAID),
        "remedy": short(problem.remedy, _SAID),
    }


def _bundle(subject: Page) -> dict[str, str]:
    return {"text/plain": subject.plain(), "text/html": subject.html()}
