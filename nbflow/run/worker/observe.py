"""What a task is seen to read and write outside the flow: files and local modules."""

# The audit hook sees every open() of the step: plain strings are cheap.
# ruff: noqa: PTH100, PTH111, PTH116, PTH118

from __future__ import annotations

import os
import site
import stat
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import TypeAlias

from blake3 import blake3

from nbflow.records.digest import Digest, of_structure
from nbflow.records.problem import Problem
from nbflow.records.task import Fact

#: What tells two states of one file apart without reading it.
Signature: TypeAlias = tuple[int, int, int, int, int]

_SYSTEM = ("/proc/", "/dev/", "/sys/", "/etc/", "/lib/", "/usr/lib/", "/usr/share/")
#: Prefixes of an installation that hold other things as well.
_SHARED = ("/usr/", "/usr/local/")
_active: Observer | None = None


class Observer:
    """Watches one task from ``watching()`` on; ``facts()`` and ``written()`` say what it saw.

    Parameters
    ----------
    directory
        The task's working directory; paths below it are reported relative to it.
    own
        Directories of nbflow itself (the store), which are nobody's business.
    """

    def __init__(self, directory: str, own: tuple[str, ...] = ()) -> None:
        self._directory = os.path.abspath(directory)
        ignored = (*_installed(), *(_below(path) for path in own if path))
        # A notebook may lie within an environment's directory.
        self._ignored = tuple(path for path in ignored if not self._is_below(path))
        #: The last module imported before the task; the task's own stand behind it.
        self._last_module = next(reversed(sys.modules))
        self._busy: set[int] = set()
        #: State of each file read, when it was first opened; None when it was not there.
        self._read: dict[str, Signature | None] = {}
        #: Content of files that the task read and then wrote, from before it wrote.
        self._before_write: dict[str, Digest | None] = {}
        #: Files opened for writing, and whether they were there before.
        self._written: dict[str, bool] = {}
        self._hazards: list[Problem] = []
        #: Files whose coming and going is of no interest.
        self._apart: frozenset[str] = frozenset()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Observe what this process does meanwhile."""
        global _active
        _active = self
        try:
            yield
        finally:
            _active = None

    @contextmanager
    def apart(self, paths: Iterable[Path]) -> Iterator[None]:
        """Leave certain files out meanwhile: they will be as they were."""
        before, self._apart = self._apart, frozenset(map(str, paths))
        try:
            yield
        finally:
            self._apart = before

    def held(self, path: Path, reads: bool) -> None:
        """A file is open already, through which the task may write it, or read it as well."""
        name = str(path)
        with self._aside():
            self._before_write[name] = _digest(name)
        self._written.setdefault(name, True)
        if reads:
            self._read.setdefault(name, _signature(name))

    def path(self, subject: str) -> Path:
        """The path of what facts call so."""
        return Path(os.path.join(self._directory, subject))

    def opened(self, raw: object, flags: int) -> None:
        """A file is about to be opened (called by the audit hook)."""
        path = self._path(raw)
        if path is None:
            return
        signature = _signature(path)
        access = flags & os.O_ACCMODE
        keeps = not flags & os.O_TRUNC
        if access == os.O_RDONLY and not flags & (os.O_CREAT | os.O_TRUNC):
            if path not in self._written:
                self._read.setdefault(path, signature)
            return
        if keeps and signature is not None and path not in self._written:
            self._read.setdefault(path, signature)
        if path not in self._written:
            self._keep(path)
            self._written[path] = signature is not None

    def removed(self, raw: object) -> None:
        """A file is about to be removed, renamed or truncated."""
        path = self._path(raw)
        if path is not None and path not in self._written:
            self._keep(path)
            self._written[path] = _signature(path) is not None

    def facts(self) -> tuple[Fact, ...]:
        """What the task depended on: files it read, local modules, Python, platform."""
        with self._aside():
            sources = set(self._modules())
            facts = [
                Fact("python", "python", _python()),
                Fact("platform", "platform", _platform()),
                *(Fact("module", self.subject(path), _digest(path) or "") for path in sources),
            ]
            for path, before in self._read.items():
                if path not in sources:
                    facts.append(self._file(path, before))
            return tuple(sorted(set(facts), key=lambda fact: (fact.kind, fact.subject)))

    def was_there(self, path: Path) -> bool:
        """Whether a file that the task wrote was there before."""
        return self._written[str(path)]

    def written(self) -> tuple[Path, ...]:
        """Files that the task wrote and left behind where somebody may look for them."""
        with self._aside():
            return tuple(sorted(Path(path) for path in self._written if self._is_left(path)))

    def hazards(self) -> tuple[Problem, ...]:
        """What makes the task's result doubtful; known after ``facts``."""
        return tuple(self._hazards)

    def subject(self, path: str | Path) -> str:
        """A path as facts name it: relative when below the working directory."""
        text = str(path)
        return text[len(self._directory) + 1 :] if self._is_inside(text) else text

    def _is_below(self, directory: str) -> bool:
        return _below(self._directory).startswith(directory)

    def _is_inside(self, path: str) -> bool:
        return path.startswith(_below(self._directory))

    def _path(self, raw: object) -> str | None:
        if threading.get_ident() in self._busy or not isinstance(raw, str | bytes | os.PathLike):
            return None
        path = os.path.abspath(os.fsdecode(raw))
        if (
            path in self._apart
            or path.startswith(self._ignored)
            or f"{os.sep}__pycache__{os.sep}" in path
        ):
            return None
        return path

    def _keep(self, path: str) -> None:
        if path in self._read:
            with self._aside():
                self._before_write[path] = _digest(path)

    def _file(self, path: str, before: Signature | None) -> Fact:
        subject = self.subject(path)
        if before is None:
            return Fact("absent", subject, "")
        if path in self._before_write:
            return Fact("file", subject, self._before_write[path] or "")
        digest = _digest(path)
        if digest is not None and _signature(path) == before:
            return Fact("file", subject, digest)
        self._hazards.append(
            Problem(
                code="file-changed-while-read",
                message=f"the file `{subject}` changed while the step was reading it",
                remedy="Run the step again once nobody writes the file.",
                severity="warning",
            )
        )
        # No file ever has this digest: a record with this fact is never reused.
        return Fact("file", subject, "changed")

    def _modules(self) -> Iterator[str]:
        # Not the difference of two sets: a look at every name would have a forked worker copy
        # hundreds of pages. Without Python code in between, no thread can import meanwhile.
        for name in list(takewhile(self._last_module.__ne__, reversed(sys.modules))):
            path = getattr(sys.modules.get(name), "__file__", None)
            if name != "__main__" and isinstance(path, str):
                path = os.path.abspath(path)
                if not path.startswith(self._ignored):
                    yield path

    def _is_left(self, path: str) -> bool:
        signature = _signature(path)
        if signature is None:
            return False
        home = os.path.join(os.path.expanduser("~"), ".")
        if not self._is_inside(path) and path.startswith((_below(tempfile.gettempdir()), home)):
            return False
        before = self._before_write.get(path)
        return before is None or before != _digest(path)

    @contextmanager
    def _aside(self) -> Iterator[None]:
        ident = threading.get_ident()
        self._busy.add(ident)
        try:
            yield
        finally:
            self._busy.discard(ident)


def install() -> None:
    """Install the audit hook; once in a process, since hooks cannot be removed."""
    global _installed_hook
    _installed()  # once for all the tasks of this process
    if not _installed_hook:
        _installed_hook = True
        sys.addaudithook(_hook)


_installed_hook = False
_REMOVING = frozenset({"os.remove", "os.rename", "os.truncate"})


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    observer = _active
    if observer is None:
        return
    if event == "open":
        flags = arguments[2]
        observer.opened(arguments[0], flags if isinstance(flags, int) else 0)
    elif event in _REMOVING:
        observer.removed(arguments[0])
        if event == "os.rename":
            observer.opened(arguments[1], os.O_WRONLY | os.O_TRUNC)
    elif event == "sqlite3.connect":
        observer.opened(arguments[0], os.O_RDWR)


def file_fact(directory: str, path: str) -> Fact:
    """The fact about a file or directory that the step declares with ``--file``."""
    digest = _content(os.path.join(directory, path))
    return Fact("absent", path, "") if digest is None else Fact("file", path, digest)


def current_value(fact: Fact, directory: str) -> str:
    """What the value of a fact would be now; a record whose facts differ does not hold."""
    match fact.kind:
        case "file" | "module":
            return _content(os.path.join(directory, fact.subject)) or ""
        case "absent":
            return _content(os.path.join(directory, fact.subject)) or fact.value
        case "python":
            return _python()
        case "platform":
            return _platform()
        case _:
            raise AssertionError(f"no task observes facts of kind {fact.kind} yet")


def _content(path: str) -> Digest | None:
    """Digest of a file, or of all the files below a directory."""
    if not Path(path).is_dir():
        return _digest(path)
    files = sorted(
        os.path.relpath(os.path.join(folder, name), path)
        for folder, _, names in os.walk(path)
        for name in names
    )
    return of_structure(
        "nbflow-directory-1", [[name, _digest(os.path.join(path, name))] for name in files]
    )


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _platform() -> str:
    return f"{sys.platform}-{os.uname().machine}"


def _digest(path: str) -> Digest | None:
    if _signature(path) is None:
        return None
    try:
        return Digest(blake3(max_threads=blake3.AUTO).update_mmap(path).hexdigest())
    except OSError:
        return None


def _signature(path: str) -> Signature | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return (
        status.st_dev,
        status.st_ino,
        status.st_size,
        status.st_mtime_ns,
        status.st_ctime_ns,
    )


def _below(path: str) -> str:
    return os.path.join(os.path.abspath(path), "")


@cache
def _installed() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    directories = {
        sys.prefix,
        sys.base_prefix,
        *(paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")),
        *site.getsitepackages(),
        site.getusersitepackages(),
        str(Path(__file__).parents[2]),
    }
    below = (_below(directory) for directory in directories)
    return (*(path for path in below if path not in _SHARED), *_SYSTEM)
