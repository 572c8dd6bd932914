"""The tasks of one run: what states they are in, and the instructions that their moves give."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable

from msgspec.structs import replace

from nbflow.flow import Flow, Version
from nbflow.records.task import TaskRun
from nbflow.run.ready import Ready
from nbflow.run.tasks import (
    ACTIVE,
    MOVES,
    TERMINAL,
    Instruction,
    Launch,
    Report,
    Splits,
    State,
    Task,
)


class Board:
    """Keeps the tasks of a run.

    Responsibilities: a task makes legal moves only; each move is reported; what is counted agrees
    with the tasks.
    """

    def __init__(self, flow: Flow, ready: Ready) -> None:
        self.flow = flow
        #: Every task so far, by name; insertion order is creation order.
        self.tasks: dict[str, Task] = {}
        self.splits: dict[str, Splits] = {}
        #: Tasks in ``ready``, and the workers taken by those in ``running``.
        self.ready = ready
        #: Tasks in ``waiting`` that a version, or the end of a step (by cell id), will wake.
        self.waiters: dict[Version | str, list[Task]] = {}
        #: How many tasks are in no terminal state, and how many of them do not just wait.
        self.open = 0
        self.active = 0
        #: Whether all has to be decided once more: a task whose results were
        #: lost gave others, and some tasks have gone on with the first ones; or a task changed
        #: what its source does not show it to change.
        self.starts_over = False
        #: Tasks that completed before the run started over, by name.
        self.earlier: dict[str, TaskRun] = {}
        self._out: list[Instruction] = []
        #: What is left to do for this event; a queue, so that no chain of steps is too deep.
        self._later: deque[Callable[[], None]] = deque()

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        # What only waits does so for the new start.
        return not self.open or (self.starts_over and not self.active)

    def runs(self) -> tuple[TaskRun, ...]:
        """All tasks, in document order of their steps, splits by index."""
        order = {cell: index for index, cell in enumerate(self.flow.steps)}
        tasks = sorted(
            self.tasks.values(),
            key=lambda t: (order[t.step.id], -1 if t.index is None else t.index),
        )
        return tuple(self._run(task.run()) for task in tasks)

    def validate(self) -> None:
        """Raise AssertionError if an invariant does not hold."""
        states = Counter(task.state for task in self.tasks.values())
        running = [t for t in self.tasks.values() if t.state == "running"]
        assert self.ready.busy == sum(self.ready.cost(t) for t in running)
        assert self.open == sum(n for s, n in states.items() if s not in TERMINAL)
        assert self.active == sum(n for s, n in states.items() if s in ACTIVE)
        for cell, splits in self.splits.items():
            assert splits.ended >= sum(t.state in TERMINAL for t in splits.tasks.values()), cell
        waiting = {id(t) for tasks in self.waiters.values() for t in tasks}
        waiting |= {id(reader) for task in self.tasks.values() for reader in task.readers}
        for task in self.tasks.values():
            given = task.part == "clause" or task.record is not None
            assert given or task.state not in ("completed", "cached"), task
            assert task.state != "waiting" or self.starts_over or id(task) in waiting, task

    def _run(self, run: TaskRun) -> TaskRun:
        earlier = self.earlier.get(run.task)
        if earlier is not None and run.status == "cached" and run.key == earlier.key:
            return replace(earlier, outputs=run.outputs)
        return run

    def _add(self, task: Task) -> None:
        self.tasks[task.name] = task
        self.open += 1
        self._out.append(Report(task.run()))

    def _move(self, task: Task, state: State) -> None:
        if (task.state, state) not in MOVES:
            raise AssertionError(f"task {task.name}: {' → '.join(task.story)} ↛ {state}")
        self.active += (state in ACTIVE) - (task.state in ACTIVE)
        task.state = state
        task.story.append(state)
        if state != "deciding":
            self._out.append(Report(task.run()))

    def _flush(self) -> list[Instruction]:
        while self._later:
            self._later.popleft()()
        for task in self.ready.start():
            self._move(task, "running")
            assert task.call is not None
            self._out.append(Launch(task.call))
        out, self._out = self._out, []
        return out
