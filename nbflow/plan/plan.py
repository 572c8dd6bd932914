"""Walks a flow without running it, and says of every step what a run would do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from nbflow.errors import FlowError
from nbflow.flow import Flow, FlowStep, Version
from nbflow.flow.graph import Part
from nbflow.plan.call import Blocked, Call, Lost, Waiting
from nbflow.plan.decide import Lookup, recipe_differences
from nbflow.plan.prepare import Preparer
from nbflow.plan.replay import replay_of
from nbflow.records.artifact import Artifact
from nbflow.records.files import path_of
from nbflow.records.reason import Reason
from nbflow.records.task import TaskRecord, stays
from nbflow.records.verdict import Reuse, Run
from nbflow.store.codecs import encode_splits


class StepPlan(msgspec.Struct, frozen=True):
    """What a run would do with one step."""

    cell: str
    step: str
    #: ``unknown``: it depends on what steps above give once they have run;
    #: ``blocked``: it, or a step above it, has a problem.
    verdict: Literal["reuse", "run", "unknown", "blocked"]
    #: Why it runs, or what is to be said of what is reused; those of a foreach's splits once each.
    reasons: tuple[Reason, ...] = ()
    #: Names of the steps an unknown verdict waits for.
    waiting_on: tuple[str, ...] = ()
    #: Tasks of the step as far as they are known, and how many of them are reused.
    tasks: int = 1
    reused: int = 0
    #: Seconds of one task: what those that are reused took, or else what the last ones did;
    #: None when the step never ran.
    seconds: float | None = None
    #: Names of the steps that it carries out once more, for values that cannot be carried to it.
    replays: tuple[str, ...] = ()
    #: What a step that is reused gives, by name, where that can be carried.
    outputs: Mapping[str, Artifact] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What a run would do, step by step, in document order."""

    steps: tuple[StepPlan, ...]

    def __getitem__(self, name: str) -> StepPlan:
        for step in self.steps:
            if step.step == name:
                return step
        names = ", ".join(f"`{step.step}`" for step in self.steps)
        raise FlowError(f"the plan has no step `{name}`", f"Its steps: {names}.")

    def __iter__(self) -> Iterator[StepPlan]:
        return iter(self.steps)

    def __repr__(self) -> str:
        counts = Counter(step.verdict for step in self.steps)
        return f"<plan: {', '.join(f'{n} {verdict}' for verdict, n in counts.items()) or 'empty'}>"


@dataclass(slots=True)
class Walk:
    """Goes through the steps, each of which may need what those before it gave."""

    flow: Flow
    preparer: Preparer
    lookup: Lookup
    broken: frozenset[str]
    judge: Callable[[Call], Reuse | Run]
    #: The tasks that are reused, clauses and splits too.
    reused: list[tuple[Call, Reuse]] = field(default_factory=list)
    known: dict[Version, Artifact | Lost] = field(default_factory=dict)
    #: The splits' artifacts of foreach outputs, for the foreach steps that follow them.
    items: dict[Version, tuple[Artifact, ...]] = field(default_factory=dict)

    def plan(self, targets: Iterable[str]) -> Plan:
        """Plan the steps with these cell ids and all they depend on."""
        wanted = self.flow.closure(targets)
        plans = {
            cell: self.step(self.flow.steps[cell]) for cell in self.flow.order if cell in wanted
        }
        return Plan(tuple(plans[cell] for cell in self.flow.steps if cell in plans))

    def step(self, step: FlowStep) -> StepPlan:
        """Plan a step; those that it needs come first."""
        if step.id in self.broken:
            return self._blocked(step)
        if step.step.kind == "foreach":
            return self._foreach(step)
        match self.preparer.call(step, "body", self.known):
            case Waiting(versions):
                return self._unknown(step, versions)
            case Blocked():
                return self._blocked(step)
            case Call() as call:
                return self._one(step, call)

    def _one(self, step: FlowStep, call: Call) -> StepPlan:
        verdict = self._verdict(call)
        replays = tuple(replay.step.name for replay in call.replays)
        if not isinstance(verdict, Reuse):
            return self._plan(step, "run", verdict.reasons, replays=replays)
        for name in step.outputs:
            self.known[Version(name, step.id)] = output_state(verdict.record, name, call)
        self._files(step, [verdict.record])
        return self._reuse(step, verdict.reasons, [verdict.record], replays)

    def _verdict(self, call: Call) -> Reuse | Run:
        verdict = self.judge(call)
        if isinstance(verdict, Reuse):
            self.reused.append((call, verdict))
        return verdict

    def _foreach(self, step: FlowStep) -> StepPlan:
        told: tuple[Reason, ...] = ()
        if step.elementwise is not None:
            items = self.items.get(step.elementwise)
            if items is None:
                return self._unknown(step, (step.elementwise,))
        else:
            match self.preparer.call(step, "clause", self.known):
                case Waiting(versions):
                    return self._unknown(step, versions)
                case Blocked():
                    return self._blocked(step)
                case Call() as call:
                    verdict = self._verdict(call)
                    if not isinstance(verdict, Reuse):
                        return self._plan(step, "run", verdict.reasons)
                    items, told = verdict.record.items, verdict.reasons
        return self._splits(step, items, told)

    def _splits(
        self, step: FlowStep, items: Sequence[Artifact], told: tuple[Reason, ...]
    ) -> StepPlan:
        records: list[TaskRecord] = []
        reasons: dict[Reason, None] = {}
        remarks: dict[Reason, None] = dict.fromkeys(told)
        seen: Counter[str] = Counter()
        for index, item in enumerate(items):
            occurrence = seen[item.digest]
            seen[item.digest] += 1
            call = self.preparer.call(step, "body", self.known, index, item, occurrence)
            match call:
                case Waiting(versions):
                    return self._unknown(step, versions, len(items))
                case Blocked():
                    return self._blocked(step)
                case Call():
                    verdict = self._verdict(call)
            if isinstance(verdict, Reuse):
                records.append(verdict.record)
                remarks.update(dict.fromkeys(verdict.reasons))
            else:
                reasons.update(dict.fromkeys(verdict.reasons))
        if len(records) < len(items):
            told = tuple(dict.fromkeys((*reasons, *remarks)))
            return self._plan(step, "run", told, tasks=len(items), reused=len(records))
        for name in step.outputs:
            version = Version(name, step.id)
            parts = tuple(r.outputs[name] for r in records if name in r.outputs)
            if len(parts) == len(items):
                self.items[version] = parts
                self.known[version] = encode_splits(parts).artifact
            else:
                self.known[version] = Lost("failed", f"`{name}` is not bound by every split")
        self._files(step, records)
        return self._reuse(step, tuple(remarks), records)

    def _reuse(
        self,
        step: FlowStep,
        reasons: tuple[Reason, ...],
        records: Sequence[TaskRecord],
        replays: tuple[str, ...] = (),
    ) -> StepPlan:
        names = (*step.outputs, *step.files.writes)
        states = {name: self.known.get(Version(name, step.id)) for name in names}
        outputs = {name: each for name, each in states.items() if isinstance(each, Artifact)}
        tasks = len(records)
        took = sum(record.seconds for record in records) / max(tasks, 1)
        return self._plan(step, "reuse", reasons, (), tasks, tasks, replays, outputs, took)

    def _files(self, step: FlowStep, records: Sequence[TaskRecord]) -> None:
        for name in step.files.writes:
            self.known[Version(name, step.id)] = last_file_state(records, path_of(name))

    def _unknown(self, step: FlowStep, versions: Iterable[Version], tasks: int = 1) -> StepPlan:
        if any(version.cell in self.broken for version in versions):
            return self._blocked(step)
        failure = self.lookup.failure(step.id, None, None)
        failures = (failure,) if failure is not None else ()
        if self.lookup.latest(step.id, None) is None:
            # Whatever the steps above give, there is nothing to find.
            never = Reason("never-ran", step.name)
            return self._plan(step, "run", (*failures, never), tasks=tasks)
        names = dict.fromkeys(self.flow.steps[version.cell].name for version in versions)
        doubt = self.lookup.doubt(step.id, self.preparer.fingerprint(step, "body"))
        doubts = (doubt,) if doubt is not None else ()
        told = (*failures, *self._edits(step), *doubts)
        own = self.preparer.fingerprint(step, "body")
        if any(reason.kind == "source" for reason in told) and self.lookup.recipe(own) is None:
            return self._plan(step, "run", told, tasks=tasks)  # nothing of it was ever run
        return self._plan(step, "unknown", told, tuple(names), tasks)

    def _edits(self, step: FlowStep) -> Iterator[Reason]:
        """What the step itself says otherwise than when it ran last, whatever it will be given."""
        parts: tuple[tuple[Part, int | None], ...] = (("body", None),)
        if step.step.kind == "foreach":
            parts = (("clause", None), ("body", 0))
        for part, index in parts:
            latest = self.lookup.latest(step.id, index)
            if latest is None or latest.recipe == self.preparer.fingerprint(step, part):
                continue
            before, now = self.lookup.recipe(latest.recipe), self.preparer.recipe(step, part)
            for reason in recipe_differences(before, now, step.name) if before else ():
                # A definition that is gone, or new, may have come with a value.
                if reason.kind != "definition" or (reason.before and reason.after):
                    yield reason

    def _blocked(self, step: FlowStep) -> StepPlan:
        self.broken |= {step.id}
        for name in step.outputs:
            self.known[Version(name, step.id)] = Lost("failed", step.name)
        for name in step.files.writes:
            self.known[Version(name, step.id)] = Lost("failed", step.name)
        return self._plan(step, "blocked")

    def _plan(
        self,
        step: FlowStep,
        verdict: Literal["reuse", "run", "unknown", "blocked"],
        reasons: tuple[Reason, ...] = (),
        waiting_on: tuple[str, ...] = (),
        tasks: int = 1,
        reused: int = 0,
        replays: tuple[str, ...] = (),
        outputs: Mapping[str, Artifact] | None = None,
        seconds: float | None = None,
    ) -> StepPlan:
        return StepPlan(
            cell=step.id,
            step=step.name,
            verdict=verdict,
            reasons=reasons,
            waiting_on=waiting_on,
            tasks=tasks,
            reused=reused,
            seconds=self.lookup.seconds(step.id) if seconds is None else seconds,
            replays=replays,
            outputs=outputs or {},
        )


def outputs_of(record: TaskRecord, names: Iterable[str]) -> Mapping[str, Artifact]:
    """The artifacts that a record holds for these names."""
    if not record.changes:
        return record.outputs
    found = {change.subject: change.artifact for change in record.changes if change.of_name}
    given = {name: record.outputs.get(name) or found.get(name) for name in names}
    return {name: artifact for name, artifact in given.items() if artifact is not None}


def file_state(record: TaskRecord, path: str) -> Artifact | Lost:
    """What a record says of one file."""
    for change in reversed(record.changes):
        if change.kind == "file" and change.subject == path:
            return change.artifact or Lost("removed")
    return Lost("absent")


def last_file_state(records: Iterable[TaskRecord], path: str) -> Artifact | Lost:
    """What the tasks of one step leave of a file: the last split that wrote it counts."""
    states = [file_state(record, path) for record in records]
    written = [state for state in states if state != Lost("absent")]
    return written[-1] if written else Lost("absent")


def output_state(record: TaskRecord, name: str, call: Call | None = None) -> Artifact | Lost:
    """What a record says of one output name.

    Parameters
    ----------
    call
        The record's own call, where a reader may carry it out once more.
    """
    artifact = outputs_of(record, [name]).get(name)
    if artifact is not None:
        return artifact
    one = stays(record).get(name)
    if one is None:
        return Lost("absent")
    replay = replay_of(call, record) if call is not None else None
    return Lost("uncarried", one.detail, replay, one.free)
