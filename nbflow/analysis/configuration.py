"""Which statements configure a library: they are short, and said again wherever they must hold."""

from __future__ import annotations

import ast
import collections.abc
import numbers
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from nbflow.analysis.ambient import ambient_changes, is_ambient_target
from nbflow.analysis.normal import digest_of_statement
from nbflow.analysis.syntax import Magic
from nbflow.records.configuration import Configuration

#: Functions that keep what they are told in their library, by the end of their dotted name: the
#: package, and whether it shows in values wherever they go. What an ambient state carries is not
#: here. ``set_*`` stands for every name that begins so.
_FUNCTIONS: Mapping[tuple[str, ...], tuple[str, bool]] = {
    **dict.fromkeys(
        [(n,) for n in ("init_printing", "init_session", "init_vprinting", "mechanics_printing")],
        ("sympy", True),
    ),
    ("tqdm", "pandas"): ("tqdm", True),
    ("register_matplotlib_converters",): ("pandas", True),
    ("ion",): ("matplotlib", False),
    ("ioff",): ("matplotlib", False),
    ("output_notebook",): ("bokeh", True),
    ("init_notebook_mode",): ("plotly", True),
    **dict.fromkeys(
        [
            *(("data_transformers", "enable"), ("renderers", "enable"), ("themes", "enable")),
            *(("theme", "enable"), ("data_transformers", "disable_max_rows")),
        ],
        ("altair", True),
    ),
    ("extension",): ("", True),  # of holoviews, panel, geoviews: each has one
    ("set_config",): ("sklearn", True),
    ("set_application_registry",): ("pint", True),
    ("install",): ("rich", True),
    **dict.fromkeys(
        [
            *(("imperial", "enable"), ("cds", "enable"), ("deprecated", "enable")),
            *(("add_enabled_units",), ("set_enabled_units",), ("set_enabled_aliases",)),
            *(("add_enabled_equivalencies",), ("set_enabled_equivalencies",)),
        ],
        ("astropy", True),
    ),
    ("set_options",): ("xarray", True),
    ("Config", "set_*"): ("polars", True),
    ("set_default_dtype",): ("torch", True),
    ("set_default_device",): ("torch", True),
    ("use_deterministic_algorithms",): ("torch", True),
    ("set_floatx",): ("", True),
    ("config", "update"): ("jax", True),
    ("setrecursionlimit",): ("sys", True),
    ("set_int_max_str_digits",): ("sys", True),
    ("getLogger", "setLevel"): ("logging", True),
    ("setswitchinterval",): ("sys", True),
    ("getLogger", "addFilter"): ("logging", True),
    ("addLevelName",): ("logging", True),
    ("captureWarnings",): ("logging", True),
    ("nest_asyncio", "apply"): ("nest_asyncio", True),
    ("register_dialect",): ("csv", True),
    ("field_size_limit",): ("csv", True),
    ("setdefaulttimeout",): ("socket", True),
    ("reset_tzpath",): ("zoneinfo", True),
    ("add_type",): ("mimetypes", True),
    ("umask",): ("os", True),
    ("setrlimit",): ("resource", True),
    ("signal",): ("signal", True),
    ("stack_size",): ("threading", True),
    ("setfirstweekday",): ("calendar", True),
    ("install_opener",): ("urllib", True),
    ("seterrcall",): ("numpy", True),
    ("tracemalloc", "start"): ("tracemalloc", False),
    **dict.fromkeys(
        [("gc", each) for each in ("disable", "enable", "set_threshold", "set_debug")],
        ("gc", False),
    ),
    ("colormaps", "register"): ("matplotlib", True),
    ("copyreg", "pickle"): ("copyreg", True),
    **dict.fromkeys([("codecs", "register"), ("register_error",)], ("codecs", True)),
    **dict.fromkeys([("register_adapter",), ("register_converter",)], ("sqlite3", True)),
    **{(name, "register"): ("collections", True) for name in collections.abc.__all__},
    **{(name, "register"): ("numbers", True) for name in numbers.__all__},
    ("fontManager", "addfont"): ("matplotlib", True),
    **dict.fromkeys(
        [
            *(("for_type",), ("for_type_by_name",), ("type_printers", "pop")),
            *(("formatters", "pop"), ("formatter", "pop")),
            *(("run_line_magic",), ("register_magics",), ("register_magic_function",)),
            *(("events", "register"), ("events", "unregister"), ("define_alias",)),
            *(("ast_transformers", "append"), ("ast_transformers", "remove")),
            *(("input_transformers_post", "append"), ("input_transformers_cleanup", "append")),
        ],
        ("IPython", True),
    ),
}
#: Attributes that make a generator of the seed that is assigned to them.
_SEEDED = frozenset({"random_state"})
#: The same, but said again it would begin anew: what it sets moves on with each use.
_ONCE: Mapping[tuple[str, ...], str] = {("set_random_seed",): "polars"}
#: Decorators that put what is defined into a library, by the ends of their names.
_DECORATORS: Mapping[str, str] = {
    **dict.fromkeys(
        [f"register_{of}_accessor" for of in ("dataframe", "series", "index")]
        + ["register_extension_dtype"],
        "pandas",
    ),
    **dict.fromkeys([f"register_{of}_accessor" for of in ("dataset", "dataarray")], "xarray"),
    **dict.fromkeys([f"register_{of}_magic" for of in ("line", "cell", "line_cell")], "IPython"),
}
_EXTENSIONS = frozenset({"holoviews", "panel", "geoviews", "hvplot", "pyviz"})

#: What is set and shows in values wherever they go, likewise.
_ATTRIBUTES: Mapping[tuple[str, ...], str] = {
    ("templates", "default"): "plotly",
    ("renderers", "default"): "plotly",
    ("mp", "dps"): "mpmath",
    ("mp", "prec"): "mpmath",
    ("InteractiveShell", "ast_node_interactivity"): "IPython",
}

#: What functions are called that set something, in libraries that are not known here.
_SETTING = re.compile(
    r"(set|config|configure|setup|init|initiali[sz]e|register|enable|disable|install|activate|use)"
    r"(_\w+)?\Z|(seed|load_dotenv)\Z",
    re.IGNORECASE,
)

#: Streams of the process are what its output goes through.
_STREAMS = frozenset({"stdin", "stdout", "stderr", "displayhook", "excepthook"})

_BUILTINS = frozenset({"builtins", "__builtins__"})

#: Calls that give the same value whenever they are made.
_VALUES = frozenset(
    {
        *("int", "float", "complex", "bool", "str", "bytes", "len", "min", "max", "abs", "round"),
        *("tuple", "frozenset", "range", "sorted", "dict", "list", "set", "sum"),
        *("Path", "PurePath", "Decimal", "Fraction", "timedelta", "date", "datetime"),
        *("partial", "compile", "ListedColormap", "from_list"),
        *("spectral", "dimensionless_angles", "parallax", "temperature", "mass_energy"),
    }
)
#: The same, in the paths under which modules are sought.
_PATHS = _VALUES | {
    *("join", "abspath", "dirname", "realpath", "expanduser", "normpath", "getcwd", "cwd"),
    *("home", "resolve", "absolute", "joinpath"),
}


#: The global names that a statement reads, and those that its functions read later.
ReadsOf: TypeAlias = Callable[[ast.stmt], tuple[frozenset[str], frozenset[str]]]


class _Found(msgspec.Struct, frozen=True):
    text: str
    root: str
    package: str = ""
    everywhere: bool = True
    repeats: bool = True
    source: str = ""
    likely: bool = False


def configurations(
    statements: Iterable[ast.stmt], data: frozenset[str], reads_of: ReadsOf
) -> Iterator[Configuration]:
    """The configuring ones among top-level statements.

    Parameters
    ----------
    data
        Names that the body binds as data: what is set on their objects concerns these alone.
    """
    statements = list(statements)
    put_back = _put_back(statements)
    for statement in statements:
        told = configuration_of(statement, reads_of)
        if told is not None and told.root not in data and told.text not in put_back:
            repeats = told.repeats and data.isdisjoint(told.needs | told.calls)
            yield replace(told, repeats=repeats)


def _put_back(statements: Sequence[ast.stmt]) -> frozenset[str]:
    """What is set, and in the end is as it was (``old = sys.stdout``, ``sys.stdout = old``)."""
    kept: dict[str, str] = {}
    last: dict[str, ast.expr] = {}
    for statement in statements:
        parts = [*statement.body, *statement.finalbody] if isinstance(statement, ast.Try) else ()
        for part in (statement, *parts):
            match part:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Attribute() as value):
                    if (text := ast.unparse(value)) not in last:
                        kept[name] = text
                case ast.Assign(targets=targets, value=value):
                    for target in targets:
                        if isinstance(target, ast.Attribute):
                            last[ast.unparse(target)] = value
    return frozenset(
        f"{text} = …"
        for text, value in last.items()
        if isinstance(value, ast.Name) and kept.get(value.id) == text
    )


def configuration_of(statement: ast.stmt, reads_of: ReadsOf) -> Configuration | None:
    """What a statement tells a library; None when it tells none anything."""
    found = _found(statement)
    if found is None:
        return None
    needs, calls = reads_of(statement)
    return Configuration(
        line=statement.lineno,
        source=found.source or ast.unparse(statement),
        text=found.text,
        digest=digest_of_statement(statement),
        root=found.root,
        package=found.package,
        needs=needs,
        calls=calls,
        everywhere=found.everywhere,
        repeats=found.repeats,
        likely=found.likely,
    )


def _found(statement: ast.stmt) -> _Found | None:
    match statement:
        case ast.Expr(value=ast.Call(func=function) as call):
            return _path(call) or _called(function, call) or _likely(statement, function)
        case ast.For(body=[ast.Expr(value=ast.Call(func=function) as call)]):
            found = _called(function, call)
            return found and replace(found, repeats=False)
        case ast.If(test=test, body=[ast.Expr(value=ast.Call() as call)], orelse=[]):
            return _path(call, test)
        case ast.Assign(targets=[ast.Name()], value=ast.Call(args=[_, *_]) as call):
            # What it was before is data; that it is another now is said again.
            found = _called(call.func, call)
            return found and replace(found, source=ast.unparse(call))
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target], value=value):
            return _assigned(target, value)
        case ast.AugAssign(target=ast.Attribute() | ast.Subscript() as target, value=value):
            return _assigned(target, value)
        case ast.FunctionDef(decorator_list=decorators) | ast.ClassDef(decorator_list=decorators):
            return next(filter(None, map(_decorated, decorators)), None)
    return None


def _path(call: ast.Call, *test: ast.expr) -> _Found | None:
    """Where modules are sought, too: an ordinary cell says so for the imports below it."""
    parts = _dotted(call.func)
    if parts not in (["sys", "path", "append"], ["sys", "path", "insert"]):
        return None
    if not all(_is_value(each, _PATHS) for each in (*call.args, *test)):
        return None
    return _Found(f"{ast.unparse(call.func)}(…)", "sys", "sys", likely=True)


def _decorated(decorator: ast.expr) -> _Found | None:
    name = decorator.func if isinstance(decorator, ast.Call) else decorator
    parts = _dotted(name)
    package = _DECORATORS.get(parts[-1]) if parts else None
    return _Found(f"@{ast.unparse(name)}", parts[0], package) if package else None


def _called(function: ast.expr, call: ast.Call) -> _Found | None:
    match function:
        case ast.Attribute(
            value=ast.Call(func=ast.Name(id="get_ipython")),
            attr="run_line_magic"
            | "magic"
            | "enable_matplotlib"
            | "register_magics"
            | "register_magic_function",
        ):
            repeats = all(map(_is_value, call.args))
            return _Found(ast.unparse(call), "get_ipython", "IPython", repeats=repeats)
    if isinstance(function, ast.Call) and all(map(_is_value, (*function.args, *call.args))):
        # As it would stand above a definition, called with what was defined before.
        return _decorated(function)
    parts = _dotted(function) or _of_shell(function)
    for ending, package in _ONCE.items():
        if _ends(parts, ending):
            text = f"{ast.unparse(function)}(…)"
            return _Found(text, parts[0], package, everywhere=False, repeats=False)
    for ending, (package, everywhere) in _FUNCTIONS.items():
        if not _ends(parts, ending):
            continue
        if ending == ("extension",) and parts[0] not in {"hv", "pn", "gv", *_EXTENSIONS}:
            continue
        arguments = (*call.args, *(keyword.value for keyword in call.keywords))
        return _Found(
            text=f"{ast.unparse(function)}(…)",
            root=parts[0],
            package=package,
            everywhere=everywhere,
            repeats=all(map(_is_value, arguments)),
        )
    return None


def _likely(statement: ast.stmt, function: ast.expr) -> _Found | None:
    parts = _dotted(function)
    if not parts or not _SETTING.match(parts[-1]) or any(ambient_changes([statement])):
        return None
    text = f"{ast.unparse(function)}(…)"
    return _Found(text, parts[0], everywhere=False, repeats=False, likely=True)


def _assigned(target: ast.Attribute | ast.Subscript, value: ast.expr) -> _Found | None:
    if is_ambient_target(target):
        return None
    parts = _dotted(target)
    if not parts or (len(parts) > 1 and parts[0] == "sys" and parts[1] == "path"):
        return None
    stream = parts[0] == "sys" and parts[-1] in _STREAMS
    known = next((p for ending, p in _ATTRIBUTES.items() if _ends(parts, ending)), "")
    # What is made of a seed moves on with each use: said again, it would begin anew.
    is_seed = parts[-1] in _SEEDED
    # A function in place of Python's own mostly calls that, which would be itself when said again.
    is_builtin = parts[0] in _BUILTINS
    once = stream or is_seed or (is_builtin and isinstance(value, ast.Name))
    return _Found(
        text=f"{ast.unparse(target)} = …",
        root=parts[0],
        package=known,
        everywhere=bool(known) or stream or is_builtin,
        repeats=_is_value(value) and not once,
    )


def _is_value(node: ast.expr, known: frozenset[str] = _VALUES) -> bool:
    """Whether an expression gives the same value whenever it is evaluated."""
    todo: list[ast.AST] = [node]
    while todo:
        inner = todo.pop()
        if not isinstance(inner, ast.Lambda):  # what that calls is called later
            todo += ast.iter_child_nodes(inner)
        match inner:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                if name not in known:
                    return False
            case ast.Call() | ast.Await() | ast.NamedExpr() | Magic():
                return False
    return True


def _ends(parts: list[str], ending: tuple[str, ...]) -> bool:
    if not parts or (parts[-1] != ending[-1] and ending[-1][-1] != "*"):
        return False  # at once: every call is compared with a hundred of them
    last = parts[-len(ending) :]
    return len(last) == len(ending) and all(
        part.startswith(wanted[:-1]) if wanted.endswith("*") else part == wanted
        for part, wanted in zip(last, ending, strict=True)
    )


def _of_shell(function: ast.expr) -> list[str]:
    """The words of a method of the shell, where ``get_ipython`` goes by another name."""
    parts: list[str] = []
    while isinstance(function, ast.Attribute | ast.Subscript):
        parts += [function.attr] if isinstance(function, ast.Attribute) else []
        function = function.value
    match function:
        case ast.Call(func=ast.Name(id=name), args=[], keywords=[]):
            words = [name, *reversed(parts)]
            known = (e for e, (package, _) in _FUNCTIONS.items() if package == "IPython")
            return words if any(_ends(words, ending) for ending in known) else []
    return []


def _dotted(node: ast.expr) -> list[str]:
    """The words of an expression; ``getcontext().prec`` and ``a["b"].c`` have them, too."""
    parts: list[str] = []
    while True:
        match node:
            case ast.Attribute(value=value, attr=name):
                parts.append(name)
                node = value
            case (
                ast.Call(func=ast.Name(id="getcontext" | "getLogger" | "get_ipython") as function)
                | ast.Call(func=ast.Attribute(attr="getcontext" | "getLogger") as function)
            ):
                node = function
            case ast.Subscript(value=value):
                node = value
            case ast.Name(id=name):
                return [name, *reversed(parts)]
            case _:
                return []
