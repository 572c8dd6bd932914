"""What is kept on the notebook's own classes and functions: noted, compared, handed on.

A class keeps attributes; a function keeps attributes, defaults and the cells of its closure. What
a cache remembers is not kept: values are the same without it.
"""

from __future__ import annotations

import ast
import builtins
import enum
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbflow.errors import UncarriableError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import Source, TaskRequest
from nbflow.records.problem import Problem
from nbflow.records.state import is_state, owner_of, state_of
from nbflow.records.task import Change
from nbflow.run.worker.putting_back import name_functions
from nbflow.run.worker.results import Results, hidden_mutation
from nbflow.run.worker.shell import WorkerShell
from nbflow.store.codecs import encode
from nbflow.store.pickling import register_classes

#: What is kept, by kind and name: ``("attribute", "total")``, ``("default", "0")``.
Slots: TypeAlias = dict[tuple[str, str], Any]

_ATOMS = (type(None), bool, int, float, complex, str, bytes)
_NOTE = "__nbflow_note__"


@dataclass(slots=True)
class _Watched:
    """A definition, as its statement left it, and as the body found it."""

    definition: Any
    pristine: Mapping[tuple[str, str], object]
    found: Mapping[tuple[str, str], object]


class DefinitionState:
    """Watches the definitions of one task, while its body runs."""

    def __init__(self, shell: WorkerShell) -> None:
        self._shell = shell
        self._namespace: dict[str, Any] = shell.user_ns
        self._noting = _Noting()
        self._watched: dict[str, _Watched] = {}
        #: Slots that cannot be carried, by the definition's name.
        self._uncarried: dict[str, list[str]] = {}

    def begin(self, data: Mapping[str, object], states: Mapping[str, Any]) -> None:
        """The definitions have been executed; take over what steps above have kept on them.

        Parameters
        ----------
        data
            Inputs: they are compared as such.
        states
            By the names that states have.
        """
        for name, value in list(self._namespace.items()):
            if name not in data and _is_own(value):
                self._note(name)
        for name, state in states.items():
            watched = self._watched.get(owner_of(name) or "")
            if watched is not None:
                for value in state["kept"].values():
                    name_functions(value, self._namespace)
                _apply(watched.definition, state)
                watched.found = self._marks(watched.definition)

    def changed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Definitions on which the body has kept something else, and what is kept there now."""
        for name, watched in self._watched.items():
            if self._namespace.get(name) is not watched.definition:
                continue
            now = self._marks(watched.definition)
            if now != watched.found:
                yield name, self._difference(name, watched, now)

    def hand_on(
        self, request: TaskRequest, results: Results, store: Callable[[object, str], Artifact]
    ) -> None:
        """Store what the body has kept on definitions."""
        changed = {state_of(name): state for name, state in self.changed()}
        for name, state in changed.items():
            if request.item is not None:
                results.hazards.append(hidden_mutation(request.body, name))
            elif name in request.outputs:
                results.outputs[name] = store(state, name)
            else:
                results.changes.append(Change("state", name, store(state, name)))
        results.absent += [n for n in request.outputs if is_state(n) and n not in changed]
        for owner, slots in self._uncarried.items():
            results.hazards.append(_uncarried(request.body, owner, slots))

    def _difference(
        self, name: str, watched: _Watched, now: Mapping[tuple[str, str], object]
    ) -> dict[str, Any]:
        slots = _slots(watched.definition)
        differing = [slot for slot in now if now[slot] != watched.pristine.get(slot, _NOTHING)]
        for slot in differing:
            try:
                encode(slots[slot], self._namespace, slot[1])
            except UncarriableError:
                if now[slot] != watched.found.get(slot, _NOTHING):
                    self._uncarried.setdefault(name, []).append(slot[1])
                del slots[slot]
        gone = [slot for slot in watched.pristine if slot not in now]
        return {"kept": {slot: slots[slot] for slot in differing if slot in slots}, "gone": gone}

    def _note(self, name: str) -> None:
        definition = self._namespace.get(name)
        if _is_own(definition):
            marks = self._marks(definition)
            self._watched[name] = _Watched(definition, marks, marks)

    def _marks(self, definition: Any) -> dict[tuple[str, str], object]:
        """What tells whether a slot has changed."""
        return {slot: self._mark(value) for slot, value in _slots(definition).items()}

    def _mark(self, value: Any) -> object:
        if isinstance(value, _ATOMS):
            return type(value), value
        if callable(value) or hasattr(value, "__get__") or isinstance(value, types.ModuleType):
            return _Same(value)
        try:
            digest: Digest = encode(value, self._namespace, "state").artifact.digest
        except UncarriableError:
            return _Same(value)
        return digest

    def __enter__(self) -> None:
        def note(name: str) -> None:
            if isinstance(self._namespace.get(name), type):
                register_classes(self._namespace)
            self._note(name)

        setattr(builtins, _NOTE, note)
        self._shell.ast_transformers.append(self._noting)

    def __exit__(self, *_: object) -> None:
        delattr(builtins, _NOTE)
        self._shell.ast_transformers.remove(self._noting)


class _Noting(ast.NodeTransformer):
    """Has a body say when it has executed a definition of its own, to note what that left."""

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Module):
            body: list[ast.stmt] = []
            for statement in node.body:
                body.append(statement)
                if isinstance(statement, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    call = ast.Call(ast.Name(_NOTE, ast.Load()), [ast.Constant(statement.name)], [])
                    note = ast.copy_location(ast.Expr(call), statement)
                    body.append(ast.fix_missing_locations(note))
            node.body = body
        return node


class _Same:
    """Equal to itself with the same object; keeps the object, so that no other takes its place."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other._value is self._value

    __hash__ = None  # type: ignore[assignment]


_NOTHING = object()


def _is_own(value: Any) -> bool:
    if isinstance(value, types.FunctionType):
        return value.__module__ == "__main__"
    return (
        isinstance(value, type)
        and value.__module__ == "__main__"
        and not issubclass(value, enum.Enum)
    )


def _slots(definition: Any) -> Slots:
    if isinstance(definition, type):
        return {
            ("attribute", name): value
            for name, value in vars(definition).items()
            if not (name.startswith("__") and name.endswith("__"))
        }
    slots: Slots = {("attribute", name): value for name, value in vars(definition).items()}
    for place, value in enumerate(definition.__defaults__ or ()):
        slots["default", str(place)] = value
    for name, value in (definition.__kwdefaults__ or {}).items():
        slots["keyword", name] = value
    for name, cell in _cells(definition):
        try:
            slots["closure", name] = cell.cell_contents
        except ValueError:
            continue
    return slots


def _cells(function: Any) -> Iterator[tuple[str, types.CellType]]:
    return zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)


def _apply(definition: Any, state: Mapping[str, Any]) -> None:
    for kind, name in state["gone"]:
        if kind == "attribute" and name in vars(definition):
            delattr(definition, name)
    defaults = list(getattr(definition, "__defaults__", None) or ())
    cells = dict(_cells(definition)) if isinstance(definition, types.FunctionType) else {}
    for (kind, name), value in state["kept"].items():
        match kind:
            case "attribute":
                setattr(definition, name, value)
            case "default" if int(name) < len(defaults):
                defaults[int(name)] = value
            case "keyword":
                definition.__kwdefaults__ = {**(definition.__kwdefaults__ or {}), name: value}
            case "closure" if name in cells:
                cells[name].cell_contents = value
    if defaults:
        definition.__defaults__ = tuple(defaults)


def _uncarried(body: Source, owner: str, slots: list[str]) -> Problem:
    what = ", ".join(f"`{owner}.{slot}`" for slot in slots)
    return Problem(
        code="uncarried-state",
        message=f"step `{body.step}` changes {what}, which cannot be handed on: the steps below do "
        "not see it",
        remedy="Make it in a function that the steps call, or keep there what can be stored.",
        number=body.number,
        severity="warning",
    )
