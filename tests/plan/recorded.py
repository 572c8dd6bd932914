"""A history kept in lists: what planning and deciding ask, answered without a store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from nbflow.flow import Flow, FlowStep, Version
from nbflow.plan import Blocked, Call, Known, Lost, Preparer, Waiting, decide
from nbflow.plan.plan import output_state
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_structure
from nbflow.records.reason import Reason
from nbflow.records.task import Recipe, TaskRecord
from nbflow.records.verdict import Reuse


def artifact(value: object) -> Artifact:
    return Artifact(of_structure("test", repr(value)), "json", 1, "int", repr(value))


@dataclass
class Recorded:
    """A :class:`nbflow.plan.Lookup` in memory."""

    records: list[TaskRecord] = field(default_factory=list)
    recipes: dict[Digest, Recipe] = field(default_factory=dict)
    lost: set[Digest] = field(default_factory=set)
    doubts: dict[tuple[str, Digest], Reason] = field(default_factory=dict)
    changed: dict[str, Reason] = field(default_factory=dict)
    failed: dict[tuple[str, int | None], Reason] = field(default_factory=dict)

    def candidates(self, key: Digest) -> Sequence[TaskRecord]:
        return [record for record in reversed(self.records) if record.key == key]

    def latest(self, cell: str, index: int | None) -> TaskRecord | None:
        found = [r for r in self.records if r.cell == cell and r.index == index]
        return found[-1] if found else None

    def recipe(self, fingerprint: Digest) -> Recipe | None:
        return self.recipes.get(fingerprint)

    def changed_fact(self, record: TaskRecord, call: Call) -> Reason | None:
        assert call.step.id == record.cell
        return self.changed.get(record.step)

    def missing(self, artifacts: Iterable[Artifact]) -> Collection[Digest]:
        return {a.digest for a in artifacts} & self.lost

    def doubt(self, cell: str, fingerprint: Digest) -> Reason | None:
        return self.doubts.get((cell, fingerprint))

    def failure(self, cell: str, index: int | None, key: Digest | None) -> Reason | None:  # noqa: ARG002
        return self.failed.get((cell, index))

    def seconds(self, cell: str) -> float | None:
        return next((r.seconds for r in reversed(self.records) if r.cell == cell), None)


@dataclass
class Pretender:
    """Runs the plain steps of flows in order, pretending their outputs."""

    history: Recorded = field(default_factory=Recorded)
    #: Steps that ran, in order.
    ran: list[str] = field(default_factory=list)
    reasons: dict[str, tuple[Reason, ...]] = field(default_factory=dict)

    def run(self, flow: Flow, values: dict[str, object] | None = None, **outputs: object) -> None:
        """Bring a flow up to date; ``outputs`` give the steps' results by name."""
        given = {p.name: p.default for p in flow.parameters} | (values or {})
        preparer = Preparer(flow, {name: artifact(value) for name, value in given.items()})
        known: dict[Version, Artifact | Lost] = {}
        self.ran, self.reasons = [], {}
        for cell in flow.order:
            record = self._step(preparer, flow.steps[cell], known, outputs)
            for name in flow.steps[cell].outputs:
                known[Version(name, cell)] = output_state(record, name)

    def _step(
        self, preparer: Preparer, step: FlowStep, known: Known, outputs: dict[str, object]
    ) -> TaskRecord:
        call = preparer.call(step, "body", known)
        assert not isinstance(call, Waiting | Blocked)
        verdict = decide(call, self.history)
        if isinstance(verdict, Reuse):
            return verdict.record
        self.ran.append(step.name)
        self.reasons[step.name] = verdict.reasons
        record = self._record(call, outputs)
        self.history.records.append(record)
        self.history.recipes[call.fingerprint] = call.recipe
        return record

    def _record(self, call: Call, outputs: dict[str, object]) -> TaskRecord:
        # By default a result is told by the key: another key gives another value.
        values = {n: artifact(outputs.get(n, (n, call.key))) for n in call.step.outputs}
        return TaskRecord(
            call.key,
            call.step.id,
            call.step.name,
            call.index,
            call.fingerprint,
            call.digests,
            values,
            call.shown(),
            seconds=2.0,
        )
