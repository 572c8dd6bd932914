"""What parts of a figure are connected to: a colorbar follows its image, an image its colours.

Matplotlib drops all connections when it pickles. Here each part that listens keeps its own, and
connects itself again, so that what is listened to does not take its listeners along.
"""

from __future__ import annotations

import itertools
import pickle
import types
from collections.abc import Iterator
from typing import Any, TypeAlias

#: Registry, signal, number and the name of the method that is called.
_Connection: TypeAlias = tuple[Any, str, int, str]
#: Attributes under which parts have what they listen to.
_SOURCES = ("mappable", "ax", "norm", "_norm", "_colorizer")


def reduce_listener(obj: Any) -> Any:
    """How a part of a figure is taken apart; in its own way where it listens to nothing."""
    if not (connections := list(_connections(obj))):
        return NotImplemented
    make, arguments, state, *_ = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    return make, arguments, (state, connections), None, None, restore_listener


def restore_listener(obj: Any, state: tuple[Any, list[_Connection]]) -> None:
    """Fill a part of a figure, and connect it again."""
    if hasattr(obj, "__setstate__"):
        obj.__setstate__(state[0])
    else:
        vars(obj).update(state[0])
    for registry, signal, number, name in state[1]:
        following = next(registry._cid_gen)
        registry._cid_gen = itertools.count(number)
        registry.connect(signal, types.MethodType(getattr(type(obj), name), obj))
        registry._cid_gen = itertools.count(max(following, number + 1))


def of_notebook(registry: Any) -> dict[str, dict[int, Any]]:
    """The functions of the notebook that are connected, by signal and number."""
    return {
        signal: {
            number: function
            for number, reference in group.items()
            if isinstance(function := reference(), types.FunctionType)
            and function.__module__ == "__main__"
        }
        for signal, group in registry.callbacks.items()
    }


def _connections(obj: Any) -> Iterator[_Connection]:
    held = getattr(obj, "__dict__", {})
    for source in _SOURCES:
        registry = getattr(held.get(source), "callbacks", None)
        groups = getattr(registry, "callbacks", None)
        for signal, group in groups.items() if isinstance(groups, dict) else ():
            for number, reference in group.items():
                method = reference()
                if isinstance(method, types.MethodType) and method.__self__ is obj:
                    yield registry, signal, number, method.__name__
