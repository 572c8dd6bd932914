"""What the notebook defines: where it stands never matters, and what it is always does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nbflow.errors import UncarriableError
from nbflow.store import pickling
from nbflow.store.codecs import Encoded, decode, encode

Namespace = dict[str, Any]


def notebook(source: str) -> Namespace:
    namespace: Namespace = {"__name__": "__main__"}
    exec(compile(source, f"<cell {id(source)}>", "exec"), namespace)
    pickling.register_classes(namespace)
    return namespace


def stored(source: str, name: str = "x") -> Encoded:
    namespace = notebook(source)
    return encode(namespace[name], namespace, name)


def loaded(encoded: Encoded, namespace: Namespace | None = None) -> Any:
    data = memoryview(bytearray(b"".join(encoded.buffers)))
    return decode(data, encoded.artifact, namespace)


def digest(source: str) -> str:
    return stored(source).artifact.digest


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def x(a): return a + 1", "# a comment\n\n\ndef x(a):\n    # another\n\n    return a + 1"),
        ("x = lambda a: a + 1", "\n\n\nx = (\n    lambda a: a\n    + 1\n)"),
        (
            "class x:\n    def m(self): return 1",
            "\n\nclass x:\n    def m(self):\n\n        return 1",
        ),
        (
            "def f(): return (1, 'two')\ndef g(): return (1, 'two')\nx = [f, g]",
            "def f(): return (1, 'two')\nexec(\"def g(): return (1, 'two')\")\nx = [f, g]",
        ),
        (
            "class A: k = 'kind'\nx = A(); x.kind = 'kind'",
            "class A: k = ''.join(['ki', 'nd'])\nx = A(); x.kind = ''.join(['kin', 'd'])",
        ),
        ("x = {1, 2}, {'a': {3, 4}}", "x = {2, 1}, {'a': {4, 3}}"),
        ("x = [object, {(1, 'a'), (2, 'b')}]", "x = [object, {(2, 'b'), (1, 'a')}]"),
        ("import numpy as np\nx = [np.arange(5)]", "import numpy as np\nx = [np.arange(9)[:5]]"),
    ],
)
def test_the_same_content_has_the_same_digest(one: str, other: str) -> None:
    assert digest(one) == digest(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def x(a): return a + 1", "def x(a): return a + 2"),
        ("def x(a): return a + 1", "def x(a): return a + 1.0"),
        ("def x(a=1): return a", "def x(a=2): return a"),
        ("def x(): 'one'", "def x(): 'two'"),
        ("def f(n):\n    return lambda: n\nx = f(1)", "def f(n):\n    return lambda: n\nx = f(2)"),
        ("def h(): return 1\ndef x(): return h()", "def h(): return 2\ndef x(): return h()"),
        ("class x: a = 1", "class x: a = 2"),
        ("class x: a = 1", "class x: b = 1"),
        ("class A: a = 1\nx = A()", "class A: a = True\nx = A()"),
        ("x = [object, 1]", "x = [object, True]"),
        ("x = [object, 1]", "x = [object, 1.0]"),
        ("a = []\nx = [object, a, a]", "x = [object, [], []]"),
    ],
)
def test_another_content_has_another_digest(one: str, other: str) -> None:
    assert digest(one) != digest(other)


def test_a_function_reads_the_globals_of_where_it_is_loaded() -> None:
    carried = stored("def h(): return 1\nG = 10\ndef x(): return h() + G")
    assert carried.artifact.free == ("G", "h")
    here = notebook("def h(): return 2")
    function = loaded(carried, here)
    assert function() == 12
    here["G"] = 20
    assert function() == 22
    assert function.__globals__ is here


def test_data_that_a_function_reads_stays_behind() -> None:
    carried = stored("import numpy as np\nbig = np.ones(10**6)\ndef x(): return big.sum()")
    assert carried.size < 10_000
    assert carried.artifact.free == ("big",)
    assert loaded(carried, {"__name__": "__main__", "big": np.ones(3)})() == 3


def test_builtins_are_not_free_names_unless_the_notebook_has_its_own() -> None:
    assert stored("def x(a): return sum(a)").artifact.free == ()
    assert stored("def sum(a): return 0\ndef x(a): return sum(a)").artifact.free == ("sum",)


CLASS = "class P:\n    def __init__(self, v): self.v = v\n    def m(self): return self.v\n"
ENUM = "import enum\nclass C(enum.Enum):\n    A = 1\n    B = 2\n"


def test_an_instance_is_one_of_the_class_that_is_there() -> None:
    here = notebook("# moved\n\n" + CLASS)
    assert type(loaded(stored(CLASS + "x = P(1)"), here)) is here["P"]


def test_an_instance_of_another_version_of_a_class_keeps_its_own() -> None:
    here = notebook(CLASS.replace("return self.v", "return -self.v"))
    value = loaded(stored(CLASS + "x = P(1)"), here)
    assert type(value) is not here["P"]
    assert value.m() == 1


def test_what_a_step_keeps_on_a_class_does_not_make_it_another_class() -> None:
    namespace = notebook(CLASS + "P.count = 0\nx = P(1)")
    namespace["P"].count = 5
    here = notebook(CLASS + "P.count = 0")
    value = loaded(encode(namespace["x"], namespace, "x"), here)
    assert type(value) is here["P"]


def test_a_class_that_is_not_there_is_built_once() -> None:
    carried, here = stored(CLASS + "x = P(1)"), notebook("")
    assert type(loaded(carried, here)) is type(loaded(carried, here))
    assert type(loaded(carried, here)) is not type(loaded(carried, notebook("")))


def test_enum_members_keep_their_identity() -> None:
    here = notebook(ENUM)
    assert loaded(stored(ENUM + "x = [C.A, C.B]"), here) == [here["C"].A, here["C"].B]


def test_classes_that_inherit_find_their_bases() -> None:
    both = CLASS + "class Q(P):\n    def m(self): return super().m() + 1\n"
    here = notebook(both)
    value = loaded(stored(both + "x = Q(1)"), here)
    assert isinstance(value, here["P"])
    assert value.m() == 2


def test_a_rebuilt_class_has_the_identity_of_the_first() -> None:
    carried = stored(CLASS + "x = P(1)")
    built = loaded(carried, notebook(""))
    assert encode(built, None, "x").artifact.digest == carried.artifact.digest


@pytest.mark.parametrize(
    "made",
    [
        "import polars as pl\nx = pl.Series(range(100_000))[5:8]",
        "import pyarrow as pa\nx = pa.array(range(100_000))[5:8]",
        "import pyarrow as pa\nx = pa.chunked_array([range(100_000)])[5:8]",
        "import numpy as np\nx = np.arange(100_000)[5:8]",
    ],
)
@pytest.mark.parametrize("inside", ["", "\nx = [x]"])
def test_a_slice_is_as_small_as_what_it_shows(made: str, inside: str) -> None:
    carried = stored(made + inside)
    value = loaded(carried)[0] if inside else loaded(carried)
    assert carried.size < 10_000
    assert [int(str(item)) for item in value] == [5, 6, 7]


def test_arrays_inside_a_value_share_the_memory_they_are_loaded_from() -> None:
    value = {"a": np.arange(10_000.0)}
    carried = encode(value)
    data = memoryview(bytearray(b"".join(carried.buffers)))
    array = decode(data, carried.artifact)["a"]  # type: ignore[index]
    assert array.flags.writeable
    assert np.shares_memory(array, np.frombuffer(data, np.uint8))
    assert array.ctypes.data % 8 == 0


def test_dill_carries_what_only_it_can(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise TypeError("cannot pickle it")

    monkeypatch.setattr(pickling.Pickler, "dump", fails)
    carried = encode([object, 1])
    monkeypatch.undo()
    assert carried.artifact.codec == "pickle"
    assert loaded(carried) == [object, 1]


def test_dill_is_no_way_around_a_refusal() -> None:
    source = (
        "import threading\n"
        "class A:\n"
        "    def __reduce__(self): return A, (), {'l': threading.Lock(), 'f': self.bad}\n"
        "    bad = property(lambda self: 1)\n"
        "x = A()"
    )
    with pytest.raises(UncarriableError, match="lock"):
        stored(source)


def test_no_code_of_an_uncarriable_object_is_called_to_find_it() -> None:
    source = (
        "import threading\n"
        "class A:\n"
        "    def __getattribute__(self, name): raise SystemError(name)\n"
        "    def __repr__(self): raise SystemError\n"
        "    def __eq__(self, other): raise SystemError\n"
        "    def __reduce__(self): return A, (threading.Lock(),)\n"
        "x = {'a': [A()]}"
    )
    with pytest.raises(UncarriableError):
        stored(source)
