"""Takes the results of a stale step for those of what it has become."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from nbflow.driver.lookup import StoreLookup
from nbflow.errors import FlowError, command
from nbflow.plan import Call, StepPlan, decide, refusal
from nbflow.records.task import Recipe, TaskRecord
from nbflow.records.verdict import Reuse, Run


@dataclass(slots=True)
class Accepting:
    """Judges the tasks of one step as if their last results were current.

    Parameters
    ----------
    cell
        The step's cell id.
    reason
        Why its results may stay.
    notebook
        For what is proposed.
    """

    cell: str
    reason: str
    notebook: Path
    lookup: StoreLookup
    #: The records under their new keys.
    found: list[tuple[TaskRecord, Recipe]] = field(default_factory=list)
    #: Why the first result that does not fit cannot be taken.
    _unfit: str = ""

    def judge(self, call: Call) -> Reuse | Run:
        """The verdict that there will be once the results are accepted."""
        verdict = decide(call, self.lookup)
        if call.step.id != self.cell or isinstance(verdict, Reuse):
            return verdict
        if any(reason.kind == "not-cached" for reason in verdict.reasons):
            return verdict
        last = self.lookup.latest(call.step.id, call.index)
        if last is None:
            return verdict
        if last.part != call.part:
            was = "was" if last.part == "clause" else "was not"
            self._unfit = self._unfit or f"it {was} a foreach then"
            return verdict
        record = self._renewed(last, call)
        refused = refusal(record, call, self.lookup)
        if refused is not None:
            lacks = "it has" if refused.kind == "missing-artifact" else "there is"
            self._unfit = self._unfit or f"{lacks} no `{refused.subject}`"
            return Run((refused,))
        self.found.append((record, call.recipe))
        return Reuse(record)

    def accepted(self, plan: StepPlan) -> list[tuple[TaskRecord, Recipe]]:
        """The records to keep, once the step has been planned.

        Raises
        ------
        FlowError
            Its results cannot be accepted, or need not be.
        """
        step = plan.step
        run_it = f"Run it: `{command('run', self.notebook, step)}`."
        if plan.verdict == "reuse":
            if not self.found:
                raise FlowError(
                    f"step `{step}` is fresh: there is nothing to accept",
                    f"`{command('why', self.notebook, step)}` says more.",
                )
            return self.found
        if plan.verdict == "unknown":
            names = ", ".join(f"`{name}`" for name in plan.waiting_on)
            raise FlowError(
                f"step `{step}` reads what {names} will give, which is stale",
                f"Run or accept {names} first.",
            )
        if plan.verdict == "blocked":
            raise FlowError(
                f"step `{step}` cannot run: a step above it has a problem",
                f"`{command('status', self.notebook)}` says which.",
            )
        if self._unfit:
            raise FlowError(
                f"the result of step `{step}` does not fit what it has become: {self._unfit}",
                run_it,
            )
        if any(reason.kind == "not-cached" for reason in plan.reasons):
            raise FlowError(
                f"step `{step}` is marked to run every time", "Take out its `--no-cache`."
            )
        what = "results for all its splits" if plan.tasks > 1 else "a result"
        raise FlowError(f"step `{step}` does not have {what} yet", run_it)

    def _renewed(self, last: TaskRecord, call: Call) -> TaskRecord:
        return replace(
            last,
            key=call.key,
            cell=call.step.id,
            step=call.step.name,
            recipe=call.fingerprint,
            inputs=call.digests,
            shown=call.shown(),
            facts=self.lookup.facts_now(last, call),
            accepted=self.reason,
        )
