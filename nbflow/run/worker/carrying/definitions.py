"""Puts definitions in a task's namespace, each once however often it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeAlias

from nbflow.records.message import Replay, Source, TaskRequest
from nbflow.run.worker.carrying.putting_back import undone
from nbflow.run.worker.carrying.submodules import load_asked
from nbflow.run.worker.shell import WorkerShell
from nbflow.store.classes import is_own, settled
from nbflow.store.pickling import identify, register_classes

#: Cell number and line.
_Place: TypeAlias = tuple[int, int]
_NOTHING = object()
_CLASS = re.compile(r"^class\s+(\w+)", re.MULTILINE)


class Definitions:
    """The definitions of one process.

    A class that were executed again would be another class: objects that a replay has left would
    be no instances of it any more.

    Parameters
    ----------
    remember
        Whether any may be asked for again.
    """

    def __init__(self, shell: WorkerShell, remember: bool) -> None:
        self._shell = shell
        self._remember = remember
        #: What each of them bound.
        self._bound: dict[_Place, dict[str, Any]] = {}
        #: What the bodies that have run define themselves, by cell number.
        self._of_bodies: dict[int, dict[str, Any]] = {}

    def set_up(self, request: TaskRequest) -> None:
        """Run what comes before all else; a definition among it is not executed again later."""
        wanted = {(each.number, each.line, each.text) for each, _ in request.definitions}
        for source in request.setup:
            if (source.number, source.line, source.text) in wanted:
                self._define(source, remember=True)
            else:
                self._shell.run(source)

    def lay_out(
        self,
        request: TaskRequest | Replay,
        given: Collection[str],
        load_inputs: Callable[[], Mapping[str, object]],
        reload: Callable[[str], None],
    ) -> None:
        """Execute definitions; those that need inputs as they are executed come after these.

        Parameters
        ----------
        given
            Names of the inputs, of those that replays have made as well.
        load_inputs
            Puts the inputs in the namespace, and gives them.
        reload
            Puts one of them there once more.
        """
        wanted = enumerate(request.definitions)
        later: list[tuple[int, Source]] = []
        for place, (source, needs) in wanted:
            if any(name in given for name in needs):
                later.append((place, source))
            else:
                self._define(source)
        loaded = load_inputs()
        for place, source in later:
            held = {n: loaded[n] for n in request.held.get(place, ()) if n in loaded}
            with undone(held, reload):
                self._define(source)
        # What a step keeps on a class later is no part of what the class is.
        register_classes(self._shell.user_ns)
        sources = (request.body, *(source for source, _ in request.definitions))
        load_asked(self._shell.user_ns, (source.text for source in sources))

    def define(self, sources: Iterable[Source]) -> None:
        """Execute definitions that need nothing else."""
        for source in sources:
            self._define(source)

    def executed(self, body: Source, names: Iterable[str]) -> None:
        """A body has run, and has bound these names by definitions of its own."""
        namespace = self._shell.user_ns
        self._of_bodies[body.number] = {n: namespace[n] for n in names if n in namespace}

    def _define(self, source: Source, remember: bool = False) -> None:
        namespace = self._shell.user_ns
        place = source.number, source.line
        held = self._bound.get(place) or self._of_bodies.get(source.number)
        if held is not None:
            namespace.update(held)
        elif self._remember or remember:
            before = dict(namespace)
            self._execute(source)
            self._bound[place] = {
                name: value
                for name, value in namespace.items()
                if before.get(name, _NOTHING) is not value
            }
        else:
            self._execute(source)

    def _execute(self, source: Source) -> None:
        self._shell.define(source)
        namespace = self._shell.user_ns
        for name in _CLASS.findall(source.text):
            # At once: a base that hears of its subclasses is another then, as far as can be seen.
            if isinstance(cls := namespace.get(name), type) and is_own(cls):
                namespace[name] = settled(cls, identify(cls, namespace), namespace)
