"""From a cell's text to a tree: Python's own grammar, and IPython's where a cell needs it."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Callable
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from nbflow.analysis import magics

#: What IPython's syntax may look like where Python's own grammar has refused: an escape at the
#: start of a statement, ``x = !cmd``, ``obj?``, prompts, a cell that is indented as a whole.
_MARKS = re.compile(
    r"^\s*(?:[%!?,;/]|>>>|In \[)|[?]\s*(?:\#.*)?$|=\s*[%!]|\A(?:[ \t]*\n)*[ \t]+\S", re.MULTILINE
)
#: No help on one (``%%time?``), which takes no cell.
_CELL_MAGIC = re.compile(
    r"(?:[ \t]*(?:\#.*)?\n)*(?P<mark>%%)(?P<name>\w+(?![\w?])|!)[ \t]*(?P<line>.*)"
)
_DOLLAR = re.compile(r"(?<!\$)\$([A-Za-z_]\w*)")

_IPYTHON_METHODS = frozenset({"run_line_magic", "run_cell_magic", "system", "getoutput"})


class Source(msgspec.Struct, frozen=True):
    """A parsed text and the place of its first line in the cell."""

    lines: tuple[str, ...]
    #: 1-based line in the cell of the text's first line; the tree has the cell's line numbers.
    first: int
    statements: tuple[ast.stmt, ...]
    #: Whether a ``;`` behind the last statement hides its value.
    hides_display: bool

    def text_of(self, statement: ast.stmt) -> str:
        """The lines of a statement, decorators included, without its neighbours on its lines."""
        decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
        start = min([statement.lineno, *(node.lineno for node in decorators)]) - self.first
        end = (statement.end_lineno or statement.lineno) - self.first
        lines = [line.encode("utf-8", "surrogatepass") for line in self.lines[start : end + 1]]
        if statement.end_col_offset is not None:
            lines[-1] = lines[-1][: statement.end_col_offset]
        if not decorators:
            lines[0] = lines[0][statement.col_offset :]
        return "\n".join(line.decode("utf-8", "surrogatepass") for line in lines)


class Magic(ast.expr):
    """A magic or a shell command, in place of the call that IPython turns it into."""

    _fields = ("name", "line", "text", "statements", "targets", "reads")

    def __init__(self, name: str, line: str, text: str = "") -> None:
        super().__init__()
        #: With its escape: ``%time``, ``%%bash``, ``!``.
        self.name = name
        self.line = line
        #: The cell magic's text when it is not Python.
        self.text = text
        #: The Python that it runs.
        self.source: Source | None = None
        #: Names it binds (``%%capture out``).
        self.targets: list[ast.expr] = []
        #: Python that stands in its line (``{x}``, ``$x``), or that it looks at (``obj?``).
        self.reads: list[ast.expr] = []

    @property
    def statements(self) -> list[ast.stmt]:
        """The Python that it runs; in the fields, so that the normal form sees it."""
        return list(self.source.statements) if self.source else []


def parse(text: str, first: int = 1) -> Source:
    """Parse a cell's text, whose first line is line ``first`` of the cell.

    Raises
    ------
    SyntaxError
        Neither Python nor IPython can read it; the line is that of the cell.
    ValueError, RecursionError, MemoryError, OverflowError
        Python's parser gives up on it (null bytes, lone surrogates, too deep).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # the line ends that Python knows
    try:
        return _source(text, _python(text), first)
    except SyntaxError as error:
        try:
            cell = _cell_magic(text, first)
            if cell is not None:
                return cell
            transformed = _as_python(text)
            if transformed is None:
                raise
            tree = _python(transformed)
        except SyntaxError as second:
            if second is not error:
                second.lineno = (second.lineno or 1) + first - 1
                raise second from None
            error.lineno = (error.lineno or 1) + first - 1
            raise
        return _source(transformed, tree, first)


def _python(text: str) -> ast.Module:
    """Python's own parse, with the checks that only its compiler makes (``return`` outside)."""
    tree = ast.parse(text)
    try:
        _compile(text)
    except SyntaxError:
        # IPython compiles one by one, so that `from __future__` may stand anywhere in a cell.
        for statement in tree.body:
            _compile(ast.Module([statement], []))
    return tree


def _compile(code: str | ast.Module) -> None:
    compile(code, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)


def _source(text: str, tree: ast.Module, first: int) -> Source:
    lines = tuple(text.split("\n"))
    hides = False
    if tree.body:
        last = tree.body[-1]
        end = lines[(last.end_lineno or 1) - 1].encode("utf-8", "surrogatepass")
        hides = end[last.end_col_offset :].lstrip().startswith(b";")
    if first > 1:
        ast.increment_lineno(tree, first - 1)
    if "get_ipython" in text:
        _Magics().visit(tree)
    return Source(lines, first, tuple(tree.body), hides)


def _cell_magic(text: str, first: int) -> Source | None:
    # Comments above the magic are skipped: a directive's lines have become comments.
    match = _CELL_MAGIC.match(text)
    if match is None:
        return None
    above = text[: match.start("mark")].count("\n")
    body = text[match.end() :].removeprefix("\n")
    node = _magic("%%" + match["name"], match["line"].strip(), body, first + above)
    statement = ast.Expr(node)
    lines = tuple(text.split("\n"))
    node.lineno = statement.lineno = first + above
    node.col_offset = statement.col_offset = 0
    node.end_lineno = statement.end_lineno = first + len(lines) - 1
    node.end_col_offset = statement.end_col_offset = len(lines[-1].encode("utf-8", "replace"))
    hides = node.source is not None and node.source.hides_display
    return Source(lines, first, (statement,), hides)


def _as_python(text: str) -> str | None:
    """The text with IPython's syntax turned into calls, line for line; None when it has none."""
    if magics.is_command(text):
        text = "%" + text.lstrip()
    if not _MARKS.search(text):
        return None
    # Here, not above: importing IPython takes longer than analysing a whole notebook.
    from IPython.core.inputtransformer2 import (
        TransformerManager,
        classic_prompt,
        ipython_prompt,
        leading_indent,
    )

    lines = [line + "\n" for line in text.removesuffix("\n").split("\n")]
    blank = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    body = lines[blank:]
    cleanups: tuple[Callable[[list[str]], list[str]], ...]
    cleanups = (leading_indent, classic_prompt, ipython_prompt)
    for clean in cleanups:
        body = clean(body)
    manager = TransformerManager()
    changed = True
    while changed:
        changed, after = manager.do_one_token_transform(body)
        body = _padded(body, after)
    return "".join(["\n"] * blank + body)


def _padded(before: list[str], after: list[str]) -> list[str]:
    """``after`` with blank lines where a transform has joined continued lines."""
    missing = len(before) - len(after)
    if missing <= 0:
        return after
    pairs = zip(before, after, strict=False)
    place = next((i for i, (old, new) in enumerate(pairs) if old != new), len(after) - 1)
    return [*after[: place + 1], *["\n"] * missing, *after[place + 1 :]]


class _Magics(ast.NodeTransformer):
    """Puts a `Magic` in place of every call of IPython's that stands for one."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name("get_ipython")), attr=method),
                args=arguments,
            ) if method in _IPYTHON_METHODS and arguments:
                texts = [
                    argument.value
                    for argument in arguments
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                ]
                if len(texts) == len(arguments):
                    return ast.copy_location(_from_call(method, texts, node.lineno), node)
        return node


def _from_call(method: str, texts: list[str], line: int) -> Magic:
    if method == "run_line_magic" and len(texts) == 2:
        return _magic("%" + texts[0], texts[1], "", line)
    if method == "run_cell_magic" and len(texts) == 3:
        return _magic("%%" + texts[0], texts[1], texts[2], line)
    return _magic("!", texts[0], "", line)


def _magic(name: str, line: str, text: str, first: int) -> Magic:
    """What a magic runs, reads and binds; ``first`` is the cell's line that it stands in."""
    code = magics.python_of(name, line, text)
    node = Magic(name, line, "" if code is not None and name.startswith("%%") else text)
    if code is not None:
        node.line = code.options
        node.source = parse(code.text, first + code.below)
        if code.setup:
            setup = parse(code.setup, first).statements
            node.source = replace(node.source, statements=setup + node.source.statements)
    elif name in magics.LOOKS:
        node.reads = _expressions([line.split(".")[0].strip()], first)
    else:
        node.reads = _expressions(_expanded(line), first)
    node.targets = [
        ast.copy_location(ast.Name(target, ast.Store()), _Place(first))
        for target in magics.targets_of(name, line)
        if target.isidentifier()
    ]
    return node


class _Place(ast.expr):
    def __init__(self, line: int) -> None:
        super().__init__(lineno=line, col_offset=0, end_lineno=line, end_col_offset=0)


def _expanded(line: str) -> list[str]:
    """The Python that IPython fills into a command: ``{expression}`` and ``$name``."""
    found = _DOLLAR.findall(line)
    with suppress(ValueError):  # unbalanced braces: IPython leaves such a line alone, too
        found += [field for _, field, _, _ in string.Formatter().parse(line) if field]
    return found


def _expressions(texts: list[str], line: int) -> list[ast.expr]:
    nodes = []
    for text in texts:
        try:
            node = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            continue  # the shell's own braces, say of awk
        for inner in ast.walk(node):
            if isinstance(inner, ast.expr):
                inner.lineno = line
        nodes.append(node)
    return nodes
