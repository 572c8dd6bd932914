"""What a task leaves, on its way into the store: outputs, states, and what it has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nbflow.errors import UncarriableError
from nbflow.records.ambient import is_ambient
from nbflow.records.artifact import Artifact
from nbflow.records.message import TaskRequest
from nbflow.records.task import Change
from nbflow.run.worker.carrying import handing, logs
from nbflow.run.worker.carrying.artifacts import TaskArtifacts
from nbflow.run.worker.carrying.comparing import Comparison
from nbflow.run.worker.carrying.definition_state import DefinitionState
from nbflow.run.worker.carrying.frames import Frames
from nbflow.run.worker.carrying.going_on import GoingOn
from nbflow.run.worker.carrying.patches import unseen_below
from nbflow.run.worker.carrying.related import held_among
from nbflow.run.worker.carrying.results import (
    Results,
    hidden_mutation,
    in_use,
    uncarried,
)
from nbflow.run.worker.shell import SHELL_NAMES, WorkerShell
from nbflow.store.visible import look


@dataclass(slots=True)
class Given:
    """What a task was given."""

    #: Its inputs by name.
    values: dict[str, Any] = field(default_factory=dict)
    #: What steps above have kept on definitions, by the names of such states.
    states: dict[str, Any] = field(default_factory=dict)
    #: The item of a split.
    item: object = None


class Leaving:
    """Stores what the body leaves, and notes what it has changed of what it was given.

    Parameters
    ----------
    request
        What runs.
    shell
        Whose namespace it leaves names in.
    given
        What it was given, once that is loaded.
    results
        Takes all that there is to tell.
    artifacts
        Where values are stored.
    kept
        What the body keeps on definitions.
    going_on
        What goes on beside it.
    """

    def __init__(
        self,
        request: TaskRequest,
        shell: WorkerShell,
        given: Given,
        results: Results,
        artifacts: TaskArtifacts,
        kept: DefinitionState,
        going_on: GoingOn,
    ) -> None:
        self.results = results
        self._request = request
        self._shell = shell
        self._namespace: dict[str, Any] = shell.user_ns
        self._given = given
        self._artifacts = artifacts
        self._kept = kept
        self._going_on = going_on
        self._compared = Comparison(self._namespace, artifacts.load, artifacts.parts_of)
        self._frames = Frames()
        self._names: set[str] = set()

    def note_given(self) -> None:
        """The body is about to run on what it was given."""
        self._compared.note_constants({*self._given.values, *self._request.outputs, *SHELL_NAMES})
        self._compared.note_inputs(self._request.inputs, self._given.values)
        self._frames.note(self._given.values)

    def note_names(self) -> None:
        """What is bound by now was not bound by the body."""
        self._names = set(self._namespace)

    def values(
        self, states: Mapping[str, Any], drawn: Iterable[str], replayed: Mapping[str, object]
    ) -> None:
        """Store what a step's body has left.

        Parameters
        ----------
        states
            The ambient states that it has changed.
        drawn
            Generators that it has drawn from.
        replayed
            What replays have left, by name.
        """
        self._store_outputs()
        self._store_states(states, drawn)
        self._kept.hand_on(self._request, self.results, self._artifacts.store)
        self._compare()
        done = {*self._request.outputs, *(c.subject for c in self.results.changes)}
        for name in self._going_on.begun(replayed, self._given.values, done):
            self.changed(name, None)
        self._report_binds()
        self._store_shares()

    def _store_outputs(self) -> None:
        results = self.results
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
                results.outputs[name] = self._artifacts.store(self._namespace[name], name)
            except UncarriableError as error:
                sight = look(self._namespace[name], self._namespace)
                # Who changes what it goes through, changes it: so its readers read that, too.
                request = self._request
                data = {*request.inputs, *request.replayed, *request.outputs} - {name}
                others = {other: self._namespace.get(other) for other in data}
                free = tuple(sorted({*sight.free, *held_among(others, sight.parts)}))
                results.uncarried.append(uncarried(name, error, free))

    def _leaves_display(self) -> bool:
        """Whether the body has displayed a value, or bound ``_`` itself."""
        before = self._given.values.get("_", "")
        return self._shell.has_displayed or self._namespace["_"] is not before

    def _store_states(self, changed: Mapping[str, Any], drawn: Iterable[str]) -> None:
        """Hand on the ambient states that the body has changed."""
        results, announced = self.results, self._request.outputs
        for name, state in changed.items():
            artifact = self._artifacts.store(state, name)
            if name in announced:
                results.outputs[name] = artifact
            elif self._request.item is None:
                results.changes.append(Change("ambient", name, artifact))
        for what in logs.uncarried(changed.get("logging.root", {})):
            results.hazards.append(unseen_below(self._request.body, what))
        for name in announced:
            if is_ambient(name) and name not in changed:
                results.absent.append(name)
        for name in drawn:
            results.changes.append(Change("draws", name))

    def items(self, items: list[object]) -> None:
        """Store the items of a foreach."""
        for index, item in enumerate(items):
            try:
                self.results.items.append(self._artifacts.store(item, f"items[{index}]"))
            except UncarriableError as error:
                error.add_note(f"It is item {index} of the foreach.")
                raise

    def _compare(self) -> None:
        """Tell what the body has changed of what it was given, beside its outputs."""
        kept = {"_"} if "_" in self.results.absent else set()
        apart = set(self._request.outputs) - kept
        others = {name: v for name, v in self._given.values.items() if name not in apart}
        compared = self._compared
        for name, value in compared.changed_inputs(self._request.inputs, others):
            self.changed(name, self.store_or_none(name, value))
        for name, value in compared.changed_constants():
            self.changed(name, self.store_or_none(name, value))

    def _report_binds(self) -> None:
        request = self._request
        announced = {*request.outputs, *request.defines, *request.inputs, *SHELL_NAMES}
        for name in sorted(self._namespace.keys() - announced - self._names):
            if not (name.startswith("__") or name.lstrip("_i").isdigit()):
                artifact = self.store_or_none(name, self._namespace[name])
                self.results.changes.append(Change("binds", name, artifact))

    def _store_shares(self) -> None:
        """Note which names share objects, and store those together that have to stay so."""
        results, request = self.results, self._request
        given = self._compared.constants | self._given.values | self._given.states
        if request.item is not None:
            given[request.target] = self._given.item
        left = {**self._namespace, **self._kept.left}
        hand_on = handing.HandOn(request, left, given, self._artifacts.put)
        results.shares += hand_on.shares(results.outputs, results.changes)
        if request.item is not None:
            return
        results.outputs |= hand_on.joined(results.outputs)
        compared, inputs = self._compared, request.inputs
        results.changes += hand_on.changed(
            results.outputs, lambda name, value: compared.is_as(inputs[name], value, name)
        )
        changed = {c.subject for c in results.changes if c.kind in ("input", "object")}
        results.changes += [Change("axes", name) for name in sorted(self._frames.renamed(changed))]
        written = self._frames.rewritten(changed, lambda name: compared.again(inputs[name]))
        results.changes += [Change("memory", name) for name in sorted(written)]
        results.hazards += hand_on.told(changed)

    def changed(self, name: str, artifact: Artifact | None, free: tuple[str, ...] = ()) -> None:
        """Note that the body has changed what it was given under a name."""
        is_step = self._request.kind == "body"
        if name in self.results.absent:
            self.results.absent.remove(name)
        free = free or self._going_on.free_of(name)
        if is_step:
            self.results.changes.append(Change("input", name, artifact, free=free))
        if self._request.item is not None or not is_step:
            # A step's change is handed on; that of one split cannot reach the next one.
            self.results.hazards.append(hidden_mutation(self._request.body, name))

    def store_or_none(self, name: str, value: object) -> Artifact | None:
        """Store a value; None where that cannot be."""
        if name in self._going_on.after.own:
            return None
        try:
            return self._artifacts.store(value, name)
        except UncarriableError:
            return None
