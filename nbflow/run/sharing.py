"""Names that share objects across steps, and what steps must hand on for it to hold.

Sharing is in every record, but costs nothing until it can be observed: when a step changes such
an object in place, compares identities, reads two names of what is equal to itself only, or
builds one value from two that share. Then each step that gave one of the names hands on those
that were there before, together with its own; so whoever stands below has all of them from one
place.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nbflow.analysis.syntax import parse
from nbflow.flow import Flow, FlowStep, Version
from nbflow.flow.scope import FromDefinition, FromParameter, FromStep
from nbflow.records.groups import Groups
from nbflow.records.lesson import Lesson
from nbflow.records.problem import Problem
from nbflow.records.task import Shared, TaskRecord, Thing

#: Words without which nobody asks for it.
_IDENTITY = re.compile(r"\b(is|id)\b")
#: Kinds of changes by which others can see that they share something, by what it is.
_CHANGES: Mapping[Thing, tuple[str, ...]] = {
    "objects": ("input", "object", "state"),
    "axes": ("axes",),
    "memory": ("memory",),
}
_ALL_CHANGES = frozenset().union(*_CHANGES.values())


@dataclass
class _Shares:
    """What shares one kind of things."""

    groups: Groups[Version] = field(default_factory=Groups)
    #: Members that a step made of at least two others, each read on its own.
    built: set[Version] = field(default_factory=set)


class Sharing:
    """What is known of it in one run.

    Responsibilities: from the records so far, what each step has to be told. What is told depends
    on the records alone, not on their order.
    """

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._index = {code.cell.id: index for index, code in enumerate(flow.cells)}
        #: Records of steps (not of splits) by cell id.
        self._records: dict[str, TaskRecord] = {}
        #: Those of steps that could see what shares anything, by changing it or by asking.
        self._observers: dict[str, TaskRecord] = {}
        #: What shares mutable objects, and what shares those or indexes, or those or memory.
        self._shares = {what: _Shares() for what in _CHANGES}
        #: The same with what splits share, which nobody hands on: each has a copy of its own.
        self._all = {what: _Shares() for what in _CHANGES}
        self._of_splits: set[Version] = set()
        #: What shares objects that are equal to themselves only, and whether some are new.
        self._apart: set[Version] = set()
        self._is_new = False

    def add(self, step: FlowStep, record: TaskRecord) -> None:
        """Take in what a task has shown."""
        if step.step.kind != "step":
            self._add_split(step, record)
            return
        self._records[step.id] = record
        self._observers.pop(step.id, None)
        if _may_observe(step, record):
            self._observers[step.id] = record
        for shared in record.shares:
            read = [v for name in shared.read if (v := self._live(name, step.index))]
            left = [Version(name, step.id) for name in shared.left]
            if shared.apart:
                self._apart.update(left)
                self._is_new = True
            built = left if len(read) > 1 and not self._are_joint(read) else []
            for what in _layers(shared):
                for shares in (self._shares[what], self._all[what]):
                    shares.groups.join(left[0], [*read, *left])
                    shares.built.update(built)

    def _add_split(self, step: FlowStep, record: TaskRecord) -> None:
        clause = step.step.clause
        for shared in record.shares:
            names = set(shared.read)
            if clause is not None and clause.target in names:
                # Its item is a part of what the clause has read.
                names = names - {clause.target} | step.clause.inputs.keys()
            read = [v for name in sorted(names) if (v := self._live(name, step.index))]
            left = [Version(name, step.id) for name in shared.left]
            self._of_splits.update(left)
            for what in _layers(shared):
                self._all[what].groups.join(left[0], [*read, *left])

    def problems(self) -> Iterator[Problem]:
        """Changes of what a foreach's splits share with other names, which do not reach them."""
        if not self._of_splits:
            return
        for what, shares in self._all.items():
            members = shares.groups.members()
            for cell, record in self._observers.items():
                step = self._flow.steps[cell]
                for top, changes in self._observed(step, record, shares, what).items():
                    live = [v for v in members[top] if self._live(v.name, step.index) == v]
                    if changes and len(live) > 1 and not self._of_splits.isdisjoint(live):
                        yield _apart(step, sorted(v.name for v in live))

    def lessons(self) -> dict[str, Lesson]:
        """What steps have to read, to leave and to leave together, by cell id."""
        found: dict[str, Lesson] = {}
        for told, lesson in self._of_readers():
            found[told] = found.get(told, Lesson()) | lesson
        for what, shares in self._shares.items():
            members = shares.groups.members() if self._observers else {}
            for cell, record in self._observers.items():
                step = self._flow.steps[cell]
                for top, changes in self._observed(step, record, shares, what).items():
                    group = [v for v in members[top] if self._index[v.cell] <= step.index]
                    if self._can_be_seen(step, group, changes, shares):
                        for told, lesson in self._carried(group, step, changes):
                            found[told] = found.get(told, Lesson()) | lesson
        return {cell: new for cell, one in found.items() if (new := self._beyond(cell, one))}

    def of_failed(self, step: FlowStep) -> dict[str, Lesson]:
        """The same for a step that has failed: what it changed under one name, others show."""
        found: dict[str, Lesson] = {}
        for shares in self._shares.values():
            for told, lesson in self._of_reader(step, shares.groups, shares.groups.members()):
                found[told] = found.get(told, Lesson()) | lesson
        return {cell: new for cell, one in found.items() if (new := self._beyond(cell, one))}

    def _of_readers(self) -> Iterator[tuple[str, Lesson]]:
        """What is to be carried for steps that read several names of what is told apart.

        They need not have run: one that looks for an object among its copies may fail.
        """
        if not self._is_new:
            return
        self._is_new = False
        groups = self._shares["objects"].groups
        apart = {groups.top(version) for version in self._apart}
        members = {top: group for top, group in groups.members().items() if top in apart}
        for step in self._flow.steps.values():
            yield from self._of_reader(step, groups, members)

    def _of_reader(
        self,
        step: FlowStep,
        groups: Groups[Version],
        members: Mapping[Version, Sequence[Version]],
    ) -> Iterator[tuple[str, Lesson]]:
        """What is to be carried for one step, of the groups whose members are given."""
        read: dict[Version, list[Version]] = {}
        for name in step.body.inputs:
            version = self._live(name, step.index)
            if version is None or version not in groups:
                continue
            if (top := groups.top(version)) in members:
                read.setdefault(top, []).append(version)
        for top, versions in read.items():
            if len(versions) > 1 and not self._are_joint(versions):
                group = [v for v in members[top] if self._index[v.cell] <= step.index]
                yield from self._carried(group, step, changes=False)

    def _observed(
        self, step: FlowStep, record: TaskRecord, shares: _Shares, what: Thing
    ) -> dict[Version, bool]:
        """The groups of which a step can see that they share, and whether it changes one."""
        found: dict[Version, bool] = {}
        mutated = () if what != "objects" else step.step.code.facts.mutates
        for name in record.inputs:
            version = self._live(name, step.index)
            if version is None or version not in shares.groups:
                continue
            changed = any(c.kind in _CHANGES[what] and c.subject == name for c in record.changes)
            given = record.outputs.get(name)
            if name in mutated and given is not None:
                changed |= given.digest != record.inputs[name]
            if changed or compares_identity(step.step.code.body):
                top = shares.groups.top(version)
                found[top] = found.get(top, False) or changed
        return found

    def _can_be_seen(
        self, step: FlowStep, group: list[Version], changes: bool, shares: _Shares
    ) -> bool:
        live = {v.name for v in group if self._live(v.name, step.index) == v}
        read = live.intersection(self._records[step.id].inputs)
        return len(live if changes else read) > 1 or not shares.built.isdisjoint(group)

    def _carried(
        self, group: list[Version], last: FlowStep, changes: bool
    ) -> Iterator[tuple[str, Lesson]]:
        """What each step that gives a member hands on, down to the one that changes them."""
        cells = {version.cell for version in group if version.cell != last.id}
        cells |= {last.id} if changes else set()
        for cell in sorted(cells, key=self._index.__getitem__):
            step = self._flow.steps.get(cell)
            if step is None or step.step.kind != "step":
                continue
            earlier = frozenset(
                v.name
                for v in group
                if self._index[v.cell] < step.index and self._live(v.name, step.index) == v
            )
            own = {v.name for v in group if v.cell == cell}
            if len(earlier | own) > 1:
                yield cell, Lesson(earlier, earlier, earlier | own)

    def _beyond(self, cell: str, lesson: Lesson) -> Lesson:
        step = self._flow.steps[cell]
        known = self._flow.learnt.get(cell, Lesson())
        return lesson.beyond(known | Lesson(frozenset(step.body.inputs), frozenset(step.outputs)))

    def _live(self, name: str, index: int) -> Version | None:
        """The version that a name means above a step; one that is not there yet counts as bound."""
        for binding in self._flow.scope.above(name, (index, 0)):
            match binding:
                case FromStep(version):
                    record = self._records.get(version.cell)
                    if record is None or name not in record.absent:
                        return version
                case FromDefinition(placed):
                    return Version(name, placed.cell.id)
                case FromParameter(cell):
                    return Version(name, cell.id)
                case _:
                    return None
        return None

    def _are_joint(self, versions: Iterable[Version]) -> bool:
        """Whether a task that reads these gets all of them from one place."""
        records = [(v, self._records.get(v.cell)) for v in versions]
        given = [record and record.outputs.get(v.name) for v, record in records]
        places = {artifact and artifact.joint for artifact in given}
        return len(places) == 1 and None not in places


def _layers(shared: Shared) -> tuple[Thing, ...]:
    """As whose sharing it counts: who shares objects shares all that is in them."""
    return (*_CHANGES,) if shared.what == "objects" else (shared.what,)


def _may_observe(step: FlowStep, record: TaskRecord) -> bool:
    changes = any(change.kind in _ALL_CHANGES for change in record.changes)
    mutates = not record.inputs.keys().isdisjoint(step.step.code.facts.mutates)
    return changes or mutates or compares_identity(step.step.code.body)


def _apart(step: FlowStep, names: Sequence[str]) -> Problem:
    listed = " and ".join(f"`{name}`" for name in names)
    return Problem(
        code="unkept-sharing",
        message=f"step `{step.name}` changes an object that {listed} share: splits of a foreach "
        "have copies of their own, so that the change is seen under one name only",
        remedy="Change it before the foreach, or copy in the foreach what it keeps.",
        cell=step.id,
        number=step.step.cell.number,
        severity="warning",
    )


@lru_cache(maxsize=4096)
def compares_identity(body: str) -> bool:
    """Whether code asks which object something is, not only whether it is None or so."""
    if _IDENTITY.search(body) is None:
        return False
    try:
        statements = parse(body).statements
    except (SyntaxError, ValueError, RecursionError):
        return False
    return any(_compares(node) for each in statements for node in ast.walk(each))


def _compares(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=operators, comparators=others):
            return any(
                isinstance(operator, ast.Is | ast.IsNot) and not isinstance(other, ast.Constant)
                for operator, other in zip(operators, others, strict=True)
            )
        case ast.Call(func=ast.Name("id")):
            return True
    return False
