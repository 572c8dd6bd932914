"""Carries out steps once more within a task, for the values that only its own process can hold."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nbflow.errors import ReplayError, UncarriableError
from nbflow.records.ambient import is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.message import Replay, TaskRequest
from nbflow.records.state import is_state
from nbflow.run.worker.carrying.ambient import Ambient
from nbflow.run.worker.carrying.definition_state import DefinitionState
from nbflow.run.worker.carrying.definitions import Definitions
from nbflow.run.worker.carrying.going_on import GoingOn, is_channel
from nbflow.run.worker.carrying.related import held_among, held_unseen, holders, related
from nbflow.run.worker.observing.file_keeping import PutBack
from nbflow.run.worker.observing.observe import Observer
from nbflow.run.worker.shell import WorkerShell
from nbflow.store.codecs import encode
from nbflow.store.visible import Sight, look


class Replays:
    """The replays of one task, in its namespace, after set-up and before all else.

    Responsibilities: each step finds what it found when it ran itself; what it shows is not shown
    again (its outputs are muted by whoever calls); of what it leaves, only the names that the task
    reads from it are still there; the files that it writes are as they were before.

    Parameters
    ----------
    load
        Gives the value of an artifact.
    """

    def __init__(
        self,
        request: TaskRequest,
        shell: WorkerShell,
        definitions: Definitions,
        load: Callable[[Mapping[str, Artifact]], dict[str, object]],
        going_on: GoingOn,
    ) -> None:
        self._request = request
        self._shell = shell
        self._namespace: dict[str, Any] = shell.user_ns
        self._definitions = definitions
        self._load = load
        self._going_on = going_on
        #: Name of the step that is being carried out.
        self.current = ""
        self.seconds = 0.0
        #: Values that are parts of those made again, by the names that stand for them as well.
        self.shared: dict[str, Any] = {}
        self._sights: dict[str, Sight] = {}
        #: The same of what is left that those hold, or that a thread works on for which the body
        #: may wait.
        self._worked_on: dict[str, Sight] = {}
        self._in_use: set[str] = set()
        #: What the steps left beside under other names.
        self.left: dict[str, object] = {}

    def carry_out(self, observer: Observer, generators: Mapping[str, Any]) -> None:
        """Carry out all of them.

        Parameters
        ----------
        generators
            States of global generators as set-up has left them, where it did.
        """
        started = time.perf_counter()
        before = set(self._namespace)
        files = dict(file for replay in self._request.replays for file in replay.files)
        with PutBack(observer, files, self._request.artifacts) as put_back:
            for replay in self._request.replays:
                self.current = replay.body.step
                put_back.clear(name for name, new in replay.files if new)
                self._define_above(replay)
                with _environment(replay.env):
                    self._one(replay, generators)
        self.shared = self._find_shared(self._request)
        self.current = ""
        kept = {*self._request.replayed, *self.shared, *self._going_on.reached({}).free}
        for name in self._namespace.keys() - before:
            if name not in kept:
                self.left[name] = self._namespace.pop(name)
        self._shell.shown.clear()
        self.seconds = time.perf_counter() - started

    def look(self) -> None:
        """See what the values made again are like; the body comes next."""
        for name in (*self._request.replayed, *self.shared):
            if name not in self._request.inputs:
                self._sights[name] = look(self._namespace.get(name), self._namespace)
        values = (self._namespace.get(name) for name in self._sights)
        threads = [each for each in values if isinstance(each, threading.Thread)]
        self._in_use = self._going_on.reached(self.left).own
        for name in sorted(self._going_on.reached(self.left, threads).own & self.left.keys()):
            self._worked_on[name] = look(self.left[name], self._namespace)
        made = [self._namespace.get(name) for name in self._request.replayed]
        for name in related(self.left, made):
            # What a writer writes to, say, where that can be carried.
            if (sight := look(self.left[name], self._namespace)).digest is not None:
                self._worked_on.setdefault(name, sight)

    def changed(
        self, store: Callable[[str, object], Artifact | None]
    ) -> Iterator[tuple[str, Artifact | None, tuple[str, ...]]]:
        """Those of the values that the body has changed, and the names that their code reads.

        Who changes a cursor changes its connection, too, under whichever name that stays behind.

        Parameters
        ----------
        store
            Stores a value by its name; None where it cannot be carried.
        """
        touched: list[object] = []
        # What it is known to leave without reading it is not there any more.
        told = set(self._request.outputs) - (self.left.keys() - self._namespace.keys())
        known = {*self._request.inputs, *self._request.replayed, *told}
        for name, before in self._sights.items():
            value = self._namespace.get(name)
            now = look(value, self._namespace)
            is_another = now != before or now.digest is None
            if is_another:
                touched.append(value)
            if name in self._request.outputs:
                continue
            # What can be carried here, and could not be by whoever has left it, is another, too:
            # a thread has gone on with it, and has come to its end by now, maybe before the body.
            artifact = store(name, value)
            if is_another or artifact is not None:
                told.add(name)
                others = {n: v for n, v in self._namespace.items() if n in known and n != name}
                yield name, artifact, tuple(sorted({*now.free, *held_among(others, now.parts)}))
        for name, before in self._worked_on.items():
            if look(self.left[name], self._namespace) != before:
                yield name, store(name, self.left[name]), ()
        if not touched:
            return
        # Who feeds a thread changes what that works on, who sends what another one receives.
        further = self._going_on.reached(self.left).names | set(related(self.left, touched))
        if any(map(is_channel, touched)):
            further |= {name for name, value in self.left.items() if is_channel(value)}
        for name in sorted(further - told):
            value = self.left.get(name, self._namespace.get(name))
            if name in self._in_use or not can_be_carried(value, self._namespace, name):
                yield name, None, ()

    def _define_above(self, replay: Replay) -> None:
        """Have definitions there that stand above: a process that it starts has them, too."""
        requests: tuple[Replay | TaskRequest, ...] = (*self._request.replays, self._request)
        for request in requests:
            above = [s for s, needs in request.definitions if not needs]
            self._definitions.define(s for s in above if s.number < replay.body.number)

    def _find_shared(self, reader: TaskRequest | Replay) -> dict[str, Any]:
        """What values made again share with names that are carried to their reader otherwise."""
        namespace = self._namespace
        # A thread that was begun anew works on its own, and the value that was carried is ahead.
        going = self._going_on.reached({}).own if reader.replayed else set[str]()
        unchanged = {name for name, changed_by in reader.left.items() if not changed_by}
        at_work = going & unchanged - {*reader.replayed}
        shared: dict[str, Any] = {name: namespace[name] for name in at_work}
        for name in reader.replayed:
            made = namespace.get(name)
            parts = {*look(made, namespace).parts, *map(id, held_unseen(made))}
            for other, changed_by in reader.left.items():
                value = namespace.get(other)
                if other in reader.replayed or value is None:
                    continue
                # A generator that goes through a tree knows its nodes, not the tree.
                if id(value) not in parts and parts.isdisjoint(map(id, holders(value))):
                    continue
                if changed_by and can_be_carried(value, namespace, other):
                    what = "is a part of" if id(value) in parts else "has parts in common with"
                    raise ReplayError(
                        f"`{other}` {what} `{name}`, and {changed_by}, has changed it since",
                        f"Make the cells that use `{name}` and that one step.",
                    )
                shared[other] = value
        return shared

    def _one(self, replay: Replay, generators: Mapping[str, Any]) -> None:
        ambient = Ambient(replay.seed, generators)
        shared = self._find_shared(replay)
        inputs = {n: a for n, a in replay.inputs.items() if n.isidentifier() and n not in shared}
        states = {n: a for n, a in replay.inputs.items() if is_ambient(n)}
        kept = {n: a for n, a in replay.inputs.items() if is_state(n)}
        loaded: dict[str, object] = {}

        def load_inputs() -> Mapping[str, object]:
            loaded.update(self._load(inputs))
            self._namespace.update(loaded)
            return loaded

        def reload(name: str) -> None:
            loaded.update(self._load({name: inputs[name]}))
            self._namespace[name] = loaded[name]

        try:
            given = {*replay.inputs, *replay.replayed}
            self._definitions.lay_out(replay, given, load_inputs, reload)
            DefinitionState(self._shell).begin(loaded, self._load(kept))
            ambient.begin(self._load({**replay.settings, **states}))
            self._shell.run(replay.body)
            self._definitions.executed(replay.body, replay.defines)
        finally:
            ambient.end()
            ambient.restore()


def can_be_carried(value: object, namespace: dict[str, Any], name: str) -> bool:
    """Whether a value can be stored."""
    try:
        encode(value, namespace, name)
    except UncarriableError:
        return False
    return True


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
