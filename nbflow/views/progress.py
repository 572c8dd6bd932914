"""Live progress of a run: a few calm lines on a terminal, plain lines as tasks end elsewhere."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TextIO

from nbflow.driver import RunEvent, StartedOver, TaskChanged
from nbflow.records.task import Status, TaskRun
from nbflow.views import lessons
from nbflow.views.blocks import REST, Block, Line, Row, Span, Table
from nbflow.views.durations import duration, plural
from nbflow.views.page import Page, page

_DONE: frozenset[Status] = frozenset({"completed", "cached", "failed", "cancelled", "skipped"})
#: So many running steps are named; the others are counted.
_NAMED = 8
#: So many splits of a foreach that failed have lines of their own; the others are counted.
_FAILURES = 10


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[RunEvent], None]]:
    """Show a run on a stream while it goes on; give it each event.

    A terminal shows the steps that run, and is left as it was; what cannot do that gets one line
    for each task that ends, unless it was cached or only evaluated a clause. Splits that end
    faster than anyone reads share a line.
    """
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        lines = Lines(time.monotonic)
        try:
            yield lambda event: _write(stream, _lines(lines, event))
        finally:
            _write(stream, lines.rest())
        return
    # Late: rich takes longer to import than a small cached run takes altogether.
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    board = Board(time.monotonic)
    console = Console(file=stream)
    live = Live(
        console=console,
        get_renderable=lambda: Text.from_ansi(board.page().text(console.width)),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        refresh_per_second=10,
    )

    def show(event: RunEvent) -> None:
        if isinstance(event, TaskChanged):
            board.show(event.run)
        elif isinstance(event, StartedOver):
            for told in lessons.lines(event.lessons):
                console.print(Text.from_ansi(page(told).text(console.width)))

    with live:
        yield show


@dataclass(slots=True)
class Splits:
    """Those of one foreach, as far as a run has come."""

    #: When they were last told of.
    told: float
    seen: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    #: What has ended and was not told of yet.
    waiting: list[TaskRun] = field(default_factory=list)
    #: How many that failed have lines of their own.
    failures: int = 0


@dataclass(slots=True)
class Lines:
    """The tasks that have ended, line by line; splits that end within a second share one.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    clock: Callable[[], float]
    foreach: dict[str, Splits] = field(default_factory=dict)

    def show(self, task: TaskRun) -> list[Line]:
        """The lines that a task's new status adds."""
        is_quiet = task.status == "cached" or (task.task.endswith("[]") and task.error is None)
        if task.index is not None:
            return self._split(task, task.index, is_quiet)
        if task.status not in _DONE or is_quiet:
            return []
        return [*self.rest(), line(task)]

    def restart(self, event: StartedOver) -> list[Line]:
        """The lines for what makes the run begin anew; what has ended will end once more."""
        told = self.rest()
        self.foreach.clear()
        return [*told, *lessons.lines(event.lessons)]

    def rest(self) -> list[Line]:
        """Lines for the splits that were not told of so far."""
        return [told for step in self.foreach for told in self._told(step)]

    def _split(self, task: TaskRun, index: int, is_quiet: bool) -> list[Line]:
        now = self.clock()
        splits = self.foreach.setdefault(task.step, Splits(now))
        splits.seen.add(index)
        if task.status not in _DONE:
            return []
        splits.ended.add(index)
        if is_quiet:
            return []
        splits.waiting.append(task)
        # The first that fail are worth a line at once.
        is_news = task.status == "failed" and splits.failures < _FAILURES
        return self._told(task.step) if is_news or now - splits.told >= 1 else []

    def _told(self, step: str) -> list[Line]:
        splits = self.foreach[step]
        lines = []
        for status in dict.fromkeys(task.status for task in splits.waiting):
            tasks = [task for task in splits.waiting if task.status == status]
            named = _FAILURES - splits.failures if status == "failed" else 1
            if len(tasks) <= named:
                lines += [line(task) for task in tasks]
                splits.failures += len(tasks) if status == "failed" else 0
            elif status == "completed":
                told = f"{step}: {len(splits.ended)} of {plural(len(splits.seen), 'split')} done"
                lines.append(Line((told,), mark=status))
            else:
                told = f"{step}: {plural(len(tasks), 'split')} {status}"
                lines.append(Line((told,), mark=status))
        if splits.waiting:
            splits.waiting, splits.told = [], self.clock()
        return lines


@dataclass(slots=True)
class Board:
    """The steps that run now, as a few lines.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    clock: Callable[[], float]
    #: When the first task of a step that runs now began.
    began: dict[str, float] = field(default_factory=dict)
    #: Status of each task seen, by step.
    tasks: dict[str, dict[str, Status]] = field(default_factory=dict)

    def show(self, task: TaskRun) -> None:
        """Take in the new status of a task."""
        if task.status == "running":
            self.began.setdefault(task.step, self.clock())
        tasks = self.tasks.setdefault(task.step, {})
        tasks[task.task] = task.status
        if task.task.endswith("[]") and task.status in _DONE:
            # The clause has given way to the splits: they are what is counted.
            del tasks[task.task]

    def page(self) -> Page:
        """One line for each running step, and one that counts."""
        now = self.clock()
        # Copies: the live display asks from a thread of its own, while tasks change.
        statuses = {step: Counter(list(tasks.values())) for step, tasks in list(self.tasks.items())}
        running = [step for step, counts in statuses.items() if counts["running"]]
        rows = tuple(
            Row((step, duration(now - self.began[step]), _splits(statuses[step])), "running")
            for step in running[:_NAMED]
        )
        parts: list[Block] = []
        if rows:
            parts.append(Table(rows, ("step", "time", "splits"), limits=(28, 9), right=1))
        if more := len(running) - len(rows):
            parts.append(Line((Span(f"    and {plural(more, 'more step')}", "quiet"),)))
        total = sum(statuses.values(), Counter[Status]())
        done = sum(total[status] for status in _DONE)
        told = f"  {done} of {plural(total.total(), 'task')}"
        return page(*parts, Line((Span(told, "quiet"),)))


def _lines(lines: Lines, event: RunEvent) -> list[Line]:
    if isinstance(event, TaskChanged):
        return lines.show(event.run)
    return lines.restart(event) if isinstance(event, StartedOver) else []


def line(task: TaskRun) -> Line:
    """One task that has ended, in one line."""
    told = f"{task.task} {task.status} in {duration(task.seconds)}"
    if task.status in ("skipped", "cancelled"):
        told = f"{task.task} {task.status}"
    if task.error is not None:
        told += f" · {task.error.name}: {task.error.message}".rstrip(": ")
    return Line((Span(told, limit=REST),), mark=task.status)


def _write(stream: TextIO, lines: list[Line]) -> None:
    if lines:
        # That nobody can be shown it is no reason to end a run.
        with suppress(OSError):
            stream.write(page(*lines).plain(None) + "\n")
            stream.flush()


def _splits(counts: Counter[Status]) -> str:
    if counts.total() == 1:
        return ""
    done = sum(counts[status] for status in _DONE)
    return f"{done} of {counts.total()} done, {counts['running']} running"
