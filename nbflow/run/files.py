"""Brings the files of a flow into place: before a task, for a hit, and after a run."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from nbflow.errors import CorruptArtifactError
from nbflow.flow import Flow
from nbflow.plan import Call
from nbflow.plan.call import FileState, Lost
from nbflow.records.artifact import Artifact
from nbflow.records.digest import Digest, of_bytes
from nbflow.records.files import (
    DIRECTORY,
    LARGEST,
    LINK,
    MODE,
    file_name,
    is_directory,
    on_disk,
    path_of,
)
from nbflow.records.task import Change, TaskRecord
from nbflow.run.worker.observing.contents import content_digest, kind_of, mode_of_new, status_of
from nbflow.run.worker.observing.listings import listing_digest
from nbflow.store.codecs import encode_file
from nbflow.store.store import Store

_DIRECTORY_DIGEST = of_bytes(DIRECTORY)


class FilesInPlace:
    """The files of one flow on disk, during one run or plan.

    Responsibilities: each task finds in a file what belongs at its place of the document. What a
    flow has written may be replaced or removed; anything else is the user's own: it becomes the
    file's *base*, what is there before any step writes, and is kept before it is replaced.

    Parameters
    ----------
    directory
        The notebook's directory, to which paths are relative.
    """

    def __init__(self, store: Store, flow: str, directory: Path) -> None:
        self._store = store
        self._flow = flow
        self._directory = directory
        self._written: dict[str, set[str]] = store.files.written(flow)
        self._bases: dict[str, tuple[Artifact | None, bool]] = store.files.bases(flow)
        #: Digests of files by what tells their states apart.
        self._digests: dict[str, tuple[tuple[int, ...] | None, str]] = {}
        #: What files held when this run first touched them; None where there was none.
        self._found: dict[str, Artifact | None] = {}
        #: Files that running tasks may write, by task.
        self._writing: dict[str, set[str]] = {}
        #: Files that others have written while a task ran, by task.
        self._meanwhile: dict[str, set[str]] = {}
        #: Cell ids of the steps of which a task has started.
        self._begun: set[str] = set()
        #: Files that were taken away before tasks of which it is not known whether they make them.
        self._withdrawn: set[str] = set()
        #: What tasks had made when they failed, by cell id; asked for before the first task.
        self._half_made: dict[str, set[str]] | None = None

    def digest(self, path: str, state: FileState) -> str:
        """What a file holds at some place of the document; empty where it is not there."""
        if isinstance(state, Artifact):
            return state.digest
        return "" if state.why == "removed" else self.base(path)

    def base(self, path: str) -> str:
        """What a file holds before any step has written it; empty where it is not there."""
        now = self._now(path)
        base, busy = self._bases.get(path, (None, False))
        if self._is_ours(path, now) or busy:
            return base.digest if base else ""
        return now

    def size(self, path: str, state: FileState) -> str:
        """How large a file is there; empty where it is not there."""
        if not isinstance(state, Artifact) and state.why != "removed":
            base, _ = self._bases.get(path, (None, False))
            if base is None or self.base(path) != base.digest:
                place = str(self._directory / on_disk(path))
                return status_of(place, "size") if self.base(path) else ""
            return str(base.bytes)
        return str(state.bytes) if isinstance(state, Artifact) else ""

    def listing(self, path: str, pattern: str, files: Mapping[str, FileState]) -> str:
        """Digest of the names in a directory that match, once these files are in place."""
        there: dict[str, bool] = {}
        for file, state in files.items():
            folder, _, name = file.rstrip("/").rpartition("/")
            if (folder or ".") == path.rstrip("/"):
                name += "/" * is_directory(file)
                there[on_disk(name)] = bool(self.digest(file, state))
        return listing_digest(str(self._directory / on_disk(path)), there, on_disk(pattern))

    def withdraw(self, call: Call, former: TaskRecord | None, flow: Flow) -> None:
        """Take away what a step shall not find there, since it may be about to make it.

        That is what it had made before it failed, and what it has left when its text was another,
        and of which no text tells now. What nobody has made again by the end of the run is put
        back, if it was whole.
        """
        if self._half_made is None:
            self._half_made = self._store.files.half_made(self._flow)
        if self._half_made:
            there = flow.steps.keys() - {call.step.id}
            for cell in self._half_made.keys() - there:
                self._undo(cell, self._half_made.pop(cell), flow)
        if former is None or former.recipe == call.fingerprint:
            return
        left = (change.subject for change in former.changes if change.kind == "file")
        for path in sorted(left, reverse=True):
            if path not in call.files and not flow.files.writers(file_name(path)):
                self._withdrawn.add(path)
                self._secure(path)
                self._bring(path, Lost("absent"))

    def place(self, call: Call) -> dict[str, str]:
        """Have each file hold what belongs there for a task; gives the digests by path."""
        self._meanwhile[call.task] = set()
        states = dict(call.files)
        if call.index is not None and call.step.id in self._begun:
            # Its other splits may be writing these.
            for name in call.step.files.writes:
                del states[path_of(name)]
        self._begun.add(call.step.id)
        # What is taken away goes before the directories in which it lay.
        gone = [path for path, state in states.items() if not isinstance(state, Artifact)]
        for path in (*sorted(gone, reverse=True), *sorted(states.keys() - {*gone})):
            self._secure(path)
            self._bring(path, states[path])
        task = self._writing.setdefault(call.task, set())
        for name in call.step.files.writes:
            path = path_of(name)
            if path not in task and not is_directory(path):
                task.add(path)
                base = self._bases[path][0] if path in self._bases else None
                self._begin(path, base, {})
        own = call.step.files.writes if call.index is not None else ()
        return {path: self._now(path) for path in states if file_name(path) not in own}

    def writing(
        self, task: str, path: str, before: Artifact | None, data: Mapping[Digest, bytes]
    ) -> None:
        """A task is about to write a file of which that was not known."""
        self._note(task, path)
        self._writing.setdefault(task, set()).add(path)
        self._found.setdefault(path, before)
        base, _ = self._bases.get(path, (None, False))
        known = path in self._bases
        if before is not None and not self._is_ours(path, before.digest):
            base = before
        elif known:
            data = {}
        self._begin(path, base, data)

    def ended(self, task: str, record: TaskRecord | None, failed: str = "") -> None:
        """A task writes no more, of a cell if it has failed; whatever it has left is the flow's."""
        paths = self._writing.pop(task, set())
        busy = set().union(*self._writing.values()) if self._writing else set()
        left: dict[str, set[str]] = {path: set() for path in paths - busy}
        for change in record.changes if record else ():
            if change.kind == "file" and change.artifact is not None:
                self._written.setdefault(change.subject, set()).add(change.artifact.digest)
                self._note(task, change.subject)
        others = self._meanwhile.pop(task, set())
        for path in left:
            now = self._now(path)
            base, _ = self._bases.get(path, (None, False))
            if record is None and now and now != (base.digest if base else ""):
                left[path].add(now)
                self._written.setdefault(path, set()).add(now)
            self._bases[path] = base, False
        if left:
            self._store.files.end_writing(self._flow, left, failed)
        if failed and self._half_made is not None and left.keys() - others:
            self._half_made.setdefault(failed, set()).update(left.keys() - others)

    def is_anothers(self, task: str, path: str) -> bool:
        """Whether another task has written a file while this one ran, or may be doing so."""
        others = (paths for other, paths in self._writing.items() if other != task)
        return path in self._meanwhile.get(task, ()) or any(path in paths for paths in others)

    def restore(self, record: TaskRecord, flow: Flow) -> None:
        """Put back the last versions of files among those that a reused task once wrote."""
        for change in record.changes:
            if change.kind == "file":
                last = flow.files.last_writer(file_name(change.subject))
                if last is None or last == record.cell:
                    self._put(change.subject, change.artifact)

    def finish(self, flow: Flow, cells: Iterable[str], records: Iterable[TaskRecord]) -> None:
        """After a run of these cells each file holds its last version, or what it held before."""
        ran = set(cells)
        with suppress(OSError, CorruptArtifactError):
            for change in self._last_changes(flow, ran, records):
                self._put(change.subject, change.artifact)
        for path, artifact in self._found.items():
            last = flow.files.last_writer(file_name(path))
            if last is not None and last not in ran:
                with suppress(OSError, CorruptArtifactError):
                    self._put(path, artifact)
        for path in self._withdrawn:
            artifact = self._found.get(path)
            if artifact and not self._now(path) and not flow.files.writers(file_name(path)):
                with suppress(OSError, CorruptArtifactError):
                    self._put(path, artifact)

    # -- inside --

    def _undo(self, cell: str, paths: set[str], flow: Flow) -> None:
        """Take away what tasks of a step had made, unless others write it as well."""
        busy = set().union(*self._writing.values()) if self._writing else set()
        for path in sorted(paths - busy, reverse=True):
            if not {*flow.files.writers(file_name(path))} - {cell}:
                self._secure(path)
                self._bring(path, Lost("absent"))
        self._store.files.forget_half_made(self._flow, cell)

    def _note(self, task: str, path: str) -> None:
        for half in (self._half_made or {}).values():
            half.discard(path)
        for other, paths in self._meanwhile.items():
            if other != task:
                paths.add(path)

    def _last_changes(
        self, flow: Flow, ran: Container[str], records: Iterable[TaskRecord]
    ) -> Iterator[Change]:
        """What each file is to hold: what the last has left that has changed it, not only may."""
        found: dict[str, tuple[int, Change]] = {}
        for record in records:
            for change in record.changes:
                if change.kind == "file":
                    writers = flow.files.writers(file_name(change.subject))
                    if not writers or writers[-1] == record.cell or writers[-1] in ran:
                        place = writers.index(record.cell) if record.cell in writers else -1
                        if place >= found.get(change.subject, (-1, change))[0]:
                            found[change.subject] = place, change
        yield from (change for _, change in found.values())

    def _is_ours(self, path: str, digest: str) -> bool:
        """Whether it may be replaced without a loss: nothing, what steps wrote, or what is kept."""
        base, _ = self._bases.get(path, (None, False))
        kept = base.digest if base else ""
        return digest in ("", kept) or digest in self._written.get(path, ()) or is_directory(path)

    def _now(self, path: str) -> str:
        place = self._directory / on_disk(path)
        if is_directory(path):
            return _DIRECTORY_DIGEST if place.is_dir() else ""
        try:
            status = place.stat()
            if not stat.S_ISREG(status.st_mode):
                return ""
            state = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        except OSError:
            return ""
        known = self._digests.get(path)
        if known is None or known[0] != state:
            known = state, content_digest(str(place)) or ""
            self._digests[path] = known
        return known[1]

    def _is_large(self, path: str) -> bool:
        try:
            return (self._directory / on_disk(path)).stat().st_size > LARGEST
        except OSError:
            return False

    def _secure(self, path: str) -> None:
        """Keep what the user has put into a file, before anything replaces it."""
        now = self._now(path)
        _, busy = self._bases.get(path, (None, False))
        if busy and not any(path in paths for paths in self._writing.values()):
            # A task was killed while it wrote: what it has left is worth nothing.
            if now:
                self._written.setdefault(path, set()).add(now)
            self._bases[path] = self._bases[path][0], False
        elif not self._is_ours(path, now) and not self._is_large(path):
            artifact, data = self._keep(path)
            if artifact is not None:
                self._begin(path, artifact, data)
                self._store.files.end_writing(self._flow, {path: ()})
                self._bases[path] = artifact, False

    def _begin(self, path: str, base: Artifact | None, data: Mapping[Digest, bytes]) -> None:
        if self._bases.get(path) != (base, True):
            self._store.files.begin_writing(self._flow, path, base, data)
            self._bases[path] = base, True

    def _keep(self, path: str) -> tuple[Artifact | None, dict[Digest, bytes]]:
        try:
            content = (self._directory / on_disk(path)).read_bytes()
        except OSError:
            return None, {}
        kind = kind_of(str(self._directory / on_disk(path)))
        artifact, small = self._store.artifacts.put(encode_file(content, kind))
        return artifact, {artifact.digest: small} if small is not None else {}

    def _bring(self, path: str, state: FileState) -> None:
        if isinstance(state, Artifact):
            self._put(path, state)
        elif state.why == "removed":
            self._put(path, None)
        elif path in self._bases:
            self._put(path, self._bases[path][0])
        elif self._now(path) and self._is_ours(path, self._now(path)) and not is_directory(path):
            self._put(path, None)

    def _put(self, path: str, artifact: Artifact | None) -> None:
        place = self._directory / on_disk(path)
        now = self._now(path)
        if now == (artifact.digest if artifact else ""):
            if artifact:
                _give_mode(place, artifact)
            return
        if self._is_large(path):
            return
        self._secure(path)
        if path not in self._found:
            held, data = self._keep(path) if now and not is_directory(path) else (None, {})
            if data:
                self._store.keep(data)
            self._found[path] = held
        if is_directory(path):
            _make(place, artifact) if artifact else _unmake(place)
        elif artifact is None:
            place.unlink()
        elif not (_link(place, artifact) and self._now(path) in ("", artifact.digest)):
            content = self._store.load(artifact)
            assert isinstance(content, bytes)
            _replace(place, content)
            _give_mode(place, artifact)
            if place.suffix == ".py":
                # Python tells sources apart by their size and second.
                for cached in place.parent.glob(f"__pycache__/{place.stem}.*.pyc"):
                    cached.unlink(missing_ok=True)


def _make(place: Path, artifact: Artifact) -> None:
    if not _link(place, artifact):
        place.mkdir(parents=True, exist_ok=True)
        _give_mode(place, artifact)


def _unmake(place: Path) -> None:
    with suppress(OSError):  # somebody else keeps something there
        place.unlink() if place.is_symlink() else place.rmdir()


def _link(place: Path, artifact: Artifact) -> bool:
    """Make a link again, if it was one; what it leads to may come later."""
    if not artifact.type.startswith(LINK):
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # something else stands there
        place.unlink(missing_ok=True)
        place.symlink_to(artifact.type.removeprefix(LINK))
        return True
    return False


def _give_mode(place: Path, artifact: Artifact) -> None:
    """Have a file, or a directory, be executable or private, if it was."""
    if artifact.type.startswith(MODE):
        mode = int(artifact.type.removeprefix(MODE), 8)
        if stat.S_IMODE(place.stat().st_mode) != mode:
            place.chmod(mode)


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), _mode(path))
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(path: Path) -> int:
    """What the file's permissions are, or what a new file's would be."""
    try:
        return path.stat().st_mode & 0o7777
    except OSError:
        return mode_of_new()
