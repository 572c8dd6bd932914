"""Prepares calls: a task with its input artifacts and its cache key, once those are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from nbflow.fingerprint import cache_key, fingerprint, merged, recipe_of
from nbflow.flow import Flow, FlowStep, Input, Needs, Part, Version
from nbflow.plan.call import Blocked, Call, FileState, Known, Lost, Replay, Waiting
from nbflow.plan.replay import in_order, is_allowed
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_structure
from nbflow.records.files import path_of
from nbflow.records.task import Recipe
from nbflow.store.joint import joints


@dataclass(slots=True)
class _Given:
    """What a call is given, as it comes together."""

    inputs: dict[str, Artifact] = field(default_factory=dict)
    #: What it has to make again.
    again: dict[str, Lost] = field(default_factory=dict)

    def free(self) -> frozenset[str]:
        """Global names that functions within the values read."""
        values: list[Artifact | Lost] = [*self.inputs.values(), *self.again.values()]
        return frozenset().union(*(value.free for value in values))

    def replays(self) -> dict[str, Replay]:
        return {n: lost.replay for n, lost in self.again.items() if lost.replay is not None}


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
        settings, given = _Given(), _Given()
        held_up = self._gather(step, step.settings, known, settings)
        if held_up is not None:
            return held_up
        files = self._files(step, known)
        if not isinstance(files, dict):
            return files
        kit = self._fill(step, part, known, item, given)
        if not isinstance(kit, _Kit):
            return kit
        again = given.replays()
        digests = _digests(step, given.inputs, again, item, occurrence)
        suffix = "[]" if part == "clause" else "" if index is None else f"[{index}]"
        return Call(
            task=step.name + suffix,
            step=step,
            part=part,
            index=index,
            inputs=given.inputs,
            item=item,
            definitions=kit.needs.definitions,
            recipe=kit.recipe,
            fingerprint=kit.fingerprint,
            digests=digests,
            key=cache_key(kit.fingerprint, digests),
            settings=settings.inputs,
            files=files,
            replays=in_order(again.values()) if again else (),
            replayed=tuple(again),
        )

    def fingerprint(self, step: FlowStep, part: Part) -> Digest:
        """What a step's calls have in common, whatever they read."""
        return self._kit(step, part, frozenset()).fingerprint

    def recipe(self, step: FlowStep, part: Part) -> Recipe:
        """The same in full, but for what functions that travel inside values need."""
        return self._kit(step, part, frozenset()).recipe

    def _fill(
        self, step: FlowStep, part: Part, known: Known, item: Artifact | None, given: _Given
    ) -> _Kit | Waiting | Blocked:
        """Gather all inputs, of travelling functions too; say what is missing, if anything is."""
        free: frozenset[str] = frozenset(item.free if item else ())
        kit = self._kit(step, part, frozenset())
        while True:
            held_up = self._gather(step, kit.needs.inputs, known, given)
            if held_up is not None:
                return held_up
            free = (free | given.free()) - given.inputs.keys() - given.again.keys()
            if free <= kit.late:
                return kit
            # Functions that travel inside a value read these names here, where they are called.
            kit = self._kit(step, part, kit.late | free)

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
        self, step: FlowStep, needed: Mapping[str, Input], known: Known, given: _Given
    ) -> Waiting | Blocked | None:
        """Add what is needed to what is given; say what is missing, if anything is."""
        waiting: list[Version] = []
        for name, wanted in needed.items():
            for version in wanted.versions:
                state = known.get(version)
                if state is None:
                    waiting.append(version)
                    break
                if isinstance(state, Artifact):
                    given.inputs[name] = state
                    break
                if state.replay is not None and is_allowed(step, state.replay):
                    given.again[name] = state
                    break
                if state.why != "absent":
                    return Blocked(name, version, state)
            else:
                if wanted.base == "parameter":
                    given.inputs[name] = self.parameters[name]
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


class _Kit(msgspec.Struct, frozen=True):
    """What all splits of a step share."""

    needs: Needs
    recipe: Recipe
    fingerprint: Digest
    late: frozenset[str]


def _digests(
    step: FlowStep,
    inputs: Mapping[str, Artifact],
    again: Mapping[str, Replay],
    item: Artifact | None,
    occurrence: int,
) -> dict[str, Digest]:
    """What of its inputs counts in the key of a call."""
    digests = {name: artifact.digest for name, artifact in inputs.items()}
    for joint, names in joints(inputs).values():
        # Whether they share what they hold is no part of their own content.
        digests[" with ".join(names)] = joint.digest
    digests |= {name: replay.digest for name, replay in again.items()}
    if item is not None and step.step.clause:
        target = f"for {step.step.clause.target}"
        digests[target] = item.digest
        if occurrence:
            digests[f"{target} again"] = of_structure("nbflow-occurrence-1", occurrence)
    return digests
