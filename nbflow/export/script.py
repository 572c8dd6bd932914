"""Exports to a script: plain functions, a command line, and digests to compare with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from msgspec.structs import replace

from nbflow.driver.basis import Basis
from nbflow.export import check
from nbflow.export.arguments import flag, flags, limits, literal, option
from nbflow.export.body import indented
from nbflow.export.generated import AWAITED, EACH, ENVIRONMENT, IMPORTS
from nbflow.export.imports import used_in
from nbflow.export.module import (
    FIGURES,
    call,
    definitions,
    functions,
    head,
    imports,
    items_name,
    joined,
)
from nbflow.export.plain import schedules
from nbflow.export.program import Function, Program, program
from nbflow.export.prose import introduction, title
from nbflow.export.readme import accepted, readme, requirements
from nbflow.export.refusing import refuse
from nbflow.export.taken import hiding
from nbflow.flow import Flow
from nbflow.plan import Plan
from nbflow.records.artifact import Artifact
from nbflow.records.parameter import Parameter
from nbflow.records.problem import Problem
from nbflow.views.drawing import drawing
from nbflow.views.svg import svg


def script(flow: Flow, basis: Basis) -> Mapping[str, str]:
    """A script that runs without nbflow, and what a colleague needs beside it.

    Raises
    ------
    ProblemsError
        Something in the notebook has no equal in a plain script.
    """
    made = program(flow, basis)
    ours = _ours(made)
    imported = IMPORTS.keys() & used_in(joined([*ours, *_drawing(made)]))
    refuse(flow, [*_taken(made), *hiding(made.definitions, imported)])
    return {
        "flow.py": _module(made, ours, [IMPORTS[name] for name in sorted(imported)]),
        **shared_files(made, "python flow.py", _options(made)),
        "check.py": Path(check.__file__).read_text("utf-8"),
        "digests.json": digests(made),
    }


def shared_files(
    made: Program,
    command: str,
    options: str,
    packages: Mapping[str, Mapping[str, int]] | None = None,
    comparing: str = "--check",
    flag: Callable[[Parameter], str] = flag,
) -> dict[str, str]:
    """What lies beside ``flow.py`` whatever it is made for.

    Parameters
    ----------
    command
        How the flow is run.
    options
        An example of options to it.
    packages
        What it needs beside what the steps used, and what each of these takes.
    comparing
        The option that has it compared.
    flag
        What the option of a parameter is called.
    """
    flow, basis = made.flow, made.basis
    name = title(basis.notebook, flow)
    given = tuple(replace(each, default=basis.parameters[each.name]) for each in flow.parameters)
    pictured = replace(flow, parameters=given)
    return {
        "README.md": readme(made, command, options, comparing, flag),
        "graph.svg": svg(*drawing(pictured, Plan(())), name),
        "requirements.txt": requirements(basis, packages),
        **basis.modules,
    }


def digests(made: Program) -> str:
    """The digests of what the flow ended with, as ``check.py`` computes them."""
    basis = made.basis
    values: dict[str, str] = {}
    uncompared: dict[str, str] = {}
    for name in made.results:
        version = made.last.get(name)
        artifact = basis.known.get(version) if version is not None else None
        if not isinstance(artifact, Artifact):
            uncompared[name] = "it was not kept, or is another each time"
            continue
        try:
            values[name] = check.digest(basis.load(artifact))
        except check.NoContentError as error:
            uncompared[name] = str(error)
        except Exception as error:  # whatever an object says that cannot be taken apart
            uncompared[name] = f"it cannot be compared ({type(error).__name__})"
    (python,) = {fact.value for fact in basis.facts("python")} or {""}
    told = {
        "notebook": Path(made.flow.path).name,
        "run": basis.run,
        "python": python,
        "parameters": {name: repr(value) for name, value in basis.parameters.items()},
        "files": {file.name: file.sha256 for file in basis.files},
        "values": values,
        "uncompared": uncompared,
        "accepted": accepted(basis),
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def _module(made: Program, ours: list[str], imported: list[str]) -> str:
    name = title(made.basis.notebook, made.flow)
    about = introduction(made.basis.notebook).partition("\n\n")[0]
    source = Path(made.flow.path).name
    told = f"{name.rstrip('.')}.\n\n{about}\n\nExported from {source} by nbflow; see README.md."
    rest = joined([*definitions(made), *functions(made), *ours])
    own = [*imported, "from check import check_files, compare, order_sets"]
    return joined([f"{head(told)}\n\n{imports(made, rest, own)}", rest.rstrip("\n")])


def _ours(made: Program) -> list[str]:
    """What the module has beside the definitions and the steps."""
    parts: list[str] = []
    if any(function.environment for function in made.functions):
        parts.append(ENVIRONMENT)
    if _pools(made):
        awaited = any(f.is_foreach and f.awaits and not f.alone for f in made.functions)
        parts += [EACH, AWAITED] if awaited else [EACH]
    # Many notebooks have a function of that name themselves.
    main = "main" if "main" not in made.definitions.names else "command_line"
    parts += [_flow(made), _main(made, title(made.basis.notebook, made.flow), main)]
    return [*parts, f'if __name__ == "__main__":\n    sys.exit({main}())']


def _drawing(made: Program) -> list[str]:
    """What its steps call of ours."""
    return [FIGURES] if any(function.draws for function in made.functions) else []


def _taken(made: Program) -> Iterator[Problem]:
    """Parameters whose options are there already."""
    there = {"--help", "--check", "--"}
    for parameter in made.flow.parameters:
        wanted = flags(parameter)
        for name in sorted(there.intersection(wanted)):
            cell = next(c.cell for c in made.flow.cells if parameter.name in c.facts.literals)
            yield Problem(
                "not-exportable",
                f"parameter `{parameter.name}` would be the option `{name}`, and there is one",
                "Call it otherwise.",
                cell.id,
                cell.number,
                parameter.line or None,
            )
        there.update(wanted)


def _workers(made: Program) -> str:
    taken = {parameter.name for parameter in made.flow.parameters} | {*made.results}
    return next(n for n in ("workers", "processes", "worker_processes") if n not in taken)


def _flow(made: Program) -> str:
    annotations = made.annotations
    parameters = [parameter.name for parameter in made.flow.parameters]
    arguments = [f"{n}: {annotations[n]}" if n in annotations else n for n in parameters]
    if _pools(made):
        arguments.append(f"{_workers(made)}: int")
    start = "async def flow" if made.awaits else "def flow"
    lines = [call(start, arguments, ") -> dict[str, Any]:")]
    lines.append('    """Run the steps from top to bottom; what they end with, by name."""')
    for function in made.functions:
        calls = list(_calls(made, function))
        if function.environment:
            given = literal(dict(function.environment))
            calls = [f"with environment_set({given}):", *map(indented, calls)]
        if schedules(function.body):
            calls.append("await asyncio.sleep(0.01)  # what it began gets on, as between two cells")
        lines += map(indented, calls)
    results = [f'"{name}": {name}' for name in made.results]
    line = f"return {{{', '.join(results)}}}"
    if len(line) > 84:
        line = "\n".join(["return {", *(f"    {each}," for each in results), "}"])
    return "\n".join([*lines, indented(line)])


def _calls(made: Program, function: Function) -> Iterator[str]:
    given = list(function.arguments)
    gives = ", ".join(function.returns)
    start = f"{gives} = " if gives else ""
    awaited = "await " if function.awaits else ""
    if not function.is_foreach:
        yield call(f"{start}{awaited}{function.name}", given)
        return
    items = function.items
    if function.items_nested:
        items = f"{items_name(function)}({', '.join(function.item_arguments)})"
    several = len(function.returns) > 1
    splits = "splits" if "splits" not in made.results else "all_splits"
    if several:
        start = f"{splits} = "
    if function.alone:
        yield f"# One after the other, in this process: {function.alone}."
        inner = f"{awaited}{function.name}({', '.join([function.item, *given])})"
        yield f"{start}[{inner} for {function.item} in {items}]"
    else:
        shared = [f"{name}={name}" for name in given]
        called = f"partial(result_of, {function.name})" if function.awaits else function.name
        yield call(f"{start}each", [called, items, _share(made, function), *shared])
    if several:
        for place, name in enumerate(function.returns):
            yield f"{name} = [split[{place}] for split in {splits}]"


def _share(made: Program, function: Function) -> str:
    """How many processes a foreach may use."""
    options = function.step.step.directive.options
    workers = _workers(made)
    if options.cpus > 1:
        workers = f"max({workers} // {options.cpus}, 1)"
    if options.max_parallel is not None:
        workers = f"min({workers}, {options.max_parallel})"
    return workers


def _main(made: Program, name: str, main: str) -> str:
    parameters = made.flow.parameters
    lines = [
        f"def {main}() -> int:",
        '    """Run the flow with the options of the command line."""',
        "    parser = argparse.ArgumentParser(",
        f"        description={name!r},",
        "        formatter_class=argparse.ArgumentDefaultsHelpFormatter,",
        "    )",
    ]
    lines += [indented(option(made.flow, made.basis, each)) for each in parameters]
    if _pools(made):
        told = "processes for what is done side by side"
        lines.append(
            indented(
                call(
                    "parser.add_argument",
                    [
                        f'"--{_workers(made)}"',
                        "type=int",
                        "default=os.cpu_count() or 1",
                        f'help="{told}"',
                    ],
                )
            )
        )
    lines += [
        "    parser.add_argument(",
        '        "--check", action="store_true", help="compare the results with digests.json"',
        "    )",
        "    options = vars(parser.parse_args())",
        '    check = options.pop("check")',
        "    if check:",
        "        order_sets()",
        "        check_files()",
    ]
    lines += [indented(line) for each in parameters for line in limits(each, "options")]
    given = "deepcopy(options)" if _changes(made) else "options"
    called = "asyncio.run({})" if made.awaits else "{}"
    lines += [
        f"    values = {called.format(f'flow(**{given})')}",
        "    return compare(values, options) if check else 0",
    ]
    return "\n".join(lines)


def _changes(made: Program) -> bool:
    """Whether a step changes what it was given for a parameter, in place."""
    changed = {name for function in made.functions for name in function.step.outputs}
    mutable = (n for n, v in made.basis.parameters.items() if isinstance(v, list | dict | set))
    return not changed.isdisjoint(mutable)


def _pools(made: Program) -> bool:
    return any(function.is_foreach and not function.alone for function in made.functions)


def _options(made: Program) -> str:
    first = next(iter(made.flow.parameters), None)
    if first is None:
        return ""
    value = made.basis.parameters[first.name]
    if isinstance(value, bool) and len(flags(first)) == 2:
        return f" {flags(first)[not value]}"
    return f" {flag(first)} {value}" if isinstance(value, int | float) else ""
