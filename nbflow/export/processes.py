"""What keeps a step in the process of the steps above it."""

from __future__ import annotations

import io
import pickle
from collections.abc import Collection, Iterator
from contextlib import suppress
from enum import Enum
from types import FunctionType
from typing import Any

from nbflow.driver.basis import Basis
from nbflow.export.check import Digests, digest, stored
from nbflow.export.plain import IDLE
from nbflow.flow import Flow, FlowStep
from nbflow.records.ambient import GENERATORS, is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.state import is_state


def alone(flow: Flow, basis: Basis, step: FlowStep) -> str:
    """Why a step sees what no other process has; empty if it does not."""
    # Each split has generators of its own.
    own = GENERATORS if step.step.kind == "foreach" else ()
    found = [*step.clause.inputs, *(name for name in step.body.inputs if name not in own)]
    for name in found:
        if is_ambient(name) or is_state(name):
            return f"it goes on from {name}, as the steps above leave it"
    for record in basis.records[step.id]:
        for fact in record.facts:
            is_own = record.index is not None and fact.subject in own
            if fact.kind == "ambient" and fact.value and not is_own:
                return f"it goes on from {fact.subject}, as the steps above leave it"
    for source in flow.setup_of(step):
        code = next(c for c in flow.cells if c.cell.number == source.source.number)
        is_shown = source.source.text.strip().split(" ")[0] in IDLE
        if code.role in ("step", "foreach") and not is_shown:
            return "it sees what a step above has configured"
    return ""


def unfit(
    basis: Basis, step: FlowStep, defined: Collection[str], without: Collection[str] = ()
) -> str:
    """Why what a step is given, or gives, cannot go to another process; empty if it can.

    Parameters
    ----------
    defined
        The functions and classes that every process has.
    without
        Names of outputs that stay where they are.
    """
    return next((why for _, why in staying(basis, step, defined, without)), "")


def staying(
    basis: Basis, step: FlowStep, defined: Collection[str], without: Collection[str] = ()
) -> Iterator[tuple[Artifact, str]]:
    """What of that cannot go to another process, and why."""
    given = [artifact for record in basis.records[step.id] for artifact in record.items]
    for needs in (step.body, step.clause):
        for one in needs.inputs.values():
            given += [a for v in one.versions if isinstance(a := basis.known.get(v), Artifact)]
    given += [
        artifact
        for record in basis.records[step.id]
        for name, artifact in record.outputs.items()
        if name not in without
    ]
    for artifact in dict.fromkeys(given):
        if why := _why_not(basis, artifact, defined):
            told = f"it passes on a {artifact.type} that no other process can have ({why})"
            yield artifact, told


def unfit_outputs(basis: Basis, step: FlowStep, defined: Collection[str]) -> frozenset[str]:
    """The outputs that cannot go to another process."""
    return frozenset(
        name
        for record in basis.records[step.id]
        for name, artifact in record.outputs.items()
        if _why_not(basis, artifact, defined)
    )


def _why_not(basis: Basis, artifact: Artifact, defined: Collection[str]) -> str:
    if artifact.codec in ("pickle", "joint", "splits"):
        value = basis.load(artifact)
        try:
            _Probe(defined).look(value)
        except Exception as error:  # whatever an object says that cannot be pickled
            return str(error)
        try:
            same = digest(stored(value)) == digest(value)
        except Exception:  # whatever an object says that cannot be taken apart
            return ""
        return "" if same else "a pickle makes another value of it"
    return ""


def holding(basis: Basis, step: FlowStep, owners: Collection[str]) -> str:
    """Which of these definitions a value that a step reads shows; empty if none."""
    for one in step.body.inputs.values():
        for artifact in (basis.known.get(version) for version in one.versions[:1]):
            if isinstance(artifact, Artifact) and owners:
                probe = _Probe(owners)
                with suppress(Exception):  # whatever an object says that cannot be pickled
                    probe.dump(basis.load(artifact))
                kinds = (kind for kind in probe.definitions if isinstance(kind, type))
                bases = {base.__qualname__ for kind in kinds for base in kind.__mro__}
                names = bases.union(each.__qualname__ for each in probe.definitions)
                if found := names.intersection(owners):
                    return min(found)
    return ""


def is_reordered(value: object) -> bool:
    """Whether a pickle brings a set of numbers back in another order."""
    try:
        return _InOrder().of(stored(value)) != _InOrder().of(value)
    except Exception:  # whatever an object says that cannot be taken apart
        return False


class _InOrder(Digests):
    """Digests that tell apart, too, in which order the numbers of a set come."""

    def _content(self, value: Any) -> list[str]:
        # Texts come in another order in each process.
        if type(value) in (set, frozenset) and {*map(type, value)} <= {int, float}:
            return self._all(value)
        return super()._content(value)


class _Probe(pickle.Pickler):
    """Pickles to nowhere, as a process does for another one."""

    def __init__(self, defined: Collection[str]) -> None:
        super().__init__(_Nowhere(), protocol=5)
        self._defined = defined
        #: Classes and functions of the notebook's, and objects of such classes, in the value.
        self.definitions: set[type | FunctionType] = set()
        self._objects: list[object] = []

    def look(self, value: object) -> None:
        """Raise an exception if no other process can have a value, or not as it is."""
        self.dump(value)
        for definition in self.definitions:
            for name, kept in vars(definition).items():
                alike = (each for each in self._objects if type(each) is type(kept))
                if any(digest(each) == digest(kept) for each in alike):
                    raise TypeError(f"it holds `{definition.__qualname__}.{name}`, or another one")

    def reducer_override(self, obj: Any) -> Any:
        """A stand-in for what the notebook defines, where the other process defines it, too."""
        if isinstance(obj, type | FunctionType):
            if "<" in obj.__qualname__:
                raise TypeError(f"`{obj.__qualname__}` has no name of its own")
            if obj.__module__ == "__main__":
                self.definitions.add(obj)
                if obj.__qualname__.partition(".")[0] not in self._defined:
                    raise TypeError(f"`{obj.__qualname__}` stands in a function")
                return str, (obj.__qualname__,)
        if type(obj).__module__ == "__main__" and not isinstance(obj, Enum):
            self._objects.append(obj)
        if isinstance(obj, BaseException) and not _is_made_again(obj):
            raise TypeError("a pickle makes another exception of it")
        if why := _of_array(obj):
            raise TypeError(why)
        if name := _taking_in(type(obj)):
            raise TypeError(f"a pickle calls its `{name}` once more")
        return NotImplemented


def _is_made_again(error: BaseException) -> bool:
    """Whether an exception is what comes of its arguments, of which a pickle makes it once more."""
    if type(error).__reduce__ is not BaseException.__reduce__:
        return True
    made = type(error)(*error.args)
    made.__dict__.update(vars(error))
    return bool(made.args == error.args and str(made) == str(error))


def _of_array(value: Any) -> str:
    """What a pickle leaves behind of an array of another class than NumPy's own."""
    bases = [f"{base.__module__}.{base.__name__}" for base in type(value).__mro__]
    if "numpy.memmap" in bases:
        return "it is mapped from a file"
    if "numpy.ndarray" in bases and bases[0].startswith("__main__.") and vars(value):
        return f"a pickle leaves its `{min(vars(value))}` behind"
    return ""


def _taking_in(kind: type) -> str:
    """The method of the notebook's that a pickle calls to fill a container, or make a number."""
    ours = [c for c in kind.__mro__ if c.__module__ == "__main__" and "_fields" not in vars(c)]
    if issubclass(kind, list | dict | set):
        names: tuple[str, ...] = ("append", "extend", "__setitem__", "update")
    elif issubclass(kind, int | float | complex | str | bytes | tuple | frozenset):
        names = ("__new__",)
    else:
        return ""
    return next((name for name in names for each in ours if name in vars(each)), "")


class _Nowhere(io.RawIOBase):
    def write(self, data: Any) -> int:
        return len(data)
