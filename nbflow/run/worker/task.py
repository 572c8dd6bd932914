"""One task from its request to its last event, inside the process that carries it out."""

from __future__ import annotations

import contextlib
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbflow.errors import CorruptArtifactError, UncarriableError
from nbflow.records.ambient import is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.files import file_name
from nbflow.records.message import Failed, Finished, Source, TaskRequest, Writing
from nbflow.records.problem import Problem
from nbflow.records.task import Change, Fact, Uncarried
from nbflow.run.worker import observe, tracebacks
from nbflow.run.worker.ambient import Ambient
from nbflow.run.worker.files import Files
from nbflow.run.worker.outputs import Outputs
from nbflow.run.worker.shell import WorkerShell
from nbflow.run.worker.sources import Sources
from nbflow.store.artifacts import Artifacts
from nbflow.store.codecs import Encoded, decode_splits, encode, encode_plain
from nbflow.store.pickling import register_classes

#: Values of these types cannot change, so they need no comparing.
_IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)
#: Types of constants that a step could change in place.
_CONTAINERS = (list, dict, set)
#: Names that a shell keeps in its namespace; they are no results of a step.
_SHELL_NAMES = frozenset(
    {"In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_ih", "_oh", "_dh", "_exit_code"}
    | {"get_ipython", "exit", "quit", "open", "display"}
)


@dataclass
class _Results:
    """What the task hands on, as it comes together."""

    outputs: dict[str, Artifact] = field(default_factory=dict)
    items: list[Artifact] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    uncarried: list[Uncarried] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    hazards: list[Problem] = field(default_factory=list)
    #: Content of the small artifacts.
    data: dict[Digest, bytes] = field(default_factory=dict)


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
        self._artifacts = Artifacts(Path(request.artifacts))
        self._results = _Results()
        self._loaded: dict[str, object] = {}
        #: Mutable constants that the definitions bound, and their digests.
        self._constants: dict[str, tuple[object, Digest]] = {}
        self._seconds = 0.0
        shell.begin(outputs, Sources())

    def run(self) -> Finished | Failed:
        """Run the task to its terminal event; the working directory must be the task's."""
        request = self._request
        directory = str(Path.cwd())
        files = Files(request, self._artifacts, self._tell)
        observer = observe.Observer(
            directory,
            (request.artifacts,),
            request.watched,
            request.watched_reads,
            files.writing,
        )
        declared = tuple(observe.file_fact(directory, path) for path in request.files)
        self._ambient = Ambient(request.seed)
        try:
            with observer.watching():
                with self._outputs.muted():
                    self._prepare()
                self._note_constants()
                names = set(self._namespace)
                self._ambient.begin(self._load_states())
                items = self._execute()
                self._ambient.end()
            self._settle()
            if items is None:
                self._store_outputs()
                self._store_states()
                self._compare_inputs()
                self._compare_constants()
                self._report_binds(names)
            else:
                self._store_items(items)
            self._results.changes += files.changes(observer, self._results.data)
            self._results.hazards += files.hazards
            facts = (*declared, *observer.facts(), *self._settings_used())
            self._results.hazards.extend(observer.hazards())
            return self._finished(tuple(dict.fromkeys(facts)))
        except BaseException as error:  # whatever the user's code raises ends here, as text
            self._settle(error)
            return self._failed(error, observer)
        finally:
            self._ambient.end()

    def undo(self) -> None:
        """Take back what the task has set for the whole process, where that goes on."""
        self._ambient.restore()

    def _prepare(self) -> None:
        request = self._request
        for source in request.setup:
            self._shell.run(source)
        later = [source for source, needs in request.definitions if self._waits(needs)]
        for source, needs in request.definitions:
            if not self._waits(needs):
                self._shell.define(source)
        self._load_inputs()
        for source in later:
            self._shell.define(source)
        if any(issubclass(type(value), type) for value in self._namespace.values()):
            # What a step keeps on a class later is no part of what the class is.
            register_classes(self._namespace)
        if request.item is not None:
            self._namespace["_nbflow_item"] = self._load(request.item)
            text = f"{request.target} = _nbflow_item"
            self._shell.define(Source(text, request.body.number, step=request.body.step))
            del self._namespace["_nbflow_item"]

    def _load_inputs(self) -> None:
        lost: list[str] = []
        for name, artifact in self._request.inputs.items():
            if is_ambient(name):
                continue
            try:
                self._loaded[name] = self._namespace[name] = self._load(artifact)
            except CorruptArtifactError as error:
                lost += error.digests
        if lost:
            raise CorruptArtifactError("is missing or damaged", *lost)

    def _load_states(self) -> dict[str, object]:
        """The ambient states that steps above have left."""
        given = dict(self._request.settings)
        if self._request.item is None:
            given |= {n: a for n, a in self._request.inputs.items() if is_ambient(n)}
        # Each split has generators of its own: their seed depends on the state that was left.
        return {name: self._load(artifact) for name, artifact in given.items()}

    def _waits(self, needs: tuple[str, ...]) -> bool:
        return not self._request.inputs.keys().isdisjoint(needs)

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

    def _settle(self, ending: BaseException | None = None) -> None:
        for error in self._shell.shown:
            if error is not ending:
                self._outputs.stream("stderr", tracebacks.render(error, self._shell))
        self._shell.shown.clear()
        self._settle_streams()
        self._outputs.close()

    def _load(self, artifact: Artifact) -> object:
        return self._artifacts.load(artifact, self._request.data, self._namespace)

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
            if is_ambient(name):
                continue
            if name not in self._namespace:
                results.absent.append(name)
                continue
            try:
                results.outputs[name] = self._store(self._namespace[name], name)
            except UncarriableError as error:
                results.uncarried.append(_uncarried(name, error))

    def _store_states(self) -> None:
        """Hand on the ambient states that the body has changed."""
        results, announced = self._results, self._request.outputs
        changed = dict(self._ambient.changed())
        for name, state in changed.items():
            artifact = self._store(state, name)
            if name in announced:
                results.outputs[name] = artifact
            elif self._request.item is None:
                results.changes.append(Change("ambient", name, artifact))
        for name in announced:
            if is_ambient(name) and name not in changed:
                results.absent.append(name)
        for name in self._ambient.drawn():
            results.changes.append(Change("draws", name))

    def _settings_used(self) -> Iterator[Fact]:
        settings = self._request.settings
        for name in self._ambient.used():
            yield Fact("ambient", name, settings[name].digest if name in settings else "")

    def _store_items(self, items: list[object]) -> None:
        for index, item in enumerate(items):
            try:
                self._results.items.append(self._store(item, f"items[{index}]"))
            except UncarriableError as error:
                error.add_note(f"It is item {index} of the foreach.")
                raise

    def _note_constants(self) -> None:
        """Keep what mutable constants are, to see whether the body changes them in place."""
        for name, value in self._namespace.items():
            given = name in self._loaded or name in _SHELL_NAMES or name in self._request.outputs
            if type(value) in _CONTAINERS and not given:
                with contextlib.suppress(UncarriableError):
                    artifact = encode(value, self._namespace, name).artifact
                    self._constants[name] = value, artifact.digest

    def _compare_constants(self) -> None:
        for name, (value, before) in self._constants.items():
            if self._namespace.get(name) is not value:
                continue
            artifact: Artifact | None = None
            with contextlib.suppress(UncarriableError):
                encoded = encode(value, self._namespace, name)
                if encoded.artifact.digest == before:
                    continue
                artifact = self._put(encoded)
            self._changed(name, artifact)

    def _compare_inputs(self) -> None:
        request = self._request
        for name, loaded in self._loaded.items():
            if name in request.outputs:
                continue
            value = self._namespace.get(name, loaded)
            if value is loaded and isinstance(value, _IMMUTABLE):
                continue
            artifact: Artifact | None = None
            try:
                if self._is_as(request.inputs[name], value, name):
                    continue
                artifact = self._store(value, name)
            except UncarriableError:
                pass  # it was carried before, so it has changed
            self._changed(name, artifact)

    def _changed(self, name: str, artifact: Artifact | None) -> None:
        self._results.changes.append(Change("input", name, artifact))
        if self._request.item is not None:
            # A step's change is handed on; that of one split cannot reach the next one.
            self._results.hazards.append(self._hidden_mutation(name))

    def _is_as(self, before: Artifact, value: object, name: str) -> bool:
        """Whether a value is still what an artifact holds."""
        if before.codec == "splits":
            parts = decode_splits(self._artifacts.read(before.digest, self._request.data))
            return (
                type(value) is list
                and len(value) == len(parts)
                and all(
                    self._is_as(part, item, name) for part, item in zip(parts, value, strict=True)
                )
            )
        after = encode(value, self._namespace, name).artifact.digest
        if after == before.digest:
            return True
        # An encoding may need one round trip to come to rest: that is no change of the value.
        return after == encode(self._load(before), self._namespace, name).artifact.digest

    def _hidden_mutation(self, name: str) -> Problem:
        body = self._request.body
        return Problem(
            code="hidden-mutation",
            message=f"step `{body.step}` changes `{name}` in a way its source does not show",
            remedy=f"Assign the result to a name (`{name} = …`), or copy `{name}` before.",
            number=body.number,
            severity="warning",
        )

    def _report_binds(self, before: set[str]) -> None:
        request = self._request
        announced = {*before, *request.outputs, *request.defines, *request.inputs, *_SHELL_NAMES}
        for name in sorted(self._namespace.keys() - announced):
            if name.startswith("__") or name.lstrip("_i").isdigit():
                continue
            try:
                artifact: Artifact | None = self._store(self._namespace[name], name)
            except UncarriableError:
                artifact = None
            self._results.changes.append(Change("binds", name, artifact))

    def _log(self) -> Artifact | None:
        record = self._outputs.record()
        return self._put(encode_plain(record)) if record else None

    def _finished(self, facts: tuple[Any, ...]) -> Finished:
        results = self._results
        return Finished(
            task=self._request.task,
            outputs=results.outputs,
            items=tuple(results.items),
            absent=tuple(results.absent),
            uncarried=tuple(results.uncarried),
            facts=facts,
            changes=tuple(results.changes),
            hazards=tuple(results.hazards),
            log=self._log(),
            data=results.data,
            seconds=self._seconds,
            peak_bytes=peak_bytes(),
        )

    def _failed(self, error: BaseException, observer: observe.Observer) -> Failed:
        text = tracebacks.describe(error, self._shell)
        self._results.data.clear()
        return Failed(
            task=self._request.task,
            error=text,
            log=self._log(),
            data=self._results.data,
            seconds=self._seconds,
            peak_bytes=peak_bytes(),
            lost=error.digests if isinstance(error, CorruptArtifactError) else (),
            files=tuple(file_name(subject) for subject in observer.looked_at()),
        )


def peak_bytes() -> int:
    """Peak resident set of this process."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _uncarried(name: str, error: UncarriableError) -> Uncarried:
    return Uncarried(name=name, path=error.path, type=error.type_name, why=error.why)
