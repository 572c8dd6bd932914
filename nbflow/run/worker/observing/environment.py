"""Which variables of the environment a task reads, and what they are where nbflow runs.

A variable counts as it is in the process that runs nbflow, never as the task has set it. What is
read while a library is imported does not count: a worker may have it imported before the task.
"""

# A class is put under an object of the standard library, whose own class is private.
# mypy: disable-error-code="attr-defined,misc,assignment,valid-type,no-any-return"

from __future__ import annotations

import functools
import os
import re
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from nbflow.records.digest import of_structure
from nbflow.records.task import Fact
from nbflow.run.worker.observing.places import below, is_importing, is_installed

#: Where Python looks for modules, beside the notebook's own folder and what is installed.
_ALONG = "PYTHONPATH"
#: Stands for the names of all variables there are.
ALL = "*"
#: What each terminal, session and process has otherwise: no part of the whole.
_OF_A_SESSION = frozenset(
    {"_", "PWD", "OLDPWD", "SHLVL", "TERM", "COLUMNS", "LINES", "WINDOWID", "TMUX", "TMUX_PANE"}
    | {"SSH_CLIENT", "SSH_CONNECTION", "SSH_TTY", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "DISPLAY"}
    | {"PYTEST_CURRENT_TEST", "PYTEST_VERSION", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_TESTRUNUID"}
    | {"PYTHONHASHSEED", "OMP_WAIT_POLICY", "MPLBACKEND", "INVOCATION_ID", "JOURNAL_STREAM"}
    | {"JPY_PARENT_PID", "JPY_SESSION_NAME", "TERM_SESSION_ID", "VSCODE_PID", "XDG_SESSION_ID"}
)
#: What libraries look at by the way, and nbflow sets for its workers.
_BY_THE_WAY = _OF_A_SESSION | (
    {"PATH", "TMPDIR", "TEMP", "TMP", "NO_COLOR", "FORCE_COLOR", "PYTHONASYNCIODEBUG"}
)
#: Modules that ask on behalf of their callers.
_ASKING = frozenset(
    {"os", "posixpath", "genericpath", "pathlib", "_collections_abc", "collections.abc", __name__}
    | {"configparser", "copy"}
)
#: Functions of further ones that do.
_ASKING_TOO = frozenset({("shutil", "which"), ("shutil", "get_terminal_size")})
#: What is sought among all variables for the address of a proxy, by this function.
_SEEKING_PROXIES = ("urllib.request", "getproxies_environment")
_PROXY = ("http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy")
_PROXIES = (*_PROXY, *(name.upper() for name in _PROXY))
#: Where temporary files lie; Python asks once, and remembers the answer.
_TEMPORARY = ("TMPDIR", "TEMP", "TMP")
#: Libraries that take from all variables those that the user wants.
_PICKING = frozenset({"pydantic_settings", "dynaconf", "confuse", "everett", "goodconf"})
_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
_WORD = re.compile(r"[A-Za-z_]\w*")
_Plain = type(os.environ)

_active: Reads | None = None
#: The environment as the process that runs nbflow has it; of this very process by default.
_base: dict[str, str] | None = None


def begin_with(variables: Mapping[str, str]) -> None:
    """In a process for workers: what the process that runs nbflow has."""
    global _base
    _base = dict(variables)


class Reads:
    """What one task reads of the environment.

    Parameters
    ----------
    given
        Names of variables that the step's options set.
    """

    #: What other processes of the task add to.
    TOLD = ("names",)

    def __init__(self, given: Collection[str] = ()) -> None:
        base = dict(os.environ) if _base is None else _base
        self.base: Mapping[str, str] = base
        self._own = set(given)
        #: Names of what was read, in the order in which it was.
        self.names: dict[str, None] = {}
        self._wholesale: set[CodeType] = set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Observe what this process reads meanwhile."""
        global _active
        _active = self
        os.environ.__class__ = os.environb.__class__ = _Watched
        plain = tempfile.gettempdir
        tempfile.gettempdir = _telling(plain)
        try:
            yield
        finally:
            tempfile.gettempdir = plain
            os.environ.__class__ = os.environb.__class__ = _Plain
            _active = None

    def facts(self, modules: Iterable[str] = ()) -> Iterator[Fact]:
        """Each variable that was read, by a digest: values may be secrets.

        Parameters
        ----------
        modules
            Sources of local modules, of which some may be found along a variable.
        """
        paths = self.base.get(_ALONG, "").split(os.pathsep)
        folders = tuple({below(path) for path in paths if path} - {below(".")})
        if any(path.startswith(folders) for path in modules):
            self.names.setdefault(_ALONG)
        for name in self.names:
            yield Fact("environment", name, value_of(name, self.base))

    def asked(self, name: str) -> None:
        """A variable is read."""
        if name in self.names or name in self._own:
            return
        frame = _asking(sys._getframe(2))
        if frame is None or (frame.f_code in self._wholesale and name in _OF_A_SESSION):
            return
        if is_installed(frame) and not _is_picking(frame):
            is_by_the_way = name in _BY_THE_WAY or frame.f_code in self._wholesale
            if is_by_the_way or _is_own(frame) or is_importing(frame):
                return
        self.names.setdefault(name)

    def asked_for_all(self) -> None:
        """The names of all variables are read, and perhaps all of them."""
        frame = _asking(sys._getframe(2))
        if frame is None:
            return
        self._wholesale.add(frame.f_code)
        if _place(frame) == _SEEKING_PROXIES and not is_importing(frame):
            self.looked_up(_PROXIES)
        if not is_installed(frame) or _is_picking(frame):
            self.names.setdefault(ALL)

    def named(self, text: str) -> None:
        """A text is given to a child process, which has the environment as well."""
        asked = {*_VARIABLE.findall(text), *(w for w in _WORD.findall(text) if w in self.base)}
        for name in sorted(asked - self._own - _BY_THE_WAY):
            self.names.setdefault(name)

    def looked_up(self, names: Iterable[str]) -> None:
        """The standard library has looked for these on behalf of the task."""
        for name in names:
            if name not in self._own:
                self.names.setdefault(name)

    def set(self, name: str) -> None:
        """The task sets a variable: from now on it is its own."""
        self._own.add(name)


def value_of(name: str, variables: Mapping[str, str]) -> str:
    """What a fact about a variable says of it; nothing when it is not set."""
    if name == ALL:
        return of_structure("nbflow-variables-1", sorted(variables.keys() - _OF_A_SESSION))
    value = variables.get(name)
    return "" if value is None else of_structure("nbflow-variable-1", [name, value])


class _Watched(_Plain):
    """``os.environ`` while a task runs."""

    def __getitem__(self, key: Any) -> Any:
        if _active is not None and isinstance(key, str | bytes):
            _active.asked(os.fsdecode(key))
        return super().__getitem__(key)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        if _active is not None:
            _active.set(os.fsdecode(key))

    def __delitem__(self, key: Any) -> None:
        super().__delitem__(key)
        if _active is not None:
            _active.set(os.fsdecode(key))

    def __iter__(self) -> Iterator[Any]:
        if _active is not None:
            _active.asked_for_all()
        return super().__iter__()

    def __len__(self) -> int:
        if _active is not None:
            _active.asked_for_all()
        return super().__len__()


def _asking(frame: FrameType | None) -> FrameType | None:
    """Who reads, behind the modules that do it for others."""
    while frame is not None and (
        frame.f_globals.get("__name__") in _ASKING or _place(frame) in _ASKING_TOO
    ):
        frame = frame.f_back
    return frame


def _place(frame: FrameType) -> tuple[str, str]:
    """The module and the function that run."""
    return str(frame.f_globals.get("__name__", "")), frame.f_code.co_name


def _telling(plain: Callable[[], str]) -> Callable[[], str]:
    """The same, which tells when code asks that is not installed."""

    @functools.wraps(plain)
    def gettempdir() -> str:
        if _active is not None and not is_installed(sys._getframe(1)):
            _active.looked_up(_TEMPORARY)
        return plain()

    return gettempdir


def _is_picking(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0] in _PICKING


def _is_own(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__name__", "")).startswith("nbflow.")
