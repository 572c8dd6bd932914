"""What is told of a large value without encoding it: that nobody has touched it."""

from __future__ import annotations

import datetime
import enum
import types
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbflow.run.worker.carrying.untouched import look
from nbflow.store.codecs import encode


def _frame() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "a": np.arange(3.0),
            "b": ["x", "y", "z"],
            "c": pd.Categorical(["p", "q", "p"]),
            "d": pd.date_range("2020", periods=3),
            "e": pd.array([1, None, 3], dtype="Int64"),
            "f": pd.Series([["in"], {"a": 1}, None], dtype=object),
        }
    )


def _many_axes() -> pd.DataFrame:
    index = pd.MultiIndex.from_product([["x", "y"], [1, 2]], names=["one", "two"])
    return pd.DataFrame({"a": range(4)}, index=index)


def _do(text: str) -> Callable[[Any], None]:
    return lambda value: exec(text, {"np": np, "pd": pd}, {"value": value})


CHANGES: list[tuple[Callable[[], Any], str]] = [
    (lambda: [1, 2, 3], "value.append(4)"),
    (lambda: [1, 2, 3], "value[0] = 1.5"),
    (lambda: [1, 2, 3], "value.reverse()"),
    (lambda: [[1, 2], [3]], "value[1].append(4)"),
    (lambda: [[1], [2, 3]], "value[0].append(value[1].pop(0))"),
    (lambda: [[1], [2, 3]], "value[1].insert(0, value[0].pop())"),
    (lambda: [[1], [1]], "value[1] = value[0]"),
    (lambda: {"a": 1, "b": 2}, "value['a'] = 3"),
    (lambda: {"a": 1}, "value['b'] = value.pop('a')"),
    (lambda: {"a": 1, "b": 1}, "value['a'] = value.pop('a')"),
    (lambda: {"a": {"deep": [{"deeper": 1}]}}, "value['a']['deep'][0]['deeper'] = 2"),
    (lambda: {1, 2}, "value.add(3)"),
    (lambda: ([1], 2), "value[0].append(1)"),
    (lambda: {(1, 2): [3]}, "value[1, 2][0] = 4"),
    (lambda: [np.arange(3)], "value[0][1] = 7"),
    (lambda: [np.arange(4)], "value[0].shape = 2, 2"),
    (lambda: [np.arange(4.0)], "value[0].dtype = 'i8'"),
    (lambda: [np.arange(4)], "value[0].flags.writeable = False"),
    (lambda: [np.asfortranarray(np.ones((2, 3)))], "value[0][1, 2] = 7"),
    (lambda: [np.arange(10)[::2]], "value[0][4] = 7"),
    (lambda: [np.array([1, [2]], dtype=object)], "value[0][1].append(3)"),
    (lambda: [np.array(["a", "b"])], "value[0][0] = 'c'"),
    (lambda: [np.zeros(3, "S0")], "value[0] = np.zeros(2, 'S0')"),
    (lambda: [np.zeros((0, 2))], "value[0].shape = 2, 0"),
    (lambda: [np.array(["2020"], dtype="M8[s]")], "value[0] += 1"),
    (_frame, "value.loc[0, 'a'] = 9"),
    (_frame, "value.loc[0, 'b'] = 'w'"),
    (_frame, "value.loc[0, 'c'] = 'q'"),
    (_frame, "value.loc[0, 'd'] = pd.Timestamp(0)"),
    (_frame, "value.loc[1, 'e'] = 2"),
    (_frame, "value['f'][0].append('out')"),
    (_frame, "value['f'][1]['a'] = 2"),
    (_frame, "value['g'] = 1"),
    (_frame, "value.insert(0, 'g', 1)"),
    (_frame, "del value['a']"),
    (_frame, "value.pop('b')"),
    (_frame, "value.drop(columns='c', inplace=True)"),
    (_frame, "value.sort_values('a', ascending=False, inplace=True)"),
    (_frame, "value.columns = list('uvwxyz')"),
    (_frame, "value.rename(columns={'a': 'A'}, inplace=True)"),
    (_frame, "value.index = [3, 4, 5]"),
    (_frame, "value.index.name = 'i'"),
    (_frame, "value.columns.name = 'i'"),
    (_frame, "value.attrs['unit'] = 'm'"),
    (_frame, "value.flags.allows_duplicate_labels = False"),
    (_frame, "value.fillna({'e': 0}, inplace=True)"),
    (_frame, "value['a'] = value['a'].astype('f4')"),
    (_many_axes, "value.index.names = ['uno', 'due']"),
    (_many_axes, "value.reset_index(inplace=True)"),
    (lambda: pd.Series([1, 2], name="s"), "value.name = 't'"),
    (lambda: pd.Series([1, 2], name="s"), "value[0] = 5"),
    (lambda: pd.Series(["a", None]), "value[1] = 'b'"),
    (lambda: pd.Series(["a", None], dtype="string[python]"), "value[1] = 'b'"),
    (lambda: pd.Series([1.5, None], dtype="Float64"), "value[1] = 2.5"),
    (lambda: pd.Series(pd.period_range("2020", periods=2)), "value[1] = value[0]"),
    (lambda: [pd.date_range("2020", periods=2)], "value[0].freq = None"),
    (lambda: [_frame(), [_frame()]], "value[1][0].loc[0, 'a'] = 9"),
]  # fmt: skip


# Some of what could always be done in place is about to be forbidden.
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.parametrize(("make", "change"), CHANGES, ids=[change for _, change in CHANGES])
def test_every_change_is_seen(make: Callable[[], Any], change: str) -> None:
    value = make()
    noted = look(value)
    assert noted is not None, "it is of what can be told"
    assert noted.holds()
    _do(change)(value)
    assert not noted.holds()


@pytest.mark.parametrize(
    "use",
    [
        "value[value.a > 1].b.tolist()",
        "value.groupby('c', observed=True).a.mean()",
        "value.index.is_unique, value.index.get_loc(1), value.a.sum(), repr(value)",
        "value.merge(value, on='a')",
        "value.a.to_numpy(), value.d.dt.year, value.b.str.upper()",
        "other = value.copy(); other.loc[0, 'a'] = 5",
        "value.T, value.describe(), value.memory_usage(deep=True)",
    ],
)
def test_a_frame_that_is_only_read_is_untouched(use: str) -> None:
    value = _frame()
    noted = look(value)
    _do(use)(value)
    assert noted is not None
    assert noted.holds()


def test_what_holds_itself_is_told() -> None:
    value: list[Any] = [1]
    value.append({"self": value})
    noted = look(value)
    assert noted is not None
    assert noted.holds()
    value[1]["more"] = 1
    assert not noted.holds()


class _Colour(enum.Enum):
    RED = 1


class _Named:
    name = "a"


class _Day(datetime.date):
    """A date that can be given attributes."""


def _deep() -> list[Any]:
    value: list[Any] = []
    for _ in range(100):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        [_Named()],
        [_Named],
        [_Colour.RED],
        [_Day(2020, 1, 1)],
        [len, print, lambda: 1],
        [types.ModuleType("m")],
        [bytearray(b"a")],
        [memoryview(bytearray(b"a"))],
        [OrderedDict(a=1)],
        [deque([1])],
        [iter([1])],
        [np.zeros(2, dtype=[("a", "i4")])],
        [np.ma.masked_array([1, 2])],
        [np.random.default_rng(0)],
        [pd.arrays.SparseArray([0, 1])],
        _deep(),
    ],
    ids=lambda value: type(value[0]).__name__,
)
def test_of_anything_else_nothing_is_told(value: object) -> None:
    assert look(value) is None


@pytest.mark.skipif(np.__version__ < "2", reason="NumPy 2 has brought them")
def test_of_texts_of_any_width_nothing_is_told() -> None:
    assert look([np.array(["a"], dtype="T")]) is None


_LEAVES = st.none() | st.integers(0, 3) | st.sampled_from("ab") | st.floats(0, 1)
_DATA = st.recursive(
    _LEAVES,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(st.sampled_from("xyz"), parts, max_size=3)
        | st.tuples(parts, parts)
        | st.sets(st.integers(0, 3))
        | st.builds(np.array, st.lists(st.integers(0, 3), max_size=3))
    ),
    max_leaves=12,
)


def _nodes(value: Any) -> Iterator[Any]:
    if isinstance(value, list | dict | tuple | set | np.ndarray):
        yield value
        for part in value.values() if isinstance(value, dict) else value:
            yield from _nodes(part)


@given(st.lists(_DATA, max_size=3), st.data())
def test_what_seems_untouched_encodes_as_before(value: Any, data: st.DataObject) -> None:
    before = encode(value).artifact.digest
    noted = look(value)
    assert noted is not None
    assert noted.holds()
    for _ in range(data.draw(st.integers(1, 3))):
        parts = [each for each in _nodes(value) if not isinstance(each, tuple)]
        if not parts:
            break
        part, other = data.draw(st.sampled_from(parts)), data.draw(_LEAVES)
        if isinstance(part, list):
            moved = data.draw(st.sampled_from(["new", "again", "gone"]))
            if moved == "new" or not part:
                part.append(other)
            else:
                item = part.pop(data.draw(st.integers(0, len(part) - 1)))
                part += [item, item] if moved == "again" else []
        elif isinstance(part, dict):
            part[data.draw(st.sampled_from("xyz"))] = other
        elif isinstance(part, set):
            part ^= {data.draw(st.integers(0, 3))}
        elif len(part):
            part[0] = data.draw(st.integers(0, 3))
    if noted.holds():
        assert encode(value).artifact.digest == before
