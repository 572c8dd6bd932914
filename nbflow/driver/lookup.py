"""What deciding asks of the store and of the world, answered once per run or plan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from nbflow.driver.changed_file import changed_file
from nbflow.driver.failures import Failures
from nbflow.plan import Call
from nbflow.records.ambient import WATCHED
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest
from nbflow.records.files import CHANGED, is_directory, on_disk
from nbflow.records.reason import Reason, ReasonKind
from nbflow.records.task import (
    FILE_FACTS,
    LISTINGS,
    OF_VARIABLES,
    Fact,
    FactKind,
    Recipe,
    TaskRecord,
    listed,
)
from nbflow.run.files import FilesInPlace
from nbflow.run.worker.observing.current import current_value
from nbflow.run.worker.observing.environment import ALL
from nbflow.store.store import Store

#: What facts say now, by kind and subject.
_Values: TypeAlias = dict[tuple[FactKind, str], str]

_REASONS: Mapping[FactKind, ReasonKind] = {
    "file": "file",
    "listing": "file",
    "matching": "file",
    "absent": "file",
    "there": "file",
    "size": "file",
    "modified": "file",
    "mode": "file",
    "link": "file",
    "module": "module",
    "distribution": "package",
}


def reason_of(fact: Fact, now: str) -> Reason:
    """Why what has looked at something runs again, now that it is another."""
    if fact.kind == "environment":
        # Its values may be secrets.
        what = "a variable" if fact.subject == ALL else f"variable {fact.subject}"
        return Reason("environment", f"{what} of the environment")
    kind = _REASONS.get(fact.kind, "environment")
    return Reason(kind, fact.subject or fact.kind, fact.value, now)


class NoHistory:
    """A :class:`nbflow.plan.Lookup` for a notebook that has no store yet."""

    def candidates(self, key: Digest) -> Sequence[TaskRecord]:  # noqa: ARG002
        return ()

    def latest(self, cell: str, index: int | None) -> TaskRecord | None:  # noqa: ARG002
        return None

    def recipe(self, fingerprint: Digest) -> Recipe | None:  # noqa: ARG002
        return None

    def changed_fact(self, record: TaskRecord, call: Call) -> Reason | None:  # noqa: ARG002
        return None

    def missing(self, artifacts: Iterable[Artifact]) -> Collection[Digest]:  # noqa: ARG002
        return ()

    def doubt(self, cell: str, fingerprint: Digest) -> Reason | None:  # noqa: ARG002
        return None

    def failure(self, cell: str, index: int | None, key: Digest | None) -> Reason | None:  # noqa: ARG002
        return None

    def seconds(self, cell: str) -> float | None:  # noqa: ARG002
        return None


class StoreLookup:
    """A :class:`nbflow.plan.Lookup` over a store, for a notebook in its directory.

    What a file or a module holds is looked at once for all records of one run: a run sees one
    state of the world.

    Parameters
    ----------
    environment
        Gives the environment that the task of a call starts from; the very same for all that start
        from the same.
    """

    def __init__(
        self,
        store: Store,
        flow: str,
        notebook: Path,
        environment: Callable[[Call], Mapping[str, str]],
    ) -> None:
        directory = notebook.parent
        self.files = FilesInPlace(store, flow, directory)
        self._store = store
        self._flow = flow
        self._directory = directory
        #: Seconds that a task of each step took last, by cell id.
        self.durations = store.durations(flow)
        self._failures = Failures(store, notebook)
        self._doubts = store.verifications.doubts(flow)
        self._environment = environment
        self._values: _Values = {}
        self._told: dict[tuple[Fact, str], Reason] = {}
        #: What follows from an environment, by that: most tasks ask for the same.
        self._of_variables: dict[int, tuple[Mapping[str, str], _Values]] = {}

    def candidates(self, key: Digest) -> Sequence[TaskRecord]:
        return self._store.candidates(key, self._flow)

    def latest(self, cell: str, index: int | None) -> TaskRecord | None:
        return self._store.latest(cell, index, self._flow)

    def recipe(self, fingerprint: Digest) -> Recipe | None:
        return self._store.recipe(fingerprint)

    def changed_file(self, record: TaskRecord, call: Call) -> Reason | None:
        """The first file of the flow that holds something else than it did for a record."""
        return self._changed([f for f in record.facts if self._is_of_flow(f, call)], call)

    def changed_fact(self, record: TaskRecord, call: Call) -> Reason | None:
        return self._changed(record.facts, call)

    def _changed(self, facts: Iterable[Fact], call: Call) -> Reason | None:
        for fact in facts:
            if fact.kind in ("ambient", "hazard"):
                continue  # its state is the run's own, not the world's; or nobody knows it
            now = self._now(fact, call)
            # A file that changed while it was read has no digest: nothing can agree with it.
            if now != fact.value or (fact.kind == "file" and not fact.value):
                return self._reason(fact, now)
        return None

    def _reason(self, fact: Fact, now: str) -> Reason:
        if fact.kind != "file" or not now or fact.value in ("", CHANGED):
            return reason_of(fact, now)
        # All splits of a foreach may have read the one file.
        if (fact, now) not in self._told:
            path = self._directory / on_disk(fact.subject)
            self._told[fact, now] = changed_file(fact, now, path, self._store.content)
        return self._told[fact, now]

    def _now(self, fact: Fact, call: Call) -> str:
        if fact.kind == "ambient":
            return call.settings[fact.subject].digest if fact.subject in call.settings else ""
        if fact.kind == "hazard":
            return fact.value
        if self._is_of_flow(fact, call):
            return self._in_flow(fact, call)
        return self._value(fact, self._environment(call))

    def _is_of_flow(self, fact: Fact, call: Call) -> bool:
        return fact.kind in FILE_FACTS and (
            fact.subject in call.files or (fact.kind in LISTINGS and bool(call.files))
        )

    def _in_flow(self, fact: Fact, call: Call) -> str:
        if fact.kind in LISTINGS:
            return self.files.listing(*listed(fact), call.files)
        state = call.files[fact.subject]
        if fact.kind == "size":
            return self.files.size(fact.subject, state)
        digest = self.files.digest(fact.subject, state)
        if fact.kind in ("modified", "mode"):
            return fact.value if digest else ""  # that of a file that is put back is no news
        if fact.kind == "there":
            return ("directory" if is_directory(fact.subject) else "file") if digest else ""
        return digest

    def missing(self, artifacts: Iterable[Artifact]) -> Collection[Digest]:
        return self._store.missing(artifacts)

    def doubt(self, cell: str, fingerprint: Digest) -> Reason | None:
        return self._doubts.get((cell, fingerprint))

    def failure(self, cell: str, index: int | None, key: Digest | None) -> Reason | None:
        latest = self.latest(cell, index)
        return self._failures.of(cell, index, key, latest.started if latest is not None else None)

    def seconds(self, cell: str) -> float | None:
        return self.durations.get(cell)

    def facts_now(self, record: TaskRecord, call: Call) -> tuple[Fact, ...]:
        """What a record's facts would be, had its task been this call, and looked at the same."""
        used = {fact.subject for fact in record.facts if fact.kind == "ambient"}
        further = [name for name in call.settings if name not in used and name not in WATCHED]
        facts = (*record.facts, *(Fact("ambient", name, "") for name in further))
        return tuple(fact._replace(value=self._now(fact, call)) for fact in facts)

    def wrote(self, record: TaskRecord) -> None:
        """Forget the files that a task has just written: they are looked at anew."""
        for change in record.changes:
            if change.kind == "file":
                for key in [key for key in self._values if key[1] == change.subject]:
                    del self._values[key]

    def _value(self, fact: Fact, variables: Mapping[str, str]) -> str:
        key = (fact.kind, fact.subject)
        known = self._values
        if fact.kind in OF_VARIABLES:
            _, known = self._of_variables.setdefault(id(variables), (variables, {}))
        now = known.get(key)
        if now is None:
            now = known[key] = current_value(fact, str(self._directory), variables)
        return now
