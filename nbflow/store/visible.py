"""What can be seen of a value that cannot be carried: enough to tell that a step has changed it."""

from __future__ import annotations

import gc
import itertools
import sqlite3
import threading
import types
import warnings
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from blake3 import blake3

from nbflow.records.digest import Digest
from nbflow.store import functions, observers, refusals
from nbflow.store.layout import Buffer
from nbflow.store.pickling import Pickler
from nbflow.store.summaries import type_name


@dataclass(frozen=True, slots=True)
class Sight:
    """A value as it looks at one moment."""

    #: None where a part shows nothing of itself: it may have changed whenever it was used.
    digest: Digest | None
    #: Global names that code inside the value reads when it goes on.
    free: tuple[str, ...]
    #: Addresses of the objects that it is made of.
    parts: frozenset[int] = field(default=frozenset(), compare=False, repr=False)


def look(value: object, namespace: Mapping[str, Any] | None) -> Sight:
    """Look at a value, at the parts that refuse to be carried too; it is left as it is."""
    onlooker = _Onlooker(namespace)
    digest: Digest | None = None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python warns of iterators' states being asked for
            onlooker.dump(value)
        if not onlooker.blind:
            digest = Digest(
                blake3(b"".join([onlooker.stream.getvalue(), *onlooker.parts])).hexdigest()
            )
    # Whatever an object's own code raises: nothing is known then.
    except Exception:
        pass
    return Sight(digest, tuple(sorted(onlooker.free)), frozenset(onlooker.memo.copy()))


class _Onlooker(Pickler):
    """Pickles what there is to see, and never to be loaded."""

    def __init__(self, namespace: Mapping[str, Any] | None) -> None:
        self.stream = BytesIO()
        self.parts: list[Buffer] = []
        super().__init__(self.stream, self.parts, namespace)
        #: Whether something was met that shows nothing.
        self.blind = False

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if issubclass(kind, _AS_EVER):
            return super().reducer_override(obj)
        try:
            if (seen := _sight_of(kind)) is not None:
                return _Part, (type_name(obj),), seen(obj, self)
            reduced = super().reducer_override(obj)
            if reduced is NotImplemented and kind not in self.dispatch_table:
                reduced = obj.__reduce_ex__(5)
        except Exception:
            return self._taken_apart(obj)
        return reduced

    def _taken_apart(self, obj: Any) -> Any:
        """An object that does not let itself be carried, as the attributes it is made of."""
        self.blind |= _hides(type(obj))
        return _Part, (type_name(obj),), list(refusals.children("", obj))


class _Part:
    """Stands in the pickle for something that is only looked at."""

    def __init__(self, kind: str) -> None:
        self.kind = kind


#: How the iterators are called whose containers look their items up.
_OF_HASHED = ("dict_", "set_", "odict_")
_AS_EVER = (type, types.FunctionType, types.ModuleType)
#: The attributes of each thread, and those that say what it will do.
_OF_THREADS = frozenset(vars(threading.Thread()))
_TO_RUN = ("_target", "_args", "_kwargs")
#: What the attributes and items of an object tell all about.
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)


def _hides(kind: type) -> bool:
    """Whether objects of a type, not written in Python, keep more than attributes and items."""
    for base in kind.__mro__:
        if base is object or base in _CONTAINERS:
            continue
        written = any(name in base.__dict__ for name in ("__dict__", "__weakref__", "__slots__"))
        parent = base.__base__
        if not written and parent is not None and base.__basicsize__ > parent.__basicsize__:
            return True
        if not written and parent is object and not hasattr(base, "__dict__"):
            return True
    return False


def _file(file: Any, onlooker: _Onlooker) -> object:
    if file.closed:
        return "closed"
    if hasattr(file, "buffer") and file.writable():
        # How much text waits to be written is not told; to ask for the place would write it.
        onlooker.blind = True
        return None
    try:
        return file.tell()
    except OSError:  # in the middle of being iterated over, or a pipe
        onlooker.blind = True
        return None


def _temporary(file: Any, onlooker: _Onlooker) -> object:
    return _file(file.file, onlooker)


def _mapped(file: Any, _: _Onlooker) -> object:
    return "closed" if file.closed else (file.tell(), file[:])


def _code(frame: types.FrameType | None, onlooker: _Onlooker) -> object:
    if frame is None:
        return "finished"
    if frame.f_globals is onlooker.namespace:
        onlooker.free |= functions.global_names(frame.f_code) & frame.f_globals.keys()
    return frame.f_lasti, dict(frame.f_locals)


def _generator(obj: Any, onlooker: _Onlooker) -> object:
    return _code(obj.gi_frame, onlooker), obj.gi_yieldfrom


def _connection(obj: sqlite3.Connection, _: _Onlooker) -> object:
    try:
        # Of the tables made, also in a database in memory, only the schema's version tells.
        schema = [
            sqlite3.Connection.execute(obj, f"PRAGMA {name}.schema_version").fetchall()
            for name in ("main", "temp")
        ]
        # The functions and collations that it was given.
        schema += [
            sqlite3.Connection.execute(obj, f"SELECT * FROM pragma_{which}").fetchall()
            for which in ("function_list WHERE NOT builtin", "collation_list")
        ]
    except sqlite3.Error as error:
        schema = [[str(error)]]
    try:
        ways = obj.row_factory, obj.text_factory, obj.isolation_level
        told = [[tuple(row) for row in rows] for rows in schema]
        return ways, obj.total_changes, obj.in_transaction, told
    except sqlite3.ProgrammingError:
        return "closed"


def _thread(obj: threading.Thread, onlooker: _Onlooker) -> object:
    # What it reads once it is started; afterwards its frames tell.
    own = {k: v for k, v in vars(obj).items() if k in _TO_RUN or k not in _OF_THREADS}
    onlooker.free.update(look((type(obj), own), onlooker.namespace).free)
    return obj.name, obj.ident is not None, obj.is_alive()


def _widget(obj: Any, _: _Onlooker) -> object:
    shown = {name: getattr(obj, name) for name in obj.keys}
    return shown, observers.observers_of(obj), observers.handlers_of(obj)


def _reduced(obj: Any, onlooker: _Onlooker) -> object:
    try:
        # What iterators keep: what they go through, and how far they are.
        kept = obj.__reduce__()[1:]
        # Those of dictionaries and sets tell of the items alone.
        return (kept, gc.get_referents(obj)) if type(obj).__name__.startswith(_OF_HASHED) else kept
    except TypeError:
        pass
    if type(obj) in (itertools.count, itertools.repeat):
        return repr(obj)
    onlooker.blind = True
    return None


#: Qualified type to what its objects show. A type counts as the first of its bases that stands
#: here; what else refuses to be carried is looked at by its attributes, and without any, not seen.
_SIGHTS: Mapping[str, Callable[[Any, _Onlooker], object]] = {
    "_io._IOBase": _file,
    "tempfile._TemporaryFileWrapper": _temporary,
    "mmap.mmap": _mapped,
    "_thread.lock": lambda obj, _: obj.locked(),
    # How often it is held stands nowhere else.
    "_thread.RLock": lambda obj, _: repr(obj).partition(" at ")[0],
    "threading.Thread": _thread,
    "concurrent.futures._base.Future": lambda obj, _: (obj.done(), obj.cancelled()),
    "sqlite3.Connection": _connection,
    "builtins.generator": _generator,
    "builtins.coroutine": lambda obj, onlooker: _code(obj.cr_frame, onlooker),
    "builtins.async_generator": lambda obj, onlooker: _code(obj.ag_frame, onlooker),
    # It refers to the same for as long as it is there, which is a part that others may share.
    "weakref.ReferenceType": lambda obj, _: obj(),
    "builtins.weakref": lambda obj, _: obj(),
    "_contextvars.ContextVar": lambda obj, _: obj.get(None),
    "builtins.enumerate": _reduced,
    "builtins.filter": _reduced,
    "builtins.map": _reduced,
    "builtins.reversed": _reduced,
    "builtins.zip": _reduced,
    "builtins.iterator": _reduced,
    "_csv.reader": lambda obj, _: obj.line_num,
    "ipywidgets.widgets.widget.Widget": _widget,
}


def _sight_of(kind: type) -> Callable[[Any, _Onlooker], object] | None:
    if not refusals.reason(kind):
        return None
    for base in kind.__mro__:
        module, name = base.__module__, base.__qualname__
        if found := _SIGHTS.get(f"{module}.{name}"):
            return found
        if module == "itertools" or (module == "builtins" and name.endswith("iterator")):
            return _reduced
    return None
