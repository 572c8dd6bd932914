"""What goes on in a process beside its body: threads, child processes, tasks of the event loop.

What the notebook's own code that goes on can reach may change at any moment, and so stays in its
process: whoever reads it has it made again, with what goes on.
"""

from __future__ import annotations

import sys
import threading
import types
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbflow.run.worker.carrying.related import reached
from nbflow.store.functions import global_names

_DEFINITIONS = (types.ModuleType, type, types.FunctionType)
_ATOMS = (type(None), bool, int, float, complex, str, bytes)


@dataclass(slots=True)
class Reached:
    """The names whose values something reaches that goes on."""

    #: By the notebook's own code: these change whenever they like.
    own: set[str] = field(default_factory=set)
    #: By libraries: a queue, a connection, a pool; others they have copies of, or leave alone.
    others: set[str] = field(default_factory=set)
    #: Global names that the notebook's own code goes on to read, definitions too.
    free: set[str] = field(default_factory=set)

    @property
    def names(self) -> set[str]:
        """All of them."""
        return self.own | self.others


class GoingOn:
    """Finds what goes on in this process that the task has begun.

    Parameters
    ----------
    tasks
        Gives the unfinished tasks of the event loop.
    """

    def __init__(self, namespace: dict[str, Any], tasks: Callable[[], Iterable[Any]]) -> None:
        self._namespace = namespace
        self._tasks = tasks
        self._known = {id(each) for each in self._every()}
        #: What it reaches once the body has run.
        self.after = Reached()

    def note(self) -> None:
        """What goes on by now is not the body's, which comes next."""
        self._known = {id(each) for each in self._every()}

    def ended(self, left: Mapping[str, object]) -> None:
        """The body has run."""
        self.after = self.reached(left)

    def free_of(self, name: str) -> tuple[str, ...]:
        """Global names that are needed as well where a name's value is made again."""
        if name not in self.after.names:
            return ()
        return tuple(sorted(self.after.free | self.after.own))

    def begun(
        self, left: Mapping[str, object], carried: Collection[str], done: Collection[str]
    ) -> Iterator[str]:
        """Names that the body was given, whose values are about to change by what it has begun.

        Parameters
        ----------
        carried
            Names of values that were carried to it, which libraries do not change.
        done
            Names of which it has been told already.
        """
        new = [each for each in self._every() if id(each) not in self._known]
        reached = self.reached(left, new) if new else Reached()
        yield from sorted((reached.own | (reached.others - set(carried))) - set(done))

    def _every(self) -> Iterator[Any]:
        for thread in threading.enumerate():
            if thread is not threading.main_thread():
                yield thread
        if (processes := sys.modules.get("multiprocessing.process")) is not None:
            for process in list(getattr(processes, "_children", ())):
                if process.exitcode is None:
                    yield process
        yield from self._tasks()

    def reached(self, left: Mapping[str, object], going: Iterable[Any] | None = None) -> Reached:
        """The names that it reaches.

        Parameters
        ----------
        left
            Values that are out of the namespace's sight.
        going
            What goes on; everything by default.
        """
        found = Reached()
        frames = None
        for each in self._every() if going is None else going:
            if isinstance(each, threading.Thread) and frames is None:
                frames = sys._current_frames()
            self._reach(each, (frames or {}).get(getattr(each, "ident", None) or 0), left, found)
        found.others -= found.own
        return found

    def _reach(
        self,
        one: Any,
        frame: types.FrameType | None,
        left: Mapping[str, object],
        found: Reached,
    ) -> None:
        roots = [one]
        free: set[str] = set()
        coroutine = getattr(one, "get_coro", lambda: None)()
        if coroutine is not None:
            frame = getattr(coroutine, "cr_frame", None)
        while frame is not None:
            if frame.f_globals is self._namespace:
                free |= self._closure(global_names(frame.f_code))
                roots += frame.f_locals.values()
            frame = frame.f_back if coroutine is None else None
        # A process that has started does not know any more what it was given.
        is_process = not isinstance(one, threading.Thread) and coroutine is None
        ids: set[int] = set()
        holders: set[int] = set()
        for part in (part for root in roots for part in reached(root)):
            ids.add(id(part))
            match part:
                case types.FunctionType():
                    free |= self._globals_of(part)
                case types.BuiltinFunctionType():
                    holders.add(id(part.__self__))
        for name, value in (*left.items(), *self._namespace.items()):
            if name.startswith("_") or isinstance(value, _DEFINITIONS):
                continue
            is_held = id(value) in ids and not isinstance(value, _ATOMS)
            if name in free or is_held or (is_process and is_channel(value)):
                is_own = bool(free) or id(value) in holders
                (found.own if is_own else found.others).add(name)
        found.free |= free & self._namespace.keys()

    def _globals_of(self, function: types.FunctionType) -> set[str]:
        if function.__globals__ is not self._namespace:
            return set()
        return self._closure({function.__name__, *global_names(function.__code__)})

    def _closure(self, names: set[str]) -> set[str]:
        """These, and those that the functions among them read."""
        waiting, found = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name in found or name not in self._namespace:
                continue
            found.add(name)
            value = self._namespace[name]
            if isinstance(value, types.FunctionType) and value.__globals__ is self._namespace:
                waiting += global_names(value.__code__)
        return found


def is_channel(value: object) -> bool:
    """Whether what goes on talks by it: a socket, a queue or a pipe of processes."""
    return f"{type(value).__module__}.".startswith(("multiprocessing.", "socket."))
