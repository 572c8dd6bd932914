"""Exports to Metaflow: the same functions, wired by a `FlowSpec`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from nbflow.driver.basis import Basis
from nbflow.export import check
from nbflow.export.plain import schedules
from nbflow.export.processes import alone, holding, is_reordered, staying, unfit_outputs
from nbflow.export.program import Program, is_read, program
from nbflow.export.refusing import problem, refuse
from nbflow.export.script import digests, shared_files
from nbflow.export.spec import Spec
from nbflow.export.taken import hiding
from nbflow.flow import Flow, FlowStep, Version
from nbflow.flow.reach import Input
from nbflow.parameters import present, shape
from nbflow.plan import Lost
from nbflow.records.artifact import Artifact
from nbflow.records.files import is_variable
from nbflow.records.problem import Problem
from nbflow.records.state import owner_of, state_of

#: What Metaflow's own command line calls something.
_OPTIONS = frozenset(
    {"params", "with", "tag", "namespace", "obj", "tags", "decospecs", "run_id_file", "run_id"}
    | {"max_num_splits", "max_workers", "max_log_size", "user_namespace", "help", "task_id"}
    | {"runner_attribute_file", "check"}
)
#: What the module imports for itself.
_IMPORTED = frozenset(
    {"FlowSpec", "JSONType", "Parameter", "resources", "step", "deepcopy", "os", "plt", "asyncio"}
)
#: What it takes only below a major version, by way of boto3.
_TAKES = {"python-dateutil": 3, "urllib3": 3, "jmespath": 2}
#: How many splits Metaflow makes unless it is told.
_MOST_SPLITS = 100


def metaflow(flow: Flow, basis: Basis) -> Mapping[str, str]:
    """A flow for Metaflow, and what a colleague needs beside it.

    Raises
    ------
    ProblemsError
        Something in the notebook has no equal there.
    """
    made = _without_what_stays(program(flow, basis))
    imported = _IMPORTED.union(*({"environment"} for f in made.functions if f.environment))
    refuse(flow, [*_parameters(made), *hiding(made.definitions, imported), *_processes(made)])
    most = max((len(records) for records in basis.records.values()), default=0)
    splits = f" --max-num-splits {most}" if most > _MOST_SPLITS else ""
    text = Spec(made).module()
    return {
        "flow.py": text,
        **shared_files(
            made,
            "python flow.py run",
            splits,
            packages={"metaflow": _TAKES},
            comparing="--check true",
            flag=lambda parameter: f"--{parameter.name}",
        ),
        "check.py": Path(check.__file__).read_text("utf-8"),
        "digests.json": digests(made),
    }


def _without_what_stays(made: Program) -> Program:
    """The program without values that no other process can have, and that no step reads."""
    flow, basis = made.flow, made.basis
    stays = {
        function.step.id: {
            name
            for name in unfit_outputs(basis, function.step, made.definitions.names)
            if not is_read(flow, function.step, name)
        }
        for function in made.functions
    }
    functions = tuple(
        replace(f, returns=tuple(n for n in f.returns if n not in stays[f.step.id]))
        for f in made.functions
    )
    gone = set[str]().union(*stays.values())
    return replace(
        made, functions=functions, results=tuple(n for n in made.results if n not in gone)
    )


def _parameters(made: Program) -> Iterator[Problem]:
    for parameter in made.flow.parameters:
        value = made.basis.parameters[parameter.name]
        why, remedy = "", "Call it otherwise."
        if parameter.name in _OPTIONS:
            why = "is an option of Metaflow's own"
        elif parameter.name.startswith("_"):
            why = "is called like what Metaflow keeps to itself"
        elif not _is_json(value):
            why = f"is {value!r}, of a type that Metaflow has no parameters of"
            remedy = "Use a number, a text, or a list or dictionary of these."
        elif type(value) is int and present(shape(parameter)).kind is float:
            why = f"is the int {value}, and a float in Metaflow"
            remedy = f"Write `{float(value)}`."
        if why:
            cell = next(c.cell for c in made.flow.cells if parameter.name in c.facts.literals)
            yield Problem(
                "not-exportable",
                f"parameter `{parameter.name}` {why}",
                remedy,
                cell.id,
                cell.number,
            )


def _is_json(value: object) -> bool:
    try:
        return repr(json.loads(json.dumps(value, allow_nan=False))) == repr(value)
    except (TypeError, ValueError):
        return False


def _processes(made: Program) -> Iterator[Problem]:
    """What does not reach another process, or not as it was."""
    flow, basis = made.flow, made.basis
    given: set[Version] = {
        Version(name, function.step.id) for function in made.functions for name in function.returns
    }
    kept: set[str] = set()
    told: set[Artifact] = set()
    bound: dict[str, list[FlowStep]] = {}
    for function in made.functions:
        step = function.step
        stays = {name for name in step.outputs if name not in function.returns}
        why = alone(flow, basis, step)
        if not why:
            found = dict(staying(basis, step, made.definitions.names, stays))
            # Whoever only reads it cannot help it.
            why = next((why for artifact, why in found.items() if artifact not in told), "")
            told.update(found)
        if not why and (owner := holding(basis, step, kept)):
            why = f"it goes on from {state_of(owner)}, as the steps above leave it"
        kept.update(filter(None, map(owner_of, step.outputs)))
        if why:
            bound.setdefault(why, []).append(step)
            continue
        lost = [one for r in basis.records[step.id] for one in r.uncarried if one.type == "Task"]
        if schedules(function.body) and (lost or "call_" in function.body):
            yield problem(
                step,
                f"step `{step.name}` leaves something to its event loop, which ends with it",
                "Await it in that step.",
            )
        if function.is_foreach and len(basis.records[step.id]) == 1:
            yield problem(
                step,
                f"`{step.name}` has no items, and Metaflow cannot make a foreach of none",
                "Export from a run in which it has some.",
            )
        if step.together:
            names = ", ".join(f"`{name}`" for name in sorted(step.together))
            yield problem(
                step,
                f"{names} share objects, which Metaflow stores each by itself",
                "Put them into one object, such as a dictionary.",
            )
        for one in (*step.body.inputs.values(), *step.clause.inputs.values()):
            if is_variable(one.name):
                yield from _handed_on(made, one, given)
    for why, steps in bound.items():
        others = f" (nor can {_names(steps[1:])})" if steps[1:] else ""
        yield problem(
            steps[0],
            f"step `{steps[0].name}` cannot run in a process of Metaflow's{others}: {why}",
            "Do it in one step, or export to a script.",
        )


def _names(steps: Sequence[FlowStep]) -> str:
    """``b``, or ``b`` and ``c``, or the first three and how many more."""
    names = [f"`{step.name}`" for step in steps]
    if len(names) > 4:
        names[3:] = [f"{len(names) - 3} more"]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _handed_on(made: Program, one: Input, given: set[Version]) -> Iterator[Problem]:
    """What keeps a value from those who read it, told of the step that it comes from."""
    for version in one.versions[:1]:
        known = made.basis.known.get(version)
        step = made.flow.steps[version.cell]
        source = step.name
        if isinstance(known, Lost) and known.why == "uncarried":
            yield problem(
                step,
                f"`{one.name}` of step `{source}` stays in its process: {known.detail}",
                "Make it in the step that reads it.",
            )
        elif version not in given:
            yield problem(
                step,
                f"step `{source}` changes `{one.name}` under another name, which Metaflow would "
                "not see",
                f"Change it as `{one.name}`.",
            )
        elif isinstance(known, Artifact) and is_reordered(made.basis.load(known)):
            yield problem(
                step,
                f"a set in `{one.name}` of step `{source}` comes out of a pickle in another order",
                "Hand on a sorted list.",
            )
