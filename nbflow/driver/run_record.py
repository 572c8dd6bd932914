"""What the history keeps of a run: as it begins, and as it has ended."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from msgspec.structs import replace

from nbflow.driver.origin import Origin
from nbflow.errors import StoreError
from nbflow.records.problem import Problem
from nbflow.records.task import Fact, RunRecord, TaskRun
from nbflow.run.machine import Machine
from nbflow.run.split_files import shared_by_splits
from nbflow.store.history import History

_NOBODY = Origin()
#: Facts that are none of what stands beside the notebook.
_APART = frozenset({"ambient", "hazard"})


def begun(
    notebook: str,
    flow: str,
    given: Mapping[str, object],
    steps: Iterable[str] = (),
    by: Origin = _NOBODY,
) -> RunRecord:
    """A new run: the values of its parameters, the steps that are asked for, and who asks."""
    now = time.time()
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return RunRecord(
        # Sortable within the second, too: one process never begins two runs in 1/4096 of it.
        id=f"{stamp}-{int(now % 1 * 4096):03x}{secrets.token_hex(2)[1:]}",
        notebook=notebook,
        flow=flow,
        parameters={name: repr(value) for name, value in given.items()},
        status="running",
        started=now,
        steps=tuple(steps),
        user=by.user,
        host=by.host,
        commit=by.commit,
    )


def ended(start: RunRecord, machine: Machine, dirty: bool | None = None) -> RunRecord:
    """The run, with what became of its tasks, and whether the repository had been changed."""
    return replace(
        start,
        status=machine.status,
        seconds=time.time() - start.started,
        tasks=machine.runs(),
        hazards=_hazards(machine),
        dirty=dirty,
    )


def note(history: History, start: RunRecord, tasks: tuple[TaskRun, ...]) -> None:
    """Keep how far a run is: whoever looks sees it, and should it be killed, that is what is known.

    A note that cannot be written is no reason to end the run.
    """
    with suppress(StoreError):
        history.progress(replace(start, seconds=time.time() - start.started, tasks=tasks))


def looked_at(machine: Machine) -> list[Fact]:
    """What its tasks have looked at, and what they saw, but for what steps of the run had set."""
    # Facts of tasks are mostly alike, and those of reused ones the very same list.
    lists = {id(record.facts): record.facts for record in machine.records()}
    kept = {fact[:3]: fact for each in lists.values() for fact in each if fact.kind not in _APART}
    return [Fact(*kept[told][:4]) for told in sorted(kept)]


def _hazards(machine: Machine) -> tuple[Problem, ...]:
    """What was found of each task, with its cell as it is now: a record may be of another day."""
    found: dict[Problem, None] = {}
    for task in machine.tasks.values():
        if task.record is not None:
            cell = task.step.step.cell
            own = task.record.hazards
            found |= {replace(h, cell=cell.id, number=cell.number): None for h in own}
    numbers = {step.id: step.step.cell.number for step in machine.steps}
    for problem in shared_by_splits(machine.records()):
        found[replace(problem, number=numbers.get(problem.cell or "", 0))] = None
    found |= dict.fromkeys(machine.sharing.problems())
    return tuple(found)
