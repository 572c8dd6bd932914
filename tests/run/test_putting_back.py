"""Values are put back in place, and functions in them are those that are defined."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from nbflow.run.worker.carrying.putting_back import keeper, name_functions


def test_containers_get_their_content_back_at_all_levels() -> None:
    inner = [1]
    value: dict[str, Any] = defaultdict(list, a=inner, b={2})
    value["me"] = value
    put_back = keeper(value)
    assert put_back is not None
    inner.append(2)
    value["b"].add(3)
    value["c"].append(4)
    del value["a"]
    put_back()
    assert value == {"a": [1], "b": {2}, "me": value}
    assert value["a"] is inner


def test_what_is_no_container_is_not_kept() -> None:
    assert keeper(bytearray(b"x")) is None
    assert keeper(3) is None


def test_a_copy_of_a_function_gives_way_to_the_function() -> None:
    spaces: list[dict[str, Any]] = [{"__name__": "__main__"} for _ in range(3)]
    for space, source in zip(spaces, ("x + 1", "x + 1", "x + 2"), strict=True):
        exec(f"def f(x):\n    return {source}", space)
    here, copy, other = spaces
    value: dict[str, Any] = {"a": copy["f"], "b": [other["f"], copy["f"]]}
    value["me"] = value
    name_functions(value, here)
    assert value["a"] is here["f"]
    assert value["b"] == [other["f"], here["f"]]
