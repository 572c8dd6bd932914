"""Decides whether a task's result can be reused; the reasons are part of the verdict."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Protocol

from nbflow.plan.call import Call
from nbflow.plan.replay import is_reusable
from nbflow.records.ambient import WATCHED
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.reason import Reason
from nbflow.records.task import Recipe, TaskRecord
from nbflow.records.verdict import Reuse, Run


class Lookup(Protocol):
    """What deciding may ask of the store and of the world."""

    def candidates(self, key: Digest) -> Sequence[TaskRecord]:
        """Records under a key, newest first."""

    def latest(self, cell: str, index: int | None) -> TaskRecord | None:
        """The newest record of a step or split, whatever its key."""

    def recipe(self, fingerprint: Digest) -> Recipe | None:
        """The recipe behind a fingerprint."""

    def changed_fact(self, record: TaskRecord, call: Call) -> Reason | None:
        """The first observed fact of a record that does not hold for this call."""

    def missing(self, artifacts: Iterable[Artifact]) -> Collection[Digest]:
        """Those of these artifacts that the store no longer has."""

    def doubt(self, cell: str, fingerprint: Digest) -> Reason | None:
        """What differed when a step of this fingerprint was last done again, if anything did."""

    def failure(self, cell: str, index: int | None, key: Digest | None) -> Reason | None:
        """How the very same failed when it was last tried; without a key, any task of the step."""

    def seconds(self, cell: str) -> float | None:
        """How long a task of that step took last, in seconds."""


def decide(call: Call, lookup: Lookup, cache: bool = True) -> Reuse | Run:
    """Reuse the newest record that holds, or run, for the reasons given."""
    doubt = lookup.doubt(call.step.id, call.fingerprint)
    doubts = (doubt,) if doubt is not None else ()
    if not cache:
        return Run((Reason("forced"), *doubts))
    if not is_reusable(call):
        return Run((Reason("not-cached", call.step.name), *doubts))
    refused: tuple[Reason, ...] = ()
    for record in lookup.candidates(call.key):
        broken = refusal(record, call, lookup)
        hazards = hazards_of(record)
        if broken is None and (not hazards or call.step.hazards == "cache"):
            accepted = (Reason("accepted", record.accepted),) if record.accepted else ()
            return Reuse(record, (*doubts, *accepted, *hazards))
        refused = refused or ((broken,) if broken is not None else hazards)
    failure = lookup.failure(call.step.id, call.index, call.key)
    failures = (failure,) if failure is not None else ()
    return Run((*failures, *(refused or _differences(call, lookup)), *doubts))


def hazards_of(record: TaskRecord) -> tuple[Reason, ...]:
    """What a task depended on that nobody can check."""
    return tuple(
        Reason("hazard", fact.subject, after=fact.value)
        for fact in record.facts
        if fact.kind == "hazard"
    )


def refusal(record: TaskRecord, call: Call, lookup: Lookup) -> Reason | None:
    """Why a record of this key cannot be reused."""
    return (
        lookup.changed_fact(record, call) or _lost_artifact(record, lookup) or unfit(record, call)
    )


def unfit(record: TaskRecord, call: Call) -> Reason | None:
    """Why a record of this key does not serve the call, though nothing in the world has changed."""
    return _changed_setting(record, call) or _ungiven_output(record, call)


def _changed_setting(record: TaskRecord, call: Call) -> Reason | None:
    """The first setting that the task used in another state than it is in here."""
    used = {fact.subject: fact.value for fact in record.facts if fact.kind == "ambient"}
    for name in dict.fromkeys((*used, *call.settings)):
        if name in WATCHED and name not in used:
            continue
        now = call.settings[name].digest if name in call.settings else ""
        if used.get(name, "") != now:
            return Reason("environment", name)
    return None


def _lost_artifact(record: TaskRecord, lookup: Lookup) -> Reason | None:
    changed = {c.subject: c.artifact for c in record.changes if c.artifact is not None}
    named = {**changed, **record.outputs}
    stored = (*named.values(), *record.items, *([record.log] if record.log else []))
    lost = lookup.missing(stored)
    if not lost:
        return None
    names = [name for name, artifact in named.items() if artifact.digest in lost]
    return Reason("missing-artifact", ", ".join(names) or "recorded output")


def _ungiven_output(record: TaskRecord, call: Call) -> Reason | None:
    """What is an output by now, since what is known of the cells around the step has changed."""
    if call.part == "clause":
        return None
    given = {*record.outputs, *record.absent, *(lost.name for lost in record.uncarried)}
    given.update(change.subject for change in record.changes if change.of_name)
    missing = [name for name in call.step.outputs if name not in given]
    if not missing:
        missing = [" with ".join(names) for names in _apart(record, call)]
    return Reason("missing-artifact", missing[0]) if missing else None


def _apart(record: TaskRecord, call: Call) -> Iterator[tuple[str, ...]]:
    """Names that share objects, but were not stored together as they have to be by now."""
    together, outputs = call.step.together, call.step.outputs
    # What nobody had foreseen was stored by itself.
    unforeseen = {change.subject for change in record.changes if change.of_name}
    joints: dict[str, Artifact | None] = {
        **dict.fromkeys(unforeseen.intersection(outputs)),
        **{name: artifact.joint for name, artifact in record.outputs.items()},
    }
    for shared in record.shares:
        names = tuple(name for name in shared.left if name in joints)
        wanted = together.intersection(names)
        # Of what shares an index or memory only, those will do that have been asked for.
        held = {joints[name] for name in (names if shared.what == "objects" else wanted)}
        if wanted and len(names) > 1 and not shared.why and (len(held) > 1 or None in held):
            yield names


def _differences(call: Call, lookup: Lookup) -> tuple[Reason, ...]:
    """What tells this call from the newest record of the same step."""
    latest = lookup.latest(call.step.id, call.index)
    if latest is None:
        return (Reason("never-ran", call.task),)
    reasons: list[Reason] = []
    if latest.recipe != call.fingerprint:
        before = lookup.recipe(latest.recipe)
        if before is not None:
            reasons += recipe_differences(before, call.recipe, call.step.name)
    reasons += _input_differences(latest, call)
    return tuple(reasons) or (Reason("never-ran", call.task),)


def recipe_differences(before: Recipe, now: Recipe, step: str) -> list[Reason]:
    """What tells the code and the options of a step from those that a result was made with."""
    reasons: list[Reason] = []
    if before.body != now.body:
        reasons.append(Reason("source", step, before.source, now.source))
    for label in dict.fromkeys((*before.definitions, *now.definitions)):
        old, new = before.definitions.get(label), now.definitions.get(label)
        if (old and old[0]) != (new and new[0]):
            reasons.append(
                Reason("definition", label, old[1] if old else "", new[1] if new else "")
            )
    if [mark for mark, _ in before.setup] != [mark for mark, _ in now.setup]:
        lines = ("\n".join(text for _, text in setup) for setup in (before.setup, now.setup))
        reasons.append(Reason("setup", "", *lines))
    for name in dict.fromkeys((*before.options, *now.options)):
        if before.options.get(name) != now.options.get(name):
            reasons.append(
                Reason("option", name, before.options.get(name, ""), now.options.get(name, ""))
            )
    return reasons


def _input_differences(latest: TaskRecord, call: Call) -> list[Reason]:
    reasons: list[Reason] = []
    shown = call.shown()
    for name in dict.fromkeys((*latest.inputs, *call.digests)):
        old, new = latest.inputs.get(name), call.digests.get(name)
        if old == new or name.endswith(" again"):
            continue
        given = call.step.needs(call.part).inputs.get(name)
        is_parameter = given is not None and given.base == "parameter" and not given.versions
        reasons.append(
            Reason(
                "parameter" if is_parameter else "input",
                name,
                latest.shown.get(name, ""),
                shown.get(name, ""),
            )
        )
    return reasons
