"""The audit hook: Python tells of what is opened, listed, made and removed."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib.util import source_from_cache

from nbflow.run.worker.observing import (
    commands,
    handed,
    invited,
    looks,
    natives,
    observe,
    outside,
    spawned,
    trees,
)
from nbflow.run.worker.observing.descriptors import place_in
from nbflow.run.worker.observing.listings import (
    is_for_an_import,
    is_for_distributions,
    is_to_run,
    note_pattern,
    pattern_asked,
)
from nbflow.run.worker.observing.places import installed


def install() -> None:
    """Have this process tell of what tasks do; the hook itself once, for it cannot be removed."""
    global _is_hooked
    installed()  # once for all the tasks of this process
    natives.install()
    if not _is_hooked:
        _is_hooked = True
        sys.addaudithook(_hook)
        os.register_at_fork(before=_forking, after_in_child=_forked)


_is_hooked = False
#: Flags of files that are not only read, or that have no names.
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_TMPFILE", 0)
_REMOVING = frozenset({"os.remove", "os.truncate"})


def _forking() -> None:
    if observe.active is not None:
        observe.active.forking()


def _forked() -> None:
    if observe.active is not None:
        observe.active.begin_to_tell()


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    observer = observe.active
    if observer is None:
        return
    if event == "open":
        path, _, flags = arguments
        if (
            type(path) is str
            and type(flags) is int
            and not flags & _WRITING
            and observer.read(path)
        ):
            return
        as_text = str(path).endswith(".py") and not is_to_run(1)
        observer.opened(_of_module(path), flags if isinstance(flags, int) else 0, as_text)
    elif event == "os.remove" and arguments[-1] != -1:
        pass  # a part of removing a tree
    elif event == "os.rename":
        trees.renamed(observer, arguments[0], arguments[1])
    elif event in ("os.link", "os.symlink"):
        trees.linked(observer, arguments[0], arguments[1], event == "os.link")
    elif event in ("os.utime", "os.chown"):
        observer.restated(arguments[0])
    elif event == "os.chmod":
        observer.given_mode(arguments[0], arguments[1])
    elif event in _REMOVING:
        observer.removed(arguments[0])
    elif event == "sqlite3.connect":
        handed.to_sqlite(observer, arguments[0])
    elif event in ("os.listdir", "os.scandir"):
        if not is_for_an_import(1):
            frame, folder = sys._getframe(1), arguments[0]
            folder = place_in(folder) if isinstance(folder, int) else folder or "."
            observer.listed(folder, pattern_asked(frame))
            if event == "os.scandir":
                trees.listed_with(observer, folder, looks.parts_asked(frame))
        elif is_for_distributions(1):
            trees.asked_for_distributions(observer, arguments[0] or ".")
    elif event in ("pathlib.Path.glob", "pathlib.Path.rglob"):
        note_pattern(arguments[1])
    elif event == "os.chdir":
        observer.paths.leave()
        observer.asked(arguments[0], "there")
    elif event in ("os.mkdir", "os.rmdir"):
        if arguments[-1] == -1:
            observer.made(arguments[0], event == "os.mkdir")
    elif event in commands.COMMANDS:
        if commands.shows_variables(event, arguments):
            invited.take_back()
        else:
            directory, _, address = observer.invitation()
            invited.invite(directory, address, observer.paths.ignored)
        commands.to_command(observer, event, arguments)
        observer.outside.heard(event, arguments)
    elif event in outside.NETWORK:
        observer.outside.heard(event, arguments)
    elif event == "shutil.rmtree":
        trees.removed(observer, arguments[0])
    elif event == "import" and arguments[0] == spawned.LATE:
        spawned.enclose()


def _of_module(path: object) -> object:
    """The source, where a module's code is read: it may have gone again before anybody asks."""
    if isinstance(path, str) and path.endswith(".pyc"):
        with suppress(ValueError):
            return source_from_cache(path)
    return path
