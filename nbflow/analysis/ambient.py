"""Which statements change ambient state, or draw from it: generators, options, the environment.

What is missed here is found when the task runs; what is claimed wrongly costs parallelism.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from nbflow.analysis.nodes import nodes_of

#: The parts of a dotted name, to be found at its end.
Ending: TypeAlias = tuple[str, ...]

#: Calls that set ambient state, by the end of their dotted name.
_SETTERS: Mapping[Ending, tuple[str, ...]] = {
    ("np", "random", "seed"): ("numpy.random",),
    ("numpy", "random", "seed"): ("numpy.random",),
    ("random", "seed"): ("random.state",),
    ("random", "setstate"): ("random.state",),
    ("random", "set_state"): ("numpy.random",),
    ("manual_seed",): ("torch.random",),
    ("Faker", "seed"): ("faker.random",),
    ("set_seed",): ("random.state", "numpy.random", "torch.random"),
    ("seed_everything",): ("random.state", "numpy.random", "torch.random"),
    **dict.fromkeys(
        [
            *(("style", "use"), ("rcParams", "update"), ("rcdefaults",), ("rc",)),
            *(("set_theme",), ("set_style",), ("set_palette",), ("set_context",), ("sns", "set")),
            *(("set_color_codes",), ("rc_file",), ("plt", "xkcd")),
        ],
        ("matplotlib.rcParams",),
    ),
    ("set_option",): ("pandas.options",),
    ("reset_option",): ("pandas.options",),
    ("set_printoptions",): ("numpy.printoptions",),
    ("np", "seterr"): ("numpy.errstate",),
    ("os", "chdir"): ("os.cwd",),
    **dict.fromkeys(
        [
            *(("os", "putenv"), ("os", "unsetenv"), ("environ", "update")),
            *(("environ", "setdefault"), ("environ", "pop")),
        ],
        ("os.environ",),
    ),
    ("sys", "path", "append"): ("sys.path",),
    ("sys", "path", "insert"): ("sys.path",),
    ("sys", "argv", "append"): ("sys.argv",),
    ("filterwarnings",): ("warnings.filters",),
    ("simplefilter",): ("warnings.filters",),
    ("setlocale",): ("locale.setlocale",),
    ("setcontext",): ("decimal.context",),
    ("basicConfig",): ("logging.root",),
    ("logging", "disable"): ("logging.root",),
}
#: What is assigned to: ``plt.rcParams["font.size"] = 8``, ``pd.options.display.width = 80``.
_ASSIGNED: Mapping[Ending, tuple[str, ...]] = {
    ("rcParams",): ("matplotlib.rcParams",),
    ("environ",): ("os.environ",),
    ("sys", "argv"): ("sys.argv",),
    ("pd", "options"): ("pandas.options",),
    ("pandas", "options"): ("pandas.options",),
}
#: Functions whose result is assigned to: ``getcontext().prec = 8``.
_GIVEN: Mapping[str, tuple[str, ...]] = {"getcontext": ("decimal.context",)}
#: Functions that draw from a global generator, or tell its state, by the module they are of.
_DRAWING: Mapping[str, frozenset[str]] = {
    "numpy.random": frozenset(
        {
            *("rand", "randn", "randint", "random", "random_sample", "sample", "ranf", "bytes"),
            *("choice", "shuffle", "permutation", "normal", "standard_normal", "uniform"),
            *("poisson", "exponential", "binomial", "beta", "gamma", "lognormal", "laplace"),
            *("multinomial", "multivariate_normal", "dirichlet", "chisquare", "standard_t"),
            *("geometric", "pareto", "weibull", "gumbel", "logistic", "vonmises", "rayleigh"),
            *("negative_binomial", "hypergeometric", "triangular", "random_integers"),
            "get_state",
        }
    ),
    "random.state": frozenset(
        {
            *("random", "randint", "randrange", "choice", "choices", "sample", "shuffle"),
            *("uniform", "gauss", "normalvariate", "getrandbits", "betavariate", "triangular"),
            *("expovariate", "lognormvariate", "vonmisesvariate", "gammavariate", "randbytes"),
            "getstate",
        }
    ),
}


def ambient_changes(statements: Sequence[ast.stmt]) -> Iterator[tuple[int, str, str]]:
    """Line, text and ambient state of what is set when these statements run."""
    for node in _executed(statements):
        for line, text, states in _changes(node):
            for state in states:
                yield line, text, state


def is_ambient_target(target: ast.expr) -> bool:
    """Whether an assignment to this sets ambient state."""
    return any(_assigned([target]))


def states_set(tree: ast.AST) -> frozenset[str]:
    """The ambient states that anything in a definition sets, its functions included."""
    return frozenset(
        state for node in nodes_of(tree) for _, _, states in _changes(node) for state in states
    )


def generators_drawn(tree: ast.AST) -> frozenset[str]:
    """The global generators that anything in a definition draws from."""
    return frozenset(state for node in nodes_of(tree) for state in _drawn(node))


def draws_in(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, text and generator of what draws from a global one."""
    for node in nodes_of(tree):
        for state in _drawn(node):
            assert isinstance(node, ast.Attribute)
            yield node.lineno, ast.unparse(node), state


def generators_used(statements: Sequence[ast.stmt]) -> tuple[frozenset[str], frozenset[str]]:
    """Generators that a body draws from as it finds them, and those that it surely seeds first."""
    seeded: set[str] = set()
    drawn: set[str] = set()
    for statement in statements:
        drawn |= generators_drawn(statement) - seeded
        match statement:
            case ast.Expr(value=ast.Call() as call):
                seeded |= {state for _, _, states in _changes(call) for state in states} - drawn
    return frozenset(drawn), frozenset(seeded)


def _changes(node: ast.AST) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    match node:
        case ast.Call(func=ast.Attribute() as function):
            states = _found(function, _SETTERS)
            if states is not None:
                yield node.lineno, f"{ast.unparse(function)}(…)", states
        case ast.Assign(targets=targets):
            yield from _assigned(targets)
        case ast.AugAssign(target=target):
            yield from _assigned([target])


def _assigned(targets: Iterable[ast.expr]) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for target in targets:
        holder: ast.expr = target
        while isinstance(holder, ast.Attribute | ast.Subscript):
            holder = holder.value
            states = None
            match holder:
                case ast.Attribute():
                    states = _found(holder, _ASSIGNED)
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[]):
                    states = _GIVEN.get(name)
            if states is not None:
                yield target.lineno, f"{ast.unparse(target)} = …", states
                break


def _drawn(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(attr=function):
            match _dotted(node)[:-1]:
                case [*_, "np" | "numpy", "random"] if function in _DRAWING["numpy.random"]:
                    yield "numpy.random"
                case ["random"] if function in _DRAWING["random.state"]:
                    yield "random.state"


def _found(
    node: ast.Attribute, endings: Mapping[Ending, tuple[str, ...]]
) -> tuple[str, ...] | None:
    parts = tuple(_dotted(node))
    # A method of that name is no setter: there must be a module before the last word.
    for length in range(min(3, len(parts)), 0, -1):
        if len(parts) > 1 and parts[-length:] in endings:
            return endings[parts[-length:]]
    return None


def _dotted(node: ast.expr) -> list[str]:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else []


def _executed(statements: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes but those of functions, which run elsewhere if at all."""
    todo = list(statements)
    while todo:
        node = todo.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            todo.extend(ast.iter_child_nodes(node))
