"""How objects of libraries are taken apart, where their own way would not be exact."""

from __future__ import annotations

import collections
import copyreg
import dataclasses
import decimal
import functools
import gc
import importlib
import math
import operator
import pickle
import random
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

from nbflow.store import buffers, class_objects, connections, functions, observers
from nbflow.store.derived import WAYS, reduce_derived
from nbflow.store.functions import Reduced


class _Plain:
    """Has objects of attributes alone."""


#: References to attributes that are looked at here, and are one object's alone.
_ITS_OWN = 3


class Owners:
    """Objects of one pickle whose attributes are another's as well (``self.__dict__ = all``)."""

    def __init__(self) -> None:
        self._is_plain: dict[type, bool] = {}
        #: The first object with these attributes, by their ``id``.
        self._first: dict[int, object] = {}

    def reduce(self, obj: Any) -> Reduced | None:
        """How an object is taken apart that has its attributes from elsewhere."""
        kind = type(obj)
        if (is_plain := self._is_plain.get(kind)) is None:
            is_plain = self._is_plain[kind] = _is_all_attributes(kind)
        if not is_plain:
            return None
        attributes = object.__getattribute__(obj, "__dict__")
        if sys.getrefcount(attributes) <= _ITS_OWN:
            return None
        if id(attributes) in class_objects.places and class_objects.place_of(attributes):
            owner = attributes
        elif (owner := self._first.setdefault(id(attributes), obj)) is obj:
            return None
        return copyreg.__newobj__, (kind,), owner, None, None, take_attributes  # type: ignore[attr-defined]


def restore_table(kind: str, stream: Any, layout: Any = None) -> Any:
    """A table inside another value, from its Arrow stream."""
    from nbflow.store import tables

    table = tables.decode(kind, [memoryview(stream)])
    return table if layout is None else tables.laid_out(table, layout)


def global_generator(module: str, path: str) -> Any:
    """The generator that a module keeps for all: its state travels by itself."""
    return operator.attrgetter(path)(importlib.import_module(module))


def restore_array(array: Any, state: tuple[Any, dict[str, Any]]) -> None:
    """Fill an array of a class of its own, with what it keeps beside its items."""
    array.__setstate__(state[0])
    if state[1]:
        vars(array).update(state[1])


def restore_map(array: Any, state: tuple[Any, dict[str, Any], bool]) -> None:
    """Fill an array that was mapped from a file: it is in memory now, but says where it was."""
    restore_array(array, state[:2])
    array.flags.writeable = state[2]


def reduce_other(obj: Any) -> Any:
    """How an object of an unknown class is taken apart, by what that derives from."""
    kind: Any = type(obj)
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind.__reduce__ is numpy.ndarray.__reduce__:
        # NumPy's own way forgets its attributes.
        make, arguments, state = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        return make, arguments, (state, getattr(obj, "__dict__", {})), None, None, restore_array
    if kind.__reduce__ is BaseException.__reduce__:
        # Python's own way would have it made once more, of the arguments of its base.
        return kind.__new__, (kind, *obj.args), vars(obj) or None
    return observers.reduce_observed(obj) or reduce_derived(obj) or NotImplemented


def _is_all_attributes(kind: Any) -> bool:
    """Whether objects of a class are made of attributes alone, and pickled as such."""
    return bool(
        kind.__dictoffset__
        and kind.__basicsize__ <= _Plain.__basicsize__
        and not copyreg._slotnames(kind)  # type: ignore[attr-defined]
        and all(getattr(kind, way, None) is getattr(object, way, None) for way in WAYS)
    )


def take_attributes(obj: Any, owner: Any) -> None:
    """Have an object share its attributes: see :class:`Owners`."""
    obj.__dict__ = owner if type(owner) is dict else owner.__dict__


def in_order(items: set[Any] | frozenset[Any]) -> list[Any]:
    """The items in order, if they have one of their own without any code being called."""
    kinds = {type(item) for item in items}
    if kinds == {tuple}:
        kinds = {type(part) for item in items for part in item}
    try:
        return sorted(items) if kinds <= {str, int, bytes} else []
    except TypeError:
        return []


def _reduce_table(obj: Any) -> Any:
    from nbflow.store import tables

    if type(obj).__name__ == "ChunkedArray" and (layout := tables.layout_of(obj)) is not None:
        stream: Any = pickle.PickleBuffer(tables.in_pieces(obj))
        return restore_table, ("pyarrow.ChunkedArray", stream, layout)
    if encoded := tables.encode(obj):
        kind, (stream,) = encoded
        return restore_table, (kind, pickle.PickleBuffer(stream))
    return NotImplemented


def update_attributes(obj: Any, attributes: dict[str, Any]) -> None:
    """Give an object attributes, whatever way it has of its own for that."""
    vars(obj).update(attributes)


def _reduce_pandas(obj: Any) -> Any:
    arrow = getattr(sys.modules["pandas"].arrays, "ArrowExtensionArray", None)
    if arrow is None or not isinstance(obj, arrow):
        return NotImplemented
    from nbflow.store import tables

    column: Any = obj._pa_array
    if tables.layout_of(column) is None:
        return NotImplemented
    # Pandas' own way would make one piece of it.
    make, arguments, state = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)[:3]
    return make, arguments, {**state, "_pa_array": column}, None, None, update_attributes


def _reduce_map(obj: Any) -> Reduced:
    make, arguments, state = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    # Where it was mapped from; by itself it forgets that.
    said = {name: getattr(obj, name) for name in ("filename", "offset", "mode")}
    return make, arguments, (state, said, obj.flags.writeable), None, None, restore_map


def _reduce_numpy(obj: Any) -> Any:
    import numpy as np

    if type(obj) is np.ndarray and not obj.dtype.hasobject:
        if obj.base is not None and (reduced := buffers.reduce_array(obj)):
            return reduced
        if not obj.nbytes or obj.flags.c_contiguous or obj.flags.f_contiguous:
            return NotImplemented
        from nbflow.store import strides

        lies = strides.layout_of(obj)
        memory = pickle.PickleBuffer(strides.memory_of(obj, lies))
        place = (lies.strides, lies.offset, lies.wide)
        return strides.restored, (memory, obj.dtype, obj.shape, *place)
    if type(obj) is np.flatiter:
        return buffers.reduce_flat(obj)
    if type(obj) is np.memmap:
        return _reduce_map(obj)
    for path in ("mtrand._rand", "mtrand._rand._bit_generator"):
        if obj is operator.attrgetter(path)(np.random):
            return global_generator, ("numpy.random", path)
    if isinstance(obj, np.dtype) and obj.isbuiltin == 1 and obj.kind in "?biufc":
        # NumPy's own way gives a copy, which pickles unlike the dtype it was made from.
        return np.dtype, (obj.str,)
    return NotImplemented


def _reduce_matplotlib(obj: Any) -> Any:
    from matplotlib.cbook import CallbackRegistry
    from matplotlib.transforms import TransformNode

    if not isinstance(obj, TransformNode | CallbackRegistry):
        return connections.reduce_listener(obj)
    reduced: Any = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    make, arguments, state, *rest = reduced
    if isinstance(obj, TransformNode):
        # The keys are addresses of this process, which mean nothing elsewhere.
        state = state | {"_parents": dict(enumerate(state["_parents"].values()))}
    else:
        more = connections.of_notebook(obj)
        called = {signal: more[signal] | group for signal, group in state["callbacks"].items()}
        # Otherwise the next free number counts how often the figure has been pickled.
        numbers = (number for group in called.values() for number in group)
        state = state | {"callbacks": called, "_cid_gen": max(numbers, default=-1) + 1}
    return make, arguments, state, *rest


def unevaluated(kind: Any, *parts: Any) -> Any:
    """A sum, product or power as it was written down, simplified or not."""
    return kind(*parts, evaluate=False)


def _reduce_sympy(obj: Any) -> Any:
    core: Any = sys.modules["sympy"]
    if type(obj) in (core.Add, core.Mul, core.Pow):
        # SymPy's own way would simplify it.
        return unevaluated, (type(obj), *obj.args)
    return NotImplemented


def new_call(parts: tuple[Any, ...]) -> Any:
    """A call that a mock has noted, to be filled."""
    from unittest import mock

    return tuple.__new__(mock._Call, parts)


def fill_call(call: Any, state: dict[str, Any]) -> None:
    """Fill it: it answers to every name, and so cannot be asked how."""
    vars(call).update(state)


def _reduce_mock(obj: Any) -> Any:
    if type(obj).__name__ != "_Call":
        return NotImplemented
    return new_call, (tuple(obj),), dict(vars(obj)), None, None, fill_call


def restore_parts(obj: Any, attributes: dict[str, Any]) -> None:
    """Fill a part of a parser: what means that nothing is said is known by which text it is."""
    silent = importlib.import_module("argparse").SUPPRESS
    for name, value in attributes.items():
        vars(obj)[name] = silent if _is_text(value, silent) else value


def _reduce_argparse(obj: Any) -> Any:
    make, arguments, state, *_ = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
    silent = sys.modules["argparse"].SUPPRESS
    if type(state) is dict and any(_is_text(value, silent) for value in state.values()):
        return make, arguments, state, None, None, restore_parts
    return NotImplemented


def _is_text(value: object, text: str) -> bool:
    return type(value) is str and value == text


def nan(value: float, met: dict[int, tuple[bytes, float]]) -> bytes:
    """What a NaN is called: by the module that keeps it, else by when it was first met."""
    numpy = sys.modules.get("numpy")
    for module in (numpy, math):
        if module is not None and value is module.nan:
            return module.__name__.encode()
    return met.setdefault(id(value), (str(len(met)).encode(), value))[0]


def nan_called(name: bytes) -> float:
    """The counterpart of :func:`nan`, where it is met for the first time."""
    if name.isdigit():
        return float("nan")
    module: Any = importlib.import_module(name.decode())
    found: float = module.nan
    return found


def _reduce_random(obj: random.Random) -> Any:
    for module, name in (("random", "_inst"), ("faker.generator", "random")):
        if obj is getattr(sys.modules.get(module), name, None):
            return global_generator, (module, name)
    return NotImplemented


def _reduce_context(obj: decimal.Context) -> Any:
    # That of the process is the one that counts; what is set in it travels by itself.
    return (decimal.getcontext, ()) if obj is decimal.getcontext() else NotImplemented


def _reduce_cached_property(obj: functools.cached_property[Any]) -> Reduced:
    return functions.new_cached_property, (obj.func, obj.attrname)


def _reduce_dict_view(obj: Any) -> Reduced:
    # With the dictionary itself, whose later keys it shows; cloudpickle would copy those of today.
    (whole,) = gc.get_referents(obj)
    return _DICT_VIEWS[type(obj)], (whole,)


#: What shows a dictionary, by type, and what makes it.
_DICT_VIEWS: Mapping[type, Callable[[Any], Any]] = {
    types.MappingProxyType: types.MappingProxyType,
    **{
        type(view(kind())): view
        for kind in (dict, collections.OrderedDict)
        for view in (kind.keys, kind.values, kind.items)
    },
}


def _sentinel(name: str) -> tuple[type, Callable[[Any], str]]:
    # Only as itself does it mean anything.
    return type(getattr(dataclasses, name)), lambda _: name


def _reduce_counter(obj: Any) -> Any:
    return reduce_derived(obj) if vars(obj) else NotImplemented


OF_TYPES: Mapping[type, Callable[[Any], Any]] = {
    collections.Counter: _reduce_counter,
    types.CodeType: functions.reduce_code,
    memoryview: buffers.reduce_view,
    functools.cached_property: _reduce_cached_property,
    random.Random: _reduce_random,
    decimal.Context: _reduce_context,
    **dict.fromkeys(_DICT_VIEWS, _reduce_dict_view),
    **dict(_sentinel(name) for name in ("MISSING", "_HAS_DEFAULT_FACTORY")),
}
OF_PACKAGES: Mapping[str, Callable[[Any], Any]] = {
    "argparse": _reduce_argparse,
    "numpy": _reduce_numpy,
    "matplotlib": _reduce_matplotlib,
    "pandas": _reduce_pandas,
    "polars": _reduce_table,
    "pyarrow": _reduce_table,
    "sympy": _reduce_sympy,
    "unittest": _reduce_mock,
}
