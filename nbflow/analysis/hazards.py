"""Which calls give something else each time, whatever they are given: clocks, and chance."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from nbflow.analysis.definitions import last_name
from nbflow.analysis.nodes import nodes_of
from nbflow.records.hazard import Hazard, HazardKind

#: Methods that ask what time it is, of whatever class. Clocks that only measure how long something
#: takes are no hazard.
_ASKING = frozenset({"now", "utcnow", "today"})
#: Functions of `time` that do so when they are told no time, and what they may be told beside it.
_CLOCKS = {"strftime": 1} | dict.fromkeys(
    ("time", "time_ns", "localtime", "gmtime", "ctime", "asctime"), 0
)
#: What takes a moment as text, and what that text is when it means the present one.
_MOMENTS = frozenset({"Timestamp", "to_datetime", "datetime64"})
_PRESENT = frozenset({"now", "today"})
#: What the system draws, which nobody can seed.
_SYSTEM = frozenset({"uuid1", "uuid4", "urandom", "SystemRandom"})
#: What makes a generator, and takes the seed as its first argument.
_MAKERS = frozenset({"default_rng", "RandomState", "Random", "SeedSequence"})
#: A call that is shown whole is at most so long.
_LONGEST = 40


def hazards_in(trees: Iterable[ast.AST]) -> tuple[Hazard, ...]:
    """The calls in these trees that no cache can check, once each."""
    return tuple(dict.fromkeys(found for tree in trees for found in _calls(tree)))


def is_unseeded(call: ast.Call) -> bool:
    """Whether it makes a generator that starts from what the system draws.

    >>> is_unseeded(ast.parse("np.random.default_rng()", mode="eval").body)
    True
    """
    seeds = [*call.args, *(keyword.value for keyword in call.keywords)]
    given = [seed for seed in seeds if not (isinstance(seed, ast.Constant) and seed.value is None)]
    return last_name(call.func) in _MAKERS and not given


def _calls(tree: ast.AST) -> Iterator[Hazard]:
    for node in nodes_of(tree):
        if isinstance(node, ast.Call) and (kind := _kind(node)) is not None:
            text = ast.unparse(node)
            yield Hazard(kind, text if len(text) <= _LONGEST else f"{ast.unparse(node.func)}(…)")


def _kind(call: ast.Call) -> HazardKind | None:
    name, owner = last_name(call.func), _owner(call.func)
    if name in _CLOCKS and owner in (None, "time") and len(call.args) <= _CLOCKS[name]:
        return "clock"
    if name in _ASKING and owner is not None:
        return "clock"
    if name in _MOMENTS and _says_present(call):
        return "clock"
    if name in _SYSTEM or owner == "secrets" or is_unseeded(call):
        return "randomness"
    return None


def _says_present(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    return isinstance(first, ast.Constant) and first.value in _PRESENT


def _owner(function: ast.expr) -> str | None:
    """What it is a function of, by its last name; None of a plain name."""
    return last_name(function.value) if isinstance(function, ast.Attribute) else None
