"""Puts files that replays write back to what they were, under the handles that are open on them."""

from __future__ import annotations

import contextlib
import filecmp
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType

from nbflow.errors import ReplayError
from nbflow.run.worker.observing.observe import Observer

#: What SQLite keeps beside a database whose last changes are not in the file itself.
_SIDE_FILES = ("-journal", "-wal")
_OPEN_FILES = Path("/proc/self/fd")


class PutBack:
    """While it is entered, certain files may be written without anybody's hearing of it.

    The content goes back into the very file that is there then: an open handle, or a connection,
    goes on with what it was before. No other task runs meanwhile that could see the difference.

    Parameters
    ----------
    files
        Names of the files, as records have them.
    artifacts
        Root directory of the artifacts, below which the copies lie.
    """

    def __init__(self, observer: Observer, files: Mapping[str, bool], artifacts: str) -> None:
        self._observer = observer
        self._paths = {name: observer.path(name) for name in files}
        self._artifacts = Path(artifacts)
        #: Copies of those that are there.
        self._copies: dict[str, Path] = {}

    def __enter__(self) -> PutBack:
        self._apart = self._observer.apart(self._paths.values())
        self._apart.__enter__()
        for name, path in self._paths.items():
            if path.is_file():
                _recover(path)
                copy = self._artifacts / "temporary" / f"replay-{uuid.uuid4().hex}"
                copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._copies[name] = copy
                shutil.copyfile(path, copy)
        return self

    def clear(self, names: Iterable[str]) -> None:
        """Take away files that a step is to find missing."""
        for name in names:
            self._paths[name].unlink(missing_ok=True)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            torn = [name for name, path in self._paths.items() if not self._put_back(name, path)]
        finally:
            for copy in self._copies.values():
                copy.unlink(missing_ok=True)
            self._apart.__exit__(kind, error, traceback)
        if torn and error is None:
            raise ReplayError(
                f"the database `{torn[0]}` is in the middle of a transaction, and other steps "
                "have changed it since",
                "Make the cells that use the connection one step, or commit in each of them.",
            )
        opened = dict(_open_files())
        for path in self._paths.values():
            if (reads := opened.get(str(path))) is not None:
                self._observer.held(path, reads)

    def _put_back(self, name: str, path: Path) -> bool:
        """Whether what is open on the file can go on with what it holds now."""
        copy = self._copies.get(name)
        if copy is None:
            path.unlink(missing_ok=True)
        elif not path.exists():
            shutil.copyfile(copy, path)
        elif not filecmp.cmp(copy, path, shallow=False):
            if _side_files(path):
                path.unlink()
                shutil.copyfile(copy, path)
                return False
            with copy.open("rb") as source, path.open("r+b") as target:
                shutil.copyfileobj(source, target)
                target.truncate()
        return True


def _side_files(path: Path) -> list[Path]:
    return [side for end in _SIDE_FILES if (side := Path(f"{path}{end}")).exists()]


def _recover(path: Path) -> None:
    """Have SQLite undo, or take over, what a process that has ended has left beside a database."""
    if _side_files(path):
        import sqlite3

        with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as one:
            one.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _open_files() -> Iterator[tuple[str, bool]]:
    """The files that this process has open, and whether it may read them.

    Where the system does not tell, none is known.
    """
    with contextlib.suppress(OSError):
        for descriptor in _OPEN_FILES.iterdir():
            with contextlib.suppress(OSError):
                told = (_OPEN_FILES.parent / "fdinfo" / descriptor.name).read_text()
                flags = int(told.partition("flags:")[2].split()[0], 8)
                yield str(descriptor.readlink()), flags & os.O_ACCMODE != os.O_WRONLY
