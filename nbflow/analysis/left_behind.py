"""What a body makes or asks for that stays behind in its process: contexts, tracebacks, counts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from nbflow.analysis.definitions import last_name
from nbflow.analysis.nodes import nodes_of
from nbflow.analysis.syntax import parse

#: Contexts that hold for the process they are entered in, and that no ambient state carries.
_OF_PROCESS = frozenset(
    {"catch_warnings", "redirect_stdout", "redirect_stderr", "capture_output", "StringCache"}
    | {"no_grad", "enable_grad", "inference_mode", "autocast", "parallel_backend"}
    | {"parallel_config", "threadpool_limits", "workdps", "workprec", "assuming", "evaluate"}
)
#: What tells where an exception has come from.
_TRACING = frozenset(
    {"print_exception", "format_exception", "print_tb", "format_tb", "extract_tb", "walk_tb"}
    | {"TracebackException", "from_exception"}
)
#: Words without which a body does nothing of the kind.
_WORDS = re.compile(r"__enter__|enter_context|__exit__|\bclose\(|_tb\(|_exception\(|__traceback__")
#: What tells how an object lies in memory.
_MEMORY = frozenset({"getrefcount", "get_referrers", "getsizeof"})
_OF_MEMORY = re.compile(rf"\b(?:{'|'.join(_MEMORY)})\(")
#: A file that is opened by itself to be written to, and what ends that.
_OPENS = re.compile(r"\bopen\(")
_WRITES = frozenset("wax+")
#: A widget that takes what is printed within it, and what is.
_TAKES = re.compile(r"^(\w+)\s*=\s*(?:\w+\.)*Output\(", re.MULTILINE)
_WITHIN = re.compile(r"^\s*with\s+\w+\s*[:,]", re.MULTILINE)
#: What calls a function at once, and shows within a widget what it prints and gives.
_INTERACTS = re.compile(r"^(?:@|\w+\s*=\s*)?(?:\w+\.)*(interact|interactive)\(", re.MULTILINE)
#: What counts the memory of a frame, and what its index remembers of being asked for a text.
_COUNTING = re.compile(r"\b(\w+)\.(?:info|memory_usage)\(")
_LOOKED_UP = re.compile(r"\b(\w+)\.(?:loc|at)\[\s*['\"]")
#: What is removed when the object is given up.
_TEMPORARIES = frozenset({"TemporaryDirectory", "NamedTemporaryFile"})
_TEMPORARY = re.compile("|".join(_TEMPORARIES))
_FINALISER = re.compile(r"\bdef __del__\b")
#: What tells when an object is given up, or does not keep it from that.
_WEAK = re.compile(r"\bweakref\.(?!getweakref)\w+\(|\bWeak(?:Set|\w*Dictionary|Method)\(")
_GIVING_UP = re.compile(r"\bdel\b|=\s*None\b")


@lru_cache(maxsize=1024)
def contexts_left_open(body: str) -> Mapping[str, int]:
    """Contexts that a body enters and does not leave, as it says them, with their lines.

    >>> contexts_left_open("ctx = torch.no_grad()\\nctx.__enter__()")
    mappingproxy({'ctx.__enter__()': 2})
    """
    found: dict[str, int] = {}
    made: dict[str, str] = {}
    left: set[str] = set()
    for node in _nodes(body):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=function)):
                made[name] = last_name(function)
            case ast.Call(func=ast.Attribute(value=held, attr="__exit__" | "close")):
                left.add(ast.unparse(held))
    for node in _nodes(body):
        match node:
            case ast.Call(func=ast.Attribute(value=held, attr="__enter__")):
                context, holder = held, ast.unparse(held)
            case ast.Call(func=ast.Attribute(value=stack, attr="enter_context"), args=[context]):
                holder = ast.unparse(stack)
            case _:
                continue
        if isinstance(context, ast.Call):
            maker = last_name(context.func)
        else:
            maker = made.get(last_name(context), "")
        if maker in _OF_PROCESS and holder not in left:
            found[ast.unparse(node)] = node.lineno
    return MappingProxyType(found)


@lru_cache(maxsize=1024)
def tracebacks_asked(body: str) -> Mapping[str, int]:
    """Names whose exceptions a body asks for their tracebacks, with the lines.

    >>> tracebacks_asked("traceback.print_exception(error)")
    mappingproxy({'error': 1})
    """
    found: dict[str, int] = {}
    for node in _nodes(body):
        match node:
            case ast.Call(func=function, args=[*asked]) if last_name(function) in _TRACING:
                pass
            case ast.Attribute(value=value, attr="__traceback__", ctx=ast.Load()):
                asked = [value]
            case _:
                continue
        for each in asked:
            while isinstance(each, ast.Attribute | ast.Subscript):
                each = each.value
            if isinstance(each, ast.Name):
                found.setdefault(each.id, node.lineno)
    return MappingProxyType(found)


@lru_cache(maxsize=1024)
def memory_asked(body: str) -> Mapping[str, tuple[int, str]]:
    """Names of whose objects a body asks who refers to them, or for their room, with line and text.

    >>> memory_asked("sys.getrefcount(a)")
    mappingproxy({'a': (1, 'sys.getrefcount(a)')})
    """
    found: dict[str, tuple[int, str]] = {}
    for statement in _statements(body, _OF_MEMORY):
        for node in nodes_of(statement):
            match node:
                case ast.Call(func=function, args=[ast.Name(id=name)]):
                    if last_name(function) in _MEMORY:
                        found.setdefault(name, (node.lineno, ast.unparse(node)))
    return MappingProxyType(found)


def takes_output(body: str) -> frozenset[str]:
    """Names that are bound to widgets which take what is printed.

    >>> takes_output("out = widgets.Output()")
    frozenset({'out'})
    """
    return frozenset(_TAKES.findall(body))


@lru_cache(maxsize=1024)
def done_within(body: str) -> Mapping[str, int]:
    """Names, perhaps of such widgets, within which a body does something, with the lines.

    >>> done_within("x = 1\\nwith out:\\n    print(x)\\ndef f():\\n    with b: x")
    mappingproxy({'out': 2})
    """
    return MappingProxyType(
        {
            item.context_expr.id: node.lineno
            for node in _nodes(body, _WITHIN)
            if isinstance(node, ast.With)
            for item in node.items
            if isinstance(item.context_expr, ast.Name)
        }
    )


def interacts(body: str) -> Mapping[str, int]:
    """What a body calls that makes a widget show what a function does, with the lines.

    >>> interacts("w = widgets.interactive(f, a=1)\\n@interact(b=2)\\ndef g(b): ...")
    {'interactive': 1, 'interact': 2}
    """
    return {m[1]: body.count("\n", 0, m.start(1)) + 1 for m in _INTERACTS.finditer(body)}


def memory_counted(body: str) -> Mapping[str, int]:
    """Names of frames, perhaps, whose memory a body shows, with the lines.

    >>> memory_counted("df.info()")
    {'df': 1}
    """
    return {m[1]: body.count("\n", 0, m.start()) + 1 for m in _COUNTING.finditer(body)}


def looked_up(body: str) -> frozenset[str]:
    """Names of frames, perhaps, in which a body looks for a text of their index.

    >>> looked_up("df.loc['b'], a.loc[3], c.loc[c.x > 1]")
    frozenset({'df'})
    """
    return frozenset(_LOOKED_UP.findall(body))


@lru_cache(maxsize=1024)
def left_open(body: str) -> Mapping[str, int]:
    """Names of files that a body opens to write to and does not close, with the lines.

    >>> left_open("f = open('a.txt', 'w')\\nf.write('x')"), left_open("f = open('a.txt')")
    (mappingproxy({'f': 1}), mappingproxy({}))
    """
    found: dict[str, int] = {}
    for statement in _statements(body, _OPENS):
        match statement:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="open"), args=args, keywords=keywords),
            ):
                said = [*args[1:2], *(each.value for each in keywords if each.arg == "mode")]
                modes = [each.value for each in said if isinstance(each, ast.Constant)]
                found.pop(name, None)
                if any(not _WRITES.isdisjoint(str(mode)) for mode in modes):
                    found[name] = statement.lineno
    return MappingProxyType({n: line for n, line in found.items() if not closes(body, n)})


def closes(body: str, name: str) -> bool:
    """Whether a body seems to close a file, or to see to it that all that was written is there."""
    return re.search(rf"\b{name}\.(?:close|flush)\b|\bwith\s+{name}\b", body) is not None


@lru_cache(maxsize=1024)
def temporary(body: str) -> Mapping[str, int]:
    """Names that are made of temporary files and folders which go with their process.

    Who reads the file or folder itself has it made again.

    >>> temporary("folder = TemporaryDirectory()\\npath = folder.name + '/x'")
    mappingproxy({'path': 2})
    """
    ended = {match[1] for match in re.finditer(r"\b(\w+)\.(?:cleanup|close)\(", body)}
    made: set[str] = set()
    found: dict[str, int] = {}
    for statement in _statements(body, _TEMPORARY):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                read = {node.id for node in nodes_of(value) if isinstance(node, ast.Name)}
                if _is_temporary(value) and name not in ended:
                    made.add(name)
                elif not read.isdisjoint({*made, *found}):
                    found[name] = statement.lineno
    return MappingProxyType(found)


def _is_temporary(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=function, keywords=keywords):
            keeps = any(keyword.arg == "delete" for keyword in keywords)
            return last_name(function) in _TEMPORARIES and not keeps
    return False


@lru_cache(maxsize=1024)
def finalised(body: str) -> Mapping[str, int]:
    """Classes of a body that do something when their objects are given up, with the lines.

    >>> finalised("class A:\\n    def __del__(self): print(1)")
    mappingproxy({'A': 1})
    """
    return MappingProxyType(
        {
            statement.name: statement.lineno
            for statement in _statements(body, _FINALISER)
            if isinstance(statement, ast.ClassDef)
            and any(isinstance(s, ast.FunctionDef) and s.name == "__del__" for s in statement.body)
        }
    )


def refers_weakly(source: str) -> bool:
    """Whether a cell makes weak references.

    >>> refers_weakly("r = weakref.ref(a)")
    True
    """
    return _WEAK.search(source) is not None


@lru_cache(maxsize=1024)
def given_up(body: str) -> Mapping[str, int]:
    """Names whose objects a body gives up, with the lines.

    >>> given_up("del a")
    mappingproxy({'a': 1})
    """
    found: dict[str, int] = {}
    for statement in _statements(body, _GIVING_UP):
        match statement:
            case ast.Delete(targets=targets):
                pass
            case ast.Assign(targets=targets, value=ast.Constant(value=None)):
                pass
            case _:
                continue
        found |= {each.id: statement.lineno for each in targets if isinstance(each, ast.Name)}
    return MappingProxyType(found)


def _statements(body: str, words: re.Pattern[str]) -> Sequence[ast.stmt]:
    """The statements of a body that has one of these words."""
    if words.search(body) is None:
        return ()
    try:
        return parse(body).statements
    except (SyntaxError, ValueError, RecursionError):
        return ()


def _nodes(body: str, words: re.Pattern[str] = _WORDS) -> Iterator[ast.expr | ast.stmt]:
    """All that runs when a body does that has one of these words."""
    for statement in _statements(body, words):
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for node in nodes_of(statement):
                if isinstance(node, ast.expr | ast.stmt):
                    yield node
