"""How objects of libraries are taken apart, where their own way would not be exact."""

from __future__ import annotations

import collections
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

from nbflow.store import connections, functions
from nbflow.store.functions import Reduced


def restore_table(kind: str, stream: Any) -> Any:
    """A table inside another value, from its Arrow stream."""
    from nbflow.store import tables

    return tables.decode(kind, [memoryview(stream)])


def global_generator(module: str, path: str) -> Any:
    """The generator that a module keeps for all: its state travels by itself."""
    return operator.attrgetter(path)(importlib.import_module(module))


def restore_view(data: bytes | bytearray, code: str, shape: tuple[int, ...]) -> memoryview:
    """A view of bytes, writable as its data is."""
    return memoryview(data).cast(code, shape)  # type: ignore[call-overload,no-any-return]


def restore_array(array: Any, state: tuple[Any, dict[str, Any]]) -> None:
    """Fill an array of a class of its own, with what it keeps beside its items."""
    array.__setstate__(state[0])
    if state[1]:
        vars(array).update(state[1])


def reduce_other(obj: Any) -> Any:
    """How an object of a class is taken apart of which nothing is known: arrays and exceptions."""
    kind: Any = type(obj)
    numpy = sys.modules.get("numpy")
    if numpy is not None and kind.__reduce__ is numpy.ndarray.__reduce__:
        # NumPy's own way forgets its attributes.
        make, arguments, state = obj.__reduce_ex__(pickle.HIGHEST_PROTOCOL)
        return make, arguments, (state, getattr(obj, "__dict__", {})), None, None, restore_array
    if kind.__reduce__ is BaseException.__reduce__:
        # Python's own way would have it made once more, of the arguments of its base.
        return kind.__new__, (kind, *obj.args), vars(obj) or None
    return NotImplemented


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

    if encoded := tables.encode(obj):
        kind, (stream,) = encoded
        return restore_table, (kind, pickle.PickleBuffer(stream))
    return NotImplemented


def _reduce_numpy(obj: Any) -> Any:
    import numpy as np

    if type(obj) is np.ndarray and not obj.dtype.hasobject:
        if not obj.nbytes or obj.flags.c_contiguous or obj.flags.f_contiguous:
            return NotImplemented
        from nbflow.store import strides

        lies = strides.layout_of(obj)
        memory = pickle.PickleBuffer(strides.memory_of(obj, lies))
        place = (lies.strides, lies.offset, lies.wide)
        return strides.restored, (memory, obj.dtype, obj.shape, *place)
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


def _reduce_view(obj: memoryview) -> Reduced:
    data: Any = obj.tobytes()
    if not obj.readonly:
        # The very bytes that it is a view of, where it is one of all of them.
        whole = type(obj.obj) is bytearray and len(obj.obj) == obj.nbytes and obj.c_contiguous
        data = obj.obj if whole else bytearray(data)
    return restore_view, (data, obj.format, obj.shape)


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


OF_TYPES: Mapping[type, Callable[[Any], Any]] = {
    types.CodeType: functions.reduce_code,
    memoryview: _reduce_view,
    functools.cached_property: _reduce_cached_property,
    random.Random: _reduce_random,
    decimal.Context: _reduce_context,
    **dict.fromkeys(_DICT_VIEWS, _reduce_dict_view),
    **dict(_sentinel(name) for name in ("MISSING", "_HAS_DEFAULT_FACTORY")),
}
OF_PACKAGES: Mapping[str, Callable[[Any], Any]] = {
    "numpy": _reduce_numpy,
    "matplotlib": _reduce_matplotlib,
    "polars": _reduce_table,
    "pyarrow": _reduce_table,
    "unittest": _reduce_mock,
}
