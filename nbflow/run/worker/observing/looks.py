"""What a task asks of paths without opening them: whether something is there, how large it is.

Python tells nobody of it, so the functions of ``os`` that all such questions come down to are
others while a task runs. What the standard library asks for its own purposes does not count.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import CodeType, FrameType
from typing import Any, Literal, TypeAlias

from nbflow.run.worker.observing import descriptors, helped
from nbflow.run.worker.observing.contents import Status
from nbflow.run.worker.observing.descriptors import place_in, stand_for
from nbflow.run.worker.observing.places import is_importing, is_installed

#: ``there``: whether something is there, and whether a directory; ``content``: what only a look at
#: the file itself can tell; ``link``: where a link leads; or something of its status.
Asked: TypeAlias = Literal["there", "content", "link"] | Status
Tell: TypeAlias = Callable[[Any, Asked], None]

#: Modules that ask on behalf of others, and functions of further ones that do.
_ASKING = frozenset({"genericpath", "posixpath", "pathlib", "glob", "filecmp"})
#: The same, of which it is their own question.
_SEEKING = frozenset({"gettext", "mailbox"})
_FOR_OTHERS = _ASKING | _SEEKING
_ASKING_TOO = frozenset({("shutil", "which"), ("shutil", "_access_check")})
#: Functions of these modules that only ask whether something is there.
_THERE = frozenset(
    {"exists", "lexists", "isfile", "isdir", "is_file", "is_dir", "ismount", "is_mount"}
    | {"glob", "iglob", "rglob", "glob0", "glob1", "_glob0", "_lexists", "_iglob", "_isdir"}
    | {"select_from", "_select_from", "is_fifo", "is_socket", "is_block_device"}
    | {"which"}
)
_CONTENT = frozenset({"getsize", "getmtime", "getctime", "getatime", "stat", "lstat"})
#: What is asked of a status, by what its parts are called.
_PARTS: dict[str, Status] = {
    "st_size": "size",
    **dict.fromkeys(("st_mtime", "st_mtime_ns", "st_ctime", "st_ctime_ns"), "modified"),
    "st_mode": "mode",
}
_LINKS = frozenset({"islink", "is_symlink"})
_RESOLVING = frozenset({"realpath", "resolve"})
_QUESTIONS = ("stat", "lstat", "access", "readlink")
#: Packages that look for files of their own.
_BY_THE_WAY = frozenset({"nbflow", "IPython", "ipykernel", "traitlets", "debugpy", "matplotlib"})
_STANDARD = os.path.join(os.path.dirname(os.__file__), "")  # noqa: PTH118, PTH120


@contextmanager
def watching(tell: Tell, opened: descriptors.Tell) -> Iterator[None]:
    """Tell of what this process asks meanwhile, and of what it opens in open directories."""
    originals = {name: getattr(os, name) for name in _QUESTIONS}
    for name, original in originals.items():
        setattr(os, name, _telling(name, original, tell))
    try:
        with descriptors.watching(opened), helped.plainly():
            yield
    finally:
        for name, original in originals.items():
            setattr(os, name, original)


def _telling(name: str, original: Callable[..., Any], tell: Tell) -> Callable[..., Any]:
    def told(path: Any, *arguments: Any, **keywords: Any) -> Any:
        place = path if keywords.get("dir_fd") is None else place_in(keywords["dir_fd"], path)
        if not isinstance(path, int) and place is not None:
            for asked in _asked(name, sys._getframe(1)):
                tell(place, asked)
        return original(path, *arguments, **keywords)

    told.__name__ = told.__qualname__ = name
    told.__module__ = original.__module__
    stand_for(original, told)
    return told


def _asked(name: str, frame: FrameType | None) -> tuple[Asked, ...]:
    """What is asked, if that is anybody's business."""
    said, strict = name, False
    while frame is not None and (root := _asks_for_others(frame)):
        if frame.f_code.co_name[0] != "<" and root not in _SEEKING:  # no comprehension
            said = "stat" if root == "filecmp" else frame.f_code.co_name
            strict = strict or (said == "realpath" and frame.f_locals.get("strict") is True)
        frame = frame.f_back
    if frame is None or _is_by_the_way(frame):
        return ()
    if name == "readlink":
        return ("link",)
    if name == "access":
        return ("there", "mode")
    if said in _THERE:
        return ("there",)
    if said in _LINKS:
        return ("link",)
    if said == "samefile":
        return ("there", "link")
    if said in _RESOLVING and name == "lstat" and not is_installed(frame):
        return ("there", "link") if strict else ("link",)
    if said == "getsize":
        return ("size",)
    if said not in _CONTENT:
        return ()
    if is_installed(frame):
        return ("content",)  # a library that asks for a time looks if it knows what there is
    return ("modified",) if said == "getmtime" else parts_asked(frame) or ("content",)


def parts_asked(frame: FrameType | None) -> tuple[Status, ...]:
    """What the user's own code that runs asks of a status, as far as it can be told."""
    found: dict[Status, None] = {}
    while frame is not None and not is_installed(frame):
        found |= dict.fromkeys(_parts_in(frame.f_code))
        frame = frame.f_back
    return tuple(found)


@cache
def _parts_in(code: CodeType) -> tuple[Status, ...]:
    inner = (
        part for each in code.co_consts if isinstance(each, CodeType) for part in _parts_in(each)
    )
    return (*(_PARTS[name] for name in code.co_names if name in _PARTS), *inner)


def _asks_for_others(frame: FrameType) -> str:
    """The top of the module's name whose code does."""
    root = _module(frame).partition(".")[0]
    return root if root in _FOR_OTHERS or (root, frame.f_code.co_name) in _ASKING_TOO else ""


def _is_by_the_way(frame: FrameType) -> bool:
    if not is_installed(frame):
        return False
    source = frame.f_code.co_filename
    if _module(frame).partition(".")[0] in _BY_THE_WAY:
        return True
    if source.startswith("<frozen"):
        return True
    if source.startswith(_STANDARD) and "-packages" not in source:
        return True
    return is_importing(frame)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))
