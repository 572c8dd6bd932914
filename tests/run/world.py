"""A pretended world around a machine: it answers instructions, with nothing behind it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace
from nbformat import NotebookNode

from nbflow.flow import Flow
from nbflow.plan import Call, Preparer
from nbflow.records.artifact import Artifact
from nbflow.records.digest import of_structure
from nbflow.records.lesson import Learnt
from nbflow.records.reason import Reason
from nbflow.records.task import Change, ErrorText, TaskRecord
from nbflow.records.verdict import Reuse, Run
from nbflow.run.machine import Machine
from nbflow.run.tasks import (
    Completed,
    Corrupt,
    Decide,
    Decided,
    Failed,
    Instruction,
    Keep,
    Kill,
    Launch,
)
from tests.flows import flow_of

ERROR = ErrorText("ValueError", "no", ())


def artifact(value: object) -> Artifact:
    return Artifact(of_structure("test", repr(value)), "json", 1, "int", repr(value))


@dataclass
class World:
    """Answers a machine's instructions, with nothing behind it."""

    machine: Machine
    #: Tasks that are found in the cache.
    cached: set[str] = field(default_factory=set)
    #: Items of each foreach by step name.
    items: dict[str, list[object]] = field(default_factory=dict)
    running: dict[str, Call] = field(default_factory=dict)
    started: list[str] = field(default_factory=list)
    killed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    #: What tasks that have completed were seen to do, by task.
    seen: dict[str, dict[str, Any]] = field(default_factory=dict)

    def obey(self, instructions: list[Instruction]) -> None:
        for instruction in instructions:
            match instruction:
                case Decide(call) if call.task in self.cached:
                    record = self.record(call, **self.seen.get(call.task, {}))
                    self.obey(self.machine.handle(Decided(call.task, Reuse(record))))
                case Decide(call):
                    verdict = Run((Reason("never-ran"),))
                    self.obey(self.machine.handle(Decided(call.task, verdict)))
                case Launch(call):
                    self.running[call.task] = call
                    self.started.append(call.task)
                case Kill(task):
                    self.killed.append(task)
                case Keep(encoded):
                    self.kept.append(encoded.artifact.digest)
        self.machine.validate()

    def record(self, call: Call, **fields: Any) -> TaskRecord:
        changes: tuple[Change, ...] = fields.get("changes", ())
        lost = {each.subject for each in changes if each.of_name and each.artifact is None}
        names = set(call.step.outputs) - lost if call.part == "body" else ()
        items = self.items.get(call.step.name, ()) if call.part == "clause" else ()
        record = TaskRecord(
            key=call.key,
            cell=call.step.id,
            step=call.step.name,
            index=call.index,
            recipe=call.fingerprint,
            inputs={},
            outputs={name: artifact((call.task, name)) for name in names},
            items=tuple(artifact(item) for item in items),
        )
        return replace(record, **fields)

    def start(self) -> None:
        self.obey(self.machine.start())

    def finish(self, task: str, **fields: Any) -> None:
        call = self.running.pop(task)
        self.seen[task] = fields
        self.obey(self.machine.handle(Completed(task, self.record(call, **fields))))

    def fail(self, task: str, unbound: str = "", files: tuple[str, ...] = ()) -> None:
        del self.running[task]
        self.obey(self.machine.handle(Failed(task, ERROR, unbound=unbound, files=files)))

    def corrupt(self, task: str, *lost: Artifact) -> None:
        """A task could not load these; the store has put them aside."""
        del self.running[task]
        self.cached.clear()
        self.obey(self.machine.handle(Corrupt(task, tuple(a.digest for a in lost))))

    def start_over(self) -> None:
        """Begin again as the loop does; what has completed is in the cache."""
        assert self.machine.done
        assert self.machine.starts_over
        concerned = self.machine.concerned
        self.cached = {
            name
            for name, task in self.machine.tasks.items()
            if task.state == "completed" and task.step.id not in concerned
        }
        self.machine = self.machine.afresh()
        self.start()

    def finish_all(self) -> None:
        while self.running:
            self.finish(next(iter(self.running)))

    def states(self) -> dict[str, str]:
        return {name: task.state for name, task in self.machine.tasks.items()}


def world(*nodes: NotebookNode | str, workers: int = 4, targets: tuple[str, ...] = ()) -> World:
    flow = flow_of(*nodes)
    assert not flow.found
    ids = [s.id for s in flow.steps.values() if not targets or s.name in targets]

    def rebuild(learnt: Learnt) -> Flow:
        return flow_of(*nodes, learnt=learnt)

    return World(Machine(flow, Preparer(flow, {}), ids, workers, rebuild=rebuild))
