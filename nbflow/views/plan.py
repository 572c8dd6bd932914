"""What a run would do, why, and about how long it would take; and what is current now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from nbflow.flow import Flow, FlowStep
from nbflow.plan import Plan, StepPlan
from nbflow.records.task import TaskRun
from nbflow.views.blocks import Badge, Block, Row, Table, line
from nbflow.views.durations import about, duration, plural
from nbflow.views.folding import DONE, fold
from nbflow.views.page import Page, page
from nbflow.views.reasons import paragraph, phrases
from nbflow.views.status import word_for
from nbflow.views.wording import Worded, joined

#: What a run does with a step, in the words of the plan, and the status that it looks like.
_PLANNED = {
    "reuse": ("reuse", "cached"),
    "run": ("run", "running"),
    "unknown": ("perhaps", "unknown"),
    "blocked": ("blocked", "blocked"),
}
#: What is said of a result that is reused all the same.
_UNCHECKED = Worded("That cannot be checked; `--hazards recompute` runs it each time.")
#: Why something is fresh.
_ACCEPTED = "%1 is fresh: its result was accepted."
_UNCHANGED = "%1 is fresh: nothing it depends on has changed."
#: So many ancestors are named before a step is brought up to date; the others are counted.
_NAMED = 5


def plan(subject: Plan) -> Page:
    """What a run would do with each step, and a forecast in one line.

    A step that is *perhaps* to run depends on what the steps before it will give.
    """
    rows = []
    for step in subject.steps:
        word, like = _PLANNED[step.verdict]
        rows.append(Row((label(step), Badge(like, word), _expected(step), story(step)), like))
    heads = ("step", "plan", "expected", "why")
    table = Table(tuple(rows), heads, limits=(24, 7, 11), right=2)
    return _summed_up(table, forecast(subject))


def status(flow: Flow, subject: Plan, tasks: Iterable[TaskRun] = ()) -> Page:
    """Which steps are fresh, what each reads and gives, and why the others are not.

    Parameters
    ----------
    tasks
        Those of the run in progress: of a step that it has to do with, it is said how it stands.
    """
    busy = {row.step: row for row in fold(tasks) if row.status not in DONE}
    rows = []
    for step in subject.steps:
        told = story(step) or _signature(flow.steps[step.cell])
        found = state(step)
        if row := busy.get(step.step):
            ended = sum(row.counts[each] for each in DONE)
            told = f"{ended} of {plural(len(row.tasks), 'split')} done" if row.foreach else ""
            found = row.status
        rows.append(Row((label(step), Badge(found, word_for(found)), told), found))
    fresh = sum(step.verdict == "reuse" for step in subject.steps)
    total = plural(len(subject.steps), "step")
    table = Table(tuple(rows), ("step", "status", "inputs and outputs, or why"), limits=(24, 16))
    return _summed_up(table, f"{fresh} of {total} fresh")


def needs(step: str, subject: Plan) -> Page:
    """What is brought up to date before a step, in a line; an empty page when nothing is."""
    found = [each for each in subject.steps if each.step != step and each.verdict != "reuse"]
    told = [f"`{each.step}` ({_cause(each)})" for each in found[:_NAMED]]
    if len(found) > _NAMED:
        told.append(f"{len(found) - _NAMED} more")
    listed = " and ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))
    return page(f"`{step}` needs {listed}") if found else page()


def why(subject: StepPlan) -> Page:
    """Why a step would run, or not, with the lines that differ."""
    told: list[Block] = []
    paragraphs = (tuple(paragraph(reason, indent=2)) for reason in subject.reasons)
    for blocks, count in Counter(paragraphs).items():
        told += blocks
        if count > 1:
            share = Worded("This holds of %1 of its %2 tasks.", count, subject.tasks)
            told.append(line(share, indent=4))
    if subject.verdict == "reuse":
        if any(reason.kind == "hazard" for reason in subject.reasons):
            told += [line(), line(_UNCHECKED)]
        accepted = any(reason.kind == "accepted" for reason in subject.reasons)
        return page(Worded(_ACCEPTED if accepted else _UNCHANGED, subject.step), *told)
    if subject.verdict == "blocked":
        words = "%1 cannot run: it, or a step above it, has a problem."
        return page(Worded(words, subject.step))
    if subject.verdict == "unknown":
        names = _listed(subject.waiting_on)
        return page(Worded("%1 depends on what %2 will give.", subject.step, names), *told)
    if subject.replays:
        replayed = _listed(subject.replays)
        words = "It replays %1, for values that cannot be carried."
        told += [line(), line(Worded(words, replayed))]
    return page(Worded("%1 would run, because", subject.step), *told)


def label(step: StepPlan) -> str:
    """``"primes ×4"`` for a foreach whose splits are known, else the step's name."""
    return f"{step.step} ×{step.tasks}" if step.tasks > 1 else step.step


def state(step: StepPlan) -> str:
    """``fresh``, ``new``, ``stale``, ``failed``, ``unknown``, ``blocked``, ``not-reproducible``."""
    if step.verdict == "reuse" and is_doubtful(step):
        return "not-reproducible"
    if step.verdict != "reuse" and any(reason.kind == "failed" for reason in step.reasons):
        return "failed"
    if step.verdict == "run" and [reason.kind for reason in step.reasons] == ["never-ran"]:
        return "new"
    return {"reuse": "fresh", "run": "stale"}.get(step.verdict, step.verdict)


def is_doubtful(step: StepPlan) -> bool:
    """Whether it gave something else for the same inputs, and has not given the same since."""
    return any(reason.kind == "not-reproducible" for reason in step.reasons)


def story(step: StepPlan) -> str:
    """The reasons in a few words; for a foreach how many splits are reused."""
    why = phrases(step.reasons)
    if step.verdict == "unknown":
        return joined(Worded("depends on what %1 will give", _listed(step.waiting_on)), why)
    if step.verdict != "run":
        return why
    is_new = is_doubtful(step) and "not reproducible" not in why
    return joined(
        Worded("%1 of %2 reused", step.reused, step.tasks) if step.reused else "",
        why,
        Worded("not reproducible") if is_new else "",
        Worded("replays %1", _listed(step.replays)) if step.replays else "",
    )


def forecast(subject: Plan) -> str:
    """``3 steps run, about 4 min; 7 reused, saving about 31 min``."""
    groups = {
        verdict: [step for step in subject.steps if step.verdict == verdict]
        for verdict in ("run", "unknown", "reuse", "blocked")
    }
    runs, perhaps, reused, blocked = groups.values()
    parts = [f"{plural(len(runs), 'step')} to run" + _time(runs, ", ")]
    if perhaps:
        parts.append(f"{len(perhaps)} perhaps" + _time(perhaps, ", "))
    if reused:
        parts.append(f"{len(reused)} reused" + _time(reused, ", saving "))
    if blocked:
        parts.append(f"{len(blocked)} blocked")
    return "; ".join(parts)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cause(step: StepPlan) -> str:
    told = state(step)
    if told in ("new", "blocked"):
        return told
    return f"{told}: {phrases(step.reasons)}" if step.reasons else story(step)


def _summed_up(table: Table, told: str) -> Page:
    return page(table, line(), told) if table.rows else page(told)


def _expected(step: StepPlan) -> str:
    seconds = _seconds(step)
    return "" if seconds is None else f"~{duration(seconds)}"


def _time(steps: Sequence[StepPlan], lead: str) -> str:
    known = [seconds for step in steps if (seconds := _seconds(step)) is not None]
    if not known:
        return ""
    told = about(sum(known))
    if len(known) == len(steps):
        return lead + told
    # How long the others take, which have never run, nobody knows.
    return f"{lead}{told.removeprefix('about ')} or more" if sum(known) >= 1 else ""


def _seconds(step: StepPlan) -> float | None:
    """Seconds of all the step's tasks that would run; of a reused step, what reusing it saves."""
    if step.seconds is None:
        return None
    return step.seconds * (step.tasks if step.verdict == "reuse" else step.tasks - step.reused)


def _signature(step: FlowStep) -> str:
    inputs = dict.fromkeys((*step.clause.inputs, *step.body.inputs))
    return " · ".join(
        f"{word} {', '.join(names)}"
        for word, names in (("in", tuple(inputs)), ("out", step.outputs))
        if names
    )
