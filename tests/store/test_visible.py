"""What can be seen of values that cannot be carried, before and after they are used."""

from __future__ import annotations

import csv
import itertools
import sqlite3
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nbflow.store.visible import look


def squares(n: int) -> Any:
    for i in range(n):
        yield i * i


class Counter:
    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.count = 0

    def __reduce__(self) -> str:
        raise TypeError("no")

    def add(self) -> None:
        self.count += 1


class More(Counter):
    pass


def connection() -> sqlite3.Connection:
    made = sqlite3.connect(":memory:")
    made.execute("create table t (x)")
    return made


CHANGES: list[tuple[str, Callable[[], Any], Callable[[Any], object]]] = [
    ("a generator", lambda: squares(3), next),
    ("a generator's end", lambda: squares(3), list),
    ("a generator expression", lambda: (i for i in [1, 2]), next),
    ("an iterator", lambda: iter([1, 2]), next),
    ("one over a dict", lambda: iter({1: 2, 3: 4}), next),
    ("zip", lambda: zip([1, 2], [3, 4], strict=True), next),
    ("enumerate", lambda: enumerate("ab"), next),
    ("map", lambda: map(str, [1, 2]), next),
    ("count", itertools.count, next),
    ("a reader of CSV", lambda: csv.reader(["a", "b"]), next),
    ("a lock", threading.Lock, lambda lock: lock.acquire()),
    ("a lock held twice", threading.RLock, lambda lock: lock.acquire()),
    ("an event", threading.Event, lambda event: event.set()),
    ("an own object", Counter, lambda counter: counter.add()),
    ("one of a derived class", More, lambda counter: counter.add()),
    ("in a list", lambda: [squares(2), {}], lambda held: held[1].update(a=1)),
    ("a table made", connection, lambda c: c.execute("create table u (y)")),
    ("a row inserted", connection, lambda c: c.execute("insert into t values (1)")),
    ("a connection closed", connection, lambda c: c.close()),
]
if sys.version_info < (3, 14):  # since then they tell nobody how far they are
    CHANGES.append(("chain", lambda: itertools.chain([1], [2]), next))


@pytest.mark.parametrize(("make", "change"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_is_seen_and_looking_is_none(
    make: Callable[[], Any], change: Callable[[Any], object]
) -> None:
    value = make()
    before = look(value, {})
    assert look(value, {}) == before
    assert before.digest is not None
    change(value)
    assert look(value, {}).digest not in (None, before.digest)


def test_asking_a_database_is_no_change() -> None:
    asked = connection()
    before = look(asked, {})
    asked.execute("select * from t").fetchall()
    assert look(asked, {}) == before


def test_the_place_in_a_file_is_seen_until_it_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("a\nb\nc\n")
    with (tmp_path / "lines").open() as file:
        before = look(file, {})
        file.readline()
        assert look(file, {}).digest not in (None, before.digest)
        next(file)
        assert look(file, {}).digest is None


def test_looking_at_a_file_writes_nothing(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w") as file:
        file.write("waits")
        assert look(file, {}).digest is None
        assert (tmp_path / "out").read_text() == ""


@pytest.mark.parametrize(
    "blind", [zlib.compressobj(), connection().cursor()], ids=["zlib", "cursor"]
)
def test_what_shows_nothing_may_always_have_changed(blind: object) -> None:
    assert look([blind], {}).digest is None


def test_names_that_a_generator_reads_are_found() -> None:
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec("k = 1\ndef f():\n    yield k\n    yield len(str(g))\ng = 2\nx = f()", namespace)
    assert look(namespace["x"], namespace).free == ("g", "k")
