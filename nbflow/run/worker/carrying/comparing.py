"""Which of the values that a body was given it has changed in place."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from nbflow.errors import UncarriableError
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.run.worker.carrying import untouched
from nbflow.run.worker.carrying.untouched import Untouched
from nbflow.store.codecs import encode

#: Values of these types cannot change, so they need no comparing.
_IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)
#: Types of constants that a step could change in place.
_CONTAINERS = (list, dict, set)
#: To encode so many bytes takes longer than to look at what a value is made of.
_LARGE = 1 << 16


class Comparison:
    """Compares what a task's names mean before and after its body.

    Parameters
    ----------
    load
        Gives the value of an artifact, as it is in a namespace.
    parts_of
        The artifacts of the items of a list that is stored as its splits.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any],
        load: Callable[[Artifact, dict[str, Any]], object],
        parts_of: Callable[[Artifact], tuple[Artifact, ...]],
    ) -> None:
        self._namespace = namespace
        self._load = load
        self._parts_of = parts_of
        #: Mutable constants that definitions bound, and their digests.
        self._constants: dict[str, tuple[object, Digest]] = {}
        #: What large inputs were made of, where that can be told.
        self._untouched: dict[str, Untouched] = {}
        self._others: Collection[str] = ()
        #: Namespaces of what was loaded once more: its classes are known by them.
        self._apart: list[dict[str, Any]] = []

    @property
    def constants(self) -> dict[str, object]:
        """The mutable constants as the body found them."""
        return {name: value for name, (value, _) in self._constants.items()}

    def note_constants(self, others: Collection[str]) -> None:
        """Keep what mutable constants are; the body comes next.

        Parameters
        ----------
        others
            Names that are no constants.
        """
        self._others = others
        for name, value in self._namespace.items():
            if type(value) in _CONTAINERS and name not in others:
                with contextlib.suppress(UncarriableError):
                    self._constants[name] = value, self._digest(value, name)

    def note_inputs(self, inputs: Mapping[str, Artifact], loaded: Mapping[str, object]) -> None:
        """Keep what large inputs are made of, as they were loaded; the body comes next."""
        for name, value in loaded.items():
            if name not in inputs or inputs[name].bytes < _LARGE:
                continue
            # The others are as fast to encode, or nearly so.
            if inputs[name].codec in ("pickle", "splits") and (parts := untouched.look(value)):
                self._untouched[name] = parts

    def changed_constants(self) -> Iterator[tuple[str, object]]:
        """Those that are still bound, but are no longer what they were."""
        for name, (value, before) in self._constants.items():
            if self._namespace.get(name) is value:
                with contextlib.suppress(UncarriableError):
                    if self._digest(value, name) == before:
                        continue
                yield name, value

    def changed_inputs(
        self, inputs: Mapping[str, Artifact], loaded: Mapping[str, object]
    ) -> Iterator[tuple[str, object]]:
        """Of these inputs, as they were loaded, those that are something else now."""
        for name, before in loaded.items():
            value = self._namespace.get(name, before)
            if value is before and isinstance(value, _IMMUTABLE):
                continue
            if not self.is_as(inputs[name], value, name):
                yield name, value

    def is_as(self, before: Artifact, value: object, name: str) -> bool:
        """Whether a value is still what it was loaded as."""
        noted = self._untouched.get(name)
        if noted is not None and noted.value is value and noted.holds():
            return True
        try:
            return self._is_as(before, value, name)
        except UncarriableError:  # it was carried before, so it has changed
            return False

    def _digest(self, value: object, name: str) -> Digest:
        return encode(value, self._namespace, name).artifact.digest

    def _is_as(self, before: Artifact, value: object, name: str) -> bool:
        if before.codec == "splits":
            parts = self._parts_of(before)
            return (
                type(value) is list
                and len(value) == len(parts)
                and all(
                    self._is_as(part, item, name) for part, item in zip(parts, value, strict=True)
                )
            )
        after = self._digest(value, name)
        if after == before.digest:
            return True
        # An encoding may need one round trip to come to rest: that is no change of the value.
        return after == self._digest(self.again(before), name)

    def again(self, artifact: Artifact) -> object:
        """Load once more: not with the classes that the body was given, which it may have changed.

        Those that are definitions remain: what is kept on them travels by itself.
        """
        apart = {
            name: value
            for name, value in self._namespace.items()
            if not (name in self._others and isinstance(value, type))
        }
        self._apart.append(apart)
        return self._load(artifact, apart)
