"""Programs that a step starts: what their commands name is what they surely look at.

What a program in another language reads beside is not seen.
"""

# Called from the audit hook: plain strings are cheap.
# ruff: noqa: PTH112, PTH118, PTH119, PTH207

from __future__ import annotations

import fnmatch
import glob
import os
import re
import shlex
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import islice, product
from typing import Protocol

from nbflow.run.worker.observing import scripts
from nbflow.run.worker.observing.environment import Reads
from nbflow.run.worker.observing.folders import Folders
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
#: Programs that look at no more than the names in a folder, if at these; and those that do so in
#: all folders below.
_SHALLOW = frozenset(
    {"ls", "dir", "echo", "printf", "test", "[", "cd", "pushd", "mkdir", "rmdir", "rm", "touch"}
    | {"stat", "chmod", "chown", "ln", "realpath", "dirname", "basename", "readlink"}
)
_DEEP = frozenset({"find", "tree"})
#: Those that look into the folder where they are, if they are given no other one.
_HERE = frozenset({"ls", "dir", "find", "tree", "du"})
#: Those that write into the folder which they are given last.
_INTO = frozenset({"cp", "mv", "rsync", "scp", "install"})
#: Those that only ask whether something is there.
_ASKING = frozenset({"test", "["})
#: Behind these stand patterns of names in other folders.
_PATTERNED = frozenset({"-name", "-iname", "-path", "-ipath"})
#: What is given to other programs: the names of files.
_HANDING_ON = frozenset({"xargs", "-exec", "-execdir"})
#: Files that programs look for without being told.
_SOUGHT = dict.fromkeys(("make", "gmake"), ("GNUmakefile", "makefile", "Makefile"))
#: What ``git`` asks for the commit without making another one.
_OF_COMMITS = frozenset(
    {"rev-parse", "describe", "log", "show", "rev-list", "diff", "status", "branch", "blame", "tag"}
)
#: Below a folder with more files, or with more bytes in them, only names are looked at.
_MOST_FILES, _MOST_BYTES = 500, 1 << 26
#: Where the programs of the system lie.
_PROGRAMS = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/opt/")
#: What only stands in a word that holds others.
_BETWEEN = " \n\t("
#: A larger command is data.
_LARGEST = 1 << 16
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_RECURSIVE = re.compile(r"-\w*R\w*|--recursive")
#: A command that shows all variables there are.
_SHOWS = re.compile(
    r"(?:^|[;&|(\n])\s*(?:(?:env|export|set)(?:\s+-\w+)*\s*(?:$|[;&|)>\n])|printenv\b)"
)
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)")
#: So many words a word with variables may stand for.
_MOST_WORDS = 50


class Observer(Protocol):
    """What is told of the paths."""

    variables: Reads
    folders: Folders

    def asked(self, raw: object, what: Asked) -> None:
        """Something is asked of a path that is not opened."""

    def handed(self, path: str, perhaps: bool = False) -> None:
        """A child process is given a file."""

    def aside(self) -> AbstractContextManager[None]:
        """What this thread does meanwhile is nobody's business."""

    def given_away(self, path: str, is_sure: bool = True) -> None:
        """Somebody unseen is to write a file or files below a directory, or may do so."""


def to_command(observer: Observer, event: str, arguments: tuple[object, ...]) -> None:
    """A child process is about to be started."""
    command, directory, environment = (
        None if place is None or place >= len(arguments) else arguments[place]
        for place in COMMANDS[event]
    )
    folder = os.fsdecode(directory) if isinstance(directory, str | os.PathLike) else ""
    own = environment if isinstance(environment, Mapping) else None
    _Command(observer, folder, own).give([*_words(command)])


def to_script(observer: Observer, text: str) -> None:
    """A program is about to be given a text to carry out (``%%bash``)."""
    words = [word for line in text.splitlines() for word in [*_of_shell(line), (";", False)]]
    quoted = [(each, False) for each in scripts.quoted_in(text)]
    _Command(observer, "", None).give([*words, *quoted])


def shows_variables(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether a command shows what variables there are, and starts no Python."""
    command = arguments[COMMANDS[event][0]]
    if isinstance(command, list | tuple):
        texts = [os.fsdecode(each) for each in command if isinstance(each, str | bytes)]
        command = texts[-1] if "-c" in texts else " ".join(texts)
    text = os.fsdecode(command) if isinstance(command, str | bytes) else ""
    return "python" not in text and _SHOWS.search(text[:_LARGEST]) is not None


class _Command:
    """A command as it is carried out word by word.

    Parameters
    ----------
    folder
        Where.
    environment
        What it is given in place of the process's own.
    """

    def __init__(
        self, observer: Observer, folder: str, environment: Mapping[object, object] | None
    ) -> None:
        self._observer = observer
        self._folders = [folder]
        self._environment = environment
        #: What variables of the shell may be.
        self._values: dict[str, list[str]] = {}
        #: Whether files hold the names of others.
        self._lists = False
        self._is_deep = False
        self._asks_for_commits = False
        #: Names of the files in folders that count, where not all do.
        self._patterns: list[str] = []
        self._program = ""

    def give(self, words: Sequence[tuple[str, bool]]) -> None:
        """Tell of what it names."""
        texts = [word for word, _ in words]
        self._lists = not _HANDING_ON.isdisjoint(texts)
        self._is_deep = any(_RECURSIVE.fullmatch(word) for word in texts)
        self._patterns = [*_patterns(texts)]
        self._asks_for_commits = not _OF_COMMITS.isdisjoint(texts)
        self._learn(texts)
        before, has_path = "", False
        for place, (word, is_written) in enumerate(words):
            # What a shell is given to carry out comes again word by word.
            is_text = any(mark in word for mark in _BETWEEN)
            if before in _SEPARATORS and not is_text:
                self._here(has_path)
                has_path = False
                self._begin(word)
            if before in ("-c", "-m"):
                self._run(word, before)
            if self._environment is None:
                self._observer.variables.named(word)
            is_last = place + 1 == len(words) or words[place + 1][0] in _SEPARATORS
            for text in self._expanded(word):
                for each in dict.fromkeys((text, text.rpartition("=")[2])):
                    for folder in () if before in _PATTERNED else self._folders:
                        self._path(folder, each, is_written, is_last)
                is_name = text[:1] not in ("-", "") and text not in _SEPARATORS
                has_path = has_path or (is_name and before not in _SEPARATORS)
            if before == "cd":
                self._folders.append(os.path.join(self._folders[-1], word))
            before = "" if is_text else word
        self._here(has_path)

    def _begin(self, word: str) -> None:
        first = (word.split() or [""])[0]
        self._program = os.path.basename(first)
        if "/" not in first and (program := shutil.which(first)):
            self._path("", program, is_written=False)
        for name in _SOUGHT.get(self._program, ()):
            self._path(self._folders[-1], name, is_written=False)
        if self._program == "git" and self._asks_for_commits:
            with self._observer.aside():
                found = [*scripts.of_repository(self._folders[-1])]
            for each in found:
                self._observer.handed(each)

    def _here(self, has_path: bool) -> None:
        if self._program in _HERE and not has_path:
            self._folder(self._folders[-1] or ".", is_last=False)

    def _run(self, word: str, before: str) -> None:
        look = scripts.named_in_code if before == "-c" else scripts.module_files
        with self._observer.aside():
            files = [*look(word, self._folders[-1])]
        for file, perhaps in files:
            self._observer.handed(file, perhaps)

    def _learn(self, words: Sequence[str]) -> None:
        """What its variables may be: those that it sets, and those of loops."""
        name, is_list = "", False
        for before, word in zip(["", *words], words, strict=False):
            if before == "for":
                name, is_list = word, False
            elif word == "in" and name:
                is_list = True
            elif is_list and word not in (";", "do", "\n"):
                found = glob.glob(word) if glob.has_magic(word) else [word]
                self._values.setdefault(name, []).extend(found)
            else:
                is_list = False
                if assigned := _ASSIGNED.fullmatch(word):
                    self._values.setdefault(assigned[1], []).append(assigned[2])

    def _expanded(self, word: str) -> Iterator[str]:
        yield word
        names = dict.fromkeys(one or other for one, other in _VARIABLE.findall(word))
        values = [self._values.get(name) or [self._variable(name)] for name in names]
        for chosen in islice(product(*values), _MOST_WORDS) if names else ():
            told = dict(zip(names, chosen, strict=True))
            yield _filled(word, told)

    def _variable(self, name: str) -> str:
        own = self._environment
        return os.environ.get(name, "") if own is None else str(own.get(name, ""))

    def _path(self, folder: str, text: str, is_written: bool, is_last: bool = False) -> None:
        path, observer = os.path.join(folder, text), self._observer
        if not text or "\0" in path or path.startswith(_PROGRAMS):
            return
        observer.given_away(path, is_written)
        if is_written:
            return
        if self._program in _ASKING:
            observer.asked(path, "there")
        if glob.has_magic(text):
            for each in glob.glob(path):  # which tells of what it lists
                observer.given_away(each, is_sure=False)
                observer.handed(each)
        elif os.path.isdir(path):
            self._folder(path, is_last)
        else:
            observer.handed(path)
            with observer.aside():
                named = [*scripts.named_in(path, folder)]
                named += scripts.listed_in(path, folder) if self._lists else ()
                variables = scripts.variables_in([path, *(each for each, _ in named)])
            for each, perhaps in named:
                observer.handed(each, perhaps)
            if self._environment is None:
                observer.variables.named(variables)

    def _counts(self, name: str) -> bool:
        return any(fnmatch.fnmatch(name.lower(), each.lower()) for each in self._patterns)

    def _folder(self, path: str, is_last: bool) -> None:
        """A program is given a folder: what it holds by the end is what the program has left."""
        shown = self._observer.folders.shown
        shown[os.path.abspath(path)] = None  # noqa: PTH100
        is_into = is_last and self._program in _INTO
        if is_into or self._program.startswith("python"):  # which tells by itself
            return
        if self._program in _SHALLOW and not (self._lists or self._is_deep):
            return
        files, size = list[str](), 0
        with self._observer.aside():
            for folder, folders, names in os.walk(path):
                folders[:] = [name for name in folders if not name.startswith(".")]
                shown[os.path.abspath(folder)] = None  # noqa: PTH100
                files += [os.path.join(folder, name) for name in names]
                if len(files) > _MOST_FILES:
                    return
            if self._patterns:
                files = [each for each in files if self._counts(os.path.basename(each))]
            size = sum(os.path.getsize(file) for file in files if os.path.isfile(file))  # noqa: PTH202, PTH113
        if size <= _MOST_BYTES and (self._lists or self._program not in _DEEP | _SHALLOW):
            for file in files:
                self._observer.handed(file, perhaps=True)


def _patterns(words: Sequence[str]) -> Iterator[str]:
    """Which files of a folder count for ``find`` and ``grep``."""
    for before, word in zip(["", *words], words, strict=False):
        if before in _PATTERNED:
            yield word.rpartition("/")[2]
        elif word.startswith("--include="):
            yield word.partition("=")[2]


def _filled(word: str, told: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: told[found[1] or found[2]], word)


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
