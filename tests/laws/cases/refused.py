"""Notebooks that cannot run as a flow: each is refused with the name that is at fault."""

from __future__ import annotations

from tests.laws.cases.case import case
from tests.notebooks import code, foreach

CASES = (
    case(
        "a step reads data of an ordinary cell",
        code("table = sorted([3, 1])"),
        "x = table[0]",
        refused="table",
    ),
    case("a name that nothing binds", "x = nowhere + 1", refused="nowhere"),
    case("what an ordinary cell displayed", code("3"), "x = _ + 1", refused="_"),
    case("what an earlier cell displayed", "3", "4", "x = __ + 1", refused="__"),
    case(
        "what each split displayed",
        "n = [1, 2]",
        foreach("m in n", "k = m\nk"),
        "x = _ + 1",
        refused="_",
    ),
    case(
        "a name that only exec of an ordinary cell binds",
        code("exec('x' + ' = 1')"),
        "y = x",
        refused="x",
    ),
    case("a name bound only below", "x = late + 1", "late = 5", refused="late"),
)
