"""What an exporter is told of the run that it exports from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbflow.driver.lookup import StoreLookup
from nbflow.driver.read_files import ReadFile
from nbflow.errors import FlowError
from nbflow.flow import Flow, Version
from nbflow.plan import Call, Lost, Plan, Walk, decide
from nbflow.records.artifact import Artifact
from nbflow.records.notebook import Notebook
from nbflow.records.reason import ReasonKind
from nbflow.records.task import Fact, FactKind, TaskRecord
from nbflow.records.verdict import Reuse, Run


@dataclass(frozen=True, slots=True)
class Basis:
    """The results that an export stands for: every step's, as of one set of parameters."""

    notebook: Notebook
    parameters: Mapping[str, object]
    #: By cell id: the record of a step's task; of a foreach its clause's, then its splits'.
    records: Mapping[str, tuple[TaskRecord, ...]]
    #: What each version turned out to be.
    known: Mapping[Version, Artifact | Lost]
    #: By cell id, what the step's tasks put out (nbformat), in order.
    outputs: Mapping[str, Sequence[Mapping[str, Any]]]
    #: Local modules that the steps imported: their text by path.
    modules: Mapping[str, str]
    #: Files that the steps read, and have not written.
    files: tuple[ReadFile, ...]
    #: Loads a value.
    load: Callable[[Artifact], object] = field(repr=False)
    #: Id of the run that gave these results last; empty when it took more than one.
    run: str = ""

    def facts(self, *kinds: FactKind) -> list[Fact]:
        """What the steps were observed to depend on, of these kinds."""
        found = (
            fact
            for records in self.records.values()
            for record in records
            for fact in record.facts
            if fact.kind in kinds
        )
        return sorted(dict.fromkeys(found), key=lambda fact: (fact.kind, fact.subject, fact.value))


#: Reasons for which a step runs though nothing has changed.
_EVERY_TIME: frozenset[ReasonKind] = frozenset({"not-cached", "hazard"})


@dataclass(slots=True)
class Current:
    """Judges tasks as a plan does; a step marked to run every time has what it gave last."""

    lookup: StoreLookup

    def __call__(self, call: Call) -> Reuse | Run:
        """The verdict on a task."""
        verdict = decide(call, self.lookup)
        if isinstance(verdict, Run) and {r.kind for r in verdict.reasons} <= _EVERY_TIME:
            last = self.lookup.latest(call.step.id, call.index)
            if last is not None and last.key == call.key:
                return Reuse(last)
        return verdict


def of_each_cell(flow: Flow, walk: Walk, plan: Plan, run: str) -> dict[str, list[TaskRecord]]:
    """The records of all steps.

    Parameters
    ----------
    run
        The command that brings them up to date.

    Raises
    ------
    FlowError
        One of the steps has no current result.
    """
    for step in plan:
        if step.verdict != "reuse":
            kinds = {reason.kind for reason in step.reasons}
            never = "has not run with these parameters" if "never-ran" in kinds else ""
            why = "failed when it was last run" if "failed" in kinds else never or "is not current"
            first = "Mend it, and run it" if "failed" in kinds else "Run it first"
            raise FlowError(
                f"step `{step.step}` {why}: an export is made from results", f"{first}: `{run}`."
            )
    found: dict[str, list[TaskRecord]] = {cell: [] for cell in flow.steps}
    for call, reuse in walk.reused:
        found[call.step.id].append(reuse.record)
    return found


def local_modules(facts: Collection[Fact], directory: Path) -> dict[str, str]:
    """The text of the modules beside a notebook that its steps imported.

    Raises
    ------
    FlowError
        One of them lies elsewhere, or is no text.
    """
    found: dict[str, str] = {}
    for fact in facts:
        path = Path(fact.subject)
        if not fact.value or path.suffix == "":
            continue  # looked for in vain, or a folder
        if path.is_absolute() or ".." in path.parts or path.suffix != ".py":
            raise FlowError(
                f"the steps import `{fact.subject}`, which cannot be copied",
                "Move the module beside the notebook, or make an installed package of it.",
            )
        try:
            found[path.as_posix()] = (directory / path).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise FlowError(
                f"the module {fact.subject} cannot be read: {error}", "Save it as UTF-8 text."
            ) from error
    return dict(sorted(found.items()))
