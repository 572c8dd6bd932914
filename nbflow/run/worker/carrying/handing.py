"""How a task hands on names that share objects: noted always, stored together where told."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from msgspec.structs import replace

from nbflow.errors import UncarriableError
from nbflow.records.artifact import Artifact
from nbflow.records.message import TaskRequest
from nbflow.records.problem import Problem
from nbflow.records.task import Change, Shared, Thing
from nbflow.run.worker.carrying import sharing
from nbflow.run.worker.carrying.results import unwritten
from nbflow.store.codecs import Encoded
from nbflow.store.joint import encode_joint

#: A name as the task found it, or as it leaves it.
_Key: TypeAlias = tuple[Literal["read", "left"], str]


class HandOn:
    """Looks at the values of one task whose body has run, and whose outputs are stored.

    Parameters
    ----------
    given
        The values that the body has found, by name.
    put
        Stores an encoded value.
    """

    def __init__(
        self,
        request: TaskRequest,
        namespace: Mapping[str, Any],
        given: Mapping[str, object],
        put: Callable[[Encoded], Artifact],
    ) -> None:
        self._request = request
        self._namespace = namespace
        self._given = given
        self._put = put
        #: Outputs of too many objects to be looked through: that matters only if they change.
        self._cut: set[str] = set()
        self._joint: dict[str, Artifact] = {}
        self._hazards: list[Problem] = []

    def shares(self, outputs: Collection[str], changes: Iterable[Change]) -> list[Shared]:
        """The groups of names that share objects, as far as the task has anything to do with it."""
        told = (change.subject for change in changes if change.kind in ("input", "state"))
        left = {*outputs, *told}
        values: dict[_Key, object] = {("read", name): v for name, v in self._given.items()}
        values |= {("left", n): self._namespace[n] for n in sorted(left) if n in self._namespace}
        found = sharing.find(values.items())
        self._cut = {name for side, name in found.cut if side == "left"}
        shares: list[Shared] = []
        for group, what in found.all_groups():
            names = {
                side: tuple(sorted(name for s, name in group if s == side))
                for side in ("read", "left")
            }
            if names["left"]:
                arrays = [array for key in group for array in found.arrays.get(key, ())]
                apart = what == "objects" and not found.apart.isdisjoint(group)
                why = self._store(names["left"], arrays, what, apart)
                shares.append(Shared(names["read"], names["left"], what, why, apart))
        return shares

    def joined(self, outputs: Mapping[str, Artifact]) -> dict[str, Artifact]:
        """The outputs that are stored together with others, with the artifact that they are in."""
        return {
            name: replace(outputs[name], joint=joint)
            for name, joint in self._joint.items()
            if name in outputs
        }

    def changed(
        self, outputs: Mapping[str, Artifact], is_as: Callable[[str, object], bool]
    ) -> Iterator[Change]:
        """The outputs under whose names the task was given an object that is another now.

        Parameters
        ----------
        is_as
            Whether an input of this name, bound to something else meanwhile, is as it was.
        """
        inputs = self._request.inputs
        for name in sorted(set(self._request.outputs) & self._given.keys() & inputs.keys()):
            given = self._given[name]
            if self._namespace.get(name) is given:
                same = name not in outputs or outputs[name].digest == inputs[name].digest
            else:
                same = sharing.look_of(type(given)) == "leaf" or is_as(name, given)
            if not same:
                yield Change("object", name)
                if name in self._cut:
                    self._unseen(name)

    def told(self, changed: Collection[str]) -> list[Problem]:
        """What cannot be handed on, these names being changed in place."""
        mapped = (name for name in sorted(changed) if _is_mapped(self._given.get(name)))
        return [*self._hazards, *(unwritten(self._request.body, name) for name in mapped)]

    def _store(self, names: tuple[str, ...], arrays: list[Any], what: Thing, apart: bool) -> str:
        """Store these names together, if the task was told to; why it is impossible if it is.

        Who reads two names of what is told apart need only look for it: nobody has to be told.
        """
        request = self._request
        names = tuple(name for name in names if name in request.outputs)
        wanted = set(names) if apart else set(names).intersection(request.together)
        if len(names) < 2 or not wanted or (what != "objects" and self._are_joint(wanted)):
            return ""
        try:
            values = {name: self._namespace[name] for name in names}
            joint = self._put(encode_joint(values, self._namespace, arrays))
        except UncarriableError as error:
            self._hazards.append(self._unkept(names, error))
            return str(error)
        self._joint |= dict.fromkeys(names, joint)
        return ""

    def _are_joint(self, names: Collection[str]) -> bool:
        places = [self._joint.get(name) for name in names]
        return None not in places and all(place == places[0] for place in places)

    def _unkept(self, names: tuple[str, ...], error: UncarriableError) -> Problem:
        body, listed = self._request.body, " and ".join(f"`{name}`" for name in names)
        return Problem(
            code="unkept-sharing",
            message=f"{listed}, which step `{body.step}` leaves, share objects, but cannot be "
            f"stored together ({error}): steps below see each of them on its own",
            remedy="Make one step of the cells that use them, or copy what they share.",
            number=body.number,
            severity="warning",
        )

    def _unseen(self, name: str) -> None:
        body = self._request.body
        self._hazards.append(
            Problem(
                code="unseen-sharing",
                message=f"step `{body.step}` changes `{name}`, which is made of too many objects "
                "to see whether other names share some of them",
                remedy=f"Assign the result to a new name, or keep `{name}` in an array or frame.",
                number=body.number,
                severity="warning",
            )
        )


def _is_mapped(value: object) -> bool:
    """Whether it is an array that was mapped from a file to write to that."""
    numpy = sys.modules.get("numpy")
    is_map = numpy is not None and isinstance(value, numpy.memmap)
    return is_map and getattr(value, "mode", "") in ("r+", "w+")
