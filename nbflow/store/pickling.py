"""Codec ``pickle``: any object, with the same bytes for the same content in every process.

Protocol 5 with large buffers out of band. What the notebook defines goes by value; strings and
sets, whose identity and order differ from process to process, are written in a canonical way
(a set whose order is the same everywhere keeps it: see `set_order`).
"""

from __future__ import annotations

import contextlib
import functools
import pickle
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

import msgspec
from blake3 import blake3
from cloudpickle import cloudpickle

from nbflow.errors import UncarriableError
from nbflow.store import (
    causes,
    class_objects,
    classes,
    functions,
    plain,
    reducers,
    refusals,
    set_order,
)
from nbflow.store.blocks import Blocks
from nbflow.store.functions import Reduced
from nbflow.store.kinds import PROVEN, package_of
from nbflow.store.layout import Buffer
from nbflow.store.summaries import type_name
from nbflow.store.unpickling import Unpickler

#: Buffers below this stay in the stream.
_SMALL_BUFFER = 1024


class Pickled(msgspec.Struct, frozen=True):
    """What a pickler made of a value."""

    #: ``"dill"`` when only dill could carry it.
    details: str | None
    buffers: list[Buffer]
    #: Global names that functions inside the value read.
    free: tuple[str, ...]


def dump(
    value: object,
    namespace: Mapping[str, Any] | None,
    name: str,
    make: type[Pickler] | None = None,
) -> Pickled:
    """Pickle a value that will load in a clean process.

    Raises
    ------
    UncarriableError
        It holds something that belongs to this process alone, or it would not load.
    """
    stream, buffers = BytesIO(), list[Buffer]()
    pickler = (make or Pickler)(stream, buffers, namespace)
    try:
        pickler.dump(value)
    except _RefusedError as refused:
        raise _uncarriable(refused.culprit, value, name, str(refused)) from None
    except MemoryError:
        raise
    except RecursionError:
        raise _uncarriable(value, value, name, "it is nested too deeply") from None
    # An object's own reducing code may raise anything.
    except Exception as error:
        return _dump_with_dill(value, name, pickler.last, error)
    pickled = Pickled(None, [stream.getvalue(), *buffers], tuple(sorted(pickler.free)))
    if not pickler.surely_loads():
        _try_to_load(pickled, value, name)
    return pickled


def load(
    details: object,
    buffers: Sequence[memoryview],
    namespace: dict[str, Any] | None = None,
    live: bool = False,
) -> object:
    """Unpickle a value whose bytes have been verified.

    Parameters
    ----------
    namespace
        Becomes the globals of the notebook's own functions; what it already defines is not
        replaced. A fresh one when left out.
    live
        Whether what a class has made is that of the class there; otherwise it is as it was stored.
    """
    if details == "dill":
        import dill

        return dill.loads(buffers[0])
    namespace = {"__name__": "__main__"} if namespace is None else namespace
    context = classes.Context(namespace, lambda cls: identify(cls, namespace), live)
    return Unpickler(buffers[0], buffers[1:], context).load()


def register_classes(namespace: Mapping[str, Any]) -> None:
    """Note what classes are, once they are defined: before a step keeps anything on them."""
    for value in list(namespace.values()):
        if issubclass(type(value), type) and classes.is_own(value):
            identify(value, namespace)
        for cls in classes.behind(value):
            identify(cls, namespace)


class Pickler(cloudpickle.Pickler):  # type: ignore[misc] # cloudpickle has no types
    """Pickles by content: equal values give equal bytes wherever they are pickled.

    Parameters
    ----------
    namespace
        The globals of the notebook's own functions, unless they are those of ``__main__``.
    outline
        A class whose identity is to be found: what does not belong to its definition is left out.
    """

    def __init__(
        self,
        stream: BytesIO,
        buffers: list[Buffer],
        namespace: Mapping[str, Any] | None,
        outline: type | None = None,
    ) -> None:
        super().__init__(stream, protocol=5, buffer_callback=self._keep_buffer)
        self.namespace = namespace
        self.outline = outline
        self.buffers = buffers
        #: Global names that the functions so far read.
        self.free: set[str] = set()
        #: Whether all objects so far are of kinds that load when they dump.
        self.proven = True
        #: The last object that was taken apart: the one at fault when something is raised.
        self.last: object = None
        self._strings: dict[str, str] = {}
        #: Sets by ``id``: their number, and themselves to keep the ``id`` theirs.
        self._sets: dict[int, tuple[int, object]] = {}
        self._nans: dict[int, tuple[bytes, float]] = {}
        self._globals: dict[int, dict[str, Any]] = {}
        self._bare_cells: set[int] = set()
        self._reasons: dict[int, str] = {}
        self._owners = reducers.Owners()
        self._blocks = Blocks()
        #: What classes have made; to tell what a class is, all that it has made counts.
        self._made = {} if outline else class_objects.places
        self._places: dict[int, tuple[Any, ...]] = {}

    def surely_loads(self) -> bool:
        """Whether nothing is of an unknown kind or left to be found by name in the notebook."""
        return self.proven and "__main__" not in self._strings

    def persistent_id(self, obj: Any) -> Any:
        """Strings by content, sets in an order of ours, NaNs as the ones that they are."""
        kind = type(obj)
        if kind is str:
            return self._strings.setdefault(obj, obj)
        if kind is float:
            return None if obj == obj else reducers.nan(obj, self._nans)
        if id(obj) in self._made and (place := self._place(obj)) is not None:
            return place
        if kind is set or kind is frozenset:
            return self._set(obj)
        return obj.number if kind is _Place else None

    def reducer_override(self, obj: Any) -> Any:
        """How to take an object apart, where pickle and cloudpickle would not do it right."""
        kind = type(obj)
        self.last = obj
        why = self._reasons.get(id(kind))
        if why is None:
            why = self._reasons[id(kind)] = refusals.reason(kind)
        if why:
            return self._refuse(obj, why)
        if issubclass(kind, type):
            return self._class(obj)
        if method := _METHODS.get(kind):
            return method(self, obj)
        if issubclass(kind, BaseException) and causes.carries(obj, self._try):
            self.proven = False
            return causes.reduce_caused(obj)
        if reducer := reducers.OF_TYPES.get(kind):
            return reducer(obj)
        root = package_of(kind)
        if root == "pandas" and (reduced := self._blocks.reduce(obj, kind)):
            return reduced
        if package_reducer := reducers.OF_PACKAGES.get(root):
            return package_reducer(obj)
        if root not in PROVEN:
            self.proven = False
            return self._owners.reduce(obj) or reducers.reduce_other(obj)
        return NotImplemented

    def _try(self, value: object) -> None:
        Pickler(BytesIO(), [], self.namespace, self.outline).dump(value)

    def _keep_buffer(self, buffer: pickle.PickleBuffer) -> bool:
        if (raw := buffer.raw()).nbytes < _SMALL_BUFFER:
            return True
        self.buffers.append(raw)
        return False

    def _place(self, obj: Any) -> Any:
        """Of what a class has made, where it stands, and how an empty one is made there."""
        if (known := self._places.get(id(obj))) is not None:
            return known
        if (found := class_objects.place_of(obj)) is None:
            return None
        place = self._places[id(obj)] = ("made", *found, *class_objects.shape_of(obj))
        return place

    def _set(self, obj: set[Any] | frozenset[Any]) -> Any:
        known = self._sets.get(id(obj))
        if known is not None:
            return (known[0],)
        items = reducers.in_order(obj) or self._sorted_by_bytes(obj)
        number = len(self._sets)
        self._sets[id(obj)] = number, obj
        kept = set_order.arrangement(obj, items) or (items,)
        return number, type(obj) is frozenset, *kept

    def _sorted_by_bytes(self, obj: set[Any] | frozenset[Any]) -> list[Any]:
        def content(item: object) -> bytes:
            with contextlib.suppress(plain.NotPlainError):
                return plain.encode(item)
            stream, buffers = BytesIO(), list[Buffer]()
            Pickler(stream, buffers, self.namespace, self.outline).dump(item)
            return stream.getvalue() + b"".join(buffers)

        return sorted(obj, key=content)

    def _refuse(self, obj: Any, why: str) -> Reduced:
        for name in ("stdin", "stdout", "stderr"):
            if obj is getattr(sys, name):
                return getattr, (sys, name)
        raise _RefusedError(obj, why)

    def function(self, obj: types.FunctionType) -> Any:
        if not classes.is_own(obj):
            return NotImplemented
        globals_ = obj.__globals__
        own = globals_ is self.namespace or globals_.get("__name__") == "__main__"
        names = functions.free_names(obj)
        if own:
            self.free.update(names)
            place: object = _NAMESPACE
        else:
            place = self._globals.setdefault(id(globals_), {})
        kept = {} if self.outline else functions.captured(obj, names, everything=not own)
        cells = obj.__closure__
        self._bare_cells.update(id(cell) for cell in cells or ())
        return (
            functions.new_function,
            (obj.__code__, place, cells and (*cells,)),
            functions.function_state(obj, kept),
            None,
            None,
            functions.fill_function,
        )

    def cell(self, obj: types.CellType) -> Reduced:
        # The function fills its own cells, once it is there for them to refer to.
        if id(obj) in self._bare_cells:
            return functions.new_cell, ()
        state = functions.cell_state(obj)
        return functions.new_cell, (), state, None, None, functions.fill_cell

    def _class(self, obj: type) -> Any:
        if obj in cloudpickle._BUILTIN_TYPE_NAMES or not classes.is_own(obj):
            return cloudpickle._class_reduce(obj)
        self.proven = False
        # Its instances are those of the class that is defined where they are read.
        self.free.update(classes.names_of(obj, self.namespace))
        identity = "" if obj is self.outline else identify(obj, self.namespace)
        if self.outline is not None and obj is not self.outline:
            return str, (identity or obj.__qualname__,)  # what is kept on it is no part of another
        skeleton, attributes = classes.parts(obj)
        own = class_objects.own(obj) if self._made else ()
        made = [class_objects.Made(_CONTEXT, obj, each) for each, _ in own]
        return (
            classes.new_class,
            (_CONTEXT, identity, obj.__qualname__, *skeleton),
            (_CONTEXT, made, attributes) if made else (_CONTEXT, attributes),
            None,
            None,
            classes.fill_class,
        )

    def cache(self, obj: Any) -> Any:
        if not classes.is_own(obj.__wrapped__):
            return NotImplemented
        parameters = obj.cache_parameters()
        return functions.new_cache, (obj.__wrapped__, parameters["maxsize"], parameters["typed"])

    def module(self, obj: types.ModuleType) -> Any:
        if obj.__name__ in sys.modules and (
            obj.__spec__ or obj.__name__ in ("__main__", "builtins")
        ):
            return cloudpickle.subimport, (obj.__name__,)
        raise _RefusedError(obj, "it is a module that cannot be imported")

    def type_variable(self, obj: typing.TypeVar) -> Any:
        if cloudpickle._lookup_module_and_qualname(obj, name=obj.__name__) is not None:
            return NotImplemented
        said = ("bound", "covariant", "contravariant")
        keywords = {each: getattr(obj, f"__{each}__") for each in said}
        return classes.new_type_variable, (_CONTEXT, obj.__name__, obj.__constraints__, keywords)


class _RefusedError(Exception):
    def __init__(self, culprit: object, why: str) -> None:
        super().__init__(why)
        self.culprit = culprit


class _Place(msgspec.Struct, frozen=True):
    """Stands in a pickle for something of the place where it will be loaded."""

    number: int


_CONTEXT = _Place(0)
_NAMESPACE = _Place(1)

_METHODS: Mapping[type, Callable[[Pickler, Any], Any]] = {
    types.FunctionType: Pickler.function,
    types.CellType: Pickler.cell,
    types.ModuleType: Pickler.module,
    functools._lru_cache_wrapper: Pickler.cache,
    typing.TypeVar: Pickler.type_variable,
}


def identify(cls: type, namespace: Mapping[str, Any] | None) -> str:
    """Which class it is: the same wherever it has been defined; empty where nothing tells."""

    def compute(cls: type) -> str:
        stream, buffers = BytesIO(), list[Buffer]()
        try:
            Pickler(stream, buffers, namespace, cls).dump(cls)
        except Exception:  # one that cannot be carried is the same as no other
            return ""
        return blake3(stream.getvalue() + b"".join(buffers)).hexdigest()

    return classes.identity_of(cls, compute, namespace)


def _try_to_load(pickled: Pickled, value: object, name: str) -> None:
    """Make sure that a value loads where nothing of the notebook is there yet."""
    try:
        load(pickled.details, [memoryview(bytearray(buffer)) for buffer in pickled.buffers])
    # An object's own restoring code may raise anything.
    except Exception as error:
        # Perhaps a part of it alone says more.
        for path, part in refusals.children(name, value):
            dump(part, None, path)
        why = f"it cannot be loaded again ({type(error).__name__}: {error})"
        raise _uncarriable(value, value, name, why) from error


def _dump_with_dill(value: object, name: str, culprit: object, error: Exception) -> Pickled:
    """Carry what only dill can, but never what belongs to one process."""
    import dill

    class Careful(dill.Pickler):  # type: ignore[misc] # dill has no types
        def save(self, obj: Any, save_persistent_id: bool = True) -> None:
            if why := refusals.reason(type(obj)):
                raise _RefusedError(obj, why)
            super().save(obj, save_persistent_id)

    stream = BytesIO()
    try:
        Careful(stream, protocol=5, recurse=True, byref=False).dump(value)
        load("dill", [memoryview(bytearray(stream.getvalue()))])
    except _RefusedError as refused:
        raise _uncarriable(refused.culprit, value, name, str(refused)) from error
    # What dill cannot carry either is told in the words of the first attempt.
    except Exception:
        raise _uncarriable(culprit, value, name, str(error)) from error
    return Pickled("dill", [stream.getvalue()], ())


def _uncarriable(culprit: object, value: object, name: str, why: str) -> UncarriableError:
    path = refusals.path_to(culprit, value, name)
    return UncarriableError(path, type_name(culprit if path != name else value), why)
