"""One task from its request to its last event, inside the process that carries it out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from nbflow.errors import CorruptArtifactError, UncarriableError
from nbflow.records.ambient import is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.files import file_name
from nbflow.records.message import Failed, Finished, Source, TaskRequest, Writing
from nbflow.records.state import is_state
from nbflow.records.task import Change, Fact
from nbflow.run.worker import handed, handing, logs, observe, putting_back, tracebacks
from nbflow.run.worker.ambient import Ambient
from nbflow.run.worker.axes import Axes
from nbflow.run.worker.comparing import Comparison
from nbflow.run.worker.current import file_fact
from nbflow.run.worker.definition_state import DefinitionState
from nbflow.run.worker.definitions import Definitions
from nbflow.run.worker.files import Files
from nbflow.run.worker.going_on import GoingOn
from nbflow.run.worker.module_state import ModuleState
from nbflow.run.worker.outputs import Outputs
from nbflow.run.worker.packages import used
from nbflow.run.worker.patches import Patches, unseen_below
from nbflow.run.worker.places import CONFIGURATION
from nbflow.run.worker.relay import Told
from nbflow.run.worker.replay import Replays
from nbflow.run.worker.results import Results, hidden_mutation, in_use, peak_bytes, uncarried
from nbflow.run.worker.shell import SHELL_NAMES, WorkerShell
from nbflow.run.worker.sources import Sources
from nbflow.store.artifacts import Artifacts
from nbflow.store.codecs import Encoded, decode_splits, encode, encode_plain
from nbflow.store.joint import load_all
from nbflow.store.visible import look


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
        self._artifacts = Artifacts(Path(request.artifacts), live=True)
        self._results = Results()
        self._loaded: dict[str, object] = {}
        self._states: dict[str, Any] = {}
        #: Of a split: what it was given.
        self._item: object = None
        self._compared = Comparison(self._namespace, self._load, self._parts_of)
        self._axes = Axes()
        self._kept = DefinitionState(shell)
        self._patches = Patches(shell)
        self._seconds = 0.0
        #: What ended the body, with the user's own frames.
        self.error: BaseException | None = None
        self._definitions = Definitions(shell, remember=bool(request.replays))
        self._going_on = GoingOn(self._namespace, shell.event_loop.unfinished)
        self._replays = Replays(request, shell, self._definitions, self._load_all, self._going_on)
        shell.begin(outputs, Sources())
        shell.show_error = self._show_error

    def run(self) -> Finished | Failed:
        """Run the task to its terminal event; the working directory must be the task's."""
        request = self._request
        directory = str(Path.cwd())
        files = Files(request, self._artifacts, self._tell)
        observer = observe.Observer(
            *(directory, (request.artifacts,), request.watched, request.watched_reads),
            files.kept,
            Told("foretold", files.writing),
            *(request.env, request.known),
        )
        declared = tuple(file_fact(directory, path) for path in request.files)
        self._ambient = Ambient(request.seed, is_split=request.item is not None)
        try:
            with observer.watching():
                with self._outputs.muted():
                    self._prepare(observer)
                handed.to_step(observer, (*self._loaded.values(), self._item))
                given = {*self._loaded, *request.outputs, *SHELL_NAMES}
                self._compared.note_constants(given)
                self._axes.note(self._loaded)
                self._replays.look()
                names = set(self._namespace)
                self._going_on.note()
                self._ambient.begin(self._load_states())
                with self._kept, self._patches, ModuleState(observer.modules) as modules:
                    items = self._execute()
                self._ambient.end()
            # Now: what the store imports may set something as well.
            left = dict(self._ambient.changed())
            self._settle()
            self._going_on.ended(self._replays.left)
            observer.paths.hand_on(map(self._namespace.get, (*self._loaded, *request.outputs)))
            if items is None:
                self._store_outputs()
                self._store_states(left)
                self._kept.hand_on(request, self._results, self._store)
                self._compare()
                done = {*request.outputs, *(c.subject for c in self._results.changes)}
                for name in self._going_on.begun(self._replays.left, self._loaded, done):
                    self._changed(name, None)
                self._report_binds(names)
                self._store_shares()
            else:
                self._store_items(items)
            for name, artifact, free in self._replays.changed(self._store_or_none):
                self._changed(name, artifact, free)
            self._results.changes += files.changes(observer, self._results.data)
            self._results.hazards += files.hazards
            facts = (*declared, *observer.facts(), *self._settings_used())
            self._results.hazards += [*observer.hazards, *self._patches.hazards(request.body)]
            self._results.hazards += modules.hazards(request.body, self._patches.shown)
            sought = observer.looked.sought.modules()
            packages = used(request, self._loaded, sought, observer.modules.files())
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
        for name, value in self._loaded.items():
            if name in request.inputs and request.inputs[name].codec == "pickle":
                putting_back.name_functions(value, self._namespace)
        self._kept.begin(self._loaded, self._states)
        if request.item is not None:
            self._item = self._namespace["_nbflow_item"] = self._load(request.item)
            text = f"{request.target} = _nbflow_item"
            self._shell.define(Source(text, request.body.number, step=request.body.step))
            del self._namespace["_nbflow_item"]

    def _load_inputs(self) -> dict[str, object]:
        inputs, shared = self._request.inputs, self._replays.shared
        named = {n: a for n, a in inputs.items() if n.isidentifier() or is_state(n)}
        self._loaded = self._load_all({n: a for n, a in named.items() if n not in shared})
        self._states = {n: self._loaded.pop(n) for n in named if is_state(n)}
        self._loaded |= {name: value for name, value in shared.items() if name in inputs}
        self._namespace.update(self._loaded)
        if "_" in self._loaded:
            self._shell.last_displayed(self._loaded["_"])
        return self._loaded

    def _load_all(self, artifacts: Mapping[str, Artifact]) -> dict[str, Any]:
        return load_all(artifacts, self._load)

    def _reload(self, name: str) -> None:
        artifact = self._request.inputs[name]
        self._loaded[name] = self._namespace[name] = self._load(artifact)

    def _load_states(self) -> dict[str, object]:
        """The ambient states that steps above have left."""
        given = dict(self._request.settings)
        if self._request.item is None:
            given |= {n: a for n, a in self._request.inputs.items() if is_ambient(n)}
        # Each split has generators of its own: their seed depends on the state that was left.
        return {name: self._load(artifact) for name, artifact in given.items()}

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

    def _load(self, artifact: Artifact, namespace: dict[str, Any] | None = None) -> object:
        return self._artifacts.load(artifact, self._request.data, namespace or self._namespace)

    def _store(self, value: object, name: str) -> Artifact:
        return self._put(encode(value, self._namespace, name))

    def _put(self, encoded: Encoded) -> Artifact:
        artifact, data = self._artifacts.put(encoded)
        if data is not None:
            self._results.data[artifact.digest] = data
        return artifact

    def _store_outputs(self) -> None:
        results = self._results
        for name in self._request.outputs:
            if not name.isidentifier():
                continue
            if name not in self._namespace or (name == "_" and not self._leaves_display()):
                results.absent.append(name)
                continue
            if name in self._going_on.after.own:
                free = self._going_on.free_of(name)
                results.uncarried.append(in_use(name, self._namespace[name], free))
                continue
            try:
                results.outputs[name] = self._store(self._namespace[name], name)
            except UncarriableError as error:
                free = look(self._namespace[name], self._namespace).free
                results.uncarried.append(uncarried(name, error, free))

    def _leaves_display(self) -> bool:
        """Whether the body has displayed a value, or bound ``_`` itself."""
        return self._shell.has_displayed or self._namespace["_"] is not self._loaded.get("_", "")

    def _store_states(self, changed: Mapping[str, Any]) -> None:
        """Hand on the ambient states that the body has changed."""
        results, announced = self._results, self._request.outputs
        for name, state in changed.items():
            artifact = self._store(state, name)
            if name in announced:
                results.outputs[name] = artifact
            elif self._request.item is None:
                results.changes.append(Change("ambient", name, artifact))
        for what in logs.uncarried(changed.get("logging.root", {})):
            results.hazards.append(unseen_below(self._request.body, what))
        for name in announced:
            if is_ambient(name) and name not in changed:
                results.absent.append(name)
        for name in self._ambient.drawn():
            results.changes.append(Change("draws", name))

    def _store_shares(self) -> None:
        """Note which names share objects, and store those together that have to stay so."""
        results, request = self._results, self._request
        given = self._compared.constants | self._loaded | self._states
        if request.item is not None:
            given[request.target] = self._item
        left = {**self._namespace, **self._kept.left}
        hand_on = handing.HandOn(request, left, given, self._put)
        results.shares += hand_on.shares(results.outputs, results.changes)
        if request.item is not None:
            return
        results.outputs |= hand_on.joined(results.outputs)
        compared, inputs = self._compared, request.inputs
        results.changes += hand_on.changed(
            results.outputs, lambda name, value: compared.is_as(inputs[name], value, name)
        )
        changed = {c.subject for c in results.changes if c.kind in ("input", "object")}
        results.changes += [Change("axes", name) for name in sorted(self._axes.renamed(changed))]
        results.hazards += hand_on.told(changed)

    def _settings_used(self) -> Iterator[Fact]:
        for name in self._ambient.used():
            left = self._request.settings.get(name)
            yield Fact("ambient", name, left.digest if left else "")
            if name in CONFIGURATION:
                yield file_fact(self._request.cwd, CONFIGURATION[name])

    def _store_items(self, items: list[object]) -> None:
        for index, item in enumerate(items):
            try:
                self._results.items.append(self._store(item, f"items[{index}]"))
            except UncarriableError as error:
                error.add_note(f"It is item {index} of the foreach.")
                raise

    def _compare(self) -> None:
        """Tell what the body has changed of what it was given, beside its outputs."""
        kept = {"_"} if "_" in self._results.absent else set()
        others = {n: v for n, v in self._loaded.items() if n in kept or not self._is_output(n)}
        compared = self._compared
        for name, value in compared.changed_inputs(self._request.inputs, others):
            self._changed(name, self._store_or_none(name, value))
        for name, value in compared.changed_constants():
            self._changed(name, self._store_or_none(name, value))

    def _is_output(self, name: str) -> bool:
        return name in self._request.outputs

    def _changed(self, name: str, artifact: Artifact | None, free: tuple[str, ...] = ()) -> None:
        is_step = self._request.kind == "body"
        free = free or self._going_on.free_of(name)
        if is_step:
            self._results.changes.append(Change("input", name, artifact, free=free))
        if self._request.item is not None or not is_step:
            # A step's change is handed on; that of one split cannot reach the next one.
            self._results.hazards.append(hidden_mutation(self._request.body, name))

    def _parts_of(self, splits: Artifact) -> tuple[Artifact, ...]:
        return decode_splits(self._artifacts.read(splits.digest, self._request.data))

    def _report_binds(self, before: set[str]) -> None:
        request = self._request
        announced = {*before, *request.outputs, *request.defines, *request.inputs, *SHELL_NAMES}
        for name in sorted(self._namespace.keys() - announced):
            if not (name.startswith("__") or name.lstrip("_i").isdigit()):
                artifact = self._store_or_none(name, self._namespace[name])
                self._results.changes.append(Change("binds", name, artifact))

    def _store_or_none(self, name: str, value: object) -> Artifact | None:
        if name in self._going_on.after.own:
            return None
        try:
            return self._store(value, name)
        except UncarriableError:
            return None

    def _log(self) -> Artifact | None:
        record = self._outputs.record()
        return self._put(encode_plain(record)) if record else None

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
