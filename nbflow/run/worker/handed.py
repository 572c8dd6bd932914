"""Paths that readers in other languages, and child processes, are given: what they surely look at.

What a child process reads beside is not seen.
"""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH112, PTH113, PTH118, PTH120, PTH207

from __future__ import annotations

import glob
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from nbflow.run.worker import natives
from nbflow.run.worker.environment import Reads

#: Audit events of child processes, and where among their arguments the command stands, the
#: directory, and the environment.
COMMANDS: dict[str, tuple[int, int | None, int | None]] = {
    "subprocess.Popen": (1, 2, 3),
    "os.system": (0, None, None),
    "os.posix_spawn": (1, None, None),
    "os.spawn": (2, None, None),
}
_SCRIPTS = (".py", ".sh", ".R", ".r", ".pl", ".jl", ".js", ".sql", ".awk")
_QUOTED = re.compile(r"""["']([^"'\n\0]+)["']""")
#: Where the programs of the system lie.
_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/")
#: A larger command is data.
_LARGEST = 1 << 16


class Observer(Protocol):
    """What is told of the paths."""

    variables: Reads

    def opened(self, raw: object, flags: int, as_text: bool = False) -> None:
        """A file is about to be opened."""

    def listed(self, raw: object) -> None:
        """A directory is about to be listed."""

    def handed(self, path: str, perhaps: bool = False) -> None:
        """A child process is given a file."""


def to_reader(observer: Observer, path: str) -> None:
    """A reader is given a path: of a file, of a directory with files, or a pattern of paths."""
    found = [path]
    if glob.has_magic(path) and not os.path.lexists(path):
        observer.listed(os.path.dirname(path.partition("*")[0]) or ".")
        found = glob.glob(path, recursive=True)
    for each in found:
        if not os.path.isdir(each):
            observer.opened(each, os.O_RDONLY)
            continue
        for folder, _, names in os.walk(each):
            observer.listed(folder)
            for name in names:
                observer.opened(os.path.join(folder, name), os.O_RDONLY)


def to_step(observer: Observer, values: Iterable[object]) -> None:
    """A step is given values, some of which read files when they are used."""
    for value in values:
        for path in natives.paths_behind(value):
            to_reader(observer, path)


def to_sqlite(observer: Observer, database: object) -> None:
    """A database is about to be opened, and with it the log of what was changed last."""
    if not isinstance(database, str | bytes | os.PathLike):
        return
    path, access = os.fsdecode(database), os.O_RDWR
    if path.startswith("file:") and not os.path.lexists(path):
        parts = urlsplit(path)
        path = unquote(parts.path)
        if "memory" in parse_qs(parts.query).get("mode", ()):
            return
        if parse_qs(parts.query).keys() & {"immutable"} or "mode=ro" in parts.query:
            access = os.O_RDONLY
    if path in ("", ":memory:"):
        return
    observer.opened(path, access)
    if _has_log(path):
        observer.opened(f"{path}-wal", access)


def _has_log(path: str) -> bool:
    """Whether changes are kept beside the database until it takes them in."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            return os.read(descriptor, 20)[18:20] == b"\2\2"
        finally:
            os.close(descriptor)
    except OSError:
        return False


def to_command(observer: Observer, event: str, arguments: tuple[object, ...]) -> None:
    """A child process is about to be started."""
    command, directory, environment = (
        None if place is None or place >= len(arguments) else arguments[place]
        for place in COMMANDS[event]
    )
    folder = os.fsdecode(directory) if isinstance(directory, str | os.PathLike) else ""
    for word in _words(command):
        if environment is None:
            observer.variables.named(word)
        for text in {word, word.rpartition("=")[2]}:
            path = os.path.join(folder, text)
            if not text or "\0" in path or path.startswith(_PROGRAMS):
                continue
            if glob.has_magic(text):
                observer.listed(os.path.dirname(path) or ".")
                for each in glob.glob(path):
                    observer.handed(each)
            elif os.path.isdir(path):
                observer.listed(path)
            else:
                observer.handed(path)
                for each in _named_in(path):
                    observer.handed(os.path.join(folder, each), perhaps=True)


def _named_in(path: str) -> Iterator[str]:
    """What stands in quotes in a script: it may be read, or be written."""
    if not path.endswith(_SCRIPTS):
        return
    with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        text = file.read(_LARGEST)
        yield from (found for found in _QUOTED.findall(text) if os.path.isfile(found))


def _words(command: object) -> Iterator[str]:
    match command:
        case bytes():
            yield from _words(os.fsdecode(command))
        case os.PathLike():
            yield os.fspath(command)
        case str() if len(command) <= _LARGEST:
            yield from _of_shell(command)
        case list() | tuple():
            for each in command:
                text = os.fsdecode(each) if isinstance(each, bytes | os.PathLike) else each
                if isinstance(text, str) and len(text) <= _LARGEST:
                    yield text
                    if any(mark in text for mark in " \n\t("):
                        yield from _of_shell(text)
                        yield from _QUOTED.findall(text)


def _of_shell(text: str) -> Iterator[str]:
    """The words of a text for the shell, but for files that it writes."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words, is_written = list[str](), False
    try:
        for word in lexer:
            if not is_written:
                words.append(word)
            is_written = word.startswith(">") and set(word) <= set(">&|")
    except ValueError:  # quotes that are not closed
        words = text.split()
    yield from words
