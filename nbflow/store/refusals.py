"""What belongs to one process and cannot be carried to another, and where in a value it is."""

from __future__ import annotations

import functools
import types
from collections import deque
from collections.abc import Iterator
from typing import Any

_FILE = "an open file belongs to the process that opened it; keep its path instead"
_LOCK = "a lock belongs to its process"
_THREAD = "a thread belongs to its process"
_CONNECTION = "an open connection belongs to the process that opened it"
_ONCE = "an iterator is used up by whoever reads it first; keep a list of what it gives"
_RUNNING = "code that is halfway through belongs to its process"
_LOOP = "an event loop and what waits in it belong to their process"
_WEAK = "a weak reference holds nothing that could be carried"
_CONTEXT = "a context variable belongs to its process"
_POOL = "a pool of workers belongs to its process"
_PATCH = "a patch holds in the process that has started it"
_WIDGET = "a widget is tied to the notebook's front end"

#: Qualified type to reason. A type counts as the first of its bases that stands here; an empty
#: reason means that it can be carried.
_REASONS = {
    "_io.BytesIO": "",
    "_io.StringIO": "",
    "_io._IOBase": _FILE,
    "tempfile._TemporaryFileWrapper": _FILE,
    "mmap.mmap": _FILE,
    "posix.ScandirIterator": _FILE,
    "_thread.lock": _LOCK,
    "_thread.RLock": _LOCK,
    "_thread._local": _THREAD,
    "threading.Thread": _THREAD,
    "threading.local": _THREAD,
    "subprocess.Popen": "a running program belongs to the process that started it",
    "multiprocessing.process.BaseProcess": _POOL,
    "multiprocessing.pool.Pool": _POOL,
    "concurrent.futures._base.Executor": _POOL,
    "concurrent.futures._base.Future": _POOL,
    "_socket.socket": _CONNECTION,
    "_ssl._SSLContext": _CONNECTION,
    "sqlite3.Connection": _CONNECTION,
    "sqlite3.Cursor": _CONNECTION,
    "builtins.generator": _RUNNING,
    "builtins.coroutine": _RUNNING,
    "builtins.async_generator": _RUNNING,
    "builtins.frame": _RUNNING,
    "builtins.traceback": _RUNNING,
    "asyncio.events.AbstractEventLoop": _LOOP,
    "_asyncio.Future": _LOOP,
    "_asyncio.Task": _LOOP,
    "weakref.ReferenceType": _WEAK,
    "builtins.weakref": _WEAK,
    "weakref.ProxyType": _WEAK,
    "weakref.finalize": _WEAK,
    "weakref.WeakKeyDictionary": _WEAK,
    "weakref.WeakValueDictionary": _WEAK,
    "_weakrefset.WeakSet": _WEAK,
    "_contextvars.ContextVar": _CONTEXT,
    "_contextvars.Context": _CONTEXT,
    "_contextvars.Token": _CONTEXT,
    "builtins.enumerate": _ONCE,
    "builtins.filter": _ONCE,
    "builtins.map": _ONCE,
    "builtins.reversed": _ONCE,
    "builtins.zip": _ONCE,
    "builtins.iterator": _ONCE,
    "_csv.reader": _ONCE,
    "_csv.writer": _FILE,
    "unittest.mock._patch": _PATCH,
    "ipywidgets.widgets.widget.Widget": _WIDGET,
}

#: So many objects are looked at to find where in a value something is.
_MAXIMUM_OBJECTS = 200_000


def reason(kind: type) -> str:
    """Why objects of this type cannot be carried; empty when nothing speaks against it."""
    for base in kind.__mro__:
        module, name = base.__module__, base.__qualname__
        found = _REASONS.get(f"{module}.{name}")
        if found is not None:
            return found
        if module == "itertools" or (module == "builtins" and name.endswith("iterator")):
            return _ONCE
    return ""


def path_to(culprit: object, value: object, name: str) -> str:
    """The attribute path from a value to one object in it; the name alone when there is none.

    Only containers, attributes, closures and bound arguments are followed, and no code that a
    user could have written is called.
    """
    waiting = deque([(name, value)])
    seen: set[int] = set()
    while waiting and len(seen) < _MAXIMUM_OBJECTS:
        path, item = waiting.popleft()
        if item is culprit:
            return path
        if id(item) not in seen:
            seen.add(id(item))
            waiting.extend(children(path, item))
    return name


def children(path: str, item: Any) -> Iterator[tuple[str, object]]:
    """What an object is made of, with the path to each part."""
    kind = type(item)
    if issubclass(kind, dict):
        for key, part in dict.items(item):
            yield f"{path}[{repr(key) if type(key) in (str, int, float, bool) else '…'}]", part
    elif issubclass(kind, list | tuple | deque):
        for index, part in enumerate(kind.__iter__(item) if kind in _PLAIN else tuple(item)):
            yield f"{path}[{index}]", part
    elif issubclass(kind, set | frozenset):
        for part in item:
            yield f"{path}{{…}}", part
    elif kind is types.FunctionType:
        yield from _captured(path, item)
    elif kind is types.MethodType:
        yield f"{path}.__self__", item.__self__
    elif kind is functools.partial:
        yield f"{path}.func", item.func
        yield from children(f"{path}.args", item.args)
        yield from children(f"{path}.keywords", item.keywords)
    elif issubclass(kind, type | types.ModuleType):
        return
    yield from _attributes(path, item)


_PLAIN = (list, tuple, deque)


def _captured(path: str, function: types.FunctionType) -> Iterator[tuple[str, object]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield f"{path}.{name}", cell.cell_contents
        except ValueError:
            continue
    for index, default in enumerate(function.__defaults__ or ()):
        yield f"{path}.__defaults__[{index}]", default
    for name, default in (function.__kwdefaults__ or {}).items():
        yield f"{path}.__kwdefaults__[{name!r}]", default


def _attributes(path: str, item: object) -> Iterator[tuple[str, object]]:
    try:
        attributes = object.__getattribute__(item, "__dict__")
    except (AttributeError, TypeError):
        attributes = {}
    if type(attributes) is dict:
        for name, part in attributes.items():
            yield f"{path}.{name}", part
    for base in type(item).__mro__:
        slots = base.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else tuple(slots):
            member = base.__dict__.get(name)
            if type(member) is types.MemberDescriptorType:
                try:
                    yield f"{path}.{name}", member.__get__(item)
                except AttributeError:
                    continue
