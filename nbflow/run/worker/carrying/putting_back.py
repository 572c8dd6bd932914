"""Puts values back as they were: what executing a definition once more has done to them."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

from nbflow.errors import UncarriableError
from nbflow.store.classes import is_own
from nbflow.store.codecs import encode

_IMMUTABLE = (type(None), bool, int, float, complex, str, bytes)
#: Entries of a container that are looked through.
_MOST = 1000


@contextmanager
def undone(values: Mapping[str, object], reload: Callable[[str], None]) -> Iterator[None]:
    """Put these values back afterwards; those of which that cannot be are loaded once more."""
    keepers = {name: keeper(value) for name, value in values.items()}
    yield
    for name, put_back in keepers.items():
        if put_back is not None:
            put_back()
        elif not isinstance(values[name], _IMMUTABLE) and type(values[name]) is not object:
            reload(name)


def keeper(value: object) -> Callable[[], None] | None:
    """What puts a value back as it is now, in place; None for kinds that cannot be."""
    kept: dict[int, Callable[[], None]] = {}
    if not _keep(value, kept):
        return None

    def put_back() -> None:
        for one in kept.values():
            one()

    return put_back


def _keep(value: Any, kept: dict[int, Callable[[], None]]) -> bool:
    if id(value) in kept:
        return True
    if isinstance(value, list):
        kept[id(value)] = _list_keeper(value)
        parts = list(value)
    elif isinstance(value, dict):
        kept[id(value)] = _mapping_keeper(value)
        parts = list(value.values())
    elif isinstance(value, set):
        kept[id(value)] = _set_keeper(value)
        parts = []
    elif hasattr(value, "__dict__") and not isinstance(value, type) and is_own(type(value)):
        kept[id(value)] = _mapping_keeper(vars(value))
        parts = list(vars(value).values())
    else:
        return False
    for part in parts:
        _keep(part, kept)
    return True


def _list_keeper(value: list[Any]) -> Callable[[], None]:
    before = list(value)

    def put_back() -> None:
        value[:] = before

    return put_back


def _mapping_keeper(value: MutableMapping[Any, Any]) -> Callable[[], None]:
    before = dict(value)

    def put_back() -> None:
        value.clear()
        value.update(before)

    return put_back


def _set_keeper(value: set[Any]) -> Callable[[], None]:
    before = set(value)

    def put_back() -> None:
        value.clear()
        value.update(before)

    return put_back


def name_functions(value: object, namespace: dict[str, Any], depth: int = 3) -> None:
    """Let the functions in a container be those of the namespace, where they are the same.

    A function that travels inside a value arrives as a copy of the one that is defined here.
    """
    if not isinstance(value, dict | list) or len(value) > _MOST or not depth:
        return
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for place, entry in list(entries):
        if not isinstance(entry, types.FunctionType):
            name_functions(entry, namespace, depth - 1)
            continue
        defined = namespace.get(entry.__name__)
        if isinstance(defined, types.FunctionType) and _is_copy(entry, defined, namespace):
            value[place] = defined


def _is_copy(one: types.FunctionType, other: types.FunctionType, namespace: dict[str, Any]) -> bool:
    if one is other or one.__module__ != other.__module__:
        return False
    try:
        digests = {encode(each, namespace, "function").artifact.digest for each in (one, other)}
    except UncarriableError:
        return False
    return len(digests) == 1
