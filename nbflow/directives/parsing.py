"""Reads a cell's mark into a directive, whichever way it is spelled."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec.structs import replace

from nbflow.directives import clause as clauses
from nbflow.directives import options
from nbflow.directives.marks import Found, Mark, find, head
from nbflow.directives.misspelt import misspelt
from nbflow.records.directive import Directive
from nbflow.records.notebook import Cell
from nbflow.records.problem import Problem


def parse(cell: Cell) -> tuple[Directive | None, tuple[Problem, ...]]:
    """What the cell's mark says, and everything that is wrong with it.

    Never raises. A wrong name or option is left out of the directive, and a wrong clause is None,
    each with its problem, so that the rest of the cell still counts.

    Parameters
    ----------
    cell
        Any cell; only code cells can be marked.

    >>> directive, problems = parse(Cell("a", 1, "code", "%%step load --cpus 2\\ndata = read()"))
    >>> directive.name, directive.options.cpus, directive.body
    ('load', 2, '# %%step load --cpus 2\\ndata = read()')
    """
    if cell.kind != "code":
        return None, ()
    found = find(cell)
    if not found.marks:
        return None, _placed(misspelt(cell), cell)
    mark = found.marks[0]
    name, values, problems = options.read(mark.kind, found.given)
    argument = _agreed(mark, found)
    clause: str | None = None
    if mark.kind == "foreach":
        if wrong := clauses.why_not(argument):
            found.problems.append(Problem("bad-clause", *wrong, line=mark.line or None))
        else:
            clause = argument
    elif mark.kind == "step":
        name = _name(argument, name, mark, found)
    directive = Directive(
        kind=mark.kind,
        spelling=mark.spelling,
        name=name,
        clause=clause,
        options=values,
        body=_body(cell.source, found.lines, mark),
        line=mark.line,
    )
    return directive, _placed((*found.problems, *problems), cell)


def _placed(problems: Iterable[Problem], cell: Cell) -> tuple[Problem, ...]:
    return tuple(replace(problem, cell=cell.id, number=cell.number) for problem in problems)


def _agreed(mark: Mark, found: Found) -> str:
    """The argument that all marks agree on; a problem for each that does not."""
    argument = mark.argument
    for other in found.marks[1:]:
        if other.kind == mark.kind and (not other.argument or not argument):
            argument = argument or other.argument
        elif other.kind != mark.kind or other.argument != argument:
            message = f"the cell is marked twice: {_told(mark)}, and {_told(other)}"
            problem = Problem(
                "marked-twice",
                message,
                "Keep one of the two.",
                line=other.line or mark.line or None,
            )
            found.problems.append(problem)
    return argument


def _told(mark: Mark) -> str:
    match mark.spelling:
        case "magic":
            return f"`%%{mark.kind} {mark.argument}`".replace(" `", "`")
        case "comment":
            return f"`#| {mark.kind}: {mark.argument}`".replace(": `", "`")
        case "tag":
            return f"the tag `{mark.kind}:{mark.argument}`".replace(":`", "`")
        case "metadata":
            return f"`{mark.kind}` in its metadata"


def _name(argument: str, option: str | None, mark: Mark, found: Found) -> str | None:
    if not argument:
        return option
    try:
        name = options.identifier(argument)
    except options.WrongValueError as error:
        message = f"a step takes {error}"
        remedy = "Write letters, digits and underscores: `%%step load_data`."
        found.problems.append(Problem("bad-name", message, remedy, line=mark.line or None))
        return option
    if option is not None and option != name:
        message = f"the step has two names, `{name}` and `{option}`"
        found.problems.append(
            Problem("bad-name", message, "Leave out `--name`.", line=mark.line or None)
        )
    return name


def _body(source: str, magic_lines: Collection[int], mark: Mark) -> str:
    """The source without the directive, each line where it was."""
    lines = source.split("\n")
    after = max(magic_lines, default=-1) + 1
    first = after + head(lines[after:])
    another_magic = first < len(lines) and lines[first].lstrip().startswith("%%")
    if another_magic and mark.spelling in ("magic", "comment"):
        # IPython takes a cell magic only at the top of a cell, below blank lines at most.
        return "\n".join([""] * first + lines[first:])
    # IPython takes from all lines of a body what its first one is indented by.
    begins = next((line for line in lines[after:] if line.strip()), "")
    for number in magic_lines:
        lines[number] = f"{_indent(begins) or _indent(lines[number])}# {lines[number].lstrip()}"
    return "\n".join(lines)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]
