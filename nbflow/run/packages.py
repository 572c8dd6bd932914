"""Versions of installed packages, and of what they need: facts of the tasks that use them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from nbflow.records.task import Fact
from nbflow.run.worker.observing.current import version_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(slots=True)
class Packages:
    """Distributions of packages, looked up once each."""

    #: Names of the distributions behind a package: its own, and all that they need.
    _behind: dict[str, frozenset[str]] = field(default_factory=dict)
    _versions: dict[str, str] = field(default_factory=dict)
    #: Distributions by the packages that they hold, once somebody asks.
    _holders: Mapping[str, Sequence[str]] | None = None

    def facts(self, packages: Sequence[str]) -> Iterator[Fact]:
        """The facts about the packages that a task has used."""
        names: set[str] = set()
        for package in packages:
            if package not in self._behind:
                self._behind[package] = frozenset(_closure(self._distributions_of(package)))
            names |= self._behind[package]
        for name in sorted(names):
            if name not in self._versions:
                self._versions[name] = version_of(name)
            yield Fact("distribution", name, self._versions[name])

    def _distributions_of(self, package: str) -> Sequence[str]:
        from importlib import metadata  # late: a run in which all is cached does without

        try:
            metadata.distribution(package)
        except (metadata.PackageNotFoundError, ValueError):
            if self._holders is None:
                # It reads what every distribution holds: only for those that are called otherwise.
                self._holders = metadata.packages_distributions()
            return self._holders.get(package, ())
        return (_normal(package),)


def _closure(first: Sequence[str]) -> Iterator[str]:
    from importlib import metadata

    waiting, seen = [_normal(name) for name in first], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # needed on another platform
        yield name
        for one in needed:
            needs, _, marker = one.partition(";")
            found = _NAME.match(needs)
            if found is not None and "extra ==" not in marker:
                waiting.append(_normal(found[0]))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
