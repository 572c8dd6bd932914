"""Live progress of a run: a few calm lines on a terminal, plain lines as tasks end elsewhere."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
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
#: So many splits a second have lines of their own; the others are counted.
_SPLITS_A_SECOND = 10


@contextmanager
def progress(stream: TextIO) -> Iterator[Callable[[RunEvent], None]]:
    """Show a run on a stream while it goes on; give it each event.

    A terminal shows the steps that run, and is left as it was; what cannot do that gets one line
    for each task that ends, unless it was cached or only evaluated a clause. Splits that end
    faster than anyone reads are counted.
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
class Lines:
    """The tasks that have ended, line by line; a foreach gives a bounded number a second.

    Parameters
    ----------
    clock
        Seconds that only grow.
    """

    clock: Callable[[], float]
    #: When the last splits were named.
    named: deque[float] = field(default_factory=lambda: deque(maxlen=_SPLITS_A_SECOND))
    #: How many splits have ended since one was named, by step and status.
    unnamed: Counter[tuple[str, Status]] = field(default_factory=Counter)

    def show(self, task: TaskRun) -> list[Line]:
        """The lines that a task's new status adds."""
        is_quiet = task.status == "cached" or (task.task.endswith("[]") and task.error is None)
        if task.status not in _DONE or is_quiet:
            return []
        if task.index is None:
            return [line(task)]
        now = self.clock()
        if len(self.named) == _SPLITS_A_SECOND and now - self.named[0] < 1:
            self.unnamed[task.step, task.status] += 1
            return []
        self.named.append(now)
        return [*self.rest(), line(task)]

    def rest(self) -> list[Line]:
        """Lines for the splits that were not named so far."""
        counts, self.unnamed = self.unnamed, Counter()
        return [
            Line((f"{step}: {plural(count, 'more split')} {status}",), mark=status)
            for (step, status), count in counts.items()
        ]


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
    return lessons.lines(event.lessons) if isinstance(event, StartedOver) else []


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
