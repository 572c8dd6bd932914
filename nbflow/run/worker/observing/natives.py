"""Readers and writers in other languages, whose files Python's audit hook cannot see.

Their functions are others while a task runs: what they are given is looked through for paths. A
library that is not imported costs nothing.
"""

# Called wherever a library reads: plain strings are cheap.
# ruff: noqa: PTH111, PTH118, PTH207

from __future__ import annotations

import functools
import glob
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, TypeAlias

from nbflow.run.worker.observing.loading import around
from nbflow.run.worker.observing.readers import READERS, WRITERS
from nbflow.run.worker.observing.sought import Sought

#: Told of each path that one of them is given.
Tell: TypeAlias = Callable[[str], None]

#: What stands in quotes in a query.
_QUOTED = re.compile(r"'([^'\n]+)'|\"([^\"\n]+)\"")
#: What a query says that it writes.
_TO = re.compile(r"\bto\s+(?:'([^'\n]+)'|\"([^\"\n]+)\")", re.IGNORECASE)
#: What is the name of a file, there or not.
_NAMED = re.compile(r"[\w./-]+\.[A-Za-z]\w*")
_MAXIMUM_LENGTH = 4096
#: A path in the plan of a lazy frame of polars, in MessagePack: what stands before a text.
_IN_A_PLAN = re.compile(rb"\xa5inner(?:([\xa0-\xbf])|\xd9(.)|\xda(..))", re.DOTALL)
#: Bits of classes: made by Python, and not to be changed.
_HEAP, _IMMUTABLE = 1 << 9, 1 << 8
_HEAP_OR_IMMUTABLE = _HEAP | _IMMUTABLE
_INHERITED = object()
#: Calls the plain function among the names of whoever called: DuckDB takes these for tables.
_CALL = compile("_plain(*_arguments, **_keywords)", __file__, "eval")
_OF_A_FOLDER = "SubTreeFileSystem"


def install() -> None:
    """Have readers tell whoever watches, now and when further ones are imported; they go on so."""
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
        for module in _MODULES & sys.modules.keys():
            _wrapped.wrap(module)


def uninstall() -> None:
    """In a process that is not for tasks only: readers are as they were."""
    if _finder in sys.meta_path:
        sys.meta_path.remove(_finder)
    _wrapped.restore()


@contextmanager
def watching(read: Tell, written: Tell, sought: Sought) -> Iterator[None]:
    """Tell of what is read and written meanwhile, and note what is imported."""
    _wrapped.read, _wrapped.written, _finder.sought = read, written, sought
    if _finder in sys.meta_path:  # before all others, which ask it in their turn
        sys.meta_path.remove(_finder)
        sys.meta_path.insert(0, _finder)
    try:
        yield
    finally:
        _wrapped.read, _wrapped.written, _finder.sought = None, None, None


def paths_in(given: object) -> Iterator[str]:
    """Paths of what is there among the arguments of a reader, or of a command."""
    if isinstance(given, bytes):
        given = os.fsdecode(given)
    if isinstance(given, os.PathLike):
        yield os.fsdecode(given)
    elif isinstance(given, str):
        yield from _paths_of_text(given)
    elif isinstance(given, dict):  # and no file of HDF5, which is a mapping that is not open yet
        yield from paths_in(list(given.values()))
    elif isinstance(given, list | tuple | set):
        for each in given:
            yield from paths_in(each)
    elif type(given).__name__ == "FileSelector":
        yield str(getattr(given, "base_dir", ""))


def paths_written(given: Iterable[object]) -> Iterator[str]:
    """Paths among the arguments of a writer, and in a query."""
    for each in given:
        text = os.fsdecode(each) if isinstance(each, bytes | os.PathLike) else each
        if isinstance(text, str) and text and "\0" not in text and len(text) <= _MAXIMUM_LENGTH:
            if "\n" not in text:
                yield text.removeprefix("file://")
            yield from (found[0] or found[1] for found in _TO.findall(text))


#: The modules of values that stand for files.
LAZY = frozenset({"polars", "pyarrow._dataset"})


def paths_behind(value: Any) -> Iterator[str]:
    """Paths of files that a value stands for, which are read when it is used."""
    kind = type(value)
    with suppress(Exception):  # whatever a library does where its files are gone
        if kind.__name__ == "LazyFrame" and kind.__module__.startswith("polars."):
            # The whole of it holds the data that is in memory, too.
            if "SCAN" in value.explain(optimized=False):
                plan = value.serialize()
                for found in _IN_A_PLAN.finditer(plan):
                    short, long, longer = found.groups()
                    size = short[0] - 0xA0 if short else int.from_bytes(long or longer)
                    yield os.fsdecode(plan[found.end() : found.end() + size])
        elif kind.__module__ == "pyarrow._dataset":
            yield from value.files


def _paths_of_text(text: str) -> Iterator[str]:
    text = os.path.expanduser(text.removeprefix("file://"))
    if not text or "\0" in text:
        return
    is_query = " " in text and _QUOTED.search(text) is not None
    if len(text) <= _MAXIMUM_LENGTH and "\n" not in text:
        if glob.has_magic(text):
            # Not what separates columns, and no query.
            is_one = not is_query and any(mark in text for mark in (os.sep, "."))
            if is_one and (" " not in text or next(glob.iglob(text), "")):
                yield text
        elif os.path.lexists(text):
            yield text
    if is_query:
        for one, other in _QUOTED.findall(text):
            yield from _paths_of_text(one or other)
            if _NAMED.fullmatch(one or other) and not os.path.lexists(one or other):
                yield one or other  # which is looked for in vain


class _Wrapped:
    """The functions that are others, and what they were."""

    def __init__(self) -> None:
        #: Who watches, if anybody does.
        self.read: Tell | None = None
        self.written: Tell | None = None
        self._originals: list[tuple[Any, str, Any]] = []
        self._new: list[Any] = []

    def wrap(self, module: str) -> None:
        self._wrap(module, READERS.get(module, ()), self.told)
        self._wrap(module, WRITERS.get(module, ()), self.told_to_write)
        if module == "pyarrow.fs":
            self._have_uris_tell(sys.modules[module])

    def _wrap(self, module: str, patterns: Sequence[str], tell: Callable[..., None]) -> None:
        for pattern in patterns:
            holder: Any = sys.modules[module]
            kind, _, name = pattern.rpartition(".")
            if kind:
                holder = self._class(holder, kind)
            if holder is not None:
                for found in _matching(name, dir(holder) if kind else vars(holder)):
                    self._replace(holder, found, tell)

    def restore(self) -> None:
        while self._originals:
            holder, name, original = self._originals.pop()
            setattr(holder, name, original)
        self._new.clear()

    def told(self, *given: object) -> None:
        """A reader is called with these arguments."""
        if self.read is None:
            return
        given = _in_their_folders(given)
        for path in paths_in(given):
            self.read(path)
        # What it is given first is what it reads, even if it will not find it.
        first = next((each for each in given if isinstance(each, str | os.PathLike)), "")
        for path in paths_written([first]):
            if not (" " in path or glob.has_magic(path) or os.path.lexists(path)):
                self.read(path)

    def told_to_write(self, *given: object) -> None:
        """A writer is called with these arguments, whose files need not be there yet."""
        if self.written is not None:
            for path in paths_written(_in_their_folders(given)):
                self.written(path)

    def _have_uris_tell(self, fs: Any) -> None:
        """What pyarrow makes of a URI is of a class that tells, too."""
        plain, kind = fs.FileSystem.from_uri, self._class(fs, "FileSystem")

        @functools.wraps(plain, updated=())
        def from_uri(uri: Any) -> Any:
            made, path = plain(uri)
            is_local = type(made).__name__ == "LocalFileSystem"
            return fs.LocalFileSystem() if is_local else made, path

        kind.from_uri = staticmethod(from_uri)

    def _class(self, module: Any, name: str) -> Any:
        """The class of that name, or one below it where its methods cannot be others."""
        kind = getattr(module, name, None)
        if isinstance(kind, type) and kind.__flags__ & _HEAP_OR_IMMUTABLE != _HEAP:
            told = {"__module__": kind.__module__, "__qualname__": kind.__qualname__}
            new = _Substitute(kind.__name__, (kind,), told)
            setattr(module, name, new)
            self._originals.append((module, name, kind))
            return new
        return kind

    def _replace(self, holder: Any, name: str, tell: Callable[..., None]) -> None:
        original = vars(holder).get(name, _INHERITED)
        if original is _INHERITED:
            original = getattr(holder, name)
        plain = original.__func__ if isinstance(original, classmethod) else original
        if not callable(plain) or (tell, plain) in self._new:
            return
        new: Any = _telling_class(plain, tell)
        if new is None:
            new = _telling(plain, tell)
            self._new.append((tell, new))
            new = classmethod(new) if isinstance(original, classmethod) else new
        else:
            self._new.append((tell, new))
        try:
            setattr(holder, name, new)
        except (AttributeError, TypeError):
            return
        self._originals.append((holder, name, original))
        self._replace_at_home(plain, new)

    def _replace_at_home(self, plain: Any, new: Any) -> None:
        """Also where a pickle looks for it."""
        home = sys.modules.get(getattr(plain, "__module__", None) or "")
        name = getattr(plain, "__qualname__", "")
        if home is not None and vars(home).get(name) is plain:
            setattr(home, name, new)
            self._originals.append((home, name, plain))


def _telling(plain: Any, tell: Callable[..., None]) -> Callable[..., Any]:
    @functools.wraps(plain, updated=())
    def reader(*arguments: Any, **keywords: Any) -> Any:
        tell(*arguments, *keywords.values())
        caller = sys._getframe(1)
        told = {"_plain": plain, "_arguments": arguments, "_keywords": keywords}
        if caller.f_locals is not caller.f_globals:
            told = {**caller.f_locals, **told}
        return eval(_CALL, caller.f_globals, told)

    return reader


def _telling_class(plain: Any, tell: Callable[..., None]) -> type | None:
    """A class whose objects tell when they are made, where that is what is called."""
    if not isinstance(plain, type):
        return None
    made: Any = getattr(plain, "__init__")  # noqa: B009

    def init(self: Any, *arguments: Any, **keywords: Any) -> None:
        tell(*arguments, *keywords.values())
        if made is not object.__init__:
            made(self, *arguments, **keywords)

    space = {"__init__": init, "__module__": plain.__module__, "__qualname__": plain.__qualname__}
    return _Substitute(plain.__name__, (plain,), {**space, "__doc__": plain.__doc__})


def _in_their_folders(given: tuple[object, ...]) -> tuple[object, ...]:
    """Arguments with paths as they are outside a file system of pyarrow that shows one folder."""
    folders = [str(each.base_path) for each in given if type(each).__name__ == _OF_A_FOLDER]  # type: ignore[attr-defined]
    if not folders:
        return given
    told = [getattr(each, "base_dir", each) for each in given]
    return tuple(os.path.join(folders[0], each) for each in told if isinstance(each, str))


def _matching(pattern: str, names: Iterable[str]) -> list[str]:
    if pattern.endswith("*"):
        return [name for name in names if name.startswith(pattern[:-1])]
    return [pattern] if pattern in names else []


class _Substitute(type):
    """A class that stands for the one above it: what the library makes belongs to it as well."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, cls.__base__ or object)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, cls.__base__ or object)


class _Finder(MetaPathFinder):
    """Finds nothing itself, but has the readers of a module wrapped once it is imported."""

    def __init__(self, wrapped: _Wrapped) -> None:
        self._wrapped = wrapped
        #: Told of what is imported, if anybody watches.
        self.sought: Sought | None = None
        self._searching = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self.sought is not None:
            self.sought.note(fullname, path, sys._getframe(1))
        if fullname not in _MODULES or self._searching:
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching = False
        if spec is not None:
            around(spec, self._load)
        return spec

    def _load(self, module: ModuleType, load: Callable[[], None]) -> None:
        load()
        self._wrapped.wrap(module.__name__)


_MODULES = READERS.keys() | WRITERS.keys()
_wrapped = _Wrapped()
_finder = _Finder(_wrapped)
