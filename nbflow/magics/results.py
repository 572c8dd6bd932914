"""The steps' outputs as variables of the kernel: small ones at once, large ones when first used."""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from nbflow.magics.owned import Owned
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest

#: Values up to so many bytes are loaded as soon as they are there.
SMALL = 8 << 20
_WORD = re.compile(r"[^\W\d]\w*")
#: Whoever says one of these may look at any variable.
_ANY = frozenset({"globals", "locals", "vars", "eval", "exec", "dir", "who", "who_ls", "whos"})


class Stayed(msgspec.Struct, frozen=True):
    """What a step has under a name in its own process, and nobody has here."""

    #: Of the step's code and inputs.
    digest: Digest
    #: Where it is, and why it is not here.
    told: str
    remedy: str


Given: TypeAlias = Artifact | Stayed


class Results:
    """Binds artifacts to names in a namespace, and knows which names steps could not hand on.

    Parameters
    ----------
    namespace
        The kernel's: classes and functions that values need are looked for there.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace
        self._waiting: dict[str, tuple[Artifact, Callable[[Artifact], object]]] = {}
        #: What each name was bound to last.
        self._bound: dict[str, Given] = {}
        self._owned = Owned(namespace)
        #: Told of a value that cannot be loaded here.
        self.on_failure: Callable[[str, Exception], None] = _ignore

    def has(self, name: str, given: Given) -> bool:
        """Whether this very thing was the last that the name was bound to."""
        bound = self._bound.get(name)
        return bound is not None and bound.digest == given.digest

    def bind(
        self, cell: str, given: Mapping[str, Given], load: Callable[[Artifact], object]
    ) -> None:
        """Bind each name that a cell gives to its value, or to nothing where that has stayed."""
        small = []
        for name, one in given.items():
            self._bound[name] = one
            self._owned.add(name, cell)
            # A cell must not find the value from before.
            self._namespace.pop(name, None)
            self._waiting.pop(name, None)
            if isinstance(one, Artifact):
                self._waiting[name] = (one, load)
                if one.bytes <= SMALL:
                    small.append(name)
        self._load(small)

    def define(self, cell: str, names: Iterable[str]) -> None:
        """Take in that names were bound to what a cell defines."""
        for name in names:
            self._owned.add(name, cell)
            self._owned.loaded(name)

    def unbind(self, is_given: Callable[[str, str], bool]) -> None:
        """Bind no name any more that its cell does not give, unless the user has bound it since.

        Parameters
        ----------
        is_given
            Whether a name is given still that a cell has given, by both.
        """
        for name, cell in self._owned.names():
            if is_given(name, cell):
                continue
            if name in self._waiting or self._owned.is_ours(name):
                self._namespace.pop(name, None)
            self._waiting.pop(name, None)
            self._bound.pop(name, None)
            self._owned.drop(name)

    def after(self, source: str) -> None:
        """Take in that a cell of the user's was executed: what it has bound is the user's."""
        self._owned.settle(source, self._waiting)

    def missed(self, error: BaseException | None) -> Stayed | None:
        """What a cell has looked for here in vain; None for other errors."""
        if not isinstance(error, NameError) or (trace := error.__traceback__) is None:
            return None
        while trace.tb_next is not None:
            trace = trace.tb_next
        stayed = self._bound.get(error.name or "")
        is_ours = trace.tb_frame.f_globals is self._namespace
        return stayed if is_ours and isinstance(stayed, Stayed) else None

    def before(self, source: str) -> None:
        """Load what a cell is about to use."""
        if not self._waiting:
            return
        words = set(_WORD.findall(source))
        if words & _ANY:
            self._load(tuple(self._waiting))
            return
        seen: set[str] = set()
        while words - seen:
            name = (words - seen).pop()
            seen.add(name)
            self._load([name])
            words.update(_names_in(self._namespace.get(name)))

    def _load(self, names: Iterable[str]) -> None:
        for name in names:
            if (waiting := self._waiting.pop(name, None)) is None:
                continue
            artifact, load = waiting
            try:
                self._namespace[name] = load(artifact)
                self._owned.loaded(name)
            except Exception as error:  # whatever a class of the user's does when it is loaded
                self.on_failure(name, error)


def _names_in(value: object) -> Iterator[str]:
    """Global names that code of the notebook behind a value may read."""
    kind = value if isinstance(value, type) else type(value)
    if kind.__module__ == "__main__":
        for base in kind.__mro__:
            if base.__module__ == "__main__":
                for member in vars(base).values():
                    yield from _names_in_code(member)
    yield from _names_in_code(value)


def _names_in_code(value: object) -> Iterator[str]:
    value = getattr(value, "fget", None) or getattr(value, "__func__", value)
    value = getattr(value, "__wrapped__", value)
    if isinstance(value, types.FunctionType) and value.__module__ == "__main__":
        codes = [value.__code__]
        while codes:
            code = codes.pop()
            yield from code.co_names
            codes += [each for each in code.co_consts if isinstance(each, types.CodeType)]


def _ignore(name: str, error: Exception) -> None:
    """Nobody is told."""
