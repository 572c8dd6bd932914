"""The first element in which two values differ: what says more than that their digests do.

Nothing of a user's own class is called: its attributes are compared, or how it is stored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, TypeAlias

import msgspec

from nbflow.errors import NbflowError
from nbflow.store.codecs import encode
from nbflow.store.kinds import package_of
from nbflow.store.summaries import summarise, type_name

#: So many characters of a value are shown.
_SHOWN = 60
_DEPTH = 40
#: Pairs that are compared already; held, so that no other object takes the place of one of them.
_Seen: TypeAlias = dict[tuple[int, int], tuple[object, object]]
_PLAIN = (type(None), bool, int, float, complex)


class Differing(msgspec.Struct, frozen=True):
    """Where two values differ, and what is there."""

    #: ``[3]``, ``["key"].attribute``, ``["column"], row 2``; empty for the value as a whole.
    where: str
    before: str
    after: str


def first_difference(before: object, after: object) -> Differing | None:
    """The first element that differs; None when none can be told apart."""
    return next(_differences(before, after, "", 0, {}), None)


def _differences(
    before: Any, after: Any, where: str, depth: int, seen: _Seen
) -> Iterator[Differing]:
    if before is after or depth > _DEPTH or (id(before), id(after)) in seen:
        return
    if type_name(before) != type_name(after):
        yield Differing(where, _shown(before, typed=True), _shown(after, typed=True))
        return
    if type(before) not in _PLAIN:
        seen[id(before), id(after)] = before, after
    deeper = depth + 1
    match before:
        case _ if type(before) in _PLAIN:
            if repr(before) != repr(after):
                yield Differing(where, _shown(before), _shown(after))
        case _ if type(before) is str:
            yield from _texts(before, after, where)
        case _ if type(before) in (bytes, bytearray):
            for place, (old, new) in enumerate(zip_longest(before, after)):
                if old != new:
                    yield Differing(f"{where}[{place}]", _byte(old), _byte(new))
                    return
        case _ if type(before) in (list, tuple):
            for place, (old, new) in enumerate(zip(before, after, strict=False)):
                yield from _differences(old, new, f"{where}[{place}]", deeper, seen)
            yield from _lengths(before, after, where)
        case _ if type(before) is dict:
            yield from _mappings(before, after, where, deeper, seen)
        case _ if type(before) in (set, frozenset):
            yield from _sets(before, after, where)
        case _:
            yield from _objects(before, after, where, deeper, seen)


def _texts(before: str, after: str, where: str) -> Iterator[Differing]:
    lines = list(zip_longest(before.splitlines(True), after.splitlines(True)))
    for number, (old, new) in enumerate(lines, 1):
        if old != new:
            place = f"{where}, line {number}" if len(lines) > 1 else where
            yield Differing(place, _shown(old or ""), _shown(new or ""))
            return


def _mappings(
    before: Mapping[Any, Any],
    after: Mapping[Any, Any],
    where: str,
    depth: int,
    seen: _Seen,
) -> Iterator[Differing]:
    # Keys of a user's class have an equality of their own: they are told apart as text is.
    olds = {_key(key): (key, value) for key, value in before.items()}
    news = {_key(key): (key, value) for key, value in after.items()}
    for key, (_, value) in olds.items():
        if key not in news:
            yield Differing(f"{where}[{key}]", _shown(value), "nothing")
            return
        yield from _differences(value, news[key][1], f"{where}[{key}]", depth, seen)
    for key, (_, value) in news.items():
        if key not in olds:
            yield Differing(f"{where}[{key}]", "nothing", _shown(value))
            return
    for place, (old, new) in enumerate(zip(olds, news, strict=False)):
        if old != new:
            yield Differing(f"{where}, key {place}", old, new)
            return


def _sets(before: Any, after: Any, where: str) -> Iterator[Differing]:
    olds, news = {_key(item) for item in before}, {_key(item) for item in after}
    if gone := sorted(olds - news):
        yield Differing(where, f"holds {gone[0]}", "does not")
    elif new := sorted(news - olds):
        yield Differing(where, f"does not hold {new[0]}", "does")


def _objects(before: Any, after: Any, where: str, depth: int, seen: _Seen) -> Iterator[Differing]:
    package = package_of(type(before))
    name = type(before).__name__
    if package == "numpy" and name in ("ndarray", "memmap", "matrix"):
        yield from _arrays(before, after, where, depth, seen)
    elif package == "pandas" and name == "DataFrame":
        yield from _frames(before, after, where, depth, seen)
    elif package == "pandas" and name == "Series":
        yield from _series(before, after, where, depth, seen)
    elif package == "polars" and name == "DataFrame":
        yield from _columns(before.to_dict(), after.to_dict(), where, depth, seen)
    elif package == "pyarrow" and name == "Table":
        yield from _columns(
            dict(zip(before.column_names, before.columns, strict=True)),
            dict(zip(after.column_names, after.columns, strict=True)),
            where,
            depth,
            seen,
        )
    elif package in ("polars", "pyarrow") and name in ("Series", "ChunkedArray"):
        yield from _rows(_items(before), _items(after), where, depth, seen)
    else:
        own = getattr(before, "__dict__", None), getattr(after, "__dict__", None)
        if all(type(each) is dict for each in own):
            for attribute in dict.fromkeys((*own[0], *own[1])):  # type: ignore[misc]
                yield from _differences(
                    own[0].get(attribute),  # type: ignore[union-attr]
                    own[1].get(attribute),  # type: ignore[union-attr]
                    f"{where}.{attribute}",
                    depth,
                    seen,
                )
        if _digest(before) != _digest(after):
            yield Differing(where, _shown(before), _shown(after))


def _arrays(before: Any, after: Any, where: str, depth: int, seen: _Seen) -> Iterator[Differing]:
    import numpy as np

    for aspect in ("dtype", "shape"):
        old, new = str(getattr(before, aspect)), str(getattr(after, aspect))
        if old != new:
            yield Differing(f"{where}.{aspect}", old, new)
            return
    if before.dtype.hasobject:
        for index in np.ndindex(before.shape):
            place = f"{where}[{', '.join(map(str, index))}]"
            yield from _differences(before[index], after[index], place, depth, seen)
        return
    # By their bytes: NaN is equal to itself there, and 0.0 is not equal to -0.0.
    olds, news = (
        np.frombuffer(each.tobytes(), np.uint8).reshape(-1, max(1, each.dtype.itemsize))
        for each in (before, after)
    )
    differing = np.flatnonzero((olds != news).any(axis=1))
    if differing.size:
        index = np.unravel_index(int(differing[0]), before.shape)
        place = f"{where}[{', '.join(map(str, index))}]" if index else where
        yield Differing(place, str(before[index]), str(after[index]))


def _frames(before: Any, after: Any, where: str, depth: int, seen: _Seen) -> Iterator[Differing]:
    for aspect in ("columns", "index"):
        old, new = list(getattr(before, aspect)), list(getattr(after, aspect))
        yield from _differences(old, new, f"{where}.{aspect}", depth, seen)
    if len(before.columns) == len(after.columns):
        for place, column in enumerate(before.columns):
            old, new = before.iloc[:, place], after.iloc[:, place]
            yield from _series(old, new, f"{where}[{_key(column)}]", depth, seen)


def _series(before: Any, after: Any, where: str, depth: int, seen: _Seen) -> Iterator[Differing]:
    if str(before.dtype) != str(after.dtype):
        yield Differing(f"{where}.dtype", str(before.dtype), str(after.dtype))
    else:
        yield from _rows(before.tolist(), after.tolist(), where, depth, seen)


def _columns(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    where: str,
    depth: int,
    seen: _Seen,
) -> Iterator[Differing]:
    yield from _differences(list(before), list(after), f"{where}.columns", depth, seen)
    for column in before:
        if column in after:
            old, new = _items(before[column]), _items(after[column])
            yield from _rows(old, new, f"{where}[{_key(column)}]", depth, seen)


def _items(column: Any) -> list[Any]:
    """What is in a column of polars or of pyarrow, as Python's own values."""
    items: list[Any] = column.to_pylist() if hasattr(column, "to_pylist") else column.to_list()
    return items


def _rows(
    before: Sequence[Any],
    after: Sequence[Any],
    where: str,
    depth: int,
    seen: _Seen,
) -> Iterator[Differing]:
    for row, (old, new) in enumerate(zip(before, after, strict=False)):
        yield from _differences(old, new, f"{where}, row {row}", depth, seen)
    yield from _lengths(before, after, where)


def _lengths(before: Sequence[Any], after: Sequence[Any], where: str) -> Iterator[Differing]:
    if len(before) != len(after):
        yield Differing(f"{where}, length", str(len(before)), str(len(after)))


def _key(key: object) -> str:
    if type(key) is str:
        return f'"{key}"'
    if type(key) in _PLAIN:
        return repr(key)
    if type(key) is tuple:
        return f"({', '.join(map(_key, key))})"
    return f"{summarise(key)} {_digest(key)[:8]}"


def _byte(value: int | None) -> str:
    return "nothing" if value is None else f"{value:#04x}"


def _shown(value: object, typed: bool = False) -> str:
    kind = type(value)
    if kind in _PLAIN or kind in (str, bytes):
        text = repr(value)
        text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
        return f"{text} ({type_name(value)})" if typed and value is not None else text
    return summarise(value)


def _digest(value: object) -> str:
    try:
        return encode(value).artifact.digest
    except NbflowError:
        return ""
