"""What a task looked at without reading it: whether something is there, and where links lead."""

# Plain strings, as the audit hook has them.

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from nbflow.records.digest import Digest
from nbflow.records.task import Fact
from nbflow.run.worker.contents import digest_of_file, link_of, what_is_at
from nbflow.run.worker.current import sooner_fact, there_facts
from nbflow.run.worker.sought import Sought


@dataclass(slots=True)
class Looked:
    """Looks of one task, by path."""

    #: What other processes of the task add to.
    TOLD: ClassVar[tuple[str, ...]] = ("there", "links", "handed")

    #: What was found: a file, a directory, or nothing.
    there: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    #: What files held when they were given to child processes, and whether that is a guess.
    handed: dict[str, tuple[Digest, bool]] = field(default_factory=dict)
    #: Modules that it imported, or tried to.
    sought: Sought = field(default_factory=Sought)

    def at(self, what: Literal["there", "link"]) -> Collection[str]:
        """Paths of which nothing more is noted, however often they are asked of."""
        return self.links if what == "link" else self.there

    def forget(self, path: str) -> None:
        """The task has made it: only that it was not there before counts."""
        self.handed.pop(path, None)
        if self.there.get(path):
            del self.there[path]

    def for_something(self, path: str) -> None:
        if path not in self.there:
            self.there[path] = what_is_at(path)

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
        for path in self.sought.places():
            if path.rstrip(os.sep) not in written and is_wanted(path):
                yield sooner_fact(subject(path), path)
        for path, target in self.links.items():
            yield Fact("link", subject(path), target)
