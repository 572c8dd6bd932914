"""What is wrong with a flow: a list of small rules, each from a flow to its problems."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import TypeAlias

from msgspec.structs import replace

from nbflow.analysis import left_behind as leaving
from nbflow.analysis.caches import calls_in, gave_other
from nbflow.checks.at import at, warned
from nbflow.checks.staying import STAYING
from nbflow.flow import Flow, FlowStep
from nbflow.flow.reach import Reach
from nbflow.flow.scope import END, FromDefinition, FromSetup
from nbflow.records.problem import Problem

#: A longer line is not shown in a message.
_READABLE = 60

Rule: TypeAlias = Callable[[Flow], Iterator[Problem]]


def check(flow: Flow) -> tuple[Problem, ...]:
    """All problems of a flow, in document order: never only the first."""
    problems = [*flow.found, *(p for rule in RULES for p in rule(flow))]
    place = {code.cell.id: index for index, code in enumerate(flow.cells)}
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda p: (place.get(p.cell or "", -1), p.line or 0, p.code)))


def no_steps(flow: Flow) -> Iterator[Problem]:
    if not flow.steps and not any(p.severity == "error" for p in flow.found):
        yield Problem(
            "no-steps",
            "no cell of the notebook is marked as a step",
            "Put `%%step NAME` at the top of a cell, or give the cell the tag `step:NAME`.",
        )


def syntax_errors(flow: Flow) -> Iterator[Problem]:
    for code in flow.cells:
        if code.facts.syntax_error and not code.cell.may_raise:
            message, line = code.facts.syntax_error
            text = "".join(code.body.split("\n")[line - 1 : line]).strip()
            shown = f"`{text}`" if 0 < len(text) <= _READABLE and "`" not in text else "the cell"
            yield Problem(
                "syntax-error",
                f"{shown} is not valid Python: {message}",
                "Mend the line; only what needs this cell waits for it.",
                code.cell.id,
                code.cell.number,
                line,
                # An ordinary cell that does not parse gives no definitions, and harms none else.
                "warning" if code.role == "ordinary" else "error",
            )


def unknown_after(flow: Flow) -> Iterator[Problem]:
    names = [step.name for step in flow.steps.values()]
    for step in flow.steps.values():
        for name in step.step.directive.options.after:
            if name not in names:
                close = difflib.get_close_matches(name, names, 1)
                hint = f"Did you mean `{close[0]}`?" if close else "Name a step of this notebook."
                yield at(step, "unknown-after", f"--after names no step: `{name}`", hint)


def cycles(flow: Flow) -> Iterator[Problem]:
    done: set[str] = set()
    for cell in flow.order:
        step = flow.steps[cell]
        if not {s for s in step.above() if s in flow.steps} - done:
            done.add(cell)
    stuck = [flow.steps[cell] for cell in flow.order if cell not in done]
    around = [s for s in stuck if _reaches_itself(flow, s)]
    names = " → ".join(f"`{s.name}`" for s in around)
    for step in around:
        yield at(
            step,
            "cycle",
            f"step `{step.name}` waits for itself: {names}",
            "Take out one --after of these steps.",
        )


def carried_in_foreach(flow: Flow) -> Iterator[Problem]:
    """A split reads what an earlier split of the same foreach would have left."""
    for step in flow.steps.values():
        clause = step.step.clause
        if clause is None:
            continue
        facts = step.step.code.facts
        written = {**facts.may_bind, **facts.binds, **facts.mutates}
        for name in step.body.inputs:
            if name in written and name in step.outputs:
                yield at(
                    step,
                    "carried-in-foreach",
                    f"each split of `{step.name}` would change `{name}` as an earlier one left it",
                    f"Splits run side by side: bind a new name here, and gather `{name}` from its "
                    "list in a step below.",
                    written[name],
                )


def hidden_names(flow: Flow) -> Iterator[Problem]:
    """What a step does may depend on names that its source does not show."""
    for step in flow.steps.values():
        for line, what in step.step.code.facts.dynamic:
            yield warned(
                step,
                "hidden-names",
                f"`{what}` may read or bind names that the source of step `{step.name}` does "
                "not show",
                "Read and assign them by name in this cell: then they are inputs and outputs.",
                line,
            )


def process_state(flow: Flow) -> Iterator[Problem]:
    """An ambient state that is set where it does not travel to the steps below."""
    steps = [step.index for step in flow.steps.values()]
    for index, code in enumerate(flow.cells):
        if code.role not in ("foreach", "ordinary") or not any(i > index for i in steps):
            continue
        said = {told.text for told in code.facts.configures if told.is_for_imports}
        for line, text, _ in code.facts.ambient:
            root = flow.scope.above(text.partition(".")[0], (index, END))[:1]
            if text in said or not any(isinstance(b, FromDefinition | FromSetup) for b in root):
                continue
            yield Problem(
                "process-state",
                f"`{text}` holds for the process it runs in only: the steps below run in others",
                "Make the cell a step: the steps below then start from what it leaves."
                if code.role == "ordinary"
                else "Move the line into a `%%setup` cell: it runs before every step.",
                code.cell.id,
                code.cell.number,
                line,
                "warning",
            )


def failing_definitions(flow: Flow) -> Iterator[Problem]:
    """A definition outside steps that top to bottom could not execute, whether reached or not."""
    for index, code in enumerate(flow.cells):
        if code.role != "ordinary":
            continue
        needed = {name for definition in code.facts.definitions for name in definition.needs}
        reads = {name: line for name, line in code.facts.reads.items() if name in needed}
        for problem in Reach(flow.scope, code, (index, 0)).of(reads, {}).problems:
            if problem.code in ("unknown-name", "bound-below", "deleted-name"):
                yield replace(problem, severity="warning")


def addresses(flow: Flow) -> Iterator[Problem]:
    """An address that a step hands on is one of a process that is gone by then; so are counts."""
    for step in flow.steps.values():
        for name, (line, text) in leaving.memory_asked(step.step.code.body).items():
            if name in step.body.inputs:
                yield warned(
                    step,
                    "memory",
                    f"`{text}` of step `{step.name}` tells how an object lies in the memory of its "
                    "process: who refers to it, and its room, may not be as they are in one kernel",
                    f"Make `{name}`, and ask for that, in one cell.",
                    line,
                )
        facts = step.step.code.facts
        found = list(facts.addresses)
        for name, line in facts.calls_kept.items():
            match flow.scope.above(name, (step.index, END))[:1]:
                case (FromDefinition(placed),) if placed.definition.gives_address:
                    found.append((line, f"{name}(…)"))
        for line, text in found[:1]:
            yield warned(
                step,
                "address",
                f"`{text}` of step `{step.name}` is an address in the process of that step: the "
                "steps below have other ones",
                "Compare the objects themselves (`a is b`, `np.shares_memory(a, b)`), or do it in "
                "one cell.",
                line,
            )


def counted_caches(flow: Flow) -> Iterator[Problem]:
    """A function's cache tells of the calls in its own process only, and of those in no other."""
    for step in flow.steps.values():
        for name, line in step.step.code.facts.caches_counted.items():
            match flow.scope.above(name, (step.index, END))[:1]:
                case (FromDefinition(placed),):
                    above = [s for s in flow.steps.values() if s.index < step.index]
                    callers = [s.name for s in above if placed in s.body.definitions]
                    # Where it is defined, the cell's own uses of it are told apart.
                    own = [s for s in above if s.id == placed.cell.id]
                    callers += [s.name for s in own if name in s.step.code.facts.uses]
                    if callers:
                        yield warned(
                            step,
                            "counted-cache",
                            f"`{name}.cache_info()` counts the calls of step `{step.name}` only, "
                            f"not those of `{callers[-1]}`: each has a cache of its own",
                            f"Call `{name}` and ask for its counts in one cell.",
                            line,
                        )


def two_caches(flow: Flow) -> Iterator[Problem]:
    """A function gives another value where one kernel would have given what it has kept."""
    steps = list(flow.steps.values())
    if not any(d.is_cached for code in flow.cells for d in code.facts.definitions):
        return
    for step in steps:
        told: set[str] = set()
        for text, called in calls_in(step.step.code.body).items():
            match flow.scope.above(called.function, (step.index, END))[:1]:
                case (FromDefinition(placed),) if placed.definition.is_cached:
                    above = [s for s in steps if placed.position[0] <= s.index < step.index]
                    bodies = [each.step.code.body for each in above]
                    place = gave_other(placed.definition, text, bodies)
                    if place is not None and called.function not in told:
                        told.add(called.function)
                        first = above[place]
                        yield warned(
                            step,
                            "two-caches",
                            f"step `{step.name}` may work `{text}` out once more, though step "
                            f"`{first.name}` has done so: each has a cache of its own, and what it "
                            "gives or prints may be another",
                            f"Bind `{text}` to a name in `{first.name}`, and read that name here.",
                            called.line,
                        )


def rewritten_modules(flow: Flow) -> Iterator[Problem]:
    """A module is written anew that a cell above has imported: one kernel keeps it as it was."""
    if any("autoreload" in magic for code in flow.cells for magic in code.facts.config_magics):
        return
    for step in flow.steps.values():
        for path in sorted(step.step.code.facts.files_written):
            module = path.removeprefix("./").removesuffix(".py").replace("/", ".")
            above = (d for code in flow.cells[: step.index] for d in code.facts.definitions)
            names = {n for d in above if module in d.modules for n in d.names}
            if not path.endswith(".py") or not names:
                continue
            below = [each for each in flow.steps.values() if each.index > step.index]
            later = (n for n, each in enumerate(below) if "reload" in each.step.code.body)
            if any(each.reads(name) for each in below[: next(later, None)] for name in names):
                yield warned(
                    step,
                    "rewritten-module",
                    f"step `{step.name}` writes `{path}`, which a cell above has imported by then: "
                    "in one kernel the module stays as it was until it is reloaded, and the steps "
                    "below import it as it is now",
                    f"Reload it in the next cell (`importlib.reload({module})`), or give the new "
                    "one another name.",
                    None,
                )


def _reaches_itself(flow: Flow, step: FlowStep) -> bool:
    found: set[str] = set()
    todo = [step.id]
    while todo:
        above = flow.steps[todo.pop()].above() & flow.steps.keys() - found
        found |= above
        todo += above
    return step.id in found


#: Every rule there is; the order does not matter, problems are sorted by place.
RULES: tuple[Rule, ...] = (
    failing_definitions,
    process_state,
    no_steps,
    syntax_errors,
    unknown_after,
    cycles,
    carried_in_foreach,
    hidden_names,
    addresses,
    counted_caches,
    two_caches,
    rewritten_modules,
    *STAYING,
)
