"""Paths that readers in other languages, and child processes, are given: what they surely look at.

What a child process reads or writes beside is not seen.
"""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH112, PTH118, PTH120, PTH207

from __future__ import annotations

import glob
import os
import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import islice
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from nbflow.run.worker.observing import natives, scripts
from nbflow.run.worker.observing.environment import Reads
from nbflow.run.worker.observing.looks import Asked

#: Audit events of child processes, and where among their arguments the command stands, the
#: directory, and the environment.
COMMANDS: dict[str, tuple[int, int | None, int | None]] = {
    "subprocess.Popen": (1, 2, 3),
    "os.system": (0, None, None),
    "os.posix_spawn": (1, None, None),
    "os.spawn": (2, None, None),
    "os.exec": (1, None, 2),
}
#: Behind these another command begins.
_SEPARATORS = frozenset({"", "&&", "||", "|", ";", "&", "(", "-c"})
#: Where the programs of the system lie.
_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/")
#: What only stands in a word that holds others.
_BETWEEN = " \n\t("
#: How deep values are looked into, and at how many in all.
_DEPTH, _MOST_PARTS = 3, 10_000
#: A larger command is data.
_LARGEST = 1 << 16


class Observer(Protocol):
    """What is told of the paths."""

    variables: Reads

    def opened(self, raw: object, flags: int, as_text: bool = False) -> None:
        """A file is about to be opened."""

    def listed(self, raw: object) -> None:
        """A directory is about to be listed."""

    def asked(self, raw: object, what: Asked) -> None:
        """Something is asked of a path that is not opened."""

    def handed(self, path: str, perhaps: bool = False) -> None:
        """A child process is given a file."""

    def aside(self) -> AbstractContextManager[None]:
        """What this thread does meanwhile is nobody's business."""

    def given_away(self, path: str, is_sure: bool = True) -> None:
        """Somebody unseen is to write a file or files below a directory, or may do so."""


def to_reader(observer: Observer, path: str) -> None:
    """A reader is given a path: of a file, of a directory with files, or a pattern of paths."""
    found = [path]
    if glob.has_magic(path) and not os.path.lexists(path):
        observer.listed(os.path.dirname(path.partition("*")[0]) or ".")
        found = glob.glob(path, recursive=True)
    elif not os.path.lexists(path):
        observer.asked(path, "there")
        return
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
    if any(module in sys.modules for module in natives.LAZY):
        for value in islice(_with_parts(values, _DEPTH), _MOST_PARTS):
            for path in natives.paths_behind(value):
                to_reader(observer, path)


def _with_parts(values: Iterable[object], depth: int) -> Iterator[object]:
    """Values, and what containers and plain objects among them hold."""
    for value in values:
        yield value
        if depth > 0 and isinstance(value, list | tuple | set | frozenset):
            yield from _with_parts(value, depth - 1)
        elif depth > 0 and isinstance(value, dict):
            yield from _with_parts(value.values(), depth - 1)
        elif depth > 0 and type(value).__module__ == "__main__":
            yield from _with_parts(getattr(value, "__dict__", {}).values(), depth - 1)


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
    _give(observer, _words(command), folder, environment is None)


def to_script(observer: Observer, text: str) -> None:
    """A program is about to be given a text to carry out (``%%bash``)."""
    words = [word for line in text.splitlines() for word in _of_shell(line)]
    quoted = [(each, False) for each in scripts.quoted_in(text)]
    _give(observer, [*words, *quoted], "", reads_variables=True)


def _give(
    observer: Observer, words: Iterable[tuple[str, bool]], folder: str, reads_variables: bool
) -> None:
    folders, before = [folder], ""
    for word, is_written in words:
        if before in _SEPARATORS and "/" not in word and (program := shutil.which(word)):
            _give_path(observer, "", program, is_written=False)
        if before in ("-c", "-m"):
            look = scripts.named_in_code if before == "-c" else scripts.module_files
            with observer.aside():
                files = [*look(word, folders[-1])]
            for file, perhaps in files:
                observer.handed(file, perhaps)
        if reads_variables:
            observer.variables.named(word)
        for text in dict.fromkeys((word, word.rpartition("=")[2])):
            for each in folders:
                _give_path(observer, each, text, is_written)
        if before == "cd":
            folders.append(os.path.join(folders[-1], word))
        before = word


def _give_path(observer: Observer, folder: str, text: str, is_written: bool) -> None:
    path = os.path.join(folder, text)
    if not text or "\0" in path or path.startswith(_PROGRAMS):
        return
    observer.given_away(path, is_written)
    if is_written:
        return
    if glob.has_magic(text):
        observer.listed(os.path.dirname(path) or ".")
        for each in glob.glob(path):
            observer.given_away(each, is_sure=False)
            observer.handed(each)
    elif os.path.isdir(path):
        observer.listed(path)
    else:
        observer.handed(path)
        with observer.aside():
            named = [*scripts.named_in(path, folder)]
        for each, perhaps in named:
            observer.handed(each, perhaps)


def _words(command: object) -> Iterator[tuple[str, bool]]:
    """The words of a command, and whether a shell writes the file of that name."""
    match command:
        case bytes():
            yield from _words(os.fsdecode(command))
        case os.PathLike():
            yield os.fspath(command), False
        case str() if len(command) <= _LARGEST:
            yield from _of_shell(command)
        case list() | tuple():
            for each in command:
                text = os.fsdecode(each) if isinstance(each, bytes | os.PathLike) else each
                if isinstance(text, str) and len(text) <= _LARGEST:
                    yield text, False
                    if any(mark in text for mark in _BETWEEN):
                        yield from _of_shell(text)
                        yield from ((quoted, False) for quoted in scripts.quoted_in(text))


def _of_shell(text: str) -> Iterator[tuple[str, bool]]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    words, is_written = list[tuple[str, bool]](), False
    try:
        for word in lexer:
            words.append((word, is_written))
            is_written = word.startswith(">") and set(word) <= set(">&|")
    except ValueError:  # quotes that are not closed
        words = [(word, False) for word in text.split()]
    for word, is_written in words:
        yield word, is_written
        if len(word) < len(text) and any(mark in word for mark in _BETWEEN):
            yield from _of_shell(word)  # what a shell is given to carry out
