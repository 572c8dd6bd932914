"""Which steps can be done once more to compare what they give, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from nbflow.driver.comparing import difference, uncompared
from nbflow.errors import FlowError
from nbflow.plan import Call, Plan, StepPlan
from nbflow.records.digest import Digest
from nbflow.records.message import Failed, Finished
from nbflow.records.reason import Reason
from nbflow.records.task import TaskRecord
from nbflow.records.verification import Outcome, StepVerification
from nbflow.run.again import Done
from nbflow.store.store import Store
from nbflow.store.verifications import TaskOutcome, result_of

_SAME = "it gave the same already"


@dataclass(slots=True)
class Selection:
    """The steps to do once more, and why the others are not.

    Parameters
    ----------
    passed
        The results that need not be had again.
    """

    plan: Plan
    reused: Iterable[tuple[Call, TaskRecord]]
    targets: Collection[str]
    passed: Collection[Digest]
    tasks: list[tuple[Call, TaskRecord]] = field(default_factory=list)
    skipped: list[StepVerification] = field(default_factory=list)

    def __post_init__(self) -> None:
        by_cell: dict[str, list[tuple[Call, TaskRecord]]] = {}
        for call, record in self.reused:
            by_cell.setdefault(call.step.id, []).append((call, record))
        for step in self.plan:
            if step.cell not in self.targets:
                continue
            found = by_cell.get(step.cell, [])
            if step.verdict != "reuse":
                self._skip(step, _why(step))
            elif found and all(result_of(record) in self.passed for _, record in found):
                self._skip(step, _SAME)
            else:
                self.tasks += found

    def refuse(self, named: bool) -> None:
        """Say so where a step that was named cannot be compared, or none at all can be."""
        stale = [step for step in self.skipped if step.why != _SAME]
        if stale and (named or len(stale) == len(self.targets)):
            raise FlowError(
                f"step `{stale[0].step}` has no current result to compare with: {stale[0].why}",
                f"Run it first: `run {stale[0].step}`.",
            )

    def _skip(self, step: StepPlan, why: str) -> None:
        self.skipped.append(StepVerification(step.cell, step.step, "skipped", why=why))


def outcomes(
    store: Store,
    flow: str,
    tasks: Sequence[tuple[Call, TaskRecord]],
    done: Iterable[Done],
) -> list[StepVerification]:
    """Compare each task as it ends; what came of a step is kept once all its tasks have ended."""
    left = Counter(call.step.id for call, _ in tasks)
    steps: dict[str, list[tuple[Done, Reason | None]]] = {}
    found: list[StepVerification] = []
    for one in done:
        cell = one.call.step.id
        of_step = steps.setdefault(cell, [])
        of_step.append((one, _doubt(store, one)))
        left[cell] -= 1
        if not left[cell]:
            begun = [each for each in of_step if each[0].begun]
            # One that differs is enough for a doubt; all are needed to be rid of it.
            if len(begun) == len(of_step) or any(doubt for _, doubt in begun):
                store.verifications.keep(flow, [_outcome(*each) for each in begun])
            found.append(_step(steps.pop(cell)))
    return found


def _why(step: StepPlan) -> str:
    if step.verdict == "blocked":
        return "it cannot run"
    if any(reason.kind == "not-cached" for reason in step.reasons):
        return "it is marked to run every time"
    if any(reason.kind == "never-ran" for reason in step.reasons):
        return "it has not run yet"
    return "it is stale" if step.verdict == "run" else "a step above it is stale"


def _doubt(store: Store, done: Done) -> Reason | None:
    if isinstance(done.ended, Finished):
        return difference(store, done.record, done.ended)
    if not done.begun:
        return None
    error = done.ended.error
    told = f"{error.name}: {error.message}".partition("\n")[0].rstrip(": ")
    return Reason("not-reproducible", done.call.task, "a result", told)


def _held_up(done: Done) -> str:
    """Why a task could not begin, if it could not."""
    if done.begun or isinstance(done.ended, Finished):
        return ""
    return f"{done.call.task} could not begin: {done.ended.error.message}".partition("\n")[0]


def _outcome(done: Done, doubt: Reason | None) -> TaskOutcome:
    return TaskOutcome(done.call.step.id, done.record, doubt)


def _step(tasks: Sequence[tuple[Done, Reason | None]]) -> StepVerification:
    tasks = sorted(tasks, key=lambda each: each[0].call.index or -1)
    first = tasks[0][0]
    differences = tuple(
        doubt if done.call.index is None else _of_split(done.call.index, doubt)
        for done, doubt in tasks
        if doubt is not None
    )
    begun = [done for done, _ in tasks if done.begun]
    failed = any(isinstance(done.ended, Failed) for done in begun)
    held_up = next((why for done, _ in tasks if (why := _held_up(done))), "")
    return StepVerification(
        cell=first.call.step.id,
        step=first.call.step.name,
        outcome=_word(failed, bool(differences), bool(held_up)),
        tasks=sum(done.call.part == "body" for done in begun),
        seconds=sum(done.ended.seconds for done in begun),
        differences=differences,
        uncompared=tuple(dict.fromkeys(n for done in begun for n in uncompared(done.record))),
        why=held_up or _accepted(done.record for done, _ in tasks),
    )


def _accepted(records: Iterable[TaskRecord]) -> str:
    """That what was compared with is of another state of the step, if it is."""
    return next((f"accepted: {record.accepted}" for record in records if record.accepted), "")


def _word(failed: bool, differs: bool, held_up: bool) -> Outcome:
    if failed:
        return "failed"
    if differs:
        return "different"
    return "skipped" if held_up else "same"


def _of_split(index: int, doubt: Reason) -> Reason:
    if doubt.before == "a result":
        return doubt
    return Reason(doubt.kind, f"{doubt.subject} of split {index}", doubt.before, doubt.after)
