"""From a marked cell to the plain Python of a function's body; what IPython adds is taken away."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from nbflow.analysis import magics
from nbflow.analysis.syntax import Magic, parse
from nbflow.export.displays import Edit, displays, printed, printing
from nbflow.export.refusing import problem
from nbflow.flow import FlowStep
from nbflow.records.facts import Definition
from nbflow.records.problem import Problem
from nbflow.steps import CodeCell

#: Magics that concern what is shown, or the installation, and no value.
IDLE = (
    magics.SILENT
    | magics.LOOKS
    | {"%precision", "%pprint", "%pip", "%conda", "%mamba", "%uv", "%who", "%whos", "%xmode"}
)
_INSTALLS = re.compile(r"\s*(?:pip3?|conda|mamba|uv|python3? -m pip)\b")
_OPTION = re.compile(r"\s*#\s*\|")
_RESIZED = re.compile(r"^\s*(\w+)\.resize\((?!.*refcheck)", re.MULTILINE)

#: Names that mean something else in a function, or nothing outside of IPython.
_SCOPES = {"globals", "locals", "vars", "dir"}
_NO_PYTHON = {"get_ipython", "In", "Out", "exit", "quit", "__file__"}

_SCHEDULES = re.compile(r"\b(?:create_task|ensure_future|call_soon|call_later|call_at)\b")
_OF_MAIN = re.compile(r"\bfrom __main__ import\b")
_ASKS = re.compile(r"\bget_(?:running|event)_loop\b")


@dataclass(slots=True)
class Cut:
    """The lines of a cell, some of which have been moved elsewhere or dropped."""

    code: CodeCell
    lines: list[str] = field(init=False)
    dropped: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.lines = self.code.body.split("\n")
        source = self.code.cell.source.split("\n")
        self.dropped = {
            number
            for number, (old, new) in enumerate(zip(source, self.lines, strict=True), 1)
            if old != new
        }
        if self.code.directive is not None and self.code.directive.spelling == "comment":
            for number, line in enumerate(self.lines, 1):
                if not _OPTION.match(line):
                    break
                self.dropped.add(number)

    def extent(self, definition: Definition) -> range | None:
        """The lines that a definition has for itself, with the comment above it; None if none."""
        source = definition.source.split("\n")
        first, last = definition.line, definition.line + len(source) - 1
        head = self.lines[first - 1]
        tail = self.lines[last - 1]
        begins = head.strip().startswith(source[0].strip()) and not head[:1].isspace()
        rest = tail[len(source[-1]) :] if len(source) > 1 or begins else ";"
        if not begins or (rest.strip() and not rest.strip().startswith("#")):
            return None
        while first - 1 not in self.dropped and self.lines[first - 2].startswith("#") and first > 1:
            first -= 1
        return range(first, last + 1)

    def text_of(self, definition: Definition) -> str:
        """A definition as it stands there, with its comments."""
        extent = self.extent(definition)
        if extent is None:
            return definition.source
        return "\n".join(self.lines[number - 1] for number in extent).rstrip()

    def cut(self, definition: Definition) -> bool:
        """Take a definition out; False where it shares its line with something else."""
        extent = self.extent(definition)
        self.dropped.update(extent or ())
        return extent is not None

    def edit(self, edits: Iterable[Edit]) -> None:
        """Put texts in the places of others."""
        for line, start, end, text in sorted(edits, reverse=True):
            data = self.lines[line - 1].encode()
            self.lines[line - 1] = (data[:start] + text.encode() + data[end:]).decode()

    @property
    def text(self) -> str:
        """What is left."""
        kept = [line for number, line in enumerate(self.lines, 1) if number not in self.dropped]
        return re.sub(r"\n(?:[ \t]*\n){2,}", "\n\n", "\n".join(kept)).strip("\n")


def plain(
    step: FlowStep, moved: Collection[Definition], is_shown: bool
) -> tuple[str, list[Problem]]:
    """A step's body as plain Python, and what in it no plain Python can say.

    Parameters
    ----------
    moved
        Definitions of the cell that stand elsewhere.
    is_shown
        Whether its last expression showed a value: then it is printed.
    """
    code = step.step.code
    cut = Cut(code)
    problems = [*_hidden(step)]
    try:
        source = parse(code.body)
    except SyntaxError:
        remedy = "Write it in plain Python, or leave it out."
        return "", [*problems, problem(step, f"step `{step.name}` is no Python", remedy)]
    statements = list(_without_magics(step, source.statements, cut, problems))
    problems += [*_unsayable(step, statements)]
    last = statements[-1] if statements else None
    edits = list(_displays(step, statements, problems))
    if isinstance(last, ast.Expr) and not isinstance(last.value, Magic):
        if is_shown and not source.hides_display:
            edits += printing(step, last.value)
        if source.hides_display:
            end = last.end_lineno or last.lineno
            cut.lines[end - 1] = re.sub(r";(\s*(?:#.*)?)$", r"\1", cut.lines[end - 1]).rstrip()
    cut.edit(edits)
    for definition in moved:
        cut.cut(definition)
    text = cut.text
    try:
        ast.parse(text)
    except SyntaxError:
        if not problems:
            problems.append(
                problem(
                    step,
                    f"step `{step.name}` is written in a way that only IPython reads",
                    "Write it in plain Python.",
                )
            )
    return text, problems


def words(step: FlowStep, definitions: Collection[Definition]) -> Iterator[Problem]:
    """What definitions that a step reaches say, and no function of a module can."""
    for definition in definitions:
        if definition.kind == "import":
            yield from _unsayable(step, parse(definition.source).statements, "an import of ")
            continue
        name = ", ".join(f"`{each}`" for each in definition.names)
        if definition.writes:
            written = ", ".join(f"`{each}`" for each in sorted(definition.writes))
            yield problem(
                step,
                f"{name}, used by step `{step.name}`, binds {written} of the notebook (`global`)",
                "Return the value, and bind it in the step.",
            )
            continue
        yield from _unsayable(step, parse(definition.source).statements, f"{name}, used by ")


def _without_magics(
    step: FlowStep, statements: Sequence[ast.stmt], cut: Cut, problems: list[Problem]
) -> Iterator[ast.stmt]:
    for statement in statements:
        match statement:
            case ast.Expr(value=Magic(name="%%time") as magic):
                cut.dropped.add(magic.lineno)
                yield from magic.statements
            case ast.Expr(value=Magic(name="%time") as magic):
                inner = magic.source
                line = cut.lines[statement.lineno - 1]
                if inner is not None and len(inner.statements) == 1:
                    cut.lines[statement.lineno - 1] = line.partition("%time")[2].strip()
                    # Its columns are those of the magic's line: it is never printed.
                    yield ast.copy_location(ast.Pass(), statement)
            case ast.Expr(value=Magic(name=name, line=line)) if name in IDLE or (
                name == "!" and _INSTALLS.match(line)
            ):
                last = statement.end_lineno or statement.lineno
                cut.dropped.update(range(statement.lineno, last + 1))
            case _:
                found = [n for n in ast.walk(statement) if isinstance(n, Magic)]
                for magic in found[:1]:
                    told = f"{magic.name}{'' if magic.name == '!' else ' '}{magic.line}".strip()
                    problems.append(
                        problem(
                            step,
                            f"`{told}` in step `{step.name}` is IPython's, not Python's",
                            'Write it in Python: `subprocess.run("…", shell=True)`, '
                            "`os.environ[...] = ...`.",
                            statement.lineno,
                        )
                    )
                yield statement


def _hidden(step: FlowStep) -> Iterator[Problem]:
    facts = step.step.code.facts
    for line, what in facts.dynamic[:1]:
        yield problem(
            step,
            f"`{what}` may read or bind names that the source of step `{step.name}` does not show",
            "Read and assign them by name.",
            line,
        )
    if "_" in step.body.inputs or "_" in step.clause.inputs:
        yield problem(
            step,
            f"`_`, read by step `{step.name}`, is what a cell displayed last",
            "Assign the value to a name in that cell, and read the name.",
            facts.reads.get("_"),
        )
    for name in set(_RESIZED.findall(step.step.code.body)) & step.body.inputs.keys():
        yield problem(
            step,
            f"NumPy resizes `{name}`, which step `{step.name}` is given, only while nothing else "
            "refers to it",
            f"Resize it in the cell that makes it, or write `{name}.resize(…, refcheck=False)`.",
        )
    bound = {*facts.binds, *facts.may_bind} if _tells_of_errors(step) else set()
    unsure = {*step.body.inputs, *bound} & facts.excused
    for name in sorted(facts.excused if magics.is_command(step.step.code.body) else unsure)[:1]:
        yield problem(
            step,
            f"step `{step.name}` catches that `{name}` is not bound, which in a function it is in "
            "another way",
            f"Bind `{name}` above, for example to None.",
            facts.reads.get(name),
        )


def _tells_of_errors(step: FlowStep) -> bool:
    """Whether it has a name for what it catches: of a function's names Python says other words."""
    return re.search(r"\bexcept\b.*\bas\b", step.step.code.body) is not None


def _unsayable(
    step: FlowStep, statements: Sequence[ast.stmt], whose: str = ""
) -> Iterator[Problem]:
    told: set[str] = set()
    for statement in statements:
        for node in ast.walk(statement):
            word = _word(node)
            if isinstance(node, Magic) and not whose:
                continue  # of the step's own it is told already
            if word and word not in told:
                told.add(word)
                yield problem(
                    step,
                    f"`{word}` in {whose}step `{step.name}` means another thing in a function "
                    "than in a cell, or nothing outside of IPython",
                    "Read and assign names directly.",
                    None if whose else getattr(node, "lineno", None),
                )


def _word(node: ast.AST) -> str:
    match node:
        case Magic():
            return f"{node.name}{'' if node.name == '!' else ' '}{node.line}".strip()
        case ast.Global():
            return f"global {', '.join(node.names)}"
        case ast.Call(func=ast.Name(id="exec" | "eval" as name)):
            return f"{name}(…)"
        case ast.Call(func=ast.Name(id=name), args=[]) if name in _SCOPES:
            return f"{name}()"
        case ast.Name(id=name, ctx=ast.Load()) if name in _NO_PYTHON:
            return name
        case ast.Attribute(attr="get_ipython") | ast.alias(name="get_ipython"):
            return "get_ipython"
        case ast.ImportFrom(module="__main__") | ast.alias(name="__main__"):
            return "import __main__"
        case ast.Constant(value=str(text)) if _OF_MAIN.search(text):
            return text if len(text) < 40 else "from __main__ import …"
    return ""


def schedules(text: str) -> bool:
    """Whether a body leaves something to the event loop, which gets on between two cells."""
    return _SCHEDULES.search(text) is not None


def awaits(text: str) -> bool:
    """Whether a body waits for something itself, or asks for the loop that runs around a cell: as
    only an ``async def`` can."""
    try:
        waiting: list[ast.AST] = [ast.parse(text)]
    except SyntaxError:
        return False  # it is refused
    if schedules(text) or _ASKS.search(text):
        return True
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith):
            return True
        if isinstance(node, ast.comprehension) and node.is_async:
            return True
        waiting += ast.iter_child_nodes(node)
    return False


def _displays(
    step: FlowStep, statements: Sequence[ast.stmt], problems: list[Problem]
) -> Iterator[Edit]:
    """``display(x)`` is there in IPython only: it prints."""
    if "display" in step.step.code.facts.binds:
        return
    calls, other = displays(statements)
    if other is not None:
        what = "what `display` gives, and its options, are IPython's"
        problems.append(problem(step, what, "Print the value, and no more.", other.lineno))
        return
    for call in calls:
        yield from printed(step, call)
