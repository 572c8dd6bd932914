"""Who is told when a trait of an object is set: functions and methods of the notebook, and links.

Traitlets drops them all when it pickles, for those that a class declares come by themselves.
"""

from __future__ import annotations

import pickle
import sys
import types
from typing import Any, TypeAlias

from nbflow.store.functions import Reduced

#: Functions by the name of the trait and the kind of change that they are told of.
_Observers: TypeAlias = list[tuple[Any, Any, list[Any]]]


def observers_of(obj: Any) -> _Observers:
    """Those of an object that has traits."""
    kept = getattr(obj, "_trait_notifiers", {})
    found = (
        (name, kind, [each for each in functions if _is_added(each)])
        for name, kinds in kept.items()
        for kind, functions in kinds.items()
    )
    return [each for each in found if each[2]]


def handlers_of(widget: Any) -> list[Any]:
    """What a widget calls besides when a button is clicked, or a text is submitted."""
    lists = (getattr(each, "callbacks", None) for each in vars(widget).values())
    return [[f for f in each if _is_added(f)] for each in lists if isinstance(each, list)]


def reduce_observed(obj: Any) -> Reduced | None:
    """How an object is taken apart whose traits somebody observes; None where nobody does."""
    traitlets = sys.modules.get("traitlets")
    if traitlets is None or not isinstance(obj, traitlets.HasTraits):
        return None
    if not (observers := observers_of(obj)):
        return None
    make, arguments, state, *_ = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    return make, arguments, (state, observers), None, None, restore_observed


def restore_observed(obj: Any, state: tuple[dict[str, Any], _Observers]) -> None:
    """Fill such an object, and have it tell the same ones again."""
    obj.__setstate__(state[0])
    for name, kind, functions in state[1]:
        for function in functions:
            obj._add_notifiers(function, name, kind)


def _is_added(function: Any) -> bool:
    if isinstance(function, types.MethodType):
        owner = type(function.__self__)
        return owner.__module__ == "__main__" or owner.__name__ in ("link", "directional_link")
    return isinstance(function, types.FunctionType) and function.__module__ == "__main__"
