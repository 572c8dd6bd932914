"""Which values share mutable objects."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbflow.run.worker.carrying import sharing

pytestmark = pytest.mark.slow


def cases() -> list[tuple[object, object, bool]]:
    # Not in the module: what a module keeps under a name of its own counts for nobody's.
    inner: list[Any] = [1]
    array = np.arange(10)
    frame = pd.DataFrame({"a": [1, 2], "s": ["x", "y"]})
    read_only = np.arange(3)
    read_only.flags.writeable = False
    box = [0]
    return [
        (inner, inner, True),
        (inner, {"k": (inner,)}, True),
        ([inner], types.SimpleNamespace(x=inner), True),
        ([1], [1], False),
        ("text", "text", False),
        ((1, [2]), (1, [2]), False),
        (((), (1,)), [()], False),
        (array, array[2:4], True),
        (array, {"a": array}, True),
        (array[:5], array[5:], False),
        (array.reshape(2, 5), array[::-1], True),
        (array, array.copy(), False),
        (read_only, read_only[:1], False),
        (frame, frame, True),
        (frame, frame.groupby("a"), True),
        (frame, frame["a"], False),
        (frame, frame.copy(), False),
        (pd.Series([inner, None]), inner, True),
        (np.array([inner, None], object), inner, True),
        (own(lambda: box), own(lambda: box[0]), True),
        (len, [len], False),
        (np.random.mtrand._rand, [np.random.mtrand._rand], False),
    ]


def own(function: Any) -> Any:
    """As a function of the notebook."""
    function.__module__ = "__main__"
    return function


@pytest.mark.parametrize(("first", "second", "do"), cases())
def test_values_share(first: object, second: object, do: bool) -> None:
    if first is second:
        groups = sharing.find([("a", first), ("b", second), ("c", [7])]).groups
    else:
        groups = sharing.find([("a", first), ("b", second)]).groups
    assert groups == ([["a", "b"]] if do else [])


def test_what_is_too_large_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MAXIMUM_OBJECTS", 100)
    found = sharing.find([("small", [1]), ("large", [[i] for i in range(1000)])])
    assert found.cut == ["large"]
