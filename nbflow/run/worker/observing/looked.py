"""What a task looked at without reading it: whether something is there, and where links lead."""

# Plain strings, as the audit hook has them.

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from nbflow.records.digest import Digest
from nbflow.records.task import Fact
from nbflow.run.worker.observing.contents import (
    Status,
    digest_of_file,
    link_of,
    status_of,
    what_is_at,
)
from nbflow.run.worker.observing.current import sooner_fact, there_facts
from nbflow.run.worker.observing.sought import Sought


@dataclass(slots=True)
class Looked:
    """Looks of one task, by path."""

    #: What other processes of the task add to.
    TOLD: ClassVar[tuple[str, ...]] = ("there", "links", "handed", "size", "modified", "mode")

    #: What was found: a file, a directory, or nothing.
    there: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    #: What was asked of files without a look into them.
    size: dict[str, str] = field(default_factory=dict)
    modified: dict[str, str] = field(default_factory=dict)
    mode: dict[str, str] = field(default_factory=dict)
    #: What files held when they were given to child processes, and whether that is a guess.
    handed: dict[str, tuple[Digest, bool]] = field(default_factory=dict)
    #: Modules that it imported, or tried to.
    sought: Sought = field(default_factory=Sought)

    def at(self, what: Literal["there", "link"] | Status) -> dict[str, str]:
        """What was noted of paths; nothing more is, however often it is asked."""
        noted = {"link": self.links, "size": self.size, "modified": self.modified}
        return self.there if what == "there" else noted.get(what, self.mode)

    def forget(self, path: str) -> None:
        """The task has made it: only that it was not there before counts."""
        self.handed.pop(path, None)
        for noted in (self.there, self.size, self.modified, self.mode):
            if noted.get(path):
                del noted[path]

    def for_something(self, path: str) -> None:
        if path not in self.there:
            self.there[path] = what_is_at(path)

    def for_its(self, what: Status, path: str) -> None:
        """Something is asked of its status."""
        self.at(what).setdefault(path, status_of(path, what))

    def for_a_link(self, path: str) -> None:
        if path not in self.links:
            self.links[path] = link_of(path)

    def facts(
        self,
        subject: Callable[[str], str],
        is_wanted: Callable[[str], bool],
        known: Collection[str],
        written: Collection[str],
    ) -> Iterator[Fact]:
        """What it depended on.

        Parameters
        ----------
        known, written
            Files that were read, and those that the task wrote.
        """
        for path, (digest, perhaps) in self.handed.items():
            # One that was guessed, and is another by now, was written.
            if path not in known and not (perhaps and digest_of_file(path) != digest):
                yield Fact("file", subject(path), digest)
        for path, found in self.there.items():
            if path not in known:
                yield from there_facts(subject(path), found)
        for path, value in self.size.items():
            if path not in known:  # which tells more
                yield Fact("size", subject(path), value)
        for path, value in self.modified.items():
            yield Fact("modified", subject(path), value)
        for path, value in self.mode.items():
            yield Fact("mode", subject(path), value)
        for path in self.sought.places():
            if path.rstrip(os.sep) not in written and is_wanted(path):
                yield sooner_fact(subject(path), path)
        for path, target in self.links.items():
            yield Fact("link", subject(path), target)
