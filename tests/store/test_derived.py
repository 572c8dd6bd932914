"""Objects of classes that derive from Python's own types come back as they were."""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from nbflow.store.pickling import dump, load

LOUD = """
class Loud(base):
    __slots__ = ("kept",)

    def __new__(cls, *content):
        raise AssertionError("made anew")

    def _called(self, *content):
        raise AssertionError("filled anew")

    __init__ = __setitem__ = append = extend = update = add = __iter__ = keys = _called
"""
BARE = """
class Bare(base):
    pass
"""


@pytest.mark.parametrize(
    "value",
    [
        [1, 2], {"a": 1}, {3}, frozenset([4]), (5, 6), "text", b"bytes", 2.5, 3j,
        Counter("aab"), OrderedDict(b=1, a=2), defaultdict(list, x=[1]), deque([1, 2], 3),
        Decimal("1.5"), date(2026, 1, 2), timedelta(3),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
@pytest.mark.parametrize("name", ["Loud", "Bare"])
def test_what_they_hold_and_their_attributes_travel_and_nothing_of_theirs_is_called(
    value: Any, name: str
) -> None:
    base: Any = type(value)
    if name == "Loud" and base in (tuple, bytes):
        pytest.skip("these cannot have slots")
    namespace: dict[str, Any] = {"__name__": "__main__", "base": base}
    exec(LOUD if name == "Loud" else BARE, namespace)
    kind = namespace[name]
    content: tuple[Any, ...] = (value,)
    if isinstance(value, date | timedelta):
        content = (*value.__reduce__()[1],)
    made: Any = base.__new__(kind) if base.__hash__ is None else base.__new__(kind, *content)
    match value:
        case list():
            list.extend(made, value)
        case set():
            set.update(made, value)
        case OrderedDict():
            for key in value:
                OrderedDict.__setitem__(made, key, value[key])
        case defaultdict():
            defaultdict.__init__(made, list, value)
        case dict():
            dict.update(made, value)
        case deque():
            deque.__init__(made, value, value.maxlen)
    made.kept = "here"
    pickled = dump(made, namespace, "made")
    found: Any = load(pickled.details, [memoryview(b) for b in pickled.buffers], namespace)
    assert type(found) is kind
    assert found.kept == "here"
    if base is deque:
        assert ([*deque.__iter__(found)], found.maxlen) == ([*value], value.maxlen)
    else:
        assert (dict if issubclass(base, dict) else base).__eq__(found, value)
