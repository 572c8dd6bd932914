"""In a Python that a step has started as a program: tells the step's own process what it reads.

Python imports this before what it is to run. It may be another Python, without nbflow: only what
each has loaded by then is used, and nothing of it is there for the program to see.
"""

# Plain strings: they are cheap, and there is no `pathlib` yet.
# ruff: noqa: PTH100, PTH112, PTH113, PTH118, PTH119, PTH120, SIM105
# The class of the environment is private.
# mypy: disable-error-code="misc,attr-defined,assignment,no-any-return"

from __future__ import annotations

import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # it takes long to import, and what is imported the program would have, too
    from collections.abc import Iterator
    from types import FrameType
    from typing import Any

_TELL = "NBFLOW_TELL"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
#: Modules that ask on behalf of others.
_ASKING = frozenset(
    {"os", "posixpath", "genericpath", "pathlib", "glob", "shutil", "collections.abc", __name__}
)
_stat, _open = os.stat, os.open
#: What a file holds that is written anew is told of those of at most so many bytes.
_MOST_BYTES = 1 << 18


class Teller:
    """Writes what it hears into the file of the step's process, a line each.

    Parameters
    ----------
    address
        Of that file.
    ignored
        What the paths begin with that are nobody's business.
    """

    def __init__(self, address: str, ignored: tuple[str, ...]) -> None:
        self._descriptor = os.open(address, os.O_WRONLY | os.O_APPEND)
        self._file = os.fstat(self._descriptor)
        self.ignored = ignored
        self._told: set[tuple[str, str]] = set()
        #: Files and variables that are the program's own by now.
        self._own: set[str] = set()

    def heard(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python tells of something."""
        if event == "open":
            self._opened(arguments[0], arguments[2] or 0)
        elif event in ("os.listdir", "os.scandir"):
            path = self._path("." if arguments[0] is None else arguments[0])
            if path and self.is_own():
                self._tell("shown", path, "null")
        elif event == "os.rename" and (path := self._path(arguments[1])):
            self._written(path)

    def asked(self, raw: object, found: os.stat_result | None) -> None:
        """Something is asked of a path."""
        if (path := self._path(raw)) and path not in self._own and self.is_own():
            kind = "" if found is None else "directory" if stat.S_ISDIR(found.st_mode) else "file"
            self._tell("there", path, f'"{kind}"')

    def variable(self, name: str) -> None:
        """A variable is read, or the names of all."""
        if name not in self._own and self.is_own():
            self._tell("names", name, "null")

    def set(self, name: str) -> None:
        """A variable is set."""
        self._own.add(name)

    def is_own(self) -> bool:
        """Whether the program's own code asks, and no library."""
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_globals.get("__name__") in _ASKING:
            frame = frame.f_back
        return frame is None or not frame.f_code.co_filename.startswith((*self.ignored, "<frozen"))

    def _opened(self, raw: object, flags: int) -> None:
        path = self._path(raw)
        if not path:
            return
        if flags & _WRITING:
            self._written(path)
            return
        folder, name = os.path.split(path)
        if os.path.basename(folder) == "__pycache__":
            path = os.path.join(os.path.dirname(folder), f"{name.partition('.')[0]}.py")
        if path in self._own or path.startswith(self.ignored):
            return
        if path.endswith(".py"):
            if _is_running():
                self._tell("run", path, "null")
                return
            self._tell("texts", path, "null")
        try:
            state = _stat(path)
        except OSError:
            self._tell("_read", path, "null")
            return
        if stat.S_ISREG(state.st_mode):
            self._tell("_read", path, _signature(state))

    def _written(self, path: str) -> None:
        if path in self._own:
            return
        self._own.add(path)
        try:
            state = _stat(path)
        except OSError:
            self._tell("_written", path, "false")
            return
        if stat.S_ISREG(state.st_mode) and state.st_size <= _MOST_BYTES:
            text = _quoted(path)
            self._tell("given", path, f"[[{text}, {_signature(state)}]]")
            self._tell("held", path, f'"{_letters(path)}"')

    def _path(self, raw: object) -> str:
        if not isinstance(raw, (str, bytes, os.PathLike)):
            return ""
        path = os.path.abspath(os.fsdecode(raw))
        return "" if f"{path}{os.sep}".startswith(self.ignored) else path

    def _tell(self, collection: str, entry: str, value: str) -> None:
        if (collection, entry) in self._told or not entry.isprintable():
            return
        self._told.add((collection, entry))
        line = f'["{collection}", {_quoted(entry)}, {value}]\n'
        try:
            now = os.fstat(self._descriptor)
            if (now.st_dev, now.st_ino) == (self._file.st_dev, self._file.st_ino):
                os.write(self._descriptor, line.encode("utf-8", "surrogateescape"))
        except OSError:
            pass  # the program has closed all its files, or the step is over


def _quoted(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


def _signature(state: os.stat_result) -> str:
    told = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    return str([*told])


def _letters(path: str) -> str:
    """What a file holds, each byte a letter."""
    descriptor = _open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return "".join([f"\\u{byte:04x}" for byte in os.read(descriptor, _MOST_BYTES)])
    finally:
        os.close(descriptor)


def _is_running() -> bool:
    """Whether a source is read to run it."""
    try:
        source = sys._getframe(3).f_code.co_filename
    except ValueError:
        return True  # that of the program itself
    return "importlib" in source or "zipimport" in source  # which looks if it is an archive


def _watch(teller: Teller) -> None:
    """Have this process tell from now on."""

    class Watched(type(os.environ)):
        def __getitem__(self, key: Any) -> Any:
            if isinstance(key, str):
                teller.variable(key)
            return super().__getitem__(key)

        def __setitem__(self, key: Any, value: Any) -> None:
            super().__setitem__(key, value)
            teller.set(key)

        def __iter__(self) -> Iterator[Any]:
            teller.variable("*")
            return super().__iter__()

    def asking(path: Any, *arguments: Any, **keywords: Any) -> os.stat_result:
        try:
            found = _stat(path, *arguments, **keywords)
        except OSError:
            teller.asked(path, None)
            raise
        teller.asked(path, found)
        return found

    os.environ.__class__ = Watched
    for supporting in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks):
        supporting.add(asking)
    os.stat = asking
    sys.addaudithook(teller.heard)


def _runs_own_code(ignored: tuple[str, ...]) -> bool:
    """Whether it is not a library's program that is started, such as pip or Jupyter."""
    words = iter(getattr(sys, "orig_argv", ["", "-m", ""])[1:])
    for word in words:
        if word in ("-X", "-W"):
            next(words, "")
        elif word == "-m":
            top = next(words, "").partition(".")[0]
            return os.path.isdir(top) or os.path.isfile(f"{top}.py")
        elif word == "-c":
            return "multiprocessing" not in next(words, "")  # it tells by itself
        elif word == "-" or not word.startswith("-"):
            return not os.path.abspath(word).startswith(ignored)
    return True


def _begin() -> None:
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != folder]
    invited, given = os.environ.pop(_TELL, ""), os.environ.get("PYTHONPATH", "")
    rest = given.partition(os.pathsep)[2] if given.startswith(folder) else given
    os.environ.pop("PYTHONPATH", None)
    if rest:
        os.environ["PYTHONPATH"] = rest
    if invited:
        directory, address, *rest_of = invited.split("\n")
        own = (sys.prefix, sys.base_prefix, os.path.dirname(os.__file__))
        paths = [os.path.join(path, "") for path in own if path not in ("/usr", "/usr/local")]
        ignored = (*rest_of, *(path for path in paths if not directory.startswith(path)))
        if _runs_own_code(ignored):
            teller = Teller(address, ignored)
            # For what it starts in its turn; its own environment is as it was.
            os.putenv(_TELL, invited)
            os.putenv("PYTHONPATH", given)
            _watch(teller)


def _go_on() -> None:
    """Import the module of this name that is another's, if there is one."""
    own = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ImportError:
        pass
    sys.modules.setdefault(__name__, own)


if __name__ == "sitecustomize":
    try:
        _begin()
    except Exception:
        pass  # whatever is amiss, the program runs
    _go_on()
