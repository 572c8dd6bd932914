"""Codec ``pickle``, the way back: names are the notebook's, sets and NaNs are what they were."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from nbflow.store import reducers, set_order
from nbflow.store.classes import Context


class Unpickler(pickle.Unpickler):
    """Loads what `pickling.Pickler` wrote."""

    def __init__(self, stream: memoryview, buffers: Sequence[memoryview], context: Context) -> None:
        super().__init__(BytesIO(stream), buffers=buffers)
        self._namespace = context.namespace
        self._places = (context, context.namespace)
        #: Sets by their number.
        self._sets: dict[int, object] = {}
        self._nans: dict[bytes, float] = {}

    def find_class(self, module_name: str, global_name: str) -> Any:
        """What stands under a name; that of the notebook is looked up in the namespace."""
        if module_name != "__main__":
            return super().find_class(module_name, global_name)
        first, *rest = global_name.split(".")
        if first not in self._namespace:
            raise AttributeError(f"the notebook defines no {first!r} here")
        return functools.reduce(getattr, rest, self._namespace[first])

    def persistent_load(self, pid: Any) -> Any:
        """The counterpart of `Pickler.persistent_id`."""
        if type(pid) is str:
            return pid
        if type(pid) is int:
            return self._places[pid]
        if type(pid) is bytes:
            return self._nans.get(pid) or self._nans.setdefault(pid, reducers.nan_called(pid))
        if len(pid) == 1:
            return self._sets[pid[0]]
        if pid[0] == "made":
            return self._places[0].made(*pid[1:])
        number, frozen, items, *kept = pid
        plain_set = frozenset(items) if frozen else set(items)
        made = set_order.arranged(frozen, items, *kept) if kept else plain_set
        return self._sets.setdefault(number, made)
