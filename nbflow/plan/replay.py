"""Replays: steps to carry out once more where values are read that cannot be carried."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import lru_cache

from nbflow.analysis.syntax import parse
from nbflow.flow import Flow, FlowStep
from nbflow.plan.call import Call, Replay
from nbflow.records.ambient import is_ambient
from nbflow.records.digest import of_structure
from nbflow.records.problem import Problem
from nbflow.records.task import TaskRecord

#: Replays that take longer together, in seconds, are worth changing the notebook for.
_LONG = 10.0


def replay_of(call: Call, record: TaskRecord) -> Replay:
    """How to do once more what a task has done."""
    settings = {fact.subject: fact.value for fact in record.facts if fact.kind == "ambient"}
    return Replay(
        call=call,
        digest=of_structure("nbflow-replay-1", [call.key, settings]),
        files=tuple((c.subject, c.new) for c in record.changes if c.kind == "file"),
        seconds=record.seconds - record.replay_seconds,
    )


def in_order(wanted: Iterable[Replay]) -> tuple[Replay, ...]:
    """These and all that they need in their turn, once each, in document order."""
    every = {each.step.id: each for one in wanted for each in (*one.call.replays, one)}
    return tuple(sorted(every.values(), key=lambda each: each.step.index))


def is_allowed(step: FlowStep, replay: Replay) -> bool:
    """Whether neither the reader nor a step to be carried out again has ``--no-replay``."""
    steps = (step, *(each.step for each in in_order([replay])))
    return all(each.step.directive.options.replay for each in steps)


def is_reusable(call: Call) -> bool:
    """Whether the cache may answer for a task, and for all that it carries out again."""
    steps = (call.step, *(replay.step for replay in call.replays))
    return all(each.step.directive.options.cache for each in steps)


def names_left(flow: Flow, call: Call) -> dict[str, str]:
    """Names that the replays of a task leave or read, and who has changed each in place since.

    Nobody, for most; names that have been bound to something else since are left out.
    """
    found: dict[str, str] = {}
    again = {replay.step.id: replay.step for replay in call.replays}
    for step in flow.steps.values():
        if step.index >= call.step.index:
            break
        if step.id in again:
            # A list that an iterator goes through, say.
            found.update(dict.fromkeys(_given(step), ""))
        for name in step.outputs:
            if step.id in again:
                found.setdefault(name, "")
            elif name in step.step.code.facts.binds and name not in _added_to(step.step.code.body):
                found.pop(name, None)
            elif name in found:
                found[name] = f"step `{step.name}`, cell [{step.step.cell.number}]"
    return {name: who for name, who in found.items() if not is_ambient(name)}


def _given(step: FlowStep) -> set[str]:
    """The data that a step reads."""
    definitions = (placed.definition for placed in step.body.definitions)
    constants = {n for each in definitions if each.kind == "constant" for n in each.names}
    return {name for name in step.body.inputs if name.isidentifier()} | constants


@lru_cache(maxsize=1024)
def _added_to(body: str) -> frozenset[str]:
    """Names that code binds by ``+=`` and the like alone: lists stay what they are."""
    try:
        nodes = [node for each in parse(body).statements for node in ast.walk(each)]
    except (SyntaxError, ValueError, RecursionError):
        return frozenset()
    targets = [node.target for node in nodes if isinstance(node, ast.AugAssign)]
    names = [node for node in nodes if isinstance(node, ast.Name)]
    bound = {n.id for n in names if isinstance(n.ctx, ast.Store) and n not in targets}
    return frozenset(t.id for t in targets if isinstance(t, ast.Name)) - bound


def long_replay(call: Call) -> Problem | None:
    """The hazard of a task that spends much time on making values again."""
    total = sum(replay.seconds for replay in call.replays)
    if total <= _LONG:
        return None
    slowest = max(call.replays, key=lambda replay: replay.seconds).step
    here, there = call.step.step.cell, slowest.step.cell
    names = ", ".join(f"`{name}`" for name in call.replayed)
    return Problem(
        "long-replay",
        f"step `{call.step.name}` reads {names}, which cannot be carried to it: it runs step "
        f"`{slowest.name}`, cell [{there.number}], once more, which takes {total:.0f} s",
        f"Make cells [{there.number}] and [{here.number}] one step, or move the line that makes "
        f"{names} to a cell of its own, below what takes long.",
        here.id,
        here.number,
        severity="warning",
    )
