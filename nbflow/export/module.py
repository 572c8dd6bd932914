"""The parts of an exported module: definitions, set-up, and a function for each step."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator, Mapping

from nbflow.export.body import indented
from nbflow.export.imports import Imports, asked_of_module, bound_by, used_in
from nbflow.export.plain import Cut
from nbflow.export.program import Function, Program
from nbflow.export.prose import quoted, wrapped
from nbflow.export.seeding import seeds_name
from nbflow.flow.scope import END, FromDefinition, Placed, Position

_WIDTH = 88

FIGURES = '''\
SAVED_FIGURES: list[str] = []


def save_figures(name: str) -> None:
    """Save the open figures and close them: a notebook shows them, and begins new ones."""
    for number in plt.get_fignums():
        SAVED_FIGURES.append(name)
        path = f"{name}-{SAVED_FIGURES.count(name)}.png"
        plt.figure(number).savefig(path, bbox_inches="tight")
    plt.close("all")'''

WITH_SEEDS = '''\
def with_seeds(seeds, items):
    """Each item behind a seed: as in the run, and for more items than that had, further ones."""
    items = list(items)
    further = [(max(seeds, default=0) + count) % 2**32 for count in range(1, len(items) + 1)]
    return list(zip([*seeds, *further], items, strict=False))'''

_SHOW = re.compile(r"\b(?:plt|pyplot)\.show\(\s*(?:block\s*=\s*\w+)?\s*\)")


def definitions(program: Program) -> list[str]:
    """Definitions and set-up, in the notebook's order; but for imports."""
    found: dict[Position, str] = {}
    for position, placed in program.definitions.shared.items():
        if not _is_import(placed):
            found[position] = _text(program, placed)
    for (index, line), text in program.setup:
        found[index, line or END] = text
    blocks: list[str] = []
    joined = False
    for _, text in sorted(found.items()):
        is_block = "\n" in text or text.startswith(("def ", "class ", "@", "async "))
        if blocks and joined and not is_block:
            blocks[-1] += f"\n{text}"
        else:
            blocks.append(text)
        joined = not is_block
    return blocks


def functions(program: Program) -> list[str]:
    """A function for each step, in the notebook's order, and one for items that need it."""
    found: list[str] = []
    for function in program.functions:
        if function.seeds:
            found.append(_seeds(function))
        if function.items_nested:
            found.append(items_function(program, function))
        found.append(step_function(program, function))
    if any(function.draws for function in program.functions):
        found.insert(0, FIGURES)
    if any(function.seeds for function in program.functions):
        found.insert(0, WITH_SEEDS)
    return found


def _seeds(function: Function) -> str:
    """What the splits of a foreach begin with, many in a line."""
    numbers = textwrap.wrap(", ".join(map(str, function.seeds)), _WIDTH - 4)
    told = f"#: What the generators of each split of `{function.name}` began with in the run."
    start = f"{seeds_name(function.step)} = ["
    if len(numbers) == 1 and len(start + numbers[0]) < _WIDTH:
        return f"{told}\n{start}{numbers[0]}]"
    return "\n".join([told, f"{start}  # fmt: skip", *map(indented, numbers), "]  # fmt: skip"])


def step_function(program: Program, function: Function) -> str:
    """A step as a function: its inputs are arguments, its outputs are returned."""
    annotations = program.annotations
    arguments = [_annotated(n, annotations) for n in function.arguments]
    if function.item:
        arguments.insert(0, function.item)
    gives = [annotations.get(name, "") for name in function.returns]
    if function.is_foreach:
        gives = [text.removeprefix("list[").removesuffix("]") for text in gives]
    gave = ""
    if gives and all(gives):
        gave = f" -> {gives[0]}" if len(gives) == 1 else f" -> tuple[{', '.join(gives)}]"
    start = "async def" if function.awaits else "def"
    lines = [_head(f"{start} {function.name}", arguments, f"{gave}:")]
    if function.doc:
        lines.append(indented(quoted(function.doc)))
    if function.unpacking:
        lines.append(indented(function.unpacking))
    lines += [indented(each.text) for each in function.seeding]
    for placed in function.nested:
        lines += [*([""] if len(lines) > 1 else []), indented(_text(program, placed)), ""]
    body, shown = function.body, ""
    if function.draws:
        shown = 'plt.close("all")' if function.is_foreach else _saving(function.step.name)
        body = _SHOW.sub(shown, body)
    if body:
        lines.append(indented(body))
    if shown and not body.endswith(f"\n{shown}"):
        lines.append(indented(shown))
    if function.returns:
        lines.append(indented(f"return {', '.join(function.returns)}"))
    if not (ast.parse(function.body).body or function.returns or function.doc or function.seeding):
        lines.append(indented("pass"))
    return "\n".join(lines)


def items_function(program: Program, function: Function) -> str:
    """The items of a foreach, where what they need reads data."""
    arguments = [_annotated(n, program.annotations) for n in function.item_arguments]
    lines = [_head(f"def {items_name(function)}", arguments, ":")]
    lines.append(indented(quoted(f"What `{function.name}` is called for.")))
    lines += [indented(_text(program, placed)) + "\n" for placed in function.items_nested]
    return "\n".join([*lines, indented(f"return {function.items}")])


def items_name(function: Function) -> str:
    """What the function of a foreach's items is called."""
    return f"items_of_{function.name}"


def head(told: str) -> str:
    """The module's docstring."""
    return quoted(wrapped(told))


def imports(program: Program, rest: str, own: list[str]) -> str:
    """The imports that the rest of the module uses."""
    local = {path.partition("/")[0].removesuffix(".py") for path in program.basis.modules}
    found = Imports(local | {"check"})
    used = used_in(rest)
    own = [*own, *(each.needs for f in program.functions for each in f.seeding)]
    wanted = asked_of_module(rest) - {name for source in own for name in bound_by(source)}
    for placed in program.definitions.shared.values():
        if _is_import(placed):
            if placed.definition.names or "*" not in placed.definition.source:
                is_setup = program.flow.cells[placed.position[0]].role == "setup"
                found.add(placed.definition.source, needed=is_setup)
            else:
                for name in sorted(_of_star(program, placed, wanted)):
                    found.add(f"from {placed.definition.modules[0]} import {name}")
    for source in own:
        found.add(source)
    for code in program.flow.cells:
        for definition in code.facts.definitions:
            if definition.modules == ("__future__",):
                found.add(definition.source)
    return found.text(used)


def joined(parts: list[str]) -> str:
    """A module's parts, with two lines between them."""
    return "\n\n\n".join(part for part in parts if part) + "\n"


def call(start: str, arguments: list[str], end: str = ")") -> str:
    """A call in one line, or with a line for each argument."""
    line = f"{start}({', '.join(arguments)}{end}"
    if len(line) <= _WIDTH - 4:
        return line
    return "\n".join([f"{start}(", *(f"    {each}," for each in arguments), end])


def _of_star(program: Program, star: Placed, wanted: set[str]) -> Iterator[str]:
    bound = program.definitions.names | frozenset(dir(builtins))
    for name in wanted - bound:
        for binding in program.flow.scope.above(name, (END, 0))[:1]:
            if isinstance(binding, FromDefinition) and binding.placed.position == star.position:
                yield name


def _is_import(placed: Placed) -> bool:
    if placed.definition.kind != "import":
        return False
    body = ast.parse(placed.definition.source).body
    return len(body) == 1 and isinstance(body[0], ast.Import | ast.ImportFrom)


def _text(program: Program, placed: Placed) -> str:
    text = Cut(program.flow.cells[placed.position[0]]).text_of(placed.definition)
    if placed.definition.kind == "function" and any(f.draws for f in program.functions):
        return _SHOW.sub(_saving(placed.definition.names[0]), text)
    return text


def _saving(name: str) -> str:
    return f'save_figures("{name}")'


def _annotated(name: str, annotations: Mapping[str, str]) -> str:
    return f"{name}: {annotations[name]}" if name in annotations else name


def _head(start: str, arguments: list[str], end: str) -> str:
    line = f"{start}({', '.join(arguments)}){end}"
    if len(line) <= _WIDTH:
        return line
    return "\n".join([f"{start}(", *(f"    {each}," for each in arguments), f"){end}"])
