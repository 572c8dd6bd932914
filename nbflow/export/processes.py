"""What keeps a step in the process of the steps above it."""

from __future__ import annotations

import io
import pickle
from collections.abc import Collection
from types import FunctionType
from typing import Any

from nbflow.driver.basis import Basis
from nbflow.export.check import Digests, digest, stored
from nbflow.export.plain import IDLE
from nbflow.flow import Flow, FlowStep
from nbflow.records.ambient import is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.state import is_state


def alone(flow: Flow, basis: Basis, step: FlowStep) -> str:
    """Why a step sees what no other process has; empty if it does not."""
    for name in (*step.body.inputs, *step.clause.inputs):
        if is_ambient(name) or is_state(name):
            return f"it goes on from {name}, as the steps above leave it"
    for record in basis.records[step.id]:
        for fact in record.facts:
            if fact.kind == "ambient" and fact.value:
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
            return f"it passes on a {artifact.type} that no other process can have ({why})"
    return ""


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
            _Probe(defined).dump(value)
        except Exception as error:  # whatever an object says that cannot be pickled
            return str(error)
        try:
            same = digest(stored(value)) == digest(value)
        except Exception:  # whatever an object says that cannot be taken apart
            return ""
        return "" if same else "a pickle makes another value of it"
    return ""


def is_reordered(value: object) -> bool:
    """Whether a pickle brings a set back in another order, or numbers otherwise in memory."""
    try:
        return _AsItLies().of(stored(value)) != _AsItLies().of(value)
    except Exception:  # whatever an object says that cannot be taken apart
        return False


class _AsItLies(Digests):
    """Digests that tell apart, too, what sums in another order: and so to another last digit."""

    def _content(self, value: Any) -> list[str]:
        # Texts come in another order in each process.
        if type(value) in (set, frozenset) and {*map(type, value)} <= {int, float}:
            return self._all(value)
        return super()._content(value)

    def _array(self, value: Any) -> list[str]:
        kept = super()._array(value)
        if value.dtype.kind in "fc":
            sides = zip(value.shape, value.strides, strict=True)
            kept += [str(stride) for length, stride in sides if length > 1]
        return kept


class _Probe(pickle.Pickler):
    """Pickles to nowhere, as a process does for another one."""

    def __init__(self, defined: Collection[str]) -> None:
        super().__init__(_Nowhere(), protocol=5)
        self._defined = defined

    def reducer_override(self, obj: Any) -> Any:
        """A stand-in for what the notebook defines, where the other process defines it, too."""
        if isinstance(obj, type | FunctionType):
            if "<" in obj.__qualname__:
                raise TypeError(f"`{obj.__qualname__}` has no name of its own")
            if obj.__module__ == "__main__":
                if obj.__qualname__.partition(".")[0] not in self._defined:
                    raise TypeError(f"`{obj.__qualname__}` stands in a function")
                return str, (obj.__qualname__,)
        if name := _taking_in(type(obj)):
            raise TypeError(f"a pickle calls its `{name}` once more")
        return NotImplemented


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
