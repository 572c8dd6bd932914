"""What is kept on the notebook's own classes and functions: noted, compared, handed on."""

from __future__ import annotations

import ast
import builtins
import types
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbflow.errors import UncarriableError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.message import Source, TaskRequest
from nbflow.records.problem import Problem
from nbflow.records.state import is_state, owner_of, state_of
from nbflow.records.task import Change
from nbflow.run.worker.carrying.definition_slots import Slot, is_definition, put_back, slots_of
from nbflow.run.worker.carrying.putting_back import name_functions
from nbflow.run.worker.carrying.results import Results, hidden_mutation
from nbflow.run.worker.shell import WorkerShell
from nbflow.store import class_objects
from nbflow.store.codecs import encode
from nbflow.store.pickling import register_classes
from nbflow.store.visible import look

_ATOMS = (type(None), bool, int, float, complex, str, bytes)
#: What nobody changes in place, or nobody can.
_AS_EVER = (types.ModuleType, types.CodeType)
_NOTE = "__nbflow_note__"


@dataclass(slots=True)
class _Watched:
    """A definition, as its statement left it, and as the body found it."""

    definition: Any
    pristine: Mapping[Slot, object]
    found: Mapping[Slot, object]


class DefinitionState:
    """Watches the definitions of one task, while its body runs."""

    def __init__(self, shell: WorkerShell) -> None:
        self._shell = shell
        self._namespace: dict[str, Any] = shell.user_ns
        self._noting = _Noting()
        self._watched: dict[str, _Watched] = {}
        #: What the body has left on them, by the names that states have.
        self.left: dict[str, dict[str, Any]] = {}
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
            if name not in data and is_definition(value):
                self._note(name)
        for name, state in states.items():
            watched = self._watched.get(owner_of(name) or "")
            if watched is not None:
                for value in state["kept"].values():
                    name_functions(value, self._namespace)
                put_back(watched.definition, state, self._is_bound)
                watched.found = self._marks(watched.definition)

    def changed(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Definitions on which the body has kept something else, and what is kept there now."""
        yield from self._kept(())

    def _kept(self, others: Collection[str]) -> Iterator[tuple[str, dict[str, Any]]]:
        """The same, and of others also what is kept there still."""
        for name, watched in self._watched.items():
            if self._namespace.get(name) is not watched.definition:
                continue
            now = self._marks(watched.definition)
            is_told = state_of(name) in others and now != watched.pristine
            if now != watched.found or is_told:
                yield name, self._difference(name, watched, now)

    def hand_on(
        self, request: TaskRequest, results: Results, store: Callable[[object, str], Artifact]
    ) -> None:
        """Store what the body has kept on definitions."""
        # What is kept on one that is data goes with it.
        for name in self._watched.keys() & set(request.outputs):
            del self._watched[name]
        # What is to stay together with other names goes with them, as it is.
        changed = {state_of(name): state for name, state in self._kept(request.together)}
        self.left = changed
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
        self, name: str, watched: _Watched, now: Mapping[Slot, object]
    ) -> dict[str, Any]:
        slots = slots_of(watched.definition, self._is_bound)
        differing = [slot for slot in now if now[slot] != watched.pristine.get(slot, _NOTHING)]
        for slot in differing:
            try:
                encode(slots[slot], self._namespace, slot.name)
            except UncarriableError:
                if now[slot] != watched.found.get(slot, _NOTHING):
                    self._uncarried.setdefault(name, []).append(slot.name)
                del slots[slot]
        kept = {tuple(slot): slots[slot] for slot in differing if slot in slots}
        return {"kept": kept, "gone": [tuple(slot) for slot in watched.pristine if slot not in now]}

    def _note(self, name: str) -> None:
        definition = self._namespace.get(name)
        if is_definition(definition):
            marks = self._marks(definition)
            self._watched[name] = _Watched(definition, marks, marks)

    def _is_bound(self, part: Any) -> bool:
        """Whether a class or function is a definition by itself."""
        named = isinstance(part, type | types.FunctionType)
        return named and self._namespace.get(part.__name__) is part

    def _marks(self, definition: Any) -> dict[Slot, object]:
        """What tells whether a slot has changed."""
        slots = slots_of(definition, self._is_bound)
        return {slot: self._mark(value) for slot, value in slots.items()}

    def _mark(self, value: Any) -> object:
        if isinstance(value, _ATOMS):
            return type(value), value
        if class_objects.place_of(value):
            return _Same(value)  # what stands in it has a slot of its own
        if callable(value) or hasattr(value, "__get__") or isinstance(value, _AS_EVER):
            return _Same(value)
        try:
            digest: Digest = encode(value, self._namespace, "state").artifact.digest
        except UncarriableError:
            return look(value, self._namespace).digest or _Same(value)
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
