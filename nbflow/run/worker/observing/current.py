"""What facts about the world say, and what they would say now."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping

from nbflow.records.digest import of_bytes
from nbflow.records.files import is_directory, on_disk
from nbflow.records.task import Fact, listed
from nbflow.run.worker.observing.contents import (
    at_rest,
    content_digest,
    link_of,
    module_digest,
    signature_of,
    state_now,
    status_of,
    what_is_at,
)
from nbflow.run.worker.observing.environment import value_of
from nbflow.run.worker.observing.listings import listing_digest

#: The variables that make up the locale, beside the one that is above them all.
_LOCALE = ("LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY")
_LOCALTIME = "/etc/localtime"


def file_fact(directory: str, path: str) -> Fact:
    """The fact about a file or directory that the step declares with ``--file``."""
    place, now = os.path.join(directory, path), time.time_ns()  # noqa: PTH118
    state = signature_of(place)
    digest = content_digest(place)
    if digest is None:
        return Fact("absent", path, "")
    if state is None or signature_of(place) != state:
        return Fact("file", path, digest)
    return Fact("file", path, digest, state[2], at_rest(state, now))


def machine_facts(variables: Mapping[str, str]) -> Iterator[Fact]:
    """What every task depends on, where these variables are set."""
    yield Fact("python", "python", _python())
    yield Fact("platform", "platform", _platform())
    yield Fact("locale", "locale", _locale(variables))
    yield Fact("timezone", "time zone", _timezone(variables))


def there_facts(subject: str, found: str) -> Iterator[Fact]:
    """The facts about what was found at a path: a file, a directory, or neither."""
    if found != "directory":
        yield Fact("there", subject, found)
    if found != "file":
        yield Fact("there", f"{subject.rstrip('/')}/", found)


def sooner_fact(subject: str, path: str) -> Fact:
    """The fact about a path at which a module would be found."""
    return Fact("there", subject, _there(subject, path))


def current_value(fact: Fact, directory: str, variables: Mapping[str, str]) -> str:
    """What the value of a fact would be now; a record whose facts differ does not hold."""
    path = os.path.join(directory, on_disk(fact.subject))  # noqa: PTH118
    match fact.kind:
        case "file":
            if fact.state and state_now(path) == fact.state:
                return fact.value
            return content_digest(path) or ""
        case "module":
            return module_digest(path) or ""
        case "absent":
            return content_digest(path) or fact.value
        case "listing" | "matching":
            folder, pattern = listed(fact)
            path = os.path.join(directory, on_disk(folder))  # noqa: PTH118
            return listing_digest(path, {}, on_disk(pattern))
        case "there":
            return _there(fact.subject, path)
        case "size" | "modified" | "mode":
            return status_of(path, fact.kind)
        case "link":
            return link_of(path)
        case "distribution":
            return version_of(fact.subject)
        case "environment":
            return value_of(fact.subject, variables)
        case "python":
            return _python()
        case "platform":
            return _platform()
        case "locale":
            return _locale(variables)
        case "timezone":
            return _timezone(variables)
        case _:
            raise AssertionError(f"no task observes facts of kind {fact.kind} yet")


def version_of(distribution: str) -> str:
    """The version of an installed distribution; of one from a folder or a file, its content too."""
    from importlib import metadata  # late: most processes never need it

    try:
        found = metadata.distribution(distribution)
    except metadata.PackageNotFoundError:
        return ""
    version = found.version or ""
    if found.read_text("direct_url.json"):
        return f"{version} {of_bytes((found.read_text('RECORD') or '').encode())}"
    return version


def _there(subject: str, path: str) -> str:
    found = what_is_at(path.rstrip("/") or "/")
    return found if is_directory(subject) == (found == "directory") else ""


def _python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _platform() -> str:
    return f"{sys.platform}-{os.uname().machine}"


def _locale(variables: Mapping[str, str]) -> str:
    general = variables.get("LANG") or "C"
    above = variables.get("LC_ALL")
    names = {above or variables.get(name) or general: None for name in _LOCALE}
    return ", ".join(names)


def _timezone(variables: Mapping[str, str]) -> str:
    named = variables.get("TZ")
    if named is not None:
        return named
    try:
        return os.readlink(_LOCALTIME).rpartition("zoneinfo/")[2]  # noqa: PTH115
    except OSError:
        return "local"
