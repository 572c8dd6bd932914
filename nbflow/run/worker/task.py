"""One task from its request to its last event, inside the process that carries it out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from nbflow.errors import CorruptArtifactError
from nbflow.records.ambient import is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.files import file_name
from nbflow.records.message import Failed, Finished, Source, TaskRequest, Writing
from nbflow.records.state import is_state
from nbflow.records.task import Change, Fact
from nbflow.run.worker import tracebacks
from nbflow.run.worker.carrying import putting_back
from nbflow.run.worker.carrying.ambient import Ambient
from nbflow.run.worker.carrying.artifacts import TaskArtifacts
from nbflow.run.worker.carrying.definition_state import DefinitionState
from nbflow.run.worker.carrying.definitions import Definitions
from nbflow.run.worker.carrying.going_on import GoingOn
from nbflow.run.worker.carrying.leaving import Given, Leaving
from nbflow.run.worker.carrying.module_state import ModuleState
from nbflow.run.worker.carrying.patches import Patches
from nbflow.run.worker.carrying.replay import Replays
from nbflow.run.worker.carrying.results import (
    Results,
    peak_bytes,
)
from nbflow.run.worker.observing import handed, observe
from nbflow.run.worker.observing.current import file_fact
from nbflow.run.worker.observing.files import Files
from nbflow.run.worker.observing.packages import used
from nbflow.run.worker.observing.places import CONFIGURATION
from nbflow.run.worker.observing.relay import Told
from nbflow.run.worker.outputs import Outputs
from nbflow.run.worker.shell import WorkerShell
from nbflow.run.worker.sources import Sources
from nbflow.store.codecs import encode_plain


class Task:
    """Carries out one request in a shell whose namespace is fresh.

    Parameters
    ----------
    request
        What to run.
    shell
        The shell; its namespace becomes the task's.
    outputs
        Takes what the task prints and displays.
    settle
        Called when the body has run, to take over what was printed below Python.
    tell
        Called with what the scheduler has to know at once.
    """

    def __init__(
        self,
        request: TaskRequest,
        shell: WorkerShell,
        outputs: Outputs,
        settle: Callable[[], None],
        tell: Callable[[Writing], None] = lambda _: None,
    ) -> None:
        self._request = request
        self._shell = shell
        self._outputs = outputs
        self._settle_streams = settle
        self._tell = tell
        self._namespace: dict[str, Any] = shell.user_ns
        self._results = Results()
        self._artifacts = TaskArtifacts(request, self._namespace, self._results.data)
        self._given = Given()
        self._kept = DefinitionState(shell)
        self._patches = Patches(shell)
        self._seconds = 0.0
        #: What ended the body, with the user's own frames.
        self.error: BaseException | None = None
        self._definitions = Definitions(shell, remember=bool(request.replays))
        self._going_on = GoingOn(self._namespace, shell.event_loop.unfinished)
        self._replays = Replays(
            request, shell, self._definitions, self._artifacts.load_all, self._going_on
        )
        self._leaving = Leaving(
            request,
            shell,
            self._given,
            self._results,
            self._artifacts,
            self._kept,
            self._going_on,
        )
        shell.begin(outputs, Sources())
        shell.show_error = self._show_error

    def run(self) -> Finished | Failed:
        """Run the task to its terminal event; the working directory must be the task's."""
        request = self._request
        directory = str(Path.cwd())
        files = Files(request, self._artifacts.stored, self._tell)
        observer = observe.Observer(
            directory,
            own=(request.artifacts,),
            watched=request.watched,
            reads=request.watched_reads,
            keeper=files.kept,
            foretold=Told("foretold", files.writing),
            variables=request.env,
            known=request.known,
        )
        declared = tuple(file_fact(directory, path) for path in request.files)
        self._ambient = Ambient(request.seed, is_split=request.item is not None)
        try:
            with observer.watching():
                with self._outputs.muted():
                    self._prepare(observer)
                handed.to_step(observer, (*self._given.values.values(), self._given.item))
                self._leaving.note_given()
                self._replays.look()
                self._leaving.note_names()
                self._going_on.note()
                self._ambient.begin(self._load_states())
                with (
                    self._kept,
                    self._patches,
                    ModuleState(observer.modules, request.imported, self._outputs.muted) as modules,
                ):
                    items = self._execute()
                self._ambient.end()
            # Now: what the store imports may set something as well.
            left = dict(self._ambient.changed())
            self._settle()
            self._going_on.ended(self._replays.left)
            observer.paths.hand_on(
                map(self._namespace.get, (*self._given.values, *request.outputs))
            )
            if items is None:
                self._leaving.values(left, self._ambient.drawn(), self._replays.left)
            else:
                self._leaving.items(items)
            for name, artifact, free in self._replays.changed(self._leaving.store_or_none):
                self._leaving.changed(name, artifact, free)
            self._results.changes += files.changes(observer, self._results.data)
            self._results.hazards += files.hazards
            facts = (*declared, *observer.facts(), *self._settings_used())
            self._results.hazards += [*observer.hazards, *self._patches.hazards(request.body)]
            self._results.hazards += modules.hazards(request.body, self._patches.shown)
            sought = observer.looked.sought.modules()
            packages = used(request, self._given.values, sought, observer.modules.files())
            self._results.guesses = tuple(sorted(map(observer.subject, observer.guesses)))
            return self._finished(tuple(dict.fromkeys(facts)), packages)
        except BaseException as error:  # whatever the user's code raises ends here, as text
            self._settle()
            return self._failed(error, observer)
        finally:
            self._ambient.end()

    def undo(self) -> None:
        """Take back what the task has set for the whole process, where that goes on."""
        self._ambient.restore()

    def _prepare(self, observer: observe.Observer) -> None:
        request = self._request
        self._definitions.set_up(request)
        self._shell.last_displayed("")
        if request.replays:
            self._ambient.end()
            generators = self._ambient.moved()
            self._replays.carry_out(observer, generators)
            self._ambient = Ambient(request.seed, generators, request.item is not None)
        given = {*request.inputs, *request.replayed}
        self._definitions.lay_out(request, given, self._load_inputs, self._reload)
        for name, value in self._given.values.items():
            if name in request.inputs and request.inputs[name].codec == "pickle":
                putting_back.name_functions(value, self._namespace)
        self._kept.begin(self._given.values, self._given.states)
        if request.item is not None:
            self._given.item = self._namespace["_nbflow_item"] = self._artifacts.load(request.item)
            text = f"{request.target} = _nbflow_item"
            self._shell.define(Source(text, request.body.number, step=request.body.step))
            del self._namespace["_nbflow_item"]

    def _load_inputs(self) -> dict[str, object]:
        inputs, shared = self._request.inputs, self._replays.shared
        named = {n: a for n, a in inputs.items() if n.isidentifier() or is_state(n)}
        self._given.values = self._artifacts.load_all(
            {n: a for n, a in named.items() if n not in shared}
        )
        self._given.states = {n: self._given.values.pop(n) for n in named if is_state(n)}
        self._given.values |= {name: value for name, value in shared.items() if name in inputs}
        self._namespace.update(self._given.values)
        self._let_go_of_resized()
        if "_" in self._given.values:
            self._shell.last_displayed(self._given.values["_"])
        return self._given.values

    def _let_go_of_resized(self) -> None:
        """NumPy resizes arrays in place only where they own their memory and have no other name."""
        for name in self._request.outputs:
            if f"{name}.resize(" not in self._request.body.text or name not in self._given.values:
                continue
            given = self._request.inputs[name]
            if given.codec == "numpy" and given.joint is None:
                value: Any = self._given.values.pop(name)
                self._namespace[name] = value.copy(order="K")

    def _reload(self, name: str) -> None:
        artifact = self._request.inputs[name]
        self._given.values[name] = self._namespace[name] = self._artifacts.load(artifact)

    def _load_states(self) -> dict[str, object]:
        """The ambient states that steps above have left."""
        given = dict(self._request.settings)
        if self._request.item is None:
            given |= {n: a for n, a in self._request.inputs.items() if is_ambient(n)}
        # Each split has generators of its own: their seed depends on the state that was left.
        return {name: self._artifacts.load(artifact) for name, artifact in given.items()}

    def _execute(self) -> list[object] | None:
        started = time.perf_counter()
        try:
            if self._request.kind == "body":
                self._shell.run(self._request.body)
                return None
            items = self._shell.evaluate(self._request.body)
            assert isinstance(items, list), "a foreach's expression gives a list"
            return items
        finally:
            self._seconds = time.perf_counter() - started

    def _settle(self) -> None:
        self._shell.shown.clear()
        self._settle_streams()
        self._outputs.close()

    def _show_error(self, error: BaseException) -> None:
        text = tracebacks.describe(error, self._shell)
        self._outputs.error(text.name, text.message, text.traceback)
        asked = Change("asks", tracebacks.asked_for(error))
        if asked.subject and asked not in self._results.changes:
            self._results.changes.append(asked)

    def _settings_used(self) -> Iterator[Fact]:
        for name in self._ambient.used():
            left = self._request.settings.get(name)
            yield Fact("ambient", name, left.digest if left else "")
            if name in CONFIGURATION:
                yield file_fact(self._request.cwd, CONFIGURATION[name])

    def _log(self) -> Artifact | None:
        record = self._outputs.record()
        return self._artifacts.put(encode_plain(record)) if record else None

    def _finished(self, facts: tuple[Any, ...], packages: frozenset[str]) -> Finished:
        results = self._results
        return Finished(
            task=self._request.task,
            outputs=results.outputs,
            items=tuple(results.items),
            absent=tuple(results.absent),
            uncarried=tuple(results.uncarried),
            facts=facts,
            packages=tuple(sorted(packages)),
            changes=tuple(results.changes),
            guesses=results.guesses,
            shares=tuple(results.shares),
            hazards=tuple(results.hazards),
            log=self._log(),
            data=results.data,
            seconds=self._replays.seconds + self._seconds,
            replay_seconds=self._replays.seconds,
            peak_bytes=peak_bytes(),
        )

    def _failed(self, error: BaseException, observer: observe.Observer) -> Failed:
        text = tracebacks.describe(error, self._shell)
        self.error = error
        if self._replays.current:
            doing = f"replaying step `{self._replays.current}` for `{self._request.body.step}`"
            text = replace(text, message=f"{text.message} ({doing})".lstrip())
        self._results.data.clear()
        return Failed(
            task=self._request.task,
            error=text,
            log=self._log(),
            data=self._results.data,
            seconds=self._seconds,
            peak_bytes=peak_bytes(),
            lost=error.digests if isinstance(error, CorruptArtifactError) else (),
            unbound=tracebacks.asked_for(error),
            files=tuple(file_name(subject) for subject in observer.looked_at()),
        )
