"""Prepares calls: a task with its input artifacts and its cache key, once those are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from nbflow.fingerprint import cache_key, fingerprint, merged, recipe_of
from nbflow.flow import Flow, FlowStep, Input, Needs, Part, Version
from nbflow.flow.scope import Placed
from nbflow.plan.replay import Replay, in_order, is_allowed
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_structure
from nbflow.records.files import path_of
from nbflow.records.task import Recipe
from nbflow.store.joint import joints


@dataclass(frozen=True, slots=True)
class Lost:
    """A version that gives no value."""

    #: ``absent``: the step left the name unbound, so an older version shows through;
    #: ``uncarried``: the value cannot leave its process; ``failed``: its step gave nothing;
    #: ``removed``: of a file, that it is no longer there.
    why: Literal["absent", "uncarried", "failed", "removed"]
    #: For people: what cannot be carried, or which step failed.
    detail: str = ""
    #: How an uncarried value is made again, unless nothing can.
    replay: Replay | None = field(default=None, compare=False)
    #: Global names that code inside an uncarried value reads.
    free: tuple[str, ...] = ()


#: What is known of the versions so far; a version that is not there has yet to be computed.
Known: TypeAlias = Mapping[Version, Artifact | Lost]


#: A file at one place of the document; ``absent``: no step above has written it.
FileState: TypeAlias = Artifact | Lost


@dataclass(frozen=True, slots=True)
class Call:
    """A task with everything it reads: what the cache looks up, and what a worker runs."""

    #: ``"load"``, ``"primes[3]"``; ``"primes[]"`` for a clause.
    task: str
    step: FlowStep
    part: Part
    index: int | None
    inputs: Mapping[str, Artifact]
    #: The item of a split.
    item: Artifact | None
    definitions: tuple[Placed, ...]
    recipe: Recipe
    fingerprint: Digest
    #: Digests of the inputs as the key and the record hold them; the item under ``for TARGET``.
    digests: Mapping[str, Digest]
    key: Digest
    #: Settings that steps above have changed. They are no part of the key: whether the task uses
    #: them is recorded with it.
    settings: Mapping[str, Artifact]
    #: What the files of the flow that it may use hold here, by path: as a step above has left
    #: them; where none has, as no step has ever written them. What of them it reads is recorded
    #: with it, too.
    files: Mapping[str, FileState]
    #: Steps to carry out first, in document order, for the names that cannot be carried here.
    replays: tuple[Replay, ...] = ()
    replayed: tuple[str, ...] = ()

    def shown(self) -> dict[str, str]:
        """The inputs for people, by the names of ``digests``."""
        shown = {name: artifact.summary for name, artifact in self.inputs.items()}
        if self.item is not None and self.step.step.clause:
            shown[f"for {self.step.step.clause.target}"] = self.item.summary
        return shown


@dataclass(frozen=True, slots=True)
class Waiting:
    """Some inputs have yet to be computed."""

    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class Blocked:
    """An input will never come."""

    name: str
    version: Version
    lost: Lost


@dataclass(slots=True)
class Preparer:
    """Prepares the calls of one flow with one set of parameters.

    A ``replace`` of the parameters keeps the fingerprints, which do not depend on them.
    """

    flow: Flow
    parameters: Mapping[str, Artifact]
    _kits: dict[tuple[str, Part, frozenset[str]], _Kit] = field(default_factory=dict)

    def call(
        self,
        step: FlowStep,
        part: Part,
        known: Known,
        index: int | None = None,
        item: Artifact | None = None,
        occurrence: int = 0,
    ) -> Call | Waiting | Blocked:
        """The call of a step's body, of its clause, or of one of its splits.

        Parameters
        ----------
        occurrence
            How many earlier splits have an equal item: equal items draw different random numbers.
        """
        inputs: dict[str, Artifact] = {}
        settings: dict[str, Artifact] = {}
        again: dict[str, Lost] = {}
        held_up = self._gather(step, step.settings, known, settings, again)
        if held_up is not None:
            return held_up
        files = self._files(step, known)
        if not isinstance(files, dict):
            return files
        free: frozenset[str] = frozenset(item.free if item else ())
        kit = self._kit(step, part, frozenset())
        todo: Mapping[str, Input] = kit.needs.inputs
        while True:
            gathered = self._gather(step, todo, known, inputs, again)
            if gathered is not None:
                return gathered
            free = free.union(*(artifact.free for artifact in inputs.values()))
            free = free.union(*(lost.free for lost in again.values()))
            free -= inputs.keys() | again.keys()
            if free <= kit.late:
                break
            # Functions that travel inside a value read these names here, where they are called.
            kit = self._kit(step, part, kit.late | free)
            todo = kit.needs.inputs
        digests = {name: artifact.digest for name, artifact in inputs.items()}
        for joint, names in joints(inputs).values():
            # Whether they share what they hold is no part of their own content.
            digests[" with ".join(names)] = joint.digest
        replays = {name: lost.replay for name, lost in again.items() if lost.replay is not None}
        digests |= {name: replay.digest for name, replay in replays.items()}
        if item is not None and step.step.clause:
            target = f"for {step.step.clause.target}"
            digests[target] = item.digest
            if occurrence:
                digests[f"{target} again"] = of_structure("nbflow-occurrence-1", occurrence)
        suffix = "[]" if part == "clause" else "" if index is None else f"[{index}]"
        return Call(
            task=step.name + suffix,
            step=step,
            part=part,
            index=index,
            inputs=inputs,
            item=item,
            definitions=kit.needs.definitions,
            recipe=kit.recipe,
            fingerprint=kit.fingerprint,
            digests=digests,
            key=cache_key(kit.fingerprint, digests),
            settings=settings,
            files=files,
            replays=in_order(replays.values()),
            replayed=tuple(replays),
        )

    def _files(self, step: FlowStep, known: Known) -> dict[str, FileState] | Waiting | Blocked:
        """What the step finds in the flow's files; those that it only writes need not be known."""
        found: dict[str, FileState] = {}
        for name, given in step.files.every.items():
            states = ((version, known.get(version)) for version in given.versions)
            for version, state in states:
                if state is None and name in step.files.reads:
                    return Waiting((version,))
                if isinstance(state, Lost) and state.why == "failed" and name in step.files.reads:
                    return Blocked(name, version, state)
                if isinstance(state, Artifact) or (state is not None and state.why == "removed"):
                    found[path_of(name)] = state
                    break
            else:
                found[path_of(name)] = Lost("absent")
        return found

    def _gather(
        self,
        step: FlowStep,
        needed: Mapping[str, Input],
        known: Known,
        inputs: dict[str, Artifact],
        again: dict[str, Lost],
    ) -> Waiting | Blocked | None:
        """Fill ``inputs``, and ``again`` with what is to be made again; say what is missing."""
        waiting: list[Version] = []
        for name, given in needed.items():
            for version in given.versions:
                state = known.get(version)
                if state is None:
                    waiting.append(version)
                    break
                if isinstance(state, Artifact):
                    inputs[name] = state
                    break
                if state.replay is not None and is_allowed(step, state.replay):
                    again[name] = state
                    break
                if state.why != "absent":
                    return Blocked(name, version, state)
            else:
                if given.base == "parameter":
                    inputs[name] = self.parameters[name]
        return Waiting(tuple(waiting)) if waiting else None

    def _kit(self, step: FlowStep, part: Part, late: frozenset[str]) -> _Kit:
        held = self._kits.get((step.id, part, late))
        if held is None:
            extra = self.flow.late(step.id, late) if late else None
            recipe = recipe_of(self.flow, step, part, extra)
            own = step.needs(part)
            needs = (
                own
                if extra is None
                else Needs(
                    {**extra.inputs, **own.inputs}, merged(own.definitions, extra.definitions)
                )
            )
            held = _Kit(needs, recipe, fingerprint(recipe), late)
            self._kits[step.id, part, late] = held
        return held


@dataclass(frozen=True, slots=True)
class _Kit:
    """What all splits of a step share."""

    needs: Needs
    recipe: Recipe
    fingerprint: Digest
    late: frozenset[str]
