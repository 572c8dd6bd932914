"""Which installed packages a task uses: those that its code imports, or whose objects it has."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from nbflow.records.message import TaskRequest
from nbflow.run.worker.observing.places import libraries
from nbflow.store.kinds import package_of

_IMPORT = re.compile(r"^[ \t>.]*(?:from[ \t]+(\w+)|import[ \t]+(.+))", re.MULTILINE)
#: Also in quotes, as ``import_module`` has it.
_QUOTED = re.compile(r"""["'](\w+)[\w.]*["']""")
_NAME = re.compile(r"(?:^|,)\s*(\w+)")


def used(
    request: TaskRequest, given: Mapping[str, object], modules: Iterable[str], own: Iterable[str]
) -> frozenset[str]:
    """Names of top-level packages that are installed.

    Parameters
    ----------
    given
        Values that the task was given.
    modules
        Names of modules that its own code imported and that were not there before.
    own
        Files of the local modules that it has.
    """
    found = {name.partition(".")[0] for name in modules}
    found |= {package_of(type(value)) for value in given.values()}
    sources = [request.body, *request.setup, *(source for source, _ in request.definitions)]
    for replay in request.replays:
        sources += [replay.body, *(source for source, _ in replay.definitions)]
    for source in sources:
        found.update(_imported(source.text))
    for path in own:
        with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
            found.update(_imported(file.read()))
    return frozenset(name for name in found if _is_installed(name))


def _imported(text: str) -> Iterator[str]:
    for single, several in _IMPORT.findall(text):
        if single:
            yield single
        else:
            yield from _NAME.findall(several)
    yield from _QUOTED.findall(text)


def _is_installed(name: str) -> bool:
    module = sys.modules.get(name)
    told = getattr(module, "__dict__", {})  # as it is: a module may answer to any name
    places = [told.get("__file__") or "", *told.get("__path__", ())]
    return name not in sys.stdlib_module_names and any(
        place.startswith(libraries()) for place in places
    )
