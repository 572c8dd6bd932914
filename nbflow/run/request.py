"""Turns a call into the request that a worker gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from nbflow.flow import Flow
from nbflow.flow.scope import Placed
from nbflow.plan import Call
from nbflow.plan.call import Replay as Replayed
from nbflow.plan.replay import names_left
from nbflow.records.digest import Digest, of_structure
from nbflow.records.facts import Definition
from nbflow.records.files import path_of
from nbflow.records.message import Replay, Source, TaskRequest
from nbflow.records.task import TaskRecord, files_at_rest


def request_of(
    flow: Flow,
    call: Call,
    data: Mapping[Digest, bytes],
    artifacts: Path,
    watched: Mapping[str, str],
    former: TaskRecord | None = None,
) -> TaskRequest:
    """The request for a call.

    Parameters
    ----------
    data
        Content of the small artifacts among the call's inputs, by digest.
    artifacts
        Root directory of the local artifacts.
    watched
        What the files of the flow that it may use hold, by path.
    former
        The last record of the same task.
    """
    step = call.step.step
    options = step.directive.options
    clause = step.clause
    number = step.cell.number
    is_body = call.part == "body"
    if is_body:
        body = _body(call)
    else:
        assert clause is not None
        body = Source(clause.expression, number, step.directive.line or 1, step.name)
    definitions = tuple(_with_needs(call.definitions))
    return TaskRequest(
        task=call.task,
        kind="body" if is_body else "splits",
        body=body,
        setup=tuple(setup.source for setup in flow.setup_of(call.step)),
        definitions=_sources(definitions),
        held=_held(flow, call, definitions),
        inputs=call.inputs,
        outputs=call.step.outputs if is_body else (),
        together=tuple(sorted(call.step.together)) if is_body else (),
        defines=tuple(sorted(flow.scope.kept_by(call.step.index))) if is_body else (),
        target=clause.target if clause and is_body else "",
        item=call.item,
        data=data,
        settings=call.settings,
        seed=_seed(call),
        env=dict(options.env),
        files=options.files if is_body else (),
        watched=watched,
        watched_reads=tuple(map(path_of, call.step.files.shown & call.step.files.reads.keys())),
        known=files_at_rest(former),
        cwd=str(Path(flow.path).parent),
        artifacts=str(artifacts),
        imported=_imported_above(flow, call.step.index),
        replays=tuple(_replay(flow, replay) for replay in call.replays),
        replayed=call.replayed,
        left=names_left(flow, call) if call.replays else {},
    )


def _replay(flow: Flow, replay: Replayed) -> Replay:
    call, step = replay.call, replay.step.step
    definitions = tuple(_with_needs(call.definitions))
    return Replay(
        body=_body(call),
        definitions=_sources(definitions),
        held=_held(flow, call, definitions),
        inputs=call.inputs,
        settings=call.settings,
        seed=_seed(call),
        env=dict(step.directive.options.env),
        defines=tuple(sorted(flow.scope.kept_by(replay.step.index))),
        files=replay.files,
        replayed=call.replayed,
        left=names_left(flow, call),
    )


def _imported_above(flow: Flow, index: int) -> frozenset[str]:
    return frozenset(module for module, first in flow.first_imports.items() if first < index)


def _body(call: Call) -> Source:
    step = call.step.step
    return Source(step.directive.body, step.cell.number, 1, step.name, step.cell.may_raise)


def _sources(
    definitions: tuple[tuple[Placed, set[str]], ...],
) -> tuple[tuple[Source, tuple[str, ...]], ...]:
    return tuple(
        (
            Source(
                placed.definition.source,
                placed.cell.number,
                placed.definition.line,
                placed.step,
            ),
            tuple(sorted(needs)),
        )
        for placed, needs in definitions
    )


def _with_needs(definitions: tuple[Placed, ...]) -> Iterator[tuple[Placed, set[str]]]:
    """Each definition with the names it needs when it is executed, those of others included.

    A decorator or base of the notebook's own needs names in its turn, and runs its functions.
    """
    named: dict[str, list[Definition]] = {}
    for placed in definitions:
        for name in placed.definition.names:
            named.setdefault(name, []).append(placed.definition)
    for placed in definitions:
        needs = set(placed.definition.needs)
        waiting = list(needs)
        while waiting:
            for definition in named.get(waiting.pop(), ()):
                further = (definition.needs | definition.calls) - needs
                needs |= further
                waiting += further
        yield placed, needs


def _held(
    flow: Flow, call: Call, definitions: tuple[tuple[Placed, set[str]], ...]
) -> dict[int, tuple[str, ...]]:
    """The inputs that were left, as they come in, by a step that had executed a definition."""
    given = call.step.needs(call.part).inputs

    def held(placed: Placed, needs: set[str]) -> tuple[str, ...]:
        return tuple(
            name
            for name in sorted(needs & call.inputs.keys())
            if name not in given
            or not given[name].versions
            or flow.steps[given[name].versions[0].cell].index >= placed.position[0]
        )

    found = {place: held(*each) for place, each in enumerate(definitions)}
    return {place: names for place, names in found.items() if names}


def _seed(call: Call) -> int:
    return seed_of(call.step.step.directive.options.seed, call.key, call.index)


def seed_of(asked: int | None, key: str, index: int | None) -> int:
    """The start of the random generators: the same on every rerun, another for every split.

    Parameters
    ----------
    asked
        What the step's option says.
    key
        The cache key of the task.
    """
    if asked is None:
        return int(key[:8], 16)
    if index is None:
        return asked
    return int(of_structure("nbflow-seed-1", [asked, index])[:8], 16)
