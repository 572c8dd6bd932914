"""What a body changes of the data that the user's own modules keep: it reaches no other process."""

from __future__ import annotations

import importlib.util
import sys
import types
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

from nbflow.records.message import Source
from nbflow.records.problem import Problem
from nbflow.run.worker.observing.loading import around
from nbflow.run.worker.observing.local_modules import LocalModules
from nbflow.run.worker.observing.places import installed
from nbflow.store.visible import look

_ATOMS = (type(None), bool, int, float, complex, str, bytes)
_CONTAINERS = (list, dict, set, deque, bytearray)
#: Containers of more items are data that a module has loaded, not its state.
_LARGEST = 10_000


class ModuleState(MetaPathFinder):
    """Watches the user's modules while one body runs, those that it imports as well.

    Parameters
    ----------
    modules
        Those that the task has imported.
    known
        The names of those that cells above have imported: one kernel does not load them again.
    muted
        Within it, nothing that is said is heard.
    """

    def __init__(
        self,
        modules: LocalModules,
        known: Collection[str] = (),
        muted: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._modules = modules
        self._known = {name for name in known if name not in sys.modules}
        self._muted = muted
        self._before: dict[str, tuple[types.ModuleType, dict[str, object]]] = {}
        self._searching = False

    def __enter__(self) -> ModuleState:
        for module in self._modules:
            if isinstance(module, types.ModuleType):
                self._note(module)
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *_: object) -> None:
        sys.meta_path.remove(self)

    def _note(self, module: types.ModuleType) -> None:
        self._before[module.__name__] = module, _data(module)

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: types.ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find nothing itself, but be told when a module of the user's has been imported."""
        if self._searching:
            return None
        self._searching = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching = False
        if spec and spec.has_location and not (spec.origin or "").startswith(installed()):
            around(spec, self._load)
        return spec

    def _load(self, module: types.ModuleType, load: Callable[[], None]) -> None:
        is_known = module.__name__ in self._known
        self._known.discard(module.__name__)
        with self._muted() if is_known else nullcontext():
            load()
        self._note(module)

    def hazards(self, body: Source, shown: set[str]) -> Iterator[Problem]:
        """What the body has changed, but for attributes that its source sets for all to see."""
        for name, (module, before) in self._before.items():
            after = _data(module)
            for key in before.keys() & after.keys():
                if before[key] != after[key] and key not in shown:
                    yield Problem(
                        code="module-state",
                        message=f"step `{body.step}` changes `{name}.{key}`, which holds for the "
                        "process it runs in only: the steps below import the module anew",
                        remedy="Keep it in a variable of the notebook, which the steps below read, "
                        "or do it in one cell.",
                        number=body.number,
                        severity="warning",
                    )


def _data(module: types.ModuleType) -> dict[str, object]:
    """The values that are state, or digests of them, by name."""
    found: dict[str, object] = {}
    for name, value in list(vars(module).items()):
        if name.startswith("__"):
            continue
        if type(value) in _ATOMS:
            found[name] = (type(value), value)
        elif _is_state(value):
            found[name] = look(value, None).digest
    return {name: seen for name, seen in found.items() if seen is not None}


def _is_state(value: Any) -> bool:
    if isinstance(value, _CONTAINERS):
        return len(value) <= _LARGEST
    module = sys.modules.get(type(value).__module__)
    path = getattr(module, "__file__", None)
    return (
        not isinstance(value, type | types.ModuleType | types.FunctionType)
        and isinstance(path, str)
        and not path.startswith(installed())
    )
