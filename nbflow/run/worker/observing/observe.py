"""What a task is seen to read and write outside the flow: files and local modules."""

# The audit hook sees every open() of the step: plain strings are cheap.
# ruff: noqa: PTH110, PTH114

from __future__ import annotations

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from stat import S_IMODE

from nbflow.records.digest import Digest
from nbflow.records.task import Fact
from nbflow.run.worker.observing import attached, contents, handed, looks, natives, spawned
from nbflow.run.worker.observing.contents import Signature, digest_of_file, signature_of
from nbflow.run.worker.observing.current import machine_facts
from nbflow.run.worker.observing.environment import Reads
from nbflow.run.worker.observing.file_facts import FileFacts, Watched
from nbflow.run.worker.observing.folders import Folders
from nbflow.run.worker.observing.local_modules import LocalModules
from nbflow.run.worker.observing.looked import Looked
from nbflow.run.worker.observing.outside import Outside
from nbflow.run.worker.observing.paths import Paths
from nbflow.run.worker.observing.relay import Kept, Relay
from nbflow.run.worker.observing.unseen import Keeper, Unseen

#: Flags of a file that never has a name; the path is that of a directory.
_UNNAMED = getattr(os, "O_TMPFILE", -1)
#: The observer of the task that runs now: whom the audit hook tells.
active: Observer | None = None


class Observer:
    """Watches one task from ``watching()`` on; ``facts()`` and ``written()`` say what it saw.

    Parameters
    ----------
    directory
        The task's working directory; paths below it are reported relative to it.
    own
        Directories of nbflow itself (the store), which are nobody's business.
    watched
        Digests of files that it may read or write unseen, as libraries in other languages do.
    reads
        Those of them that it reads as far as its source shows.
    keeper
        Keeps what a further file holds just before it is first written.
    foretold
        Takes what it says of that, by the file's subject.
    variables
        Names of the variables of the environment that its options set.
    known
        Digests of what files hold in certain states, by their subjects.
    """

    def __init__(
        self,
        directory: str,
        own: tuple[str, ...] = (),
        watched: Mapping[str, str] | None = None,
        reads: tuple[str, ...] = (),
        keeper: Keeper | None = None,
        foretold: dict[str, str] | None = None,
        variables: Collection[str] = (),
        known: Mapping[str, tuple[int, str]] | None = None,
    ) -> None:
        self.paths = Paths(directory, own)
        self.subject, self._matters = self.paths.subject, self.paths.matters
        self._own = own
        self.modules = LocalModules(self.paths.ignored)
        self._busy: set[int] = set()
        #: State of each file read, when it was first opened; None when it was not there.
        self._read: dict[str, Signature | None] = {}
        #: Content of files that the task read and then wrote, from before it wrote.
        self._before_write: dict[str, Digest | None] = {}
        #: Files opened for writing, and whether they were there before.
        self._written: dict[str, bool] = {}
        #: Files whose coming and going is of no interest.
        self._apart: frozenset[str] = frozenset()
        #: What it looked at without reading it.
        self.looked = Looked()
        self._unseen = Unseen(keeper, self.subject)
        #: Files that it may have changed: a program was given their names, and they are others now.
        self.guesses: set[str] = set()
        self.folders = Folders()
        #: Files that it has given other permissions.
        self._given_modes: set[str] = set()
        self._watched = Watched(self.paths.directory, watched or {}, reads)
        self._keeper = keeper
        self._facts = FileFacts(known or {})
        #: What makes the task's result doubtful; known after ``facts``.
        self.hazards = self._facts.hazards
        self.foretold = {} if foretold is None else foretold
        #: What it reads of the environment.
        self.variables = Reads(variables)
        #: What it asks of the world beside files.
        self.outside = Outside()
        #: How other processes of the task tell this one what they read.
        self.relay = Relay()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Observe what this process does meanwhile."""
        global active
        active = self
        try:
            with (
                self.variables.watching(),
                looks.watching(self.asked, self.opened),
                natives.watching(
                    lambda path: handed.to_reader(self, path), self.given_away, self.looked.sought
                ),
                spawned.watching(self.invitation),
                attached.watching(lambda path: handed.to_sqlite(self, path)),
            ):
                yield
        finally:
            active = None
            self._settle()

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
        with self.aside():
            self._before_write[name] = digest_of_file(name)
        self._written.setdefault(name, True)
        if reads:
            self._read.setdefault(name, signature_of(name))

    def path(self, subject: str) -> Path:
        """The path of what facts call so."""
        return Path(self.paths.path(subject))

    def read(self, raw: str) -> bool:
        """A file is about to be read; False where that takes a closer look at its path."""
        path = None if self._busy or self._apart else self.paths.plain(raw)
        if path is None:
            return False
        if path not in self._read and path not in self._written:
            if (signature := signature_of(raw)) is None:
                return False
            self._read[path] = signature
        return True

    def opened(self, raw: object, flags: int, as_text: bool = False) -> None:
        """A file is about to be opened (called by the audit hook); a source perhaps as a text."""
        path = self._path(raw)
        if path is None or flags & _UNNAMED == _UNNAMED:
            return
        signature = signature_of(path)
        if not flags & (os.O_ACCMODE | os.O_CREAT | os.O_TRUNC):
            self.modules.opened(path, as_text)
            if signature is None and self._facts.is_a_pipe(path):
                pass  # nobody can compare what it gives
            elif signature is None and contents.what_is_at(path):
                self.asked(path, "there")  # a directory, of which nothing is read so
            elif path not in self._written:
                self._read.setdefault(path, signature)
            return
        looks = signature is not None or (not flags & os.O_EXCL and self._matters(path))
        if not flags & os.O_TRUNC and looks and path not in self._written:
            self._read.setdefault(path, signature)
        if path not in self._written:
            self._keep(path)
            self._written[path] = signature is not None

    def removed(self, raw: object) -> None:
        """A file is about to be removed, renamed or truncated."""
        path = self._path(raw)
        if path is not None and path not in self._written:
            signature = signature_of(path)
            if is_made := self._unseen.began_without(path):
                self._read.pop(path, None)  # by a child: who read it depends on nothing
            elif self._matters(path):
                self._read.setdefault(path, signature)
            self._keep(path)
            self._written[path] = signature is not None and not is_made

    def restated(self, raw: object) -> None:
        """A file is about to be in another state that holds the same."""
        path = self._path(raw)
        if path in self._read and path not in self._written:
            with self.aside():
                self._before_write.setdefault(path, digest_of_file(path))

    def given_mode(self, raw: object, mode: object) -> None:
        """Others may do something else with a file from now on."""
        path = self._path(raw)
        if path is None or signature_of(path) is None or not isinstance(mode, int):
            return
        if S_IMODE(int(contents.status_of(path, "mode") or "0", 8)) != S_IMODE(mode):
            self.removed(path)
            self._given_modes.add(path)

    def listed(self, raw: object, pattern: str = "") -> None:
        """A directory is about to be listed, perhaps for some names only."""
        path = self._path(raw)
        if path is not None and path not in self.folders.listed and self._matters(path):
            with self.aside():
                self.folders.look(path, pattern, self._written)

    def asked(self, raw: object, what: looks.Asked) -> None:
        """Something is asked of a path that is not opened."""
        path = self._path(raw)
        known = self._read if what == "content" else self.looked.at(what)
        if path is None or path in self._written or path in known:
            return  # whether it matters takes longer to say
        if not self._matters(path) or (what == "link" and self.paths.is_above(path)):
            return
        if what == "link":
            self.looked.for_a_link(path)
        elif what in ("size", "modified", "mode"):
            self.looked.for_its(what, path)
        elif what == "content" and (signature := signature_of(path)) is not None:
            self._read.setdefault(path, signature)
        elif path not in self.folders.changed:
            self.looked.for_something(path)

    def handed(self, path: str, perhaps: bool = False) -> None:
        """A child process is given a file, which it may read, and change as well."""
        name = self._path(path)
        if name is not None and name not in self._written:
            with self.aside():
                digest = digest_of_file(name)
            if digest is not None:
                self.looked.handed.setdefault(name, (digest, perhaps))

    def given_away(self, path: str, is_sure: bool = True) -> None:
        """Somebody unseen is to write a file or files below a directory, or may do so."""
        name = self._path(path)
        if name is not None and name not in self._written:
            with self.aside():
                self._unseen.give(name, is_sure, not self._matters(name))

    def _settle(self) -> None:
        """Take in what others have read, and written: processes of the task, and those unseen."""
        own = set(self._written)
        self.relay.take_in(self._kept(), but=own)
        for path, was_there, before, is_sure in self._unseen.rewritten():
            self.guesses |= {path} - own if not is_sure else set()
            if path.endswith(os.sep):
                self.folders.change(path.rstrip(os.sep), not was_there)
                continue
            is_another = self._written.setdefault(path, was_there)
            if is_another and before and path not in self._watched.held:
                self.foretold.setdefault(self.subject(path), before)
        for path in self._written.keys() - own:
            if not self._written[path]:
                self.looked.forget(path)
            # Who has read it only once it was written depends on nothing.
            read = None if path in self._before_write else self._read.get(path)
            if read is not None and (read == signature_of(path) or not self._written[path]):
                del self._read[path]
            elif read is not None and (digest := self._unseen.held_before(path, read)):
                self._before_write[path] = digest
        for path in self.folders.shown:
            self.listed(path)

    def forking(self) -> None:
        """This process is about to be forked."""
        with self.aside():
            self.relay.prepare()

    def begin_to_tell(self) -> None:
        """In another process of the task: what it reads is told to the task's own."""
        self._busy.clear()
        self.relay.tell_of(self._kept())

    def invitation(self) -> tuple[str, tuple[str, ...], str]:
        """What a process needs that this one starts anew: directories, and where to tell."""
        with self.aside():
            return self.paths.directory, self._own, self.relay.address()

    def made(self, raw: object, is_there: bool) -> None:
        """A directory is about to be made or removed."""
        path = self._path(raw)
        if path is not None:
            if is_there and path not in self.folders.changed and not os.path.lexists(path):
                self._keep(f"{path}{os.sep}")
            self.folders.change(path, is_there)

    def walk(self, raw: object, most: int | None = None) -> list[tuple[str, list[str]]]:
        """The directories at a path and below it with the names of their files, unobserved."""
        path = self._path(raw)
        if path is None or os.path.islink(path):
            return []
        with self.aside():
            return [(folder, names) for folder, _, names in islice(os.walk(path), most)]

    def facts(self) -> tuple[Fact, ...]:
        """What the task depended on: files it read, local modules, Python, platform."""
        with self.aside():
            sources = {*self.modules.files(), *(self.modules.run.keys() - self._written.keys())}
            facts = [
                *machine_facts(self.variables.base),
                *self.variables.facts(sources),
                *self.outside.facts(),
                *self.modules.facts(sources, self.subject),
            ]
            apart = sources - self.modules.texts.keys()
            read = (self._file(p, before) for p, before in self._read.items() if p not in apart)
            facts += [*read, *self._facts.of_pipes(self.subject, self._written)]
            known = self._read.keys() | sources
            facts += self.looked.facts(self.subject, self._matters, known, self._written)
            facts += self.folders.facts(self.subject)
            shown = [path for path in self._watched.shown if path not in known]
            facts += [self._watched.fact(path, self.subject(path)) for path in shown]
            return tuple(sorted(set(facts), key=itemgetter(0, 1)))

    def was_there(self, path: str) -> bool:
        """Whether a file that the task wrote was there before."""
        return self._written.get(path, self._watched.states.get(path) is not None)

    def written(self) -> tuple[Path, ...]:
        """Files that the task wrote and left behind where somebody may look for them."""
        with self.aside():
            touched = self._watched.changed() | self._written.keys()
            return tuple(sorted(Path(path) for path in touched if self._is_left(path)))

    def removals(self) -> tuple[str, ...]:
        """Subjects of the files that were there before, and are no longer."""
        with self.aside():
            before = {p: bool(held) for p, held in self._watched.held.items()} | self._written
            gone = [p for p, was_there in before.items() if was_there and not os.path.exists(p)]
            return tuple(sorted(self.subject(path) for path in gone if self._matters(path)))

    def directories(self) -> dict[str, bool]:
        """Subjects of the directories that the task made, or removed (then False)."""
        with self.aside():
            left = self.folders.left()
            return {f"{self.subject(p)}/": left[p] for p in left if self._matters(p)}

    def looked_at(self) -> tuple[str, ...]:
        """Subjects of all files that the task read or tried to write."""
        paths = [*self._read, *self._written, *self.looked.there, *self.looked.sought.places()]
        listed = [f"{self.subject(path)}/" for path in self.folders.looked_at()]
        return (*listed, *(self.subject(path) for path in paths if self._matters(path)))

    def _path(self, raw: object) -> str | None:
        path = None if threading.get_ident() in self._busy else self.paths.of(raw)
        return None if path in self._apart else path

    def _keep(self, path: str) -> None:
        with self.aside():
            if path in self._read:
                self._before_write[path] = digest_of_file(path)
            if self._keeper and path not in self._watched.held and self._matters(path):
                subject = self.subject(path)
                self.foretold[subject] = self._keeper.before(subject)

    def _kept(self) -> Kept:
        """What other processes of the task add to."""
        own = [(self, name) for name in ("_read", "_written", "_before_write", "foretold")]
        holders = self.folders, self.looked, self._unseen, self.variables, self.outside
        more = [(holder, name) for holder in holders for name in holder.TOLD]
        return [*own, *more, (self.modules, "run"), (self.modules, "texts")]

    def _file(self, path: str, before: Signature | None) -> Fact:
        subject = self.subject(path)
        if self._watched.states.get(path, before) != before:
            return self._watched.fact(path, subject)  # written unseen before it was read
        if before is None:
            return Fact("absent", subject, "")
        if path in self._before_write:
            return Fact("file", subject, self._before_write[path] or "")
        return self._facts.of(path, subject, before)

    def _is_left(self, path: str) -> bool:
        if signature_of(path) is None or not self._matters(path):
            return False
        if path in self._given_modes:
            return True
        before = self._before_write.get(path)
        if before is None and path not in self._written:
            before = Digest(self._watched.held[path])
        return before is None or before != digest_of_file(path)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """What this thread does meanwhile is nobody's business."""
        ident = threading.get_ident()
        self._busy.add(ident)
        try:
            yield
        finally:
            self._busy.discard(ident)
