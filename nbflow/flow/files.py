"""The files of a flow: who writes and who reads each, and in which order that has to happen."""

from __future__ import annotations

import ast
import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import msgspec

from nbflow.flow.reach import Input, Needs
from nbflow.flow.scope import FromDefinition, FromStep, Scope, Version
from nbflow.records.facts import Definition
from nbflow.records.files import (
    as_written,
    file_name,
    holder_of,
    is_directory,
    is_file,
    parents_of,
    path_of,
)
from nbflow.records.lesson import Learnt, Lesson
from nbflow.steps import Step


class FileUse(msgspec.Struct, frozen=True):
    """What one step does with files that steps of its flow write."""

    #: Files that it may read, each with the versions above it, newest first.
    reads: Mapping[str, Input] = msgspec.field(default_factory=dict)
    #: Those of them that its source shows; the others were learnt.
    shown: frozenset[str] = frozenset()
    #: Directories of which it reads only that they are there: what lies in them is no input.
    passed: frozenset[str] = frozenset()
    #: Files that it may leave another version of, with the versions above it.
    writes: Mapping[str, Input] = msgspec.field(default_factory=dict)
    #: Cell ids of steps above that must have ended, well or not, before it may write.
    follows: frozenset[str] = frozenset()

    @property
    def every(self) -> Mapping[str, Input]:
        """All of them."""
        return {**self.writes, **self.reads}

    def sources(self) -> set[str]:
        """Cell ids of the steps whose files it reads."""
        return {version.cell for given in self.reads.values() for version in given.versions}


#: Of steps that use no file that steps write.
NO_FILES = FileUse()


@dataclass(slots=True)
class _Seen:
    """The files that one step seems, or is known, to use."""

    index: int
    writes: set[str]
    shown: set[str]
    learnt: set[str]


@dataclass(slots=True)
class FlowFiles:
    """Collects the steps in document order, then wires them by the files they use.

    Parameters
    ----------
    directory
        The notebook's.
    """

    directory: str
    _seen: dict[str, _Seen] = field(default_factory=dict)
    #: Names that cells bind to literals, by cell id.
    _literals: dict[str, Mapping[str, tuple[str | None, str]]] = field(default_factory=dict)
    #: Indexes of the cells that may write each file, in document order, and the cells' ids.
    _writers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    _readers: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    #: Written files by the directory that they lie in.
    _entries: dict[str, set[str]] = field(default_factory=dict)

    def add(self, step: Step, index: int, scope: Scope, body: Needs, lesson: Lesson) -> None:
        """Take in what a step's source and its past runs tell."""
        cell, facts = step.cell.id, step.code.facts
        self._literals[cell] = facts.literals
        reached = [placed.definition for placed in body.definitions]
        constants = self._constants(scope, index, body)
        literals = set(facts.paths).union(constants.values(), *(d.paths for d in reached))
        literals |= {path for d in reached for path in _modules(d)}
        written = set(facts.files_written).union(*(d.files_written for d in reached))
        named = set(facts.written_by_name).union(*(d.written_by_name for d in reached))
        written |= {constants[name] for name in named if name in constants}
        shown = {file_name(as_written(text, self.directory)) for text in literals}
        writes = {file_name(as_written(text, self.directory)) for text in written}
        writes |= set(filter(is_file, lesson.leaves))
        learnt = set(filter(is_file, lesson.reads))
        self._seen[cell] = _Seen(index, writes, shown, learnt)
        for name in writes:
            self._writers.setdefault(name, []).append((index, cell))
            self._entries.setdefault(holder_of(path_of(name)), set()).add(name)

    def wire(self) -> dict[str, FileUse]:
        """What each step does with the flow's files, once all steps have been added."""
        uses: dict[str, FileUse] = {}
        if not self._writers:
            return uses
        for cell, seen in self._seen.items():
            shown = self._expanded(seen.shown)
            # Whatever lies in a directory needs it, whoever makes it.
            shown |= self._parents(seen)
            reads = shown | self._expanded(seen.learnt)
            named = {path_of(name).rstrip("/") for name in seen.shown | seen.learnt}
            folders = {name for name in reads if is_directory(path_of(name))}
            for name in reads:
                self._readers.setdefault(name, []).append((seen.index, cell))
            if reads or seen.writes:
                uses[cell] = FileUse(
                    reads={name: self._input(name, seen.index) for name in sorted(reads)},
                    shown=frozenset(shown),
                    passed=frozenset(f for f in folders if path_of(f).rstrip("/") not in named),
                    writes={name: self._input(name, seen.index) for name in sorted(seen.writes)},
                    follows=frozenset(self._before(seen)),
                )
        return uses

    def is_left_above(self, name: str, index: int) -> bool:
        """Whether a step above the cell of this index may write a file, or one in a directory."""
        return any(
            writer[0] < index
            for each in self._expanded([name])
            for writer in self._writers.get(each, ())
        )

    def shows(self, cell: str, name: str) -> bool:
        """Whether a step's source names a file, whoever writes it."""
        return name in self._seen[cell].shown

    def meets_others(self, cell: str, new: Lesson, learnt: Learnt) -> bool:
        """Whether a lesson about the files of one step orders it with another step.

        Parameters
        ----------
        learnt
            All lessons since the flow was built.
        """
        written, read = set(filter(is_file, new.leaves)), set(filter(is_file, new.reads))
        if not written and not read:
            return False
        every = self._writers.keys() | {n for told in learnt.values() for n in told.leaves}
        if not written and not _meet(read, set(filter(is_file, every))):
            return False
        for other, seen in self._seen.items():
            if other == cell:
                continue
            lesson = learnt.get(other, Lesson())
            writes = {*seen.writes, *filter(is_file, lesson.leaves)}
            reads = {*seen.shown, *seen.learnt, *filter(is_file, lesson.reads)}
            if _meet(written, writes | reads) or _meet(read, writes):
                return True
        return False

    def last_writer(self, name: str) -> str | None:
        """The cell id of the step that leaves the last version of a file."""
        writers = self.writers(name)
        return writers[-1] if writers else None

    def writers(self, name: str) -> tuple[str, ...]:
        """The cell ids of all that may write a file, from top to bottom."""
        return tuple(cell for _, cell in self._writers.get(name, ()))

    def _expanded(self, names: Iterable[str]) -> set[str]:
        """Those of these files that the flow writes, and what it writes in those directories."""
        found: set[str] = set()
        for name in names:
            if name in self._writers:
                found.add(name)
            path = path_of(name)
            if not is_directory(path) and f"{name}/" in self._writers:
                found.add(f"{name}/")
            found |= self._entries.get(path.rstrip("/"), set())
        return found

    def _constants(self, scope: Scope, index: int, body: Needs) -> dict[str, str]:
        """Texts that the names which a step reads are bound to, as far as sources show them."""
        found: dict[str, str] = {}
        names = {*body.inputs, *(name for p in body.definitions for name in p.definition.names)}
        for name in names:
            for binding in scope.above(name, (index, 0))[:1]:
                match binding:
                    case FromDefinition(placed) if placed.definition.kind == "constant":
                        source = placed.definition.source.partition("=")[2]
                    case FromStep(version):
                        source = self._literals.get(version.cell, {}).get(name, (None, ""))[1]
                    case _:
                        continue
                with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
                    value = ast.literal_eval(source.strip())
                    if isinstance(value, str) and 0 < len(value) < 200 and "\n" not in value:
                        found[name] = value
        return found

    def _parents(self, seen: _Seen) -> set[str]:
        used = {*seen.writes, *seen.shown, *seen.learnt}
        parents = {file_name(p) for name in used for p in parents_of(path_of(name))}
        # Who makes it, as all do who need it, does not wait for the others.
        return (parents & self._writers.keys()) - seen.writes

    def _input(self, name: str, index: int) -> Input:
        writers = self._writers.get(name, [])
        above = writers[: bisect_left(writers, index, key=lambda each: each[0])]
        return Input(name, tuple(Version(name, cell) for _, cell in reversed(above)))

    def _before(self, seen: _Seen) -> set[str]:
        return {
            cell
            for name in seen.writes
            if not is_directory(path_of(name))
            for index, cell in (*self._writers.get(name, ()), *self._readers.get(name, ()))
            if index < seen.index
        }


def _modules(definition: Definition) -> Sequence[str]:
    """Files beside the notebook that an import may read."""
    roots = [module.lstrip(".").split(".") for module in definition.modules]
    files = [f"{posixpath.join(*parts)}.py" for parts in roots if parts[0]]
    return [*files, *(f"{posixpath.join(*parts)}/__init__.py" for parts in roots if parts[0])]


def _meet(some: set[str], others: set[str]) -> bool:
    """Whether two sets of files have one in common, or a directory that an entry of lies in."""
    return not (some | _around(some)).isdisjoint(others) or not some.isdisjoint(_around(others))


def _around(names: Iterable[str]) -> set[str]:
    found = {file_name(parent) for name in names for parent in parents_of(path_of(name))}
    return found | {file_name(f"{holder_of(path_of(name))}/") for name in names}
